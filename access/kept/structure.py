"""The structure of a realm: everything but what single people are in and have, in four views.

Kept in the process under its stamp. Stamps are never used twice, so a structure that is found is right.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from access.kept.reading import Part, Read, Told
from console.engine.kinds import ends
from console.engine.state import Address, Kind, Resource, State
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, Origin, Provenance, ProvenanceOf, edges_of
from console.sync.impact import Pending

MOST_KEPT = 64  # structures in one process
# Things of which it is known whether they are declared: a touched one that is not is to be taken away.
THINGS = frozenset(
    {Kind.CLIENT, Kind.CLIENT_ROLE, Kind.CLIENT_SCOPE, Kind.GROUP, Kind.ORGANIZATION}
    | {Kind.IDENTITY_PROVIDER, Kind.ORGANIZATION_GROUP, Kind.PERSON, Kind.ROLE}
)


@dataclass(frozen=True, kw_only=True)
class Around:
    """What of a structure bears on the links of single people: what waits, what goes, what newcomers get."""

    waiting: Mapping[Address, Address | None]
    gone: frozenset[Address]
    default_groups: frozenset[Address]

    def as_json(self) -> dict[str, Any]:
        return {
            "waiting": {address.key: was.key if was else "" for address, was in self.waiting.items()},
            "gone": sorted(one.key for one in self.gone),
            "default_groups": sorted(one.key for one in self.default_groups),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Around":
        parse = Address.parse
        return cls(
            waiting={parse(one): parse(was) if was else None for one, was in kept["waiting"].items()},
            gone=frozenset(map(parse, kept["gone"])),
            default_groups=frozenset(map(parse, kept["default_groups"])),
        )


@dataclass(frozen=True)
class Structure:
    """What one realm consists of at one moment. `was_read`: Keycloak was wholly read before."""

    part: Part
    was_read: bool

    @cached_property
    def graph(self) -> Graph:
        """Everything that is declared or in Keycloak, each edge with where it comes from."""
        told = provenance_of(self.part.declared, self.part.seen, was_read=self.was_read)
        return Graph(edges_of(state_of(self.part, {*self.part.declared, *self.part.seen}), told))

    @cached_property
    def declared(self) -> Graph:
        return self._graph_of([edge for edge in self.graph.edges if edge.provenance.declared])

    @cached_property
    def live(self) -> Graph:
        return self._graph_of([edge for edge in self.graph.edges if edge.provenance.live is not False])

    def _graph_of(self, edges: list[Edge]) -> Graph:
        """Return a graph of some edges; the same one where they are all there are."""
        return self.graph if len(edges) == len(self.graph.edges) else Graph(edges)

    @cached_property
    def differing(self) -> frozenset[Node]:
        """From where something is reached that is only declared, or only in Keycloak."""
        told = ((edge.source, edge.provenance) for edge in self.graph.edges)
        starts = {source for source, one in told if not one.declared or one.live is False}
        return self.graph.upstream_of(*starts) if starts else frozenset()

    @cached_property
    def roles(self) -> frozenset[Node]:
        """The roles of the realm that are declared."""
        return frozenset(Node(NodeKind.ROLE, one.path[0]) for one in self.part.named if one.kind is Kind.ROLE)

    @cached_property
    def settled(self) -> Graph:
        """What is declared, and what is only in Keycloak and does not wait to be taken away."""
        seen = once_applied(self.part.seen, pending_of(self.part.waiting), self.around.gone)
        if seen == self.part.seen and not self._is_open_only_there:
            return self.graph
        return Graph(edges_of(state_of(self.part, {*self.part.declared, *seen})))

    @cached_property
    def around(self) -> Around:
        waiting, things = self.part.waiting, {*self.part.declared, *self.part.named}
        gone = gone_of(waiting, things)
        seen = once_applied(_groups_for_new(self.part.seen), pending_of(waiting), gone)
        groups = frozenset(seen | _groups_for_new(self.part.declared))
        return Around(waiting=waiting, gone=gone, default_groups=groups)

    @cached_property
    def default_groups(self) -> frozenset[Address]:
        """The groups that newcomers join now: `around` has those once what waits is applied."""
        return frozenset(_groups_for_new(self.part.declared) | _groups_for_new(self.part.seen))

    @cached_property
    def is_open(self) -> bool:
        """Say whether signing in gives something, now or once all is applied, so that people sign in."""
        edges = (*self.graph.edges, *self.settled.edges)
        return any(edge.kind is EdgeKind.UNRESTRICTED_SCOPE for edge in edges)

    @cached_property
    def _is_open_only_there(self) -> bool:
        """Say whether Keycloak still gives a scope to everybody that is declared for some."""
        kind = EdgeKind.UNRESTRICTED_SCOPE
        return any(edge.kind is kind and not edge.provenance.declared for edge in self.graph.edges)


class _Kept:
    """The structures of this process, the least used dropped first."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[int, str, bool], Structure] = OrderedDict()
        self._lock = Lock()

    def get(self, scope: int, stamp: str, *, was_read: bool) -> Structure | None:
        with self._lock:
            found = self._found.get((scope, stamp, was_read))
            if found is not None:
                self._found.move_to_end((scope, stamp, was_read))
            return found

    def newest(self, scope: int) -> tuple[str, Structure] | None:
        """Return the structure of a realm that was kept last, with its stamp: it may have moved since."""
        with self._lock:
            keys = [key for key in self._found if key[0] == scope]
            return (keys[-1][1], self._found[keys[-1]]) if keys else None

    def put(self, scope: int, stamp: str, structure: Structure) -> None:
        with self._lock:
            for key in [key for key in self._found if key[0] == scope]:
                del self._found[key]
            self._found[scope, stamp, structure.was_read] = structure
            while len(self._found) > MOST_KEPT:
                self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


