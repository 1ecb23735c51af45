"""Every way in which a subject has a right, shortest first: the answer to "why"."""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from console.graph.closure import Graph
from console.graph.edges import WHY_INERT, Edge, EdgeKind, Node, NodeKind
from console.graph.nodes import may_carry
from console.graph.vocabulary import COMPOSITES

COUNTED_AT_MOST = 10_000

Distances = Mapping[Node, int]


@dataclass(frozen=True, order=True)
class Path:
    """Edges from a subject to a right, each starting where the one before ended."""

    edges: tuple[Edge, ...]

    def __len__(self) -> int:
        return len(self.edges)

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.edges[0].source, *(edge.target for edge in self.edges))

    @property
    def through(self) -> tuple[Node, ...]:
        """What stands between the subject and the right; nothing for a direct grant."""
        return self.nodes[1:-1]

    @property
    def is_direct(self) -> bool:
        return len(self.edges) == 1

    @property
    def uses_group(self) -> bool:
        return any(edge.source.kind is NodeKind.GROUP for edge in self.edges)

    @property
    def uses_composite(self) -> bool:
        return any(edge.kind in COMPOSITES for edge in self.edges)

    @property
    def summary(self) -> tuple[str, ...]:
        """One sentence for each edge, from the subject to the right."""
        return tuple(sentence_of(edge) for edge in self.edges)


@dataclass(frozen=True)
class Paths:
    """The shortest paths listed, and how many there are in all.

    `capped`: composites that include each other allow more than were counted; `total` is then the
    least number there are. Without such cycles the total is exact, however large.
    """

    total: int
    capped: bool
    listed: tuple[Path, ...]

    @property
    def count_in_words(self) -> str:
        noun = "path" if self.total == 1 else "paths"
        return f"at least {self.total} {noun}" if self.capped else f"{self.total} {noun}"


def paths(graph: Graph, subject: Node, right: Node, limit: int = 50) -> Paths:
    """Return every simple path, shortest first, at most `limit` of them listed.

    Paths of the same length stand in the order of their edges, so the same graph gives the same
    answer. The number of all is exact, or at least 10,000 where it is capped.
    """
    between = Between(graph, subject, right)
    if between.is_acyclic:
        listed = _first(between.walk(), limit)
        return Paths(total=between.count(), capped=False, listed=listed)
    found = _first(between.walk(), max(limit, COUNTED_AT_MOST) + 1)
    total = min(len(found), max(limit, COUNTED_AT_MOST))
    return Paths(total=total, capped=len(found) > total, listed=found[:limit])


def shortest(
    graph: Graph, subject: Node, right: Node, without: AbstractSet[Edge] = frozenset()
) -> Path | None:
    """Return the first of all paths that uses none of the edges `without`, or None."""
    return next(Between(graph, subject, right, without).walk(), None)


def sentence_of(edge: Edge) -> str:
    """Say an edge in plain words, for the steps of the why panel."""
    source, target = edge.source.name, edge.target.name
    match edge.kind:
        case EdgeKind.MEMBERSHIP | EdgeKind.ORGANIZATION_GROUP_MEMBER:
            return f"{source} is a member of group {target}."
        case EdgeKind.SERVICE_MEMBERSHIP:
            return f"The service account of {source} is a member of group {target}."
        case EdgeKind.PARENT:
            return f"Group {source} stands in group {target} and has what that has."
        case EdgeKind.GROUP_ROLE | EdgeKind.GROUP_CLIENT_ROLE:
            return f"Group {source} gives role {target}."
        case EdgeKind.ORGANIZATION_GROUP_ROLE | EdgeKind.ORGANIZATION_GROUP_CLIENT_ROLE:
            return f"Group {source} has role {target}. {WHY_INERT}"
        case EdgeKind.SERVICE_ROLE | EdgeKind.SERVICE_CLIENT_ROLE:
            return f"The service account of {source} is assigned role {target}."
        case EdgeKind.PERSON_ROLE | EdgeKind.PERSON_CLIENT_ROLE:
            return f"{source} is assigned role {target}."
        case (
            EdgeKind.COMPOSITE
            | EdgeKind.COMPOSITE_CLIENT_ROLE
            | EdgeKind.CLIENT_COMPOSITE
            | EdgeKind.CLIENT_COMPOSITE_CLIENT_ROLE
        ):
            return f"Role {source} includes role {target}."
        case EdgeKind.DEFAULT_ROLE:
            return f"{source} has role {target}, as everybody in the realm has."
        case EdgeKind.DEFAULT_GROUP:
            return f"{source} becomes a member of group {target}, as everybody who is new."
        case EdgeKind.SIGN_IN:
            return f"{source} signs in, as everybody can."
        case EdgeKind.UNRESTRICTED_SCOPE:
            return f"Everybody has scope {target}: no role is mapped to it."
        case EdgeKind.SCOPE_ROLE | EdgeKind.SCOPE_CLIENT_ROLE:
            return f"Role {source} is mapped to scope {target}: any one of its roles suffices."
        case EdgeKind.SCOPE_INCLUDED:
            return (
                f"Role {source} is included in one that is mapped to scope {target}: Keycloak takes it, too."
            )
        case EdgeKind.CLIENT_DEFAULT_SCOPE:
            client = target.partition("/")[0]
            return f"Client {client} has scope {source} by default, so it stands in every token for it."
        case EdgeKind.MAPPED:
            return f"A mapper gives {target} to people who come through {source}."
        case EdgeKind.ENTITLEMENT:
            who = edge.source.kind.noun.capitalize()
            return f"{who} {source} is entitled to {target}."


