"""What a change does to people: who gains a right, who loses one, and who keeps it by another path."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from console.graph.closure import Graph
from console.graph.edges import Edge, Node
from console.graph.paths import Between, Path, shortest

Rights = Mapping[Node, AbstractSet[Node]]  # by person
Holders = Mapping[Node, AbstractSet[Node]]  # by right


class ChangeKind(StrEnum):
    GAINED = "gained"
    KEPT = "kept"
    LOST = "lost"


@dataclass(frozen=True)
class Change:
    """One right, and the people for whom it changes, sorted.

    `through` is a shortest path of the first of them: to what is gained or kept as it is after the
    change, to what is lost as it was before. `path_of` answers for the others.
    """

    right: Node
    kind: ChangeKind
    people: tuple[Node, ...]
    through: Path


@dataclass(frozen=True)
class Impact:
    """A change's effect, by right. `kept` names who reached a right over a removed edge and still has it."""

    gained: tuple[Change, ...]
    lost: tuple[Change, ...]
    kept: tuple[Change, ...]

    @property
    def gainers(self) -> frozenset[Node]:
        return _people_in(self.gained)

    @property
    def losers(self) -> frozenset[Node]:
        return _people_in(self.lost)

    @property
    def both(self) -> frozenset[Node]:
        """The people who gain one right and lose another."""
        return self.gainers & self.losers

    @property
    def affected(self) -> frozenset[Node]:
        return self.gainers | self.losers

    @property
    def is_empty(self) -> bool:
        """Nobody gains or loses anything."""
        return not self.gained and not self.lost


def impact(before: Graph, after: Graph, subjects: Iterable[Node] | None = None) -> Impact:
    """Return who gains, loses and keeps what between two graphs.

    Only people who reach an end of a changed edge are looked at, so the cost follows the change and
    not the size of the realm. `subjects` narrows the answer to these people.
    """
    removed, added = before.edge_set - after.edge_set, after.edge_set - before.edge_set
    people = _touched(before, removed) | _touched(after, added)
    if subjects is not None:
        people &= frozenset(subjects)
    had, have = before.rights_of_all(people), after.rights_of_all(people)
    return Impact(
        gained=_changes(ChangeKind.GAINED, _by_right({one: have[one] - had[one] for one in people}), after),
        lost=_changes(ChangeKind.LOST, _by_right({one: had[one] - have[one] for one in people}), before),
        kept=_changes(ChangeKind.KEPT, _kept(before, removed, have), after),
    )


def kept(graph: Graph, subject: Node, right: Node, removed: Iterable[Edge]) -> Path | None:
    """Return a path by which the right stays when these edges go, or None: it would be lost.

    None as well where the subject does not have the right at all.
    """
    return shortest(graph, subject, right, without=frozenset(removed))


def path_of(change: Change, subject: Node, *, before: Graph, after: Graph) -> Path | None:
    """Return one person's own shortest path for a change, or None for who is not in it."""
    if subject not in change.people:
        return None
    return shortest(before if change.kind is ChangeKind.LOST else after, subject, change.right)


def _touched(graph: Graph, edges: Iterable[Edge]) -> frozenset[Node]:
    """Return the people who reach the source of one of the edges."""
    sources = {edge.source for edge in edges}
    return frozenset(holder for source in sources for holder in graph.holders_of(source))


def _kept(before: Graph, removed: Iterable[Edge], have: Rights) -> Holders:
    """Return, by right, who reached it over a removed edge and has it all the same."""
    found: defaultdict[Node, set[Node]] = defaultdict(set)
    for edge in removed:
        rights = frozenset(node for node in before.downstream_of(edge.target) if node.is_right)
        for one in before.holders_of(edge.source) & have.keys():
            for right in rights & have[one]:
                found[right].add(one)
    return found


def _by_right(rights: Rights) -> Holders:
    found: defaultdict[Node, set[Node]] = defaultdict(set)
    for one, several in rights.items():
        for right in several:
            found[right].add(one)
    return found


def _changes(kind: ChangeKind, holders: Holders, graph: Graph) -> tuple[Change, ...]:
    return tuple(_change(kind, right, sorted(holders[right]), graph) for right in sorted(holders))


def _change(kind: ChangeKind, right: Node, people: list[Node], graph: Graph) -> Change:
    through = next(Between(graph, people[0], right).walk())
    return Change(right, kind, tuple(people), through)


def _people_in(changes: Iterable[Change]) -> frozenset[Node]:
    return frozenset(one for change in changes for one in change.people)
