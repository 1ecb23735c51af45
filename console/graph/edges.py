"""The edges of the access graph: who is in what, and what gives which right.

A right is held by whoever reaches it along edges. An edge that is a resource of its own (a
membership, a composite, ...) can be removed by a change; a group's place in its parent cannot.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.engine.state import Address, Kind, State


class NodeKind(StrEnum):
    PERSON = "person"
    GROUP = "group"
    ROLE = "role"
    ENTITLEMENT = "entitlement"


RIGHTS = frozenset({NodeKind.ROLE, NodeKind.ENTITLEMENT})


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A group's name is its whole path (`data/eng`), an entitlement's its text (`package:demo:READ`)."""

    kind: NodeKind
    name: str

    @property
    def is_right(self) -> bool:
        return self.kind in RIGHTS

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class EdgeKind(StrEnum):
    """What an edge says. `DEFAULT_ROLE` is what Keycloak gives to every person it creates."""

    COMPOSITE = "composite"  # role -> role that it includes
    DEFAULT_ROLE = "default-role"  # person -> default role of the realm
    ENTITLEMENT = "entitlement"  # person or group -> entitlement
    GROUP_ROLE = "group-role"  # group -> role
    MEMBERSHIP = "membership"  # person -> group
    PARENT = "parent"  # group -> the group it stands in, whose roles its members have too
    PERSON_ROLE = "person-role"  # person -> role


class Origin(StrEnum):
    """Where an edge was made."""

    BLUEPRINT = "blueprint"
    CONSOLE = "console"
    DIRECTORY = "directory"
    KEYCLOAK = "keycloak"
    MAPPER = "mapper"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an edge comes from, since when, by whom and why.

    `declared`: the console's own data say it. `live`: Keycloak had it when it was last read;
    None when it was not looked at.
    """

    source: Origin = Origin.CONSOLE
    since: datetime | None = None
    by: str = ""
    reason: str = ""
    declared: bool = True
    live: bool | None = None


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One step from who has to what is had. Two edges are equal whatever is told about their origin."""

    source: Node
    target: Node
    kind: EdgeKind
    provenance: Provenance = field(default_factory=Provenance, compare=False)

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


ProvenanceOf = Callable[[Address], Provenance]
Ends = tuple[Node, Node, EdgeKind]


def person(name: str) -> Node:
    return Node(NodeKind.PERSON, name)


def group(name: str) -> Node:
    return Node(NodeKind.GROUP, name)


def role(name: str) -> Node:
    return Node(NodeKind.ROLE, name)


def entitlement(name: str) -> Node:
    return Node(NodeKind.ENTITLEMENT, name)


def edges_of(
    state: State,
    provenance_of: ProvenanceOf | None = None,
    *,
    default_role: str | None = None,
) -> tuple[Edge, ...]:
    """Return every edge that a state says, sorted.

    A group that only its subgroups or members mention is placed in its parents all the same.
    With `default_role`, every person of the state has that role, as Keycloak gives it; without,
    only who is assigned it in so many words (which is how a live read shows it).
    """
    told = provenance_of or _untold
    found = {edge: edge for edge in _linked(state, told)}
    groups = _groups_in(state, found)
    found.update((edge, edge) for edge in _nested(groups, told))
    if default_role is not None:
        found.update((edge, edge) for edge in _defaults(state, default_role, found))
    return tuple(sorted(found.values(), key=rank))


def rank(edge: Edge) -> tuple[str, str, str, str, str]:
    """Return the order of an edge as plain text: many times faster to sort by than the edges themselves."""
    return edge.source.kind, edge.source.name, edge.target.kind, edge.target.name, edge.kind


def address_of(edge: Edge) -> Address | None:
    """Return the resource that is this edge, or None where no single resource is it."""
    match edge.kind:
        case EdgeKind.PARENT | EdgeKind.DEFAULT_ROLE:
            return None
        case EdgeKind.ENTITLEMENT:
            return Address(Kind.ENTITLEMENT, (edge.source.kind.value, edge.source.name, edge.target.name))
        case _:
            return Address(Kind(edge.kind.value), (edge.source.name, edge.target.name))


def parents_of(name: str) -> tuple[str, ...]:
    """Return the groups that a group stands in, nearest first: `a/b/c` stands in `a/b` and `a`."""
    parts = name.split("/")
    return tuple("/".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))


def _untold(_: Address) -> Provenance:
    return Provenance()


def _linked(state: State, told: ProvenanceOf) -> Iterator[Edge]:
    for resource in state:
        ends = _ends(resource.address)
        if ends is not None:
            yield Edge(*ends, told(resource.address))


def _ends(address: Address) -> Ends | None:
    """Return what an address links, or None when it is a thing and no link between two."""
    path = address.path
    match address.kind:
        case Kind.MEMBERSHIP:
            return person(path[0]), group(path[1]), EdgeKind.MEMBERSHIP
        case Kind.GROUP_ROLE:
            return group(path[0]), role(path[1]), EdgeKind.GROUP_ROLE
        case Kind.PERSON_ROLE:
            return person(path[0]), role(path[1]), EdgeKind.PERSON_ROLE
        case Kind.COMPOSITE:
            return role(path[0]), role(path[1]), EdgeKind.COMPOSITE
        case Kind.ENTITLEMENT:
            return Node(NodeKind(path[0]), path[1]), entitlement(path[2]), EdgeKind.ENTITLEMENT
        case _:
            return None


def _groups_in(state: State, edges: Iterable[Edge]) -> frozenset[str]:
    """Return every group that the state knows or mentions, with the groups above it."""
    named = {one.address.path[0] for one in state.of_kind(Kind.GROUP)}
    for edge in edges:
        named.update(end.name for end in (edge.source, edge.target) if end.kind is NodeKind.GROUP)
    return frozenset(named.union(*(parents_of(name) for name in named)))


def _nested(groups: Iterable[str], told: ProvenanceOf) -> Iterator[Edge]:
    for name in groups:
        for parent in parents_of(name)[:1]:
            provenance = told(Address(Kind.GROUP, (name,)))
            yield Edge(group(name), group(parent), EdgeKind.PARENT, provenance)


def _defaults(state: State, default_role: str, known: Iterable[Edge]) -> Iterator[Edge]:
    """Yield the default role's edge for each person who is not assigned it already."""
    assigned = {edge.source for edge in known if edge.target == role(default_role)}
    given = Provenance(source=Origin.KEYCLOAK, reason="Keycloak gives this role to every person it creates.")
    for one in state.of_kind(Kind.PERSON):
        holder = person(one.address.path[0])
        if holder not in assigned:
            yield Edge(holder, role(default_role), EdgeKind.DEFAULT_ROLE, given)
