"""The edges of the access graph: who is in what, and what gives which right.

A right is held by whoever reaches it along edges. An edge that is a resource of its own (a
membership, a composite, ...) can be removed by a change; a group's place in its parent cannot.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.engine.kinds import ends
from console.engine.state import Address, Kind, State


class NodeKind(StrEnum):
    PERSON = "person"
    GROUP = "group"
    ROLE = "role"
    CLIENT_ROLE = "client-role"
    ORGANIZATION_GROUP = "organization-group"
    SERVICE_ACCOUNT = "service-account"
    ENTITLEMENT = "entitlement"
    CLIENT_SCOPE = "client-scope"


RIGHTS = frozenset({NodeKind.ROLE, NodeKind.CLIENT_ROLE, NodeKind.ENTITLEMENT, NodeKind.CLIENT_SCOPE})


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A group's name is its whole path (`data/eng`), an entitlement's its text (`package:demo:READ`).

    A client role's name is `client/role`, a service account's is its client's, and the name of a group
    in an organization is `organization//data/eng`. A client scope is a right in the tokens of one
    client: `client/scope`, where the scope may hold slashes and the client none.
    """

    kind: NodeKind
    name: str

    @property
    def is_right(self) -> bool:
        return self.kind in RIGHTS

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class EdgeKind(StrEnum):
    """What an edge says. `DEFAULT_ROLE` is what Keycloak gives to every person it creates."""

    CLIENT_COMPOSITE = "client-composite"  # client role -> role that it includes
    CLIENT_COMPOSITE_CLIENT_ROLE = "client-composite-client-role"  # client role -> client role
    COMPOSITE = "composite"  # role -> role that it includes
    COMPOSITE_CLIENT_ROLE = "composite-client-role"  # role -> client role that it includes
    DEFAULT_ROLE = "default-role"  # person -> default role of the realm
    ENTITLEMENT = "entitlement"  # person, group or service account -> entitlement
    GROUP_CLIENT_ROLE = "group-client-role"  # group -> client role
    GROUP_ROLE = "group-role"  # group -> role
    MEMBERSHIP = "membership"  # person -> group
    ORGANIZATION_GROUP_CLIENT_ROLE = "organization-group-client-role"  # group of one -> client role
    ORGANIZATION_GROUP_MEMBER = "organization-group-member"  # person -> group of an organization
    ORGANIZATION_GROUP_ROLE = "organization-group-role"  # group of an organization -> role
    PARENT = "parent"  # group -> the group it stands in, whose roles its members have too
    PERSON_CLIENT_ROLE = "person-client-role"  # person -> client role
    PERSON_ROLE = "person-role"  # person -> role
    SERVICE_CLIENT_ROLE = "service-client-role"  # service account -> client role
    SERVICE_MEMBERSHIP = "service-membership"  # service account -> group
    SERVICE_ROLE = "service-role"  # service account -> role


# Keycloak 26.7 keeps these links and gives their roles to nobody: no member of such a group has them, neither
# effectively nor in a token (docs/keycloak-facts.md). They are shown, and no right is reached along them.
INERT = frozenset({EdgeKind.ORGANIZATION_GROUP_ROLE, EdgeKind.ORGANIZATION_GROUP_CLIENT_ROLE})
WHY_INERT = "Keycloak 26.7 gives the roles of organization groups to nobody."


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

    @property
    def confers(self) -> bool:
        """Tell whether who reaches the source reaches the target by this edge."""
        return self.kind not in INERT

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


def client_role(client: str, name: str) -> Node:
    return Node(NodeKind.CLIENT_ROLE, f"{client}/{name}")


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
            return Address(
                Kind.ENTITLEMENT, (_CARRIERS[edge.source.kind], edge.source.name, edge.target.name)
            )
        case EdgeKind.ORGANIZATION_GROUP_MEMBER:
            return Address(Kind(edge.kind.value), (*_path_of(edge.target), *_path_of(edge.source)))
        case _:
            return Address(Kind(edge.kind.value), (*_path_of(edge.source), *_path_of(edge.target)))


def parents_of(name: str) -> tuple[str, ...]:
    """Return the groups that a group stands in, nearest first: `a/b/c` stands in `a/b` and `a`."""
    parts = name.split("/")
    return tuple("/".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))


def node_of(thing: Address) -> Node | None:
    """Return what a thing is in the graph, or None where it plays no part in it. A client stands for its
    service account.
    """
    match thing.kind:
        case Kind.CLIENT_ROLE:
            return client_role(*thing.path)
        case Kind.ORGANIZATION_GROUP:
            return Node(NodeKind.ORGANIZATION_GROUP, "//".join(thing.path))
        case Kind.CLIENT:
            return Node(NodeKind.SERVICE_ACCOUNT, thing.path[0])
        case Kind.PERSON | Kind.GROUP | Kind.ROLE:
            return Node(NodeKind(thing.kind.value), thing.path[0])
    return None


def _path_of(node: Node) -> tuple[str, ...]:
    """Return the parts of a path that name a node."""
    if node.kind is NodeKind.CLIENT_ROLE:
        client, _, name = node.name.rpartition("/")
        return client, name
    if node.kind is NodeKind.ORGANIZATION_GROUP:
        organization, _, name = node.name.partition("//")
        return organization, name
    return (node.name,)


def _untold(_: Address) -> Provenance:
    return Provenance()


def _linked(state: State, told: ProvenanceOf) -> Iterator[Edge]:
    for resource in state:
        found = ends_of(resource.address)
        if found is not None:
            yield Edge(*found, told(resource.address))


def ends_of(address: Address) -> Ends | None:
    """Return who has and what is had by an address, or None when it is no such link. See `INERT`."""
    if address.kind.value not in _GIVING:
        return None
    kind = EdgeKind(address.kind.value)
    if kind is EdgeKind.ENTITLEMENT:
        holder = node_of(ends(address)[0][1])
        return (holder, entitlement(address.path[2]), kind) if holder is not None else None
    nodes = [node for _, end in ends(address) if (node := node_of(end))]
    if kind is EdgeKind.ORGANIZATION_GROUP_MEMBER:
        nodes.reverse()
    return nodes[0], nodes[-1], kind


# What an entitlement's path calls its holder.
_CARRIERS = {
    NodeKind.PERSON: Kind.PERSON.value,
    NodeKind.GROUP: Kind.GROUP.value,
    NodeKind.SERVICE_ACCOUNT: Kind.CLIENT.value,
}
_GIVING = {kind.value for kind in EdgeKind} - {EdgeKind.PARENT.value, EdgeKind.DEFAULT_ROLE.value}


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