class Between:
    """The part of a graph that lies on the way from a subject to a right.

    It is taken from the subject's side: a right may have a hundred thousand holders, while one
    subject reaches few things.
    """

    def __init__(
        self, graph: Graph, subject: Node, right: Node, without: AbstractSet[Edge] = frozenset()
    ) -> None:
        self.subject = subject
        self.right = right
        self._graph = graph
        self._without = without

    @cached_property
    def onward(self) -> Mapping[Node, tuple[Edge, ...]]:
        """The edges out of each node on the way that lead on to the right, sorted."""
        if self.subject not in self.distances or not may_carry(self.subject, self.right):
            return {}
        return {
            node: tuple(edge for edge in self._outward[node] if edge.target in self.distances)
            for node in self._outward.keys() & self.distances.keys()
        }

    @cached_property
    def distances(self) -> Distances:
        """The number of edges from each node on the way to the right."""
        return self._distances(avoiding=frozenset())

    @cached_property
    def is_acyclic(self) -> bool:
        return len(self._last_first) == len(self.onward)

    def count(self) -> int:
        """Return the exact number of paths where nothing is in a cycle, without walking them."""
        if self.subject == self.right:
            return 0
        counts = {self.right: 1}
        for node in self._last_first:
            if node != self.right:
                counts[node] = sum(counts[edge.target] for edge in self.onward[node])
        return counts.get(self.subject, 0)

    def walk(self) -> Iterator[Path]:
        """Yield every simple path, by length and then by its edges.

        Best first: a beginning waits with the length of the shortest whole path it can become, so
        none is walked that leads nowhere. Beginnings of one length are ordered by their edges.
        """
        if self.subject == self.right or self.subject not in self.onward:
            return
        heap: list[tuple[int, tuple[Edge, ...], Node]] = [(0, (), self.subject)]
        while heap:
            _, walked, node = heapq.heappop(heap)
            if node == self.right:
                yield Path(walked)
                continue
            for length, edge in self._next(walked, node):
                heapq.heappush(heap, (len(walked) + 1 + length, (*walked, edge), edge.target))

    def _next(self, walked: tuple[Edge, ...], node: Node) -> Iterator[tuple[int, Edge]]:
        """Yield the edges that continue a beginning, each with how far the right is after it."""
        left = self.distances
        if not self.is_acyclic:
            left = self._distances(avoiding=frozenset({self.subject, *(edge.target for edge in walked)}))
        return ((left[edge.target], edge) for edge in self.onward[node] if edge.target in left)

    @cached_property
    def _outward(self) -> Mapping[Node, tuple[Edge, ...]]:
        """The edges out of each node that the subject reaches. Nothing is followed past the right."""
        found: dict[Node, tuple[Edge, ...]] = {self.right: ()}
        waiting = [self.subject]
        while waiting:
            node = waiting.pop()
            if node not in found:
                leaving = self._graph.leaving.get(node, ())
                found[node] = tuple(edge for edge in leaving if edge not in self._without)
                waiting.extend(edge.target for edge in found[node])
        return found

    @cached_property
    def _inward(self) -> Mapping[Node, tuple[Edge, ...]]:
        found: defaultdict[Node, list[Edge]] = defaultdict(list)
        for edges in self._outward.values():
            for edge in edges:
                found[edge.target].append(edge)
        return {node: tuple(edges) for node, edges in found.items()}

    @cached_property
    def _last_first(self) -> tuple[Node, ...]:
        """The nodes so that each comes after all that it leads to; who leads into a cycle is left out."""
        still_open = {node: len(edges) for node, edges in self.onward.items()}
        ready = [node for node, count in still_open.items() if count == 0]
        order: list[Node] = []
        while ready:
            node = ready.pop()
            order.append(node)
            for edge in self._inward.get(node, ()):
                still_open[edge.source] -= 1
                if still_open[edge.source] == 0:
                    ready.append(edge.source)
        return tuple(order)

    def _distances(self, *, avoiding: AbstractSet[Node]) -> Distances:
        found = {self.right: 0}
        waiting = deque([self.right])
        while waiting:
            node = waiting.popleft()
            for edge in self._inward.get(node, ()):
                if edge.source not in found and edge.source not in avoiding:
                    found[edge.source] = found[node] + 1
                    waiting.append(edge.source)
        return found


def _first(found: Iterator[Path], count: int) -> tuple[Path, ...]:
    return tuple(islice(found, count))
