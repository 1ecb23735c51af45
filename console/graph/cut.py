"""The fewest grants that must go so that a subject no longer has a right."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, address_of
from console.graph.nodes import may_carry
from console.graph.paths import Between

Removable = Callable[[Edge], bool]
_OPENING = frozenset({EdgeKind.SCOPE_ROLE, EdgeKind.SCOPE_CLIENT_ROLE})
Step = tuple[Edge, int]  # an edge, and 1 along it or -1 against it


def is_removable(edge: Edge) -> bool:
    """Say whether a change can take this edge away: a group's place in its parent is none of these.

    Nor is a role that is mapped to a scope: without the last one everybody has the scope.
    """
    return edge.kind not in _OPENING and address_of(edge) is not None


def minimal_cut(
    graph: Graph, subject: Node, right: Node, removable: Removable = is_removable
) -> tuple[Edge, ...] | None:
    """Return the fewest removable edges whose removal takes the right from the subject, sorted.

    Empty where the subject does not have the right; None where some path has no removable edge.
    No part of the answer is enough by itself. Of several smallest answers it is the one nearest
    to the subject, because what is nearer to it touches fewer others.
    Method: as many paths as can be without a common removable edge (Edmonds and Karp); the edges
    that leave what is still reached then are the smallest cut nearest to the subject.
    """
    between = Between(graph, subject, right)
    if subject == right or subject not in between.onward:
        return ()
    fixed = Graph(edge for edges in between.onward.values() for edge in edges if not removable(edge))
    if fixed.reaches(subject, right):
        return None
    flow = _Flow(between, removable)
    while (steps := flow.augmenting()) is not None:
        flow.add(steps)
    return tuple(sorted(flow.border()))


def cut_of_all(
    graph: Graph, subject: Node, rights: Iterable[Node], removable: Removable = is_removable
) -> tuple[Edge, ...] | None:
    """Return the same for several rights at once: after it the subject has none of them."""
    reached = graph.downstream_of(subject)
    held = [one for one in rights if one in reached and may_carry(subject, one)]
    edges = [edge for node in reached for edge in graph.leaving.get(node, ())]
    ends = [Edge(one, _END, EdgeKind.PARENT) for one in held]
    return minimal_cut(Graph((*edges, *ends)), subject, _END, removable)


_END = Node(NodeKind.SCOPE, "\0")  # where all of several rights lead to; nothing else has this name


class _Flow:
    """A flow from the subject to the right: one unit fits through each removable edge."""

    def __init__(self, between: Between, removable: Removable) -> None:
        self._between = between
        self._removable = removable
        self._units: dict[Edge, int] = {}
        self._inward: dict[Node, list[Edge]] = {}
        for edges in between.onward.values():
            for edge in edges:
                self._inward.setdefault(edge.target, []).append(edge)

    def augmenting(self) -> tuple[Step, ...] | None:
        """Return the shortest way by which one more unit can flow, or None."""
        came_by = self._search()
        node, steps = self._between.right, list[Step]()
        if node not in came_by:
            return None
        while (step := came_by[node]) is not None:
            steps.append(step)
            node = step[0].source if step[1] == 1 else step[0].target
        return tuple(reversed(steps))

    def add(self, steps: tuple[Step, ...]) -> None:
        for edge, way in steps:
            self._units[edge] = self._units.get(edge, 0) + way

    def border(self) -> set[Edge]:
        """Return the edges from what the subject still reaches to what it does not."""
        near = self._search().keys()
        onward = self._between.onward
        return {edge for node in near for edge in onward[node] if edge.target not in near}

    def _search(self) -> Mapping[Node, Step | None]:
        """Return each node that one more unit can reach, with the step by which it came there."""
        came_by: dict[Node, Step | None] = {self._between.subject: None}
        waiting = deque(came_by)
        while waiting:
            node = waiting.popleft()
            for step in self._open_steps(node):
                end = step[0].target if step[1] == 1 else step[0].source
                if end not in came_by:
                    came_by[end] = step
                    waiting.append(end)
        return came_by

    def _open_steps(self, node: Node) -> list[Step]:
        forward = [edge for edge in self._between.onward[node] if self._has_room(edge)]
        backward = [edge for edge in self._inward.get(node, ()) if self._units.get(edge, 0) > 0]
        return [*((edge, 1) for edge in forward), *((edge, -1) for edge in backward)]

    def _has_room(self, edge: Edge) -> bool:
        return not self._removable(edge) or self._units.get(edge, 0) == 0
