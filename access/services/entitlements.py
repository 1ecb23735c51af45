"""Entitlement types, resources, and the grants of levels on them."""

from collections.abc import Sequence
from typing import Any

from access.models import Entitlement, EntitlementType, Group, Person, Resource
from access.services.accounts import accounts_of
from access.services.base import door, each, the
from console.audit.models import EventKind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from tenants.models import Tenant
from tenants.services.observing import declare_carrier


class NameTaken(Refused):
    """A type or resource of this name exists."""


class UnknownLevel(Refused):
    """The type has no such level."""


class NothingToDo(Refused):
    """Everything that was asked for is so already."""


def create_type(
    *,
    actor: Actor,
    tenant: str,
    name: str,
    levels: list[str],
    description: str = "",
    cause: Cause | None = None,
) -> EntitlementType:
    """Return the new type. It stays in the console: Keycloak learns of grants only. Raises NameTaken."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_CREATE,
        event=EventKind.ACCESS_ENTITLEMENT_TYPE_CREATED,
        cause=cause,
    ) as opened:
        row = EntitlementType(
            realm=opened.tenant.realm,
            name=name,
            levels=levels,
            description=description,
            created_by=opened.by,
        )
        _refuse_outside(opened.tenant, name)
        taken = NameTaken("An entitlement type of this name exists.", field="name")
        with constraints({"access_entitlement_type_once": taken}):
            row.save(force_insert=True)
        opened.made.record(f"Entitlement type {name}", new={"levels": levels, "description": description})
    return row


def _refuse_outside(tenant: Tenant, name: str) -> None:
    if not name.startswith(tenant.type_prefix):
        raise Refused(f"Types of this tenant begin with {tenant.type_prefix}", field="name")


def create_resource(
    *, actor: Actor, tenant: str, type: int, name: str, description: str = "", cause: Cause | None = None
) -> Resource:
    """Return the new resource of a type. Raises NameTaken, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_CREATE,
        event=EventKind.ACCESS_RESOURCE_CREATED,
        cause=cause,
    ) as opened:
        kind: EntitlementType = the(EntitlementType.objects, opened.tenant, type, field="type")
        row = Resource(
            realm=opened.tenant.realm, type=kind, name=name, description=description, created_by=opened.by
        )
        taken = NameTaken(f"A {kind.name} named {name} exists.", field="name")
        with constraints({"access_resource_once": taken}):
            row.save(force_insert=True)
        opened.made.record(
            f"Resource {row}", new={"type": kind.name, "name": name, "description": description}
        )
    return row


@command("access:entitlement:grant")
def grant(
    *,
    actor: Actor,
    tenant: str,
    resource: int,
    level: str,
    people: list[int],
    groups: list[int],
    clients: Sequence[int] = (),
    cause: Cause | None = None,
) -> None:
    """Grant a level of a resource to people, groups and service accounts (of these clients).

    Raises UnknownLevel, NothingToDo, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_GRANT,
        event=EventKind.ACCESS_ENTITLEMENT_GRANTED,
        cause=cause,
    ) as opened:
        thing: Resource = the(
            Resource.objects.select_related("type"), opened.tenant, resource, field="resource"
        )
        if level not in thing.type.levels:
            raise UnknownLevel(f"{thing.type.name} has no level {level}.", field="level")
        holders = [
            *({"person": one} for one in each(Person.objects, opened.tenant, people, field="people")),
            *({"group": one} for one in each(Group.objects, opened.tenant, groups, field="groups")),
            *({"client": one} for one in accounts_of(opened.tenant, clients, field="clients")),
        ]
        had = set(Entitlement.objects.filter(resource=thing, level=level).values_list(*HOLDERS))
        new = [one for one in holders if _key(one) not in had]
        if not new:
            raise NothingToDo("Everybody that you chose has this already.", field="people")
        declare_carrier(opened.made, opened.tenant.realm)
        rows = [Entitlement(resource=thing, level=level, **one, **opened.link) for one in new]
        for row in Entitlement.objects.bulk_create(rows):
            opened.made.touch(row.address)
            opened.made.record(str(row), address=row.address, new={})


HOLDERS = ("person_id", "group_id", "client_id")


def _key(holder: dict[str, Any]) -> tuple[int | None, ...]:
    ends = (holder.get(column.removesuffix("_id")) for column in HOLDERS)
    return tuple(end.pk if end else None for end in ends)


@command("access:entitlement:revoke")
def revoke(*, actor: Actor, tenant: str, entitlements: list[int], cause: Cause | None = None) -> None:
    """Take grants back. Raises Gone when one of them is no more."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_REVOKE,
        event=EventKind.ACCESS_ENTITLEMENT_REVOKED,
        cause=cause,
    ) as opened:
        own = Resource.objects.of(opened.tenant)
        rows = list(
            Entitlement.objects.filter(pk__in=entitlements, resource__in=own)
            .select_related("person", "group", "client", "resource__type")
            .order_by("pk")
        )
        if not rows or len(rows) != len(set(entitlements)):
            raise Gone("A grant that you chose no longer exists.")
        for row in rows:
            opened.made.touch(row.address)
            opened.made.record(str(row), address=row.address, old={})
        Entitlement.objects.filter(pk__in=[row.pk for row in rows]).delete()
