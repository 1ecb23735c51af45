"""Two of a kind side by side: what one has and the other has not, and by which way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access.explain import Names
from access.matrix.asked import Asked, Show, View
from access.matrix.columns import node_of
from access.matrix.grid import Cell, Column, Mark
from access.matrix.opened import capability_of
from access.matrix.page import matrix_of
from access.matrix.part import Part, columns_of
from access.matrix.rows import Subject, matrix_url
from console.graph.decisions import over
from console.graph.edges import Node
from console.graph.paths import shortest
from tenants.models import Tenant

SHOWN = 300  # lines of one turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that at least one of two has. `way` is how the one comes to it that has it, or has more."""

    title: str
    group: str
    left: Cell
    right: Cell
    way: tuple[str, ...] = ()
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines of one turn, with what it is called: the first of them, and how many there are."""

    key: str
    title: str
    lines: tuple[Line, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both names, and everything that either has, by who has it."""

    left: str
    right: str
    sections: tuple[Section, ...]
    read_at: datetime | None
    unreadable: dict[str, str]

    @property
    def differing(self) -> int:
        return sum(one.count for one in self.sections if one.key != "both")


def compared(tenant: Tenant, view: View, first: Any, second: Any, *, most: int | None = SHOWN) -> Comparison:
    """Return two rows of the database side by side; the same number of queries for any two.

    Of each turn at most so many lines, all with None.
    """
    asked = Asked(view=view)
    parts = [matrix_of(tenant, replace(asked, show=show)) for show in (Show.CAPABILITIES, Show.RIGHTS)]
    shown = [matrix.part((first, second)) for matrix in _different(parts)]
    left, right = shown[0].shown
    lines = [line for part in shown for line in _Sides(tenant, part).lines()]
    names = tuple(part_name(shown[0], one) for one in (left, right))
    return Comparison(
        left=names[0],
        right=names[1],
        sections=sections_of(names, lines, most=most),
        read_at=shown[0].access.read_at,
        unreadable=shown[0].access.unreadable,
    )


def _different(parts: Iterable[Any]) -> list[Any]:
    """Return one matrix for each kind of columns: without capabilities both would show rights."""
    return list({one.show: one for one in parts}.values())


def part_name(part: Part, subject: Subject) -> str:
    return part.matrix.catalogue.titles.get(subject.node.name, "") or subject.name


def sections_of(names: tuple[str, ...], lines: Iterable[Line], *, most: int | None) -> tuple[Section, ...]:
    """Return the lines by who has what, without sections that are empty."""
    found: dict[str, list[Line]] = {"left": [], "right": [], "differing": [], "both": []}
    for line in lines:
        found[_turn(line)].append(line)
    titles = {
        "left": f"Only {names[0]}",
        "right": f"Only {names[1]}",
        "differing": "Both, and not alike",
        "both": "Both alike",
    }
    return tuple(
        Section(key=key, title=titles[key], lines=tuple(some[:most]), count=len(some))
        for key, some in found.items()
        if some
    )


def _turn(line: Line) -> str:
    if line.left.mark.opens != line.right.mark.opens:
        return "left" if line.left.mark.opens else "right"
    same = (line.left.mark, line.left.text) == (line.right.mark, line.right.text)
    return "both" if same else "differing"


def _with_itself(subject: Subject, cell: Cell, column: Column) -> Cell:
    """Return the cell of a role: what includes it is had by itself, too."""
    return Cell(Mark.ALLOWED) if node_of(column.key) == subject.node else cell


class _Sides:
    """The two rows of a part: their cells, and how they come to what they have."""

    def __init__(self, tenant: Tenant, part: Part) -> None:
        self._tenant = tenant
        self._part = part
        self._graph = part.access.graph
        self._left, self._right = part.shown
        nodes = {node for one in part.shown for node in self._graph.downstream_of(one.node)}
        self._names = Names(tenant, nodes)

    def lines(self) -> Iterator[Line]:
        columns = columns_of(self._part.groups)
        answers = self._part.answers
        pairs = zip(*(answers.cells(one.node, columns) for one in (self._left, self._right)), strict=True)
        groups = [group.label for group in self._part.groups for _ in group.columns]
        for column, group, cells in zip(columns, groups, pairs, strict=True):
            left, right = map(_with_itself, (self._left, self._right), cells, (column, column))
            if left.mark.opens or right.mark.opens or left.mark != right.mark:
                yield self._line(column, group, left, right)

    def _line(self, column: Column, group: str, left: Cell, right: Cell) -> Line:
        holder = self._left if left.mark.opens else self._right
        has_any = left.mark.opens or right.mark.opens
        return Line(
            title=column.title,
            group=group,
            left=left,
            right=right,
            way=self._way(holder.node, column) if has_any else (),
            url=matrix_url(self._tenant, holder, column.key) if holder.family is None else "",
            note=column.note,
        )

    def _way(self, subject: Node, column: Column) -> tuple[str, ...]:
        """Return what lies between somebody and a right or capability, the first of the shortest ways."""
        right = node_of(column.key) or self._giving(subject, column)
        if right is None or right == subject:
            return ()
        path = shortest(self._graph, subject, right)
        if path is None:
            return ()
        ends = path.nodes[1:] if capability_of(self._part.matrix.catalogue, column.key) else path.through
        return tuple(self._names.words(node) for node in ends) or ("directly",)

    def _giving(self, subject: Node, column: Column) -> Node | None:
        """Return the right through which somebody has a capability."""
        capability = capability_of(self._part.matrix.catalogue, column.key)
        facts = self._part.told.get(subject)
        if capability is None or facts is None:
            return None
        chains = over(self._part.matrix.answering, facts, capability.key).chains
        return next((one.right for one in chains if one.holds is not False), None)
