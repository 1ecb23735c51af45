"""The access graph of a realm: what is declared here, joined with what was read in Keycloak.

Loaded with a fixed number of queries. Structure (groups, roles and what they include) is always
whole; people are those asked for.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from access.models import Composite, Entitlement, Group, GroupRole, Membership, Person, PersonRole, Role
from access.models.entitlements import ADDRESSED, address_from
from console.engine.kinds import ends
from console.engine.state import Address, Kind, Resource, State
from console.graph.closure import Graph
from console.graph.edges import Origin, Provenance, edges_of
from console.sync import observed
from console.sync.impact import Pending
from tenants.models import Realm

TOLD = ("created_at", "created_by", "reason")
_NAMED: dict[Kind, tuple[QuerySet[Any], str]] = {
    Kind.ROLE: (Role.objects.all(), "name"),
    Kind.GROUP: (Group.objects.all(), "path"),
    Kind.PERSON: (Person.objects.all(), "username"),
}


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who can do what in one realm, in three views of the same edges.

    `graph` holds every edge; `declared` what the console says; `live` what Keycloak had when it was
    read, at `read_at` (None: never wholly read). `unreadable` names what could not be read.
    """

    graph: Graph
    read_at: datetime | None
    unreadable: dict[str, str]

    @cached_property
    def declared(self) -> Graph:
        return Graph(edge for edge in self.graph.edges if edge.provenance.declared)

    @cached_property
    def live(self) -> Graph:
        return Graph(edge for edge in self.graph.edges if edge.provenance.live is not False)


def access_of(realm: Realm, *, people: Collection[str] | None, pending: Pending | None = None) -> Access:
    """Return the graph with the edges of these people, or of all with None.

    With `pending`, as it will be once that is applied: what is only in Keycloak and waits to be
    taken away is left out, and so is all that refers to it; what waits to be renamed stands under
    its new name.
    """
    told = dict(_declared(realm, people))
    seen = observed.links(realm.scope, people=people)
    if pending is not None:
        seen = _once_applied(realm, seen, pending)
    addresses = {*told, *seen} | {Address(Kind.PERSON, (name,)) for name in _usernames(realm, people)}
    was_read = realm.scope.read_at is not None

    def provenance(address: Address) -> Provenance:
        return _provenance(told.get(address), is_live=address in seen if was_read else None)

    edges = edges_of(_state(addresses), provenance, default_role=realm.default_role)
    return Access(
        graph=Graph(edges),
        read_at=realm.scope.read_at,
        unreadable=realm.scope.unreadable,
    )


def _once_applied(realm: Realm, seen: set[Address], pending: Pending) -> set[Address]:
    """Return what Keycloak will have; a group may have very many members, so what needs no look gets none."""
    if pending.renames:
        seen = {pending.renamed(address) for address in seen}
    gone = _deleted(realm, pending.addresses)
    if gone:
        seen = {address for address in seen if not gone.intersection(end for _, end in ends(address))}
    return seen - pending.addresses


def _deleted(realm: Realm, addresses: Collection[Address]) -> set[Address]:
    """Return which of these roles, groups and people are no longer declared: nothing of them stays."""
    named = {kind: [one.path[0] for one in addresses if one.kind is kind] for kind in _NAMED}
    declared = {
        Address(kind, (name,))
        for kind, (rows, column) in _NAMED.items()
        for name in _named(rows.filter(realm=realm), column, named[kind])
    }
    return {Address(kind, (name,)) for kind, names in named.items() for name in names} - declared


def _named(rows: QuerySet[Any], column: str, names: Collection[str]) -> Iterator[str]:
    yield from rows.filter(**{f"{column}__among": names}).values_list(column, flat=True)


def _provenance(told: dict[str, Any] | None, *, is_live: bool | None) -> Provenance:
    if told is None:
        return Provenance(source=Origin.KEYCLOAK, declared=False, live=is_live)
    return Provenance(
        source=Origin.CONSOLE,
        since=told["created_at"],
        by=told["created_by"],
        reason=told["reason"],
        live=is_live,
    )


def _state(addresses: Collection[Address]) -> State:
    return State.of(Resource(address) for address in addresses)


def _usernames(realm: Realm, people: Collection[str] | None) -> Iterator[str]:
    rows = Person.objects.filter(realm=realm)
    if people is not None:
        rows = rows.filter(username__among=people)
    yield from rows.values_list("username", flat=True)


def _declared(realm: Realm, people: Collection[str] | None) -> Iterator[tuple[Address, dict[str, Any]]]:
    """Yield every declared group and link with since when, by whom and why."""
    for row in Group.objects.filter(realm=realm).values("path", "created_at", "created_by"):
        yield Address(Kind.GROUP, (row.pop("path"),)), row | {"reason": ""}
    yield from _told(realm, Kind.COMPOSITE, Composite.objects.all(), "parent__name", "child__name")
    yield from _told(realm, Kind.GROUP_ROLE, GroupRole.objects.all(), "group__path", "role__name")
    memberships, roles = Membership.objects.all(), PersonRole.objects.all()
    entitlements = Entitlement.objects.filter(realm=realm)
    if people is not None:
        memberships = memberships.filter(person__username__among=people)
        roles = roles.filter(person__username__among=people)
        entitlements = entitlements.filter(person__isnull=True) | entitlements.filter(
            person__username__among=people
        )
    yield from _told(realm, Kind.MEMBERSHIP, memberships, "person__username", "group__path")
    yield from _told(realm, Kind.PERSON_ROLE, roles, "person__username", "role__name")
    for row in entitlements.values(*ADDRESSED, *TOLD):
        yield address_from(row), row


def _told(
    realm: Realm, kind: Kind, rows: "QuerySet[Any]", *columns: str
) -> Iterator[tuple[Address, dict[str, Any]]]:
    for row in rows.filter(realm=realm).values(*columns, *TOLD):
        yield Address(kind, tuple(row[column] for column in columns)), row
