"""From and until when people have what a change gives them: by the times of the links on their ways."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from console.engine.state import Address
from console.graph.closure import Graph
from console.graph.edges import Edge, Node, address_of
from console.graph.impact import Change
from console.graph.paths import Path, paths

PATHS = 20
PEOPLE = 200  # of one right: as many as a plan names


@dataclass(frozen=True, slots=True)
class Times:
    """When a link begins that has not begun, and when it ends; None where it does not."""

    starts_at: datetime | None
    ends_at: datetime | None


Told = dict[str, list[str]]
Moments = list[datetime]


@dataclass(frozen=True)
class Timed:
    """A graph in which some links have a time."""

    graph: Graph
    times: Mapping[Address, Times]

    def of(self, change: Change) -> Told:
        """Return the earliest and the latest beginning and end of a right for who gains it, as ISO texts.

        A side is missing where nobody has one. A right with any way that lasts has no end, and so has one
        that somebody else gains for ever: then only the earliest end stands there.
        """
        if not self.times:
            return {}
        ways = [self._ways(one, change.right) for one in change.people[:PEOPLE]]
        begins = [moment for some in ways if (moment := self._begins(some))]
        ends = [self._ends(some) for some in ways]
        known = [one for one in ends if one]
        until = _span(known) if len(known) == len(ends) else _span(known)[:1]
        return {name: span for name, span in (("from", _span(begins)), ("until", until)) if span}

    def _ways(self, subject: Node, right: Node) -> tuple[Path, ...]:
        return paths(self.graph, subject, right, limit=PATHS).listed

    def _begins(self, ways: Iterable[Path]) -> datetime | None:
        """Return when the first way begins; each begins with the last of its links."""
        starts = [self._moments(way, "starts_at") for way in ways]
        return min((max(some) for some in starts), default=None) if all(starts) else None

    def _ends(self, ways: Iterable[Path]) -> datetime | None:
        """Return when the last way ends; each ends with the first of its links."""
        ends = [self._moments(way, "ends_at") for way in ways]
        return max((min(some) for some in ends), default=None) if all(ends) else None

    def _moments(self, way: Path, name: str) -> Moments:
        found = (self._by_edge.get(edge) for edge in way.edges)
        return [moment for one in found if one and (moment := getattr(one, name))]

    @cached_property
    def _by_edge(self) -> Mapping[Edge, Times]:
        edges = ((edge, address_of(edge)) for edge in self.graph.edges)
        return {edge: self.times[at] for edge, at in edges if at is not None and at in self.times}


def _span(moments: Moments) -> list[str]:
    return [min(moments).isoformat(), max(moments).isoformat()] if moments else []
