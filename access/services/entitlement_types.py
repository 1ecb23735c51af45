"""Types of entitlements and their resources, edited and deleted: Keycloak knows nothing of either.

What is held stands in the way: a grant stands in Keycloak and in tokens, and is taken back by its own plan.
"""

from collections.abc import Sequence
from typing import Any

from access.models import Entitlement, EntitlementType, NamedEntitlement, Resource
from access.services import resources
from access.services.base import Door, door, the, unchanged_since
from console.audit.models import EventKind
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Refused
from console.timed import NOT_ENDED
from tenants.blueprints import presets_of

NAMED = 3


class StillUsed(Refused):
    """Something stands on what was to go. The message says what, and what to do first."""


class OfBlueprint(Refused):
    """What was to be changed is said by a blueprint, and would come back with its next version."""


def edit_type(
    *,
    actor: Actor,
    tenant: str,
    type: int,
    revision: int,
    description: str,
    levels: Sequence[str],
    cause: Cause | None = None,
) -> EntitlementType:
    """Return the type with another description, and with levels more or less.

    Raises OfBlueprint, StillUsed for a level that has a name or a grant, Refused for another order,
    Conflict, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_EDIT,
        event=EventKind.ACCESS_ENTITLEMENT_TYPE_EDITED,
        cause=cause,
    ) as opened:
        row: EntitlementType = the(EntitlementType.objects, opened.tenant, type)
        unchanged_since(row, revision, "description", "levels")
        _refuse_of_blueprint(opened, (row.name,), f"The type {row.name}")
        _refuse_levels(row, levels)
        old = {"levels": row.levels, "description": row.description}
        row.levels, row.description, row.revision = list(levels), description, revision + 1
        row.save(update_fields=["levels", "description", "revision"])
        new = {"levels": row.levels, "description": description}
        opened.made.record(f"Entitlement type {row.name}", old=old, new=new)
    return row


def delete_type(*, actor: Actor, tenant: str, type: int, cause: Cause | None = None) -> EntitlementType:
    """Return the type, which is no more. Raises OfBlueprint, StillUsed while it has resources, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_DELETE,
        event=EventKind.ACCESS_ENTITLEMENT_TYPE_DELETED,
        cause=cause,
    ) as opened:
        row: EntitlementType = the(EntitlementType.objects, opened.tenant, type)
        _refuse_of_blueprint(opened, (row.name,), f"The type {row.name}")
        things = [str(one) for one in row.resources.select_related("type").order_by("name")]
        if things:
            raise StillUsed(f"{_listed(things, 'resource', 'resources')} of this type: delete them first.")
        opened.made.record(
            f"Entitlement type {row.name}", old={"levels": row.levels, "description": row.description}
        )
        row.delete()
    return row


def edit_resource(
    *,
    actor: Actor,
    tenant: str,
    resource: int,
    revision: int,
    description: str,
    people: Sequence[int],
    clients: Sequence[int] = (),
    cause: Cause | None = None,
) -> Resource:
    """Return the resource with another description and with these owners. Raises Refused, Conflict, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_EDIT,
        event=EventKind.ACCESS_RESOURCE_EDITED,
        cause=cause,
    ) as opened:
        row: Resource = the(Resource.objects.select_related("type"), opened.tenant, resource)
        unchanged_since(row, revision, "description")
        old = {"description": row.description, "owners": resources.owners_of(row)}
        row.description, row.revision = description, revision + 1
        row.save(update_fields=["description", "revision"])
        resources.own(opened, row, people, clients)
        new = {"description": description, "owners": resources.owners_of(row)}
        opened.made.record(f"Resource {row}", old=old, new=new)
    return row


def delete_resource(*, actor: Actor, tenant: str, resource: int, cause: Cause | None = None) -> Resource:
    """Return the resource, which is no more; its names, owners and ended grants go with it.

    Raises OfBlueprint, StillUsed while somebody holds something on it, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_DELETE,
        event=EventKind.ACCESS_RESOURCE_DELETED,
        cause=cause,
    ) as opened:
        row: Resource = the(Resource.objects.select_related("type"), opened.tenant, resource)
        _refuse_of_blueprint(opened, (row.type.name, row.name), f"{str(row).capitalize()}")
        _refuse_held(row)
        opened.made.record(f"Resource {row}", old=_told(row))
        Entitlement.every.filter(resource=row).delete()
        row.names.all().delete()
        row.delete()
    return row


def _told(row: Resource) -> dict[str, Any]:
    return {
        "type": row.type.name,
        "name": row.name,
        "description": row.description,
        "owners": resources.owners_of(row),
        "names": sorted(row.names.values_list("name", flat=True)),
    }


def _refuse_held(row: Resource) -> None:
    grants = Entitlement.every.filter(NOT_ENDED, resource=row).select_related("person", "group", "client")
    holders = list(dict.fromkeys(one.holder for one in grants.order_by("pk")))
    if holders:
        raise StillUsed(f"{_listed(holders, 'holder', 'holders')} of it: revoke what is granted first.")


def _refuse_levels(row: EntitlementType, levels: Sequence[str]) -> None:
    """Refuse levels that go while they are used, and another order of those that stay."""
    gone = [one for one in row.levels if one not in levels]
    used = Entitlement.every.filter(NOT_ENDED, resource__type=row, level__in=gone).values_list("level")
    named = NamedEntitlement.objects.filter(resource__type=row, level__in=gone).values_list("level")
    found = {level for (level,) in used.union(named)}
    if found:
        kept = " and ".join(one for one in gone if one in found)
        raise StillUsed(f"{kept} has names or grants: the level stays.", field="levels")
    stay = [one for one in row.levels if one in levels]
    if stay != [one for one in levels if one in row.levels]:
        raise Refused("Levels that stay keep their order: each includes those before it.", field="levels")


def _refuse_of_blueprint(opened: Door, key: tuple[str, ...], words: str) -> None:
    of = presets_of(opened.tenant.realm).get(key)
    if of is not None:
        raise OfBlueprint(f"{words} is said by the blueprint {of}: change it there.")


def _listed(names: Sequence[str], one: str, many: str) -> str:
    """Return how many there are and the first of them: `There are 5 holders (ann, bob, data and 2 more)`."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    verb, noun = ("is", one) if len(names) == 1 else ("are", many)
    return f"There {verb} {len(names):,} {noun} ({', '.join(names[:NAMED])}{more})"
