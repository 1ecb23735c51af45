"""One page of the matrix as data, and its body as markup.

The body is joined from ready cell strings: a template loop over thousands of cells takes a hundred
times as long. Every label is escaped here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from console.web.templatetags.ui import icon


class Mark(StrEnum):
    """What a cell says. The value is the class that draws it."""

    ALLOWED = "y"
    LIMITED = "l"
    EXEMPT = "e"
    NONE = "n"
    UNKNOWN = "u"

    @property
    def word(self) -> str:
        """What stands in the cell, for readers, search and copies."""
        return _WORDS[self]


_WORDS = {
    Mark.ALLOWED: "yes",
    Mark.LIMITED: "limited",
    Mark.EXEMPT: "exempt",
    Mark.NONE: "no",
    Mark.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer. `differs`: Keycloak, when it was last read, answered otherwise.

    With `text` the cell stands for a whole group of columns: `7/10`.
    """

    mark: Mark
    differs: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A role or an entitlement. `label` is short enough for the head, `title` says it in full."""

    key: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Neighbouring columns under one head."""

    label: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A person, group or role with one cell a column. `reach`: how many columns it is allowed in all."""

    key: str
    name: str
    url: str
    icon: str
    gloss: str
    reach: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Neighbouring rows under one head; without a label there is no head."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """What one page shows."""

    column_groups: tuple[ColumnGroup, ...]
    row_groups: tuple[RowGroup, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(chain.from_iterable(group.columns for group in self.column_groups))

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(chain.from_iterable(group.rows for group in self.row_groups))

    @property
    def allowed(self) -> int:
        """How many cells say yes."""
        return self._count(Mark.ALLOWED) + self._count(Mark.EXEMPT)

    @property
    def limited(self) -> int:
        return self._count(Mark.LIMITED)

    @property
    def unknown(self) -> int:
        return self._count(Mark.UNKNOWN)

    @property
    def differing(self) -> int:
        return sum(cell.differs for row in self.rows for cell in row.cells)

    def _count(self, mark: Mark) -> int:
        return sum(cell.mark is mark for row in self.rows for cell in row.cells)


Chosen = tuple[str, str] | None
"""The keys of the row and the column whose reasons are shown."""


def heads_of(grid: Grid) -> SafeString:
    """Return the cells of the second head row: one vertical name a column."""
    parts: list[str] = []
    for group in grid.column_groups:
        for place, column in enumerate(group.columns):
            first = " first" if place == 0 else ""
            parts.append(
                f'<th scope="col" class="head{first}" data-key="{escape(column.key)}" '
                f'title="{escape(column.title)}"><span>{escape(column.label)}</span></th>'
            )
    return mark_safe("".join(parts))


def body_of(grid: Grid, chosen: Chosen = None) -> SafeString:
    """Return all `<tbody>` of the page, with the chosen cell marked and one cell to tab to."""
    firsts = frozenset(_first_places(grid))
    plain = _ready_cells()
    columns = grid.columns
    places = {column.key: place for place, column in enumerate(columns)}
    at = (chosen[0], places.get(chosen[1])) if chosen else None
    parts: list[str] = []
    for number, group in enumerate(grid.row_groups):
        parts.append("<tbody>")
        if group.label:
            parts.append(_group_head(number, group, len(columns)))
        parts.extend(_row(row, firsts, plain, at) for row in group.rows)
        parts.append("</tbody>")
    return mark_safe(_with_tab_stop("".join(parts), has_chosen=at is not None))


def _first_places(grid: Grid) -> Iterator[int]:
    place = 0
    for group in grid.column_groups:
        yield place
        place += len(group.columns)


def _ready_cells() -> Mapping[tuple[Mark, bool, bool], str]:
    """Return the markup of every kind of cell: mark, differs, first of its group."""
    return {
        (mark, differs, first): _cell(mark, differs, first)
        for mark in Mark
        for differs in (False, True)
        for first in (False, True)
    }


def _cell(mark: Mark, differs: bool, first: bool, extra: str = "") -> str:
    classes = f"{mark.value}{' f' if first else ''}{' d' if differs else ''}"
    word = f"{mark.word}, differs from Keycloak" if differs else mark.word
    return f'<td class="{classes}"{extra}>{word}</td>'


def _fold(cell: Cell) -> str:
    held, _, count = cell.text.partition("/")
    tint = "y" if held == count else "p" if cell.mark is Mark.ALLOWED else cell.mark.value
    hint = ' title="some differ from Keycloak"' if cell.differs else ""
    return f'<td class="s {tint}{" d" if cell.differs else ""}"{hint}>{cell.text}</td>'


def _row(
    row: Row,
    firsts: frozenset[int],
    plain: Mapping[tuple[Mark, bool, bool], str],
    at: tuple[str, int | None] | None,
) -> str:
    cells = [
        _fold(cell) if cell.text else plain[cell.mark, cell.differs, place in firsts]
        for place, cell in enumerate(row.cells)
    ]
    if at and at[0] == row.key and at[1] is not None:
        cell, place = row.cells[at[1]], at[1]
        cells[place] = _cell(cell.mark, cell.differs, place in firsts, ' tabindex="0" aria-selected="true"')
    return f'<tr data-key="{escape(row.key)}">{_name(row)}{"".join(cells)}</tr>'


def _name(row: Row) -> str:
    name = escape(row.name)
    link = f'<a href="{escape(row.url)}" title="{name}" tabindex="-1">{name}</a>'
    gloss = escape(row.gloss)
    return (
        f'<th scope="row"><div class="row-name">{_icon(row.icon)}{link}'
        f'<span class="gloss" title="{gloss}">{gloss}</span><span class="reach">{row.reach}</span></div></th>'
    )


@lru_cache(maxsize=16)
def _icon(name: str) -> SafeString:
    """Return the mark of a row. The same few serve all rows."""
    return icon(name)


def _group_head(number: int, group: RowGroup, width: int) -> str:
    return (
        f'<tr class="rows-of"><th scope="rowgroup"><button type="button" class="fold-rows" '
        f'aria-expanded="true" data-fold="{number}">{icon("chevron-down")}{escape(group.label)} '
        f'<i>{len(group.rows)}</i></button></th><td colspan="{width}"></td></tr>'
    )


def _with_tab_stop(body: str, *, has_chosen: bool) -> str:
    """Return the body with one cell that Tab reaches: the chosen one, else the first."""
    if has_chosen and 'tabindex="0"' in body:
        return body
    start = body.find('<td class="')
    if start < 0:
        return body
    end = body.index('"', start + len('<td class="')) + 1
    return f'{body[:end]} tabindex="0"{body[end:]}'
