"""What nodes reach by the kept rows, held in this process as far as it was read: for one that has no graph.

Held under the stamp of the rows. Stamps are never used twice, so what is held is right wherever it is found.
"""

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

from access.kept.rows import kept_texts, node_from, text_of
from console.graph.closure import Graph
from console.graph.edges import Node

MOST_REALMS = 64
MOST_NODES = 50_000  # of one realm; who asks may name what is not there


class Reached(Graph):
    """The nodes that were asked about so far, each with what it reaches. There are no edges."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[Node, int] = {}
        self._order: list[Node] = []  # type: ignore[assignment]
        self._by_text: dict[str, int] = {}
        self._lock = Lock()

    def missing(self, nodes: Collection[Node]) -> list[Node]:
        return [one for one in nodes if one not in self._kept]

    def learn(self, nodes: Collection[Node], texts: dict[str, list[str]]) -> None:
        """Take what was read of some nodes; of which there is no row, that reaches nothing."""
        with self._lock:
            for node in nodes:
                text, bits = text_of(node), 0
                for one in texts.get(text, ()):
                    bits |= self._bit(one)
                self._kept[node] = bits | (self._bit(text) if node.is_right else 0)

    @property
    def is_full(self) -> bool:
        return len(self._kept) > MOST_NODES

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


def reached(scope: int, stamp: str, nodes: Collection[Node]) -> Reached | None:
    """Return what knows what these reach; None where the rows are no longer of this stamp.

    One query, and none where all of them were asked about before.
    """
    found = HELD.of(scope, stamp)
    missing = found.missing(nodes)
    if missing:
        texts = kept_texts(scope, stamp, missing)
        if texts is None:
            return None
        found.learn(missing, texts)
    return found
