"""The names of entitlements and the owners of resources: kept here only, Keycloak knows nothing of them."""

from collections.abc import Sequence

from django.db.models import Q

from access.models import EntitlementType, NamedEntitlement, Person, Resource, ResourceOwner
from access.models.entitlements import EVERY
from access.services.accounts import accounts_of
from access.services.base import Door, door, each, the, unchanged_since
from console.audit.models import EventKind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Refused
from tenants.models import Realm

# How levels are mostly called in short.
SHORT = {"READ": "ro", "WRITE": "rw"}
ALL = "all"  # how the name of an entitlement to every resource of a type begins


class NameTaken(Refused):
    """A type, resource or entitlement of this name exists."""


class UnknownLevel(Refused):
    """The type has no such level."""


def name(
    *,
    actor: Actor,
    tenant: str,
    resource: int | None,
    type: int | None = None,
    level: str,
    name: str = "",
    description: str = "",
    cause: Cause | None = None,
) -> NamedEntitlement:
    """Return a level of a resource under a name, proposed where none is given.

    Without a resource it is every one of the type. Raises NameTaken, UnknownLevel, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_CREATE,
        event=EventKind.ACCESS_ENTITLEMENT_NAMED,
        cause=cause,
    ) as opened:
        thing = _resource(opened, resource, type)
        refuse_level(thing, level)
        return named(opened, thing, level, name=name, description=description)


def edit(
    *,
    actor: Actor,
    tenant: str,
    entitlement: int,
    revision: int,
    name: str,
    description: str,
    cause: Cause | None = None,
) -> NamedEntitlement:
    """Return the entitlement under another name. Tokens hold its value, which stays.

    Raises NameTaken, Conflict, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_EDIT,
        event=EventKind.ACCESS_ENTITLEMENT_NAMED,
        cause=cause,
    ) as opened:
        row: NamedEntitlement = the(NamedEntitlement.objects, opened.tenant, entitlement)
        unchanged_since(row, revision, "name", "description")
        old = {"name": row.name, "description": row.description}
        row.name, row.description, row.revision = name, description, revision + 1
        with constraints(_taken(name)):
            row.save(update_fields=["name", "description", "revision"])
        opened.made.record(f"Entitlement {name}", old=old, new={"name": name, "description": description})
    return row


def set_owners(
    *,
    actor: Actor,
    tenant: str,
    resource: int,
    people: Sequence[int],
    clients: Sequence[int] = (),
    cause: Cause | None = None,
) -> Resource:
    """Let these people and service accounts, and nobody else, own the resource. Raises Refused, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_EDIT,
        event=EventKind.ACCESS_RESOURCE_OWNED,
        cause=cause,
    ) as opened:
        row: Resource = the(Resource.objects.select_related("type"), opened.tenant, resource)
        old = owners_of(row)
        own(opened, row, people, clients)
        opened.made.record(f"Owners of {row}", old={"owners": old}, new={"owners": owners_of(row)})
    return row


def own(opened: Door, resource: Resource, people: Sequence[int], clients: Sequence[int]) -> None:
    """Make these the owners of a resource. Called inside a change. Raises Refused, Gone."""
    if resource.is_every and (people or clients):
        raise Refused("Every resource of a type is no thing that somebody owns.")
    _replace_owners(opened, resource, people, clients)


def owners_of(resource: Resource) -> list[str]:
    """Return who owns a resource, in words."""
    return sorted(one.owner for one in resource.owners.select_related("person", "client"))


def named(
    opened: Door, resource: Resource, level: str, *, name: str = "", description: str = ""
) -> NamedEntitlement:
    """Return a new name for a level of a resource. Called inside a change. Raises NameTaken."""
    row = NamedEntitlement(
        realm=opened.tenant.realm,
        name=name or proposed(opened.tenant.realm, resource, level),
        resource=resource,
        level=level,
        description=description,
        created_by=opened.by,
    )
    _insert(row)
    opened.made.record(
        f"Entitlement {row.name}", new={"value": row.value, "name": row.name, "description": description}
    )
    return row


def proposed(realm: Realm, resource: Resource, level: str) -> str:
    """Return a free name for a level of a resource: `demo-ro`, or `all-package-ro` for every package."""
    short = SHORT.get(level, level.lower())
    kind = resource.type.name
    whole = f"{ALL}-{kind}-{short}" if resource.is_every else f"{resource.name}-{short}"
    wanted = [whole[:80], f"{kind}-{whole}"[:80], *(f"{whole[:76]}-{number}" for number in range(2, 100))]
    taken = set(
        NamedEntitlement.objects.filter(Q(realm=realm), name__in=wanted).values_list("name", flat=True)
    )
    return next(one for one in wanted if one not in taken)


def refuse_level(resource: Resource, level: str) -> None:
    """Refuse a level that the resource's type does not have. Raises UnknownLevel."""
    if level not in resource.type.levels:
        raise UnknownLevel(f"{resource.type.name} has no level {level}.", field="level")


def _every(opened: Door, kind: EntitlementType) -> Resource:
    """Return the resource that stands for every one of a type, made where it is not there yet."""
    row, _ = Resource.objects.get_or_create(
        realm=opened.tenant.realm, type=kind, name=EVERY, defaults={"created_by": opened.by}
    )
    return row


def _insert(row: NamedEntitlement) -> None:
    with constraints(_taken(row.name)):
        row.save(force_insert=True)


def _resource(opened: Door, resource: int | None, kind: int | None) -> Resource:
    if resource is None:
        return _every(opened, the(EntitlementType.objects, opened.tenant, kind or 0, field="type"))
    found: Resource = the(Resource.objects.select_related("type"), opened.tenant, resource, field="resource")
    return found


def _replace_owners(opened: Door, row: Resource, people: Sequence[int], clients: Sequence[int]) -> None:
    owners = [
        *({"person": one} for one in each(Person.objects, opened.tenant, people, field="people")),
        *({"client": one} for one in accounts_of(opened.tenant, clients, field="clients")),
    ]
    row.owners.all().delete()
    ResourceOwner.objects.bulk_create(ResourceOwner(resource=row, **one, **opened.link) for one in owners)


def _taken(name: str) -> dict[str, Exception]:
    return {
        "access_named_entitlement_name_once": NameTaken(
            f"An entitlement named {name} exists in this realm.", field="name"
        ),
        "access_named_entitlement_once": NameTaken("This level has a name already.", field="level"),
    }
