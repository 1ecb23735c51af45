"""What Keycloak held when it was last read, kept so that no page waits on Keycloak."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from console.engine.state import Address, Kind, Resource, State
from console.portions import portions
from console.sync.models import Observed, Scope
from console.sync.rows import put

CHUNK = 2000


def keep(scope: Scope, state: State, *, looked_at: Iterable[Address], now: datetime) -> None:
    """Note what a selective read found, and that the rest of what it looked at is not there."""
    asked = {address for address in looked_at if state.why_unreadable(address) is None}
    absent = [address.key for address in asked if address not in state]
    if absent:
        Observed.objects.filter(scope=scope, address__among=absent).delete()
    _upsert(scope, (one for one in state if one.address in asked), now)


def _nothing(_address: Address) -> bool:
    return False


def replace_all(
    scope: Scope, state: State, *, now: datetime, leave: Callable[[Address], bool] = _nothing
) -> None:
    """Note a complete read. What could not be read keeps its last known rows, and is named.

    `leave` says what was written since and is known better than this read does. Only what differs is
    written: a realm is read every hour, and hardly anything changes.
    """
    unreadable = {str(what): why for what, why in state.unreadable.items()}
    kinds = [kind.value for kind in Kind if kind not in state.unreadable]
    with transaction.atomic():
        rows = Observed.objects.filter(scope=scope, kind__in=kinds)
        known = {key: kept for key, *kept in rows.values_list("address", "keycloak_id", "fields")}
        found = {one.address.key: one for one in state}
        gone = [key for key in known.keys() - found.keys() if not leave(Address.parse(key))]
        for some in portions(gone, CHUNK):
            rows.filter(address__among=some).delete()
        other = (one for key, one in found.items() if known.get(key) != [one.id or "", dict(one.fields)])
        _upsert(scope, [one for one in other if not leave(one.address)], now)
        Scope.objects.filter(pk=scope.pk).update(read_at=now, unreadable=unreadable)


def forget(scope: Scope, addresses: Iterable[Address]) -> None:
    """Note that these are gone, and with a role, group or person every link to it."""
    Observed.objects.filter(scope=scope, address__among=[address.key for address in addresses]).delete()


_COLUMNS = ("scope_id", "address", "kind", "owner", "target", "keycloak_id", "fields", "read_at")


def _upsert(scope: Scope, resources: Iterable[Resource], now: datetime) -> None:
    found = [
        (
            scope.pk,
            one.address.key,
            one.address.kind.value,
            owner_of(one.address),
            one.address.path[-1] if one.address.path else "",
            one.id or "",
            dict(one.fields),
            now,
        )
        for one in resources
    ]
    for some in portions(found, CHUNK):
        put(
            Observed,
            _COLUMNS,
            some,
            unique=("scope_id", "address"),
            update=("keycloak_id", "fields", "read_at"),
        )


def owner_of(address: Address) -> str:
    """Return whose row an address is: the first name in it, for an entitlement `person:ann`."""
    if address.kind is Kind.ENTITLEMENT:
        return f"{address.path[0]}:{address.path[1]}"
    return address.path[0] if address.path else ""


def links(scope: Scope, *, people: Collection[str] | None) -> set[Address]:
    """Return what was read in Keycloak: all groups, what groups and roles give, and the links of these
    people (None: of all).
    """
    structural = Q(kind__in=[Kind.GROUP, Kind.COMPOSITE, Kind.GROUP_ROLE]) | Q(
        kind=Kind.ENTITLEMENT, owner__startswith="group:"
    )
    personal = Q(kind__in=[Kind.MEMBERSHIP, Kind.PERSON_ROLE]) | Q(
        kind=Kind.ENTITLEMENT, owner__startswith="person:"
    )
    if people is not None:
        owners = [*people, *(f"person:{username}" for username in people)]
        personal &= Q(owner__among=owners)
    rows = Observed.objects.filter(structural | personal, scope=scope).values_list("address", flat=True)
    return {Address.parse(key) for key in rows}


def people_linked_to(scope: Scope, *, groups: Collection[str], roles: Collection[str]) -> set[str]:
    """Return who was directly in one of the groups, or directly had one of the roles, when last read."""
    in_groups = Q(kind=Kind.MEMBERSHIP, target__in=groups)
    with_roles = Q(kind=Kind.PERSON_ROLE, target__in=roles)
    return set(Observed.objects.filter(in_groups | with_roles, scope=scope).values_list("owner", flat=True))
