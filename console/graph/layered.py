"""A graph that stands on another one: a few people on the structure of a large realm.

Nothing of the structure is copied or sorted again, and what it has calculated counts here too.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from console.graph.closure import Adjacency, Graph
from console.graph.edges import Edge, Node, NodeKind, rank

Value = TypeVar("Value")


def layered(base: Graph, edges: Iterable[Edge]) -> Graph:
    """Return a graph of both; a plain one of all edges where some of these change the base itself."""
    further = [edge for edge in edges if edge not in base.edge_set]
    if any(edge.source in base.leaving for edge in further):
        return Graph((*base.edges, *further))
    return Layered(base, further)


class Layered(Graph):
    """The edges of a base and further ones. None of these may leave a node out of which the base leads."""

    def __init__(self, base: Graph, edges: Iterable[Edge]) -> None:
        """Keep the further edges. Raises ValueError for one that leaves a node of the base."""
        self._base = base
        self._own = Graph(edge for edge in edges if edge not in base.edge_set)
        if any(node in base.leaving for node in self._own.leaving):
            raise ValueError("Such an edge changes the base itself: make one graph of all edges.")

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        return tuple(sorted((*self._base.edges, *self._own.edges), key=rank))

    def changed(self, *, adds: Iterable[Edge] = (), removes: Iterable[Edge] = ()) -> Graph:
        """Return both with some edges more and some less: on the same base where that stays as it is."""
        less = frozenset(removes)
        if less & self._base.edge_set:
            return super().changed(adds=adds, removes=less)
        return layered(self._base, (*(edge for edge in self._own.edges if edge not in less), *adds))

    @cached_property
    def edge_set(self) -> frozenset[Edge]:
        return self._base.edge_set | self._own.edge_set

    @cached_property
    def leaving(self) -> Adjacency:
        return _Joined(self._own.leaving, self._base.leaving)

    @cached_property
    def entering(self) -> Adjacency:
        return _Joined(self._own.entering, self._base.entering)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(sorted({*self._base.nodes, *self._own.nodes}))

    @cached_property
    def rights(self) -> tuple[Node, ...]:
        return tuple(sorted(self._order))

    @cached_property
    def _order(self) -> tuple[Node, ...]:
        further = (one for one in self._own.rights if one not in self._base._places)
        return (*self._base._order, *further)

    @cached_property
    def _places(self) -> Mapping[Node, int]:
        here = len(self._base._order)
        further = {right: here + place for place, right in enumerate(self._order[here:])}
        return _Over(further, self._base._places)

    @cached_property
    def _kept(self) -> Mapping[Node, int]:
        """What the further nodes reach, over what the base has kept."""
        inner = [
            one for one in self._own.nodes if one.kind is not NodeKind.PERSON and one not in self._base._kept
        ]
        kept = {one: 1 << self._places[one] if one.is_right else 0 for one in inner}
        joined = _Over(kept, self._base._kept)
        changed = True
        while changed:
            changed = False
            for node in inner:
                grown = kept[node]
                for edge in self._own.leaving.get(node, ()):
                    grown |= joined[edge.target]
                changed |= grown != kept[node]
                kept[node] = grown
        return joined


class _Over(Mapping[Node, Value], Generic[Value]):
    """One mapping over another: what the first has not, the second says."""

    def __init__(self, first: Mapping[Node, Value], second: Mapping[Node, Value]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, node: Node) -> Value:
        found = self._first.get(node)
        return found if found is not None else self._second[node]

    def get(self, node: Node, default: Value | None = None) -> Value | None:  # type: ignore[override]
        found = self._first.get(node)
        return found if found is not None else self._second.get(node, default)

    def __iter__(self) -> Iterator[Node]:
        yield from self._second
        yield from (one for one in self._first if one not in self._second)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, node: object) -> bool:
        return node in self._first or node in self._second


class _Joined(_Over[tuple[Edge, ...]]):
    """The edges at a node, of both."""

    def __getitem__(self, node: Node) -> tuple[Edge, ...]:
        found = self.get(node, ())
        if not found:
            raise KeyError(node)
        return found

    def get(self, node: Node, default: tuple[Edge, ...] | None = None) -> tuple[Edge, ...]:  # type: ignore[override]
        own, base = self._first.get(node), self._second.get(node)
        if own and base:
            return tuple(sorted((*own, *base), key=rank))
        return own or base or default or ()
