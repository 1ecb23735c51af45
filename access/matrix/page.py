"""One page of the matrix, calculated from the graph with the same number of queries whatever its size."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from access.graphs import Access, access_of
from access.matrix.asked import Asked, View
from access.matrix.columns import KEYCLOAK_ONLY, column_groups, folded, narrowed, node_of, window_of, windows
from access.matrix.grid import Cell, Column, ColumnGroup, Grid, Mark, Row, RowGroup
from access.matrix.rows import Subject, as_subject, node_of_row, subjects, usernames_of
from console.engine.state import Kind
from console.graph.closure import Graph
from console.graph.edges import Node, NodeKind, role
from console.sync.models import Observed
from tenants.models import Tenant

ROWS = 50
LINKS = frozenset({Kind.COMPOSITE, Kind.GROUP_ROLE, Kind.PERSON_ROLE, Kind.MEMBERSHIP, Kind.ENTITLEMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPage:
    """What the template shows: the grid, the page of rows, and which columns these are."""

    grid: Grid
    rows: "Page[Any]"
    window: int
    window_count: int
    columns_shown: int
    columns_all: int
    column_labels: tuple[str, ...]
    is_folded: bool
    read_at: datetime | None
    unreadable: dict[str, str]


def matrix_page(tenant: Tenant, asked: Asked, *, number: str | None) -> MatrixPage:
    """Return the page of the matrix that is asked for."""
    found: QuerySet[Any] | Sequence[Any] = subjects(tenant, asked)
    if asked.only_differences:
        found = _differing(tenant, asked, found)
    rows = Paginator(found, ROWS).get_page(number)
    shown = [as_subject(tenant, row) for row in rows]
    access = access_of(tenant.realm, people=usernames_of(shown))
    groups = column_groups(tenant, access.graph.rights)
    wanted = narrowed(groups, asked.columns)
    pages = windows(wanted)
    window = min(asked.window or window_of(pages, asked.column), len(pages))
    is_folded = len(wanted) > 1 and len(pages) > 1 and not (asked.window or asked.columns or asked.column)
    columns = (folded(wanted),) if is_folded else pages[window - 1]
    strangers = frozenset(one.node for one in shown if not one.is_declared)
    answers = Answers(_near(access, shown), _declared(groups), strangers)
    cells_of = _counting(answers, wanted) if is_folded else _answering(answers, columns)
    return MatrixPage(
        grid=Grid(columns, _row_groups(shown, groups, answers, cells_of)),
        rows=rows,
        window=window,
        window_count=len(pages),
        columns_shown=sum(len(group.columns) for group in pages[window - 1]),
        columns_all=sum(len(group.columns) for group in wanted),
        column_labels=tuple(group.label for group in groups),
        is_folded=is_folded,
        read_at=access.read_at,
        unreadable=access.unreadable,
    )


def _near(access: Access, shown: Iterable[Subject]) -> Access:
    """Return the part of the graph that the rows reach: a page needs little of a large realm."""
    reached = frozenset[Node]().union(*(access.graph.downstream_of(one.node) for one in shown))
    return replace(access, graph=Graph(edge for edge in access.graph.edges if edge.source in reached))


@dataclass(frozen=True)
class Answers:
    """The cells of any subject. `declared` are the rights that the console itself declares.

    What Keycloak has beside them (its default roles) is shown, and is no difference. Nor is what
    `strangers` have, who are only in Keycloak.
    """

    access: Access
    declared: frozenset[Node]
    strangers: frozenset[Node] = frozenset()

    @cached_property
    def is_partly_unread(self) -> bool:
        return any(Kind(name) in LINKS for name in self.access.unreadable if name in set(Kind))

    def cells(self, subject: Node, rights: Iterable[Node]) -> tuple[Cell, ...]:
        """Return one cell a right."""
        shown = self.access.graph.rights_of(subject)
        ours = self.access.declared.rights_of(subject)
        theirs = self.access.live.rights_of(subject)
        if subject in self.strangers:
            ours = theirs
        return tuple(self._cell(right, right in shown, right in ours, right in theirs) for right in rights)

    def counts(self, subject: Node, groups: Iterable[Iterable[Node]]) -> tuple[Cell, ...]:
        """Return one cell a group of rights: how many of them the subject has."""
        found = (self.cells(subject, group) for group in groups)
        return tuple(_counted(cells) for cells in found)

    def differs(self, subject: Node) -> bool:
        """Say whether any right of the subject is otherwise in Keycloak."""
        if self.access.read_at is None:
            return False
        ours, theirs = self.access.declared.rights_of(subject), self.access.live.rights_of(subject)
        return not self.declared.isdisjoint(ours ^ theirs)

    def _cell(self, right: Node, is_held: bool, is_ours: bool, is_theirs: bool) -> Cell:
        was_read = self.access.read_at is not None
        differs = was_read and right in self.declared and is_ours != is_theirs
        if is_held:
            return Cell(Mark.ALLOWED, differs)
        return Cell(Mark.UNKNOWN if self.is_partly_unread else Mark.NONE, differs)


def _counted(cells: tuple[Cell, ...]) -> Cell:
    held = sum(cell.mark is Mark.ALLOWED for cell in cells)
    unknown = any(cell.mark is Mark.UNKNOWN for cell in cells)
    mark = Mark.ALLOWED if held else Mark.UNKNOWN if unknown else Mark.NONE
    return Cell(mark, any(cell.differs for cell in cells), f"{held}/{len(cells)}")


CellsOf = Callable[[Node], tuple[Cell, ...]]


def _answering(answers: Answers, window: Iterable[ColumnGroup]) -> CellsOf:
    """Return what gives one cell for each column."""
    rights = _rights(column for group in window for column in group.columns)
    return lambda subject: answers.cells(subject, rights)


def _counting(answers: Answers, groups: Iterable[ColumnGroup]) -> CellsOf:
    """Return what gives one cell for each group of columns: so many are shown by group first."""
    rights = [_rights(group.columns) for group in groups]
    return lambda subject: answers.counts(subject, rights)


def _declared(groups: Sequence[ColumnGroup]) -> frozenset[Node]:
    kept = (group.columns for group in groups if group.label != KEYCLOAK_ONLY)
    return frozenset(right for columns in kept for right in _rights(columns))


def _rights(columns: Iterable[Column]) -> list[Node]:
    return [right for column in columns if (right := node_of(column.key)) is not None]


def _row_groups(
    shown: Iterable[Subject], groups: Sequence[ColumnGroup], answers: Answers, cells_of: CellsOf
) -> tuple[RowGroup, ...]:
    everything = frozenset(_rights(column for group in groups for column in group.columns))
    made = [(one.group, _row(one, everything, answers, cells_of)) for one in shown]
    has_groups = any(label for label, _ in made)
    return tuple(
        RowGroup((label or "In no group") if has_groups else "", tuple(row for _, row in rows))
        for label, rows in groupby(made, lambda pair: pair[0])
    )


def _row(subject: Subject, everything: frozenset[Node], answers: Answers, cells_of: CellsOf) -> Row:
    held = answers.access.graph.rights_of(subject.node)
    return Row(
        key=subject.key,
        name=subject.name,
        url=subject.url,
        icon=subject.icon,
        gloss=_widest(subject, held, answers),
        reach=len(held & everything),
        cells=cells_of(subject.node),
    )


def _widest(subject: Subject, held: frozenset[Node], answers: Answers) -> str:
    """Return the declared role of a person that includes most others: what people call them."""
    if subject.node.kind is not NodeKind.PERSON:
        return ""
    graph = answers.access.graph
    roles = [one for one in held if one.kind is NodeKind.ROLE and one in answers.declared]
    return max(roles, key=lambda one: (len(graph.rights_of(one)), one.name), default=role("")).name


def _differing(tenant: Tenant, asked: Asked, found: Any) -> list[Any]:
    """Return only the rows that are otherwise in Keycloak. This one looks at every row of the filter."""
    people = None if asked.view is View.PEOPLE else ()
    access = access_of(tenant.realm, people=people)
    answers = Answers(access, _declared(column_groups(tenant, access.graph.rights)))
    return [row for row in found if not isinstance(row, Observed) and answers.differs(node_of_row(row))]
