"""Answers found the slow and obvious way, from bare edges, to compare the graph's answers with."""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import combinations

from console.graph.edges import Edge, Node

Route = tuple[Edge, ...]


def reached(edges: Collection[Edge], start: Node) -> frozenset[Node]:
    """Return what edges lead to, by going over all of them until nothing is added."""
    found = {start}
    while True:
        more = {edge.target for edge in edges if edge.source in found} - found
        if not more:
            return frozenset(found)
        found |= more


def rights(edges: Collection[Edge], subject: Node) -> frozenset[Node]:
    return frozenset(node for node in reached(edges, subject) if node.is_right and node != subject)


def routes(edges: Collection[Edge], subject: Node, right: Node) -> list[Route]:
    """Return every route without a node twice, by length and then by edges."""
    found = _continued(edges, (), subject, right) if subject != right else iter(())
    return sorted(found, key=lambda route: (len(route), route))


def smallest_cuts(
    edges: Collection[Edge], subject: Node, right: Node, removable: Callable[[Edge], bool]
) -> list[frozenset[Edge]]:
    """Return every cut of the smallest size, by trying all sets of removable edges; empty: impossible."""
    candidates = [edge for edge in edges if removable(edge)]
    for size in range(len(candidates) + 1):
        cuts = [
            frozenset(some) for some in combinations(candidates, size) if _cuts(edges, some, subject, right)
        ]
        if cuts:
            return cuts
    return []


def _cuts(edges: Iterable[Edge], some: Iterable[Edge], subject: Node, right: Node) -> bool:
    return right not in reached(set(edges) - set(some), subject)


def _continued(edges: Collection[Edge], route: Route, at: Node, right: Node) -> Iterator[Route]:
    if at == right:
        yield route
        return
    visited = {edge.source for edge in route}
    for edge in edges:
        if edge.source == at and edge.target not in visited:
            yield from _continued(edges, (*route, edge), edge.target, right)
