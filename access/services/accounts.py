"""Service accounts: clients that act for themselves, and take roles and entitlements as people do."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from access.models import Group, Role
from access.services.base import Door, door, each
from access.services.grants import NothingToDo, keep, take
from access.services.periods import Period
from console.audit.models import EventKind
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Gone, command
from console.timed import NOT_ENDED
from tenants.models import Declaration, Tenant


def accounts_in(tenant: Tenant) -> QuerySet[Any]:
    """Return the declared clients with a service account. They are the realm's, so no share has any."""
    rows = Declaration.objects.filter(realm=tenant.realm, kind=Kind.CLIENT, fields__service_accounts=True)
    return rows.none() if tenant.is_share else rows


def accounts_of(tenant: Tenant, pks: Collection[int], *, field: str) -> list[Declaration]:
    """Return these clients in the order of their ids. Raises Gone when one is no more or has no account."""
    wanted = sorted(set(pks))
    found = list(accounts_in(tenant).filter(pk__in=wanted).order_by("pk")) if wanted else []
    if len(found) != len(wanted):
        raise Gone(
            f"{len(wanted) - len(found)} of the service accounts that you chose are no more.", field=field
        )
    return found


@command("access:service-role:give")
def give_roles(
    *,
    actor: Actor,
    tenant: str,
    clients: list[int],
    roles: list[int],
    starts_at: str = "",
    ends_at: str = "",
    cause: Cause | None = None,
) -> None:
    """Give each of the roles to the service account of each client. Raises NothingToDo, WrongTime, Gone."""
    with _opened(
        actor, tenant, Permission.ASSIGNMENT_ADD, EventKind.ACCESS_SERVICE_ROLE_GIVEN, cause
    ) as opened:
        names = [role.name for role in each(Role.objects, opened.tenant, roles, field="roles")]
        period = Period.of(starts_at, ends_at, now=opened.now)
        _give(opened, Kind.SERVICE_ROLE, clients, names, period, field="roles")


@command("access:service-role:take")
def take_roles(
    *, actor: Actor, tenant: str, clients: list[int], roles: list[int], cause: Cause | None = None
) -> None:
    """Take each of the roles from the service account of each client. Raises NothingToDo, Gone."""
    with _opened(
        actor, tenant, Permission.ASSIGNMENT_REMOVE, EventKind.ACCESS_SERVICE_ROLE_TAKEN, cause
    ) as opened:
        names = [role.name for role in each(Role.objects, opened.tenant, roles, field="roles")]
        _take(opened, Kind.SERVICE_ROLE, clients, names, field="roles")


@command("access:service-membership:add")
def join(
    *,
    actor: Actor,
    tenant: str,
    clients: list[int],
    groups: list[int],
    starts_at: str = "",
    ends_at: str = "",
    cause: Cause | None = None,
) -> None:
    """Put the service account of each client into each of the groups. Raises NothingToDo, WrongTime, Gone."""
    with _opened(
        actor, tenant, Permission.MEMBERSHIP_ADD, EventKind.ACCESS_SERVICE_MEMBERSHIP_ADDED, cause
    ) as opened:
        paths = [group.path for group in each(Group.objects, opened.tenant, groups, field="groups")]
        period = Period.of(starts_at, ends_at, now=opened.now)
        _give(opened, Kind.SERVICE_MEMBERSHIP, clients, paths, period, field="groups")


@command("access:service-membership:remove")
def leave(
    *, actor: Actor, tenant: str, clients: list[int], groups: list[int], cause: Cause | None = None
) -> None:
    """Take the service account of each client out of each of the groups. Raises NothingToDo, Gone."""
    with _opened(
        actor, tenant, Permission.MEMBERSHIP_REMOVE, EventKind.ACCESS_SERVICE_MEMBERSHIP_REMOVED, cause
    ) as opened:
        paths = [group.path for group in each(Group.objects, opened.tenant, groups, field="groups")]
        _take(opened, Kind.SERVICE_MEMBERSHIP, clients, paths, field="groups")


def _opened(actor: Actor, tenant: str, permission: Permission, event: EventKind, cause: Cause | None) -> Any:
    return door(actor=actor, tenant=tenant, permission=permission, event=event, cause=cause)


def _give(
    opened: Door, kind: Kind, clients: Collection[int], names: list[str], period: Period, *, field: str
) -> None:
    keys = _keys(opened, kind, clients, names)
    wanted = {key: Declaration(address=key, kind=kind.value, **opened.link) for key in keys}
    standing = {row.address: row for row in _standing(opened, keys)}
    keep(opened, Declaration, wanted, standing, period, field=field)


def _take(opened: Door, kind: Kind, clients: Collection[int], names: list[str], *, field: str) -> None:
    rows = list(_standing(opened, _keys(opened, kind, clients, names)))
    if not rows:
        raise NothingToDo("Nothing of what you chose is given directly.", field=field)
    take(opened, Declaration, rows)


def _standing(opened: Door, keys: Collection[str]) -> QuerySet[Any]:
    rows = Declaration.every.filter(NOT_ENDED, realm=opened.tenant.realm, address__in=keys)
    return rows.order_by("address")


def _keys(opened: Door, kind: Kind, clients: Collection[int], names: list[str]) -> list[str]:
    accounts = accounts_of(opened.tenant, clients, field="clients")
    return [Address(kind, (one.at.path[0], name)).key for one in accounts for name in names]
