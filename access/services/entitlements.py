"""Entitlement types and resources, and the grants of levels on them."""

from collections.abc import Iterable, Sequence
from typing import Any

from access.models import Entitlement, EntitlementType, Group, NamedEntitlement, Person, Resource
from access.services import resources, token_size
from access.services.accounts import accounts_of
from access.services.base import Door, door, each, the
from access.services.grants import keep, take
from access.services.periods import Period
from access.services.resources import NameTaken
from console.audit.models import EventKind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from console.timed import NOT_ENDED
from tenants.models import Tenant
from tenants.services.observing import declare_carrier


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
    *,
    actor: Actor,
    tenant: str,
    type: int,
    name: str,
    description: str = "",
    people: Sequence[int] = (),
    clients: Sequence[int] = (),
    names: Sequence[tuple[str, str, str]] | None = None,
    cause: Cause | None = None,
) -> Resource:
    """Return the new resource of a type, with its owners and a name for each level.

    `names` are levels with a name and a description instead. Raises NameTaken, UnknownLevel, Gone.
    """
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
        resources.own(opened, row, people, clients)
        owners = {"owners": resources.owners_of(row)} if people or clients else {}
        told = {"type": kind.name, "name": name, "description": description}
        opened.made.record(f"Resource {row}", new=told | owners)
        for level, called, about in [(one, "", "") for one in kind.levels] if names is None else names:
            resources.refuse_level(row, level)
            resources.named(opened, row, level, name=called, description=about)
    return row


HOLDERS = ("person", "group", "client")


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
    starts_at: str = "",
    ends_at: str = "",
    cause: Cause | None = None,
) -> None:
    """Grant a level of a resource to people, groups and service accounts (of these clients), for a time if
    one is given.

    Raises UnknownLevel, NothingToDo, WrongTime, Gone.
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
        resources.refuse_level(thing, level)
        period = Period.of(starts_at, ends_at, now=opened.now)
        holders = {
            "person": each(Person.objects, opened.tenant, people, field="people"),
            "group": each(Group.objects, opened.tenant, groups, field="groups"),
            "client": accounts_of(opened.tenant, clients, field="clients"),
        }
        declare_carrier(opened.made, opened.tenant.realm)
        _grant(opened, thing, level, holders, period)
        _name(opened, thing, level)
        _warn(opened, holders)


def _grant(opened: Door, thing: Resource, level: str, holders: dict[str, list[Any]], period: Period) -> None:
    rows = [
        Entitlement(resource=thing, level=level, **{side: one}, **opened.link)
        for side, some in holders.items()
        for one in some
    ]
    standing = Entitlement.every.filter(NOT_ENDED, resource=thing, level=level).select_related(*HOLDERS)
    had = {_key(row): row for row in standing}
    asked = {_key(row): row for row in rows}
    kept = {key: row for key, row in had.items() if key in asked}
    keep(opened, Entitlement, asked, kept, period, field="people")


def _key(row: Entitlement) -> tuple[int | None, ...]:
    return row.person_id, row.group_id, row.client_id


def _name(opened: Door, thing: Resource, level: str) -> None:
    """Give what is granted a name, where it has none yet."""
    if not NamedEntitlement.objects.filter(resource=thing, level=level).exists():
        resources.named(opened, thing, level)


def _warn(opened: Door, holders: dict[str, list[Any]]) -> None:
    """Say on the plan page where tokens become too large for many servers."""
    who, size = token_size.heaviest(opened.tenant.realm, holders["person"], holders["group"])
    if size >= token_size.WARN:
        opened.made.tell(
            f"The access token of {who} becomes about {size / 1000:.1f} kB large.",
            follows="Many servers take no more than 8 kB of headers, and refuse what is larger. "
            "One grant of every resource (*) takes the place of many.",
        )


@command("access:entitlement:revoke")
def revoke(*, actor: Actor, tenant: str, entitlements: list[int], cause: Cause | None = None) -> None:
    """Take grants back, also those that have not begun. Raises Gone when one of them is no more."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ENTITLEMENT_REVOKE,
        event=EventKind.ACCESS_ENTITLEMENT_REVOKED,
        cause=cause,
    ) as opened:
        rows = _own(opened, entitlements)
        if not rows or len(rows) != len(set(entitlements)):
            raise Gone("A grant that you chose no longer exists.")
        take(opened, Entitlement, rows)


def _own(opened: Door, entitlements: Iterable[int]) -> list[Entitlement]:
    own = Resource.objects.of(opened.tenant)
    rows = Entitlement.every.filter(NOT_ENDED, pk__in=list(entitlements), resource__in=own)
    return list(rows.select_related(*HOLDERS, "resource__type").order_by("pk"))
