"""What nodes reach, held in this process as far as it was asked about: as numbers, by the nodes' texts.

From the structure where this process has it, else from the kept rows. Held under the stamp of both. Stamps
are never used twice, so what is held is right wherever it is found.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from threading import Lock

from access.kept.holdings import way_of
from access.kept.rows import kept_texts, node_from, text_of
from access.kept.structure import Structure
from console.graph.closure import Graph
from console.graph.edges import Node

MOST_REALMS = 64
MOST_NODES = 50_000  # of one realm; who asks may name what is not there


class Reached(Graph):
    """The nodes that were asked about so far, each with what it reaches. There are no edges."""

    def __init__(self) -> None:
        super().__init__()
        self._nodes: dict[str, int] = {}
        self._bits: dict[str, int] = {}  # of nodes with what counts together with them
        self._order: list[Node] = []  # type: ignore[assignment]
        self._by_text: dict[str, int] = {}
        self._lock = Lock()

    def missing(self, starts: Iterable[str]) -> list[str]:
        """Return the nodes that must be learnt before it is known what these reach."""
        known, unknown = self._bits, set[str]()
        for one in starts:
            if one not in known:
                unknown.update(way_of(one))
        return [one for one in unknown if one not in self._nodes]

    def learn(self, nodes: Iterable[str], texts: Mapping[str, Iterable[str]]) -> None:
        """Take what was read of some nodes; of which there is nothing, that reaches nothing."""
        with self._lock:
            for node in nodes:
                bits = self._bit(node) if node_from(node).is_right else 0
                for one in texts.get(node, ()):
                    bits |= self._bit(one)
                self._nodes[node] = bits

    def rights_at(self, starts: Iterable[str]) -> frozenset[Node]:
        """Return the rights of whoever has or is in all of these, of which nothing is missing."""
        bits, known = 0, self._bits
        for one in starts:
            found = known.get(one)
            bits |= self._joined(one) if found is None else found
        return self._set_of(bits)

    def _joined(self, start: str) -> int:
        bits = 0
        for node in way_of(start):
            bits |= self._nodes[node]
        self._bits[start] = bits
        return bits

    @property
    def is_full(self) -> bool:
        return len(self._nodes) > MOST_NODES

    def _bit(self, text: str) -> int:
        if text not in self._by_text:
            self._order.append(node_from(text))
            self._by_text[text] = len(self._order) - 1
        return 1 << self._by_text[text]


class _Held:
    """By scope the stamp and what is held for it, the least used dropped first."""

    def __init__(self) -> None:
        self._found: OrderedDict[int, tuple[str, Reached]] = OrderedDict()
        self._lock = Lock()

    def of(self, scope: int, stamp: str) -> Reached:
        with self._lock:
            held, found = self._found.pop(scope, ("", None))
            if found is None or held != stamp or found.is_full:
                found = Reached()
            self._found[scope] = stamp, found
            while len(self._found) > MOST_REALMS:
                self._found.popitem(last=False)
            return found

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


HELD = _Held()


def reached(
    scope: int, stamp: str, starts: Collection[str], structure: Structure | None = None
) -> Reached | None:
    """Return what knows what these reach; None where there is no structure, and no rows of this stamp.

    One query at most, and none with the structure, or where all of them were asked about before.
    """
    found = HELD.of(scope, stamp)
    missing = found.missing(starts)
    if missing:
        texts = _reached_in(structure, missing) if structure else kept_texts(scope, stamp, missing)
        if texts is None:
            return None
        found.learn(missing, texts)
    return found


def _reached_in(structure: Structure, nodes: Iterable[str]) -> dict[str, list[str]]:
    graph = structure.settled
    return {one: [text_of(right) for right in graph.rights_from([node_from(one)])] for one in nodes}