KEPT = _Kept()


def structure_from(found: Read, *, was_read: bool) -> Structure:
    """Return the structure that a statement read."""
    return Structure(part=found.structure, was_read=was_read)


def _groups_for_new(addresses: Collection[Address]) -> set[Address]:
    return {one for one in addresses if one.kind is Kind.DEFAULT_GROUP}


# --- from addresses to edges ---------------------------------------------------------------------------


def provenance_of(
    declared: Mapping[Address, Told], seen: Container[Address], *, was_read: bool
) -> ProvenanceOf:
    """Return what tells of an address where it comes from, and whether Keycloak had it."""

    def told(address: Address) -> Provenance:
        live = address in seen if was_read else None
        found = declared.get(address)
        if found is None:
            return Provenance(source=Origin.KEYCLOAK, declared=False, live=live)
        since, by, reason = found
        return Provenance(source=Origin.CONSOLE, since=since, by=by, reason=reason, live=live)

    return told


def state_of(part: Part, addresses: Collection[Address]) -> State:
    return State.of(Resource(one, part.fields.get(one, {})) for one in addresses)


def pending_of(*waiting: Mapping[Address, Address | None]) -> Pending:
    """Return what waits to be applied."""
    rows = {address: was for some in waiting for address, was in some.items()}
    return Pending(frozenset(rows), {new: was for new, was in rows.items() if was})


def gone_of(waiting: Collection[Address], declared: Collection[Address]) -> frozenset[Address]:
    return frozenset(one for one in waiting if one.kind in THINGS and one not in declared)


def once_applied(seen: set[Address], pending: Pending, gone: Collection[Address]) -> set[Address]:
    """Return what Keycloak will have of this: renamed, and without what waits to be taken away."""
    if pending.renames:
        renamed: Callable[[Address], Address] = pending.renamed
        seen = {renamed(address) for address in seen}
    if gone:
        seen = {one for one in seen if one not in gone and not _names(one, gone)}
    return seen - pending.addresses if pending.addresses else seen


def _names(address: Address, gone: Collection[Address]) -> bool:
    """Say whether an address is of something that goes, however deep inside it."""
    return any(end in gone or _names(end, gone) for _, end in ends(address))
