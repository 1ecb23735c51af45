"""What the console declares beside what Keycloak has: cells and edges that differ."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from console.graph.closure import Graph
from console.graph.edges import Edge, Node


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One cell whose answer differs: exactly one of `declared` and `live` is true."""

    subject: Node
    right: Node
    declared: bool
    live: bool


def compare(
    declared: Graph, live: Graph, subjects: Iterable[Node], rights: Iterable[Node]
) -> tuple[Difference, ...]:
    """Return the cells of subjects and rights where the two graphs answer differently, sorted."""
    asked, shown = tuple(subjects), frozenset(rights)
    ours, theirs = declared.rights_of_all(asked), live.rights_of_all(asked)
    return tuple(
        sorted(
            Difference(subject, right, right in ours[subject], right in theirs[subject])
            for subject in dict.fromkeys(asked)
            for right in (ours[subject] ^ theirs[subject]) & shown
        )
    )


def merged(declared: Graph, live: Graph) -> Graph:
    """Return the edges of both graphs, each saying whether it is declared, live, or both.

    An edge that both have keeps what the console tells of it: since when, by whom, why.
    """
    ours = (_placed(edge, declared=True, live=edge in live.edge_set) for edge in declared.edges)
    theirs = (_placed(edge, declared=False, live=True) for edge in live.edges)
    return Graph([*ours, *theirs])  # of equal edges the first counts


def _placed(edge: Edge, *, declared: bool, live: bool) -> Edge:
    return replace(edge, provenance=replace(edge.provenance, declared=declared, live=live))
