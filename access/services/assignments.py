"""Who is in which group, and who has which role: one service each way, from either side."""

from collections.abc import Iterable
from itertools import product
from typing import Any

from access.models import Group, GroupRole, Membership, Person, PersonRole, Role
from access.services.base import Door, door, each, refuse_to_lose
from access.services.grants import NothingToDo, keep, take
from access.services.periods import Period
from access.services.setting_off import tell
from console.audit.models import EventKind
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import command
from console.timed import NOT_ENDED


@command("access:person-role:give")
def give_roles(
    *,
    actor: Actor,
    tenant: str,
    people: list[int],
    roles: list[int],
    starts_at: str = "",
    ends_at: str = "",
    cause: Cause | None = None,
) -> None:
    """Give each of the roles to each of the people, for a time if one is given; who has one keeps it.

    Raises NothingToDo, WrongTime, Gone.
    """
    with _opened(
        actor, tenant, Permission.ASSIGNMENT_ADD, EventKind.ACCESS_PERSON_ROLE_GIVEN, cause
    ) as opened:
        period = Period.of(starts_at, ends_at, now=opened.now)
        given = _roles(opened, roles)
        _link(opened, PersonRole, "person", _people(opened, people), "role", given, period)
        tell(opened, [one.name for one in given])


@command("access:person-role:take")
def take_roles(
    *, actor: Actor, tenant: str, people: list[int], roles: list[int], cause: Cause | None = None
) -> None:
    """Take each of the roles from each of the people, where given directly. Raises NothingToDo, Gone."""
    with _opened(
        actor, tenant, Permission.ASSIGNMENT_REMOVE, EventKind.ACCESS_PERSON_ROLE_TAKEN, cause
    ) as opened:
        _unlink(opened, PersonRole, "person", _people(opened, people), "role", _roles(opened, roles))


@command("access:group-role:give")
def give_group_roles(
    *,
    actor: Actor,
    tenant: str,
    groups: list[int],
    roles: list[int],
    starts_at: str = "",
    ends_at: str = "",
    cause: Cause | None = None,
) -> None:
    """Give each of the roles to everybody in each of the groups. Raises NothingToDo, WrongTime, Gone."""
    with _opened(
        actor, tenant, Permission.GROUP_ROLE_ADD, EventKind.ACCESS_GROUP_ROLE_GIVEN, cause
    ) as opened:
        period = Period.of(starts_at, ends_at, now=opened.now)
        given = _roles(opened, roles)
        _link(opened, GroupRole, "group", _groups(opened, groups), "role", given, period)
        tell(opened, [one.name for one in given])


@command("access:group-role:take")
def take_group_roles(
    *, actor: Actor, tenant: str, groups: list[int], roles: list[int], cause: Cause | None = None
) -> None:
    """Take each of the roles from each of the groups. Raises NothingToDo, Gone."""
    with _opened(
        actor, tenant, Permission.GROUP_ROLE_REMOVE, EventKind.ACCESS_GROUP_ROLE_TAKEN, cause
    ) as opened:
        _unlink(opened, GroupRole, "group", _groups(opened, groups), "role", _roles(opened, roles))


@command("access:membership:add")
def join(
    *,
    actor: Actor,
    tenant: str,
    people: list[int],
    groups: list[int],
    starts_at: str = "",
    ends_at: str = "",
    cause: Cause | None = None,
) -> None:
    """Put each of the people into each of the groups. Raises NothingToDo, WrongTime, Gone."""
    with _opened(
        actor, tenant, Permission.MEMBERSHIP_ADD, EventKind.ACCESS_MEMBERSHIP_ADDED, cause
    ) as opened:
        period = Period.of(starts_at, ends_at, now=opened.now)
        _link(opened, Membership, "person", _people(opened, people), "group", _groups(opened, groups), period)


@command("access:membership:remove")
def leave(
    *, actor: Actor, tenant: str, people: list[int], groups: list[int], cause: Cause | None = None
) -> None:
    """Take each of the people out of each of the groups.

    Raises NothingToDo, Gone, and Refused when it is somebody's last group in a share.
    """
    with _opened(
        actor, tenant, Permission.MEMBERSHIP_REMOVE, EventKind.ACCESS_MEMBERSHIP_REMOVED, cause
    ) as opened:
        _unlink(opened, Membership, "person", _people(opened, people), "group", _groups(opened, groups))
        refuse_to_lose(opened.tenant, people)


def _opened(actor: Actor, tenant: str, permission: Permission, event: EventKind, cause: Cause | None) -> Any:
    return door(actor=actor, tenant=tenant, permission=permission, event=event, cause=cause)


def _people(opened: Door, pks: Iterable[int]) -> list[Person]:
    return each(Person.objects, opened.tenant, pks, field="people")


def _roles(opened: Door, pks: Iterable[int]) -> list[Role]:
    return each(Role.objects, opened.tenant, pks, field="roles")


def _groups(opened: Door, pks: Iterable[int]) -> list[Group]:
    return each(Group.objects, opened.tenant, pks, field="groups")


def _link(
    opened: Door, model: Any, one: str, ones: list[Any], other: str, others: list[Any], period: Period
) -> None:
    pairs = {(row.pk, end.pk): (row, end) for row, end in product(ones, others)}
    rows = [model(**{one: row, other: end}, **opened.link) for row, end in pairs.values()]
    standing = {
        (getattr(row, f"{one}_id"), getattr(row, f"{other}_id")): row
        for row in _linked(model, one, ones, other, others).select_related(one, other)
    }
    keep(opened, model, dict(zip(pairs, rows, strict=True)), standing, period, field=f"{other}s")


def _unlink(opened: Door, model: Any, one: str, ones: list[Any], other: str, others: list[Any]) -> None:
    links = list(_linked(model, one, ones, other, others).select_related(one, other).order_by("pk"))
    if not links:
        raise NothingToDo("Nothing of what you chose is given directly.", field=f"{other}s")
    take(opened, model, links)


def _linked(model: Any, one: str, ones: list[Any], other: str, others: list[Any]) -> Any:
    """Return the links that hold or are planned."""
    return model.every.filter(NOT_ENDED, **{f"{one}__in": ones, f"{other}__in": others})
