"""The heads and the body of the matrix as markup.

The body is joined from ready cell strings: a template loop over thousands of cells takes a hundred
times as long. Every label is escaped here.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from access.matrix.grid import Cell, Column, Grid, Mark, Row, RowGroup, Width
from console.sync.words import group_words
from console.web.templatetags.ui import icon

Chosen = tuple[str, str] | None
"""The keys of the row and the column whose reasons are shown."""

Ready = Mapping[tuple[Mark, bool, bool], str]


def columns_of(grid: Grid) -> SafeString:
    """Return the `<col>` of every column, which hold the widths."""
    return mark_safe('<col class="names">' + "".join(f'<col class="{one.value}">' for one in grid.widths))


def heads_of(grid: Grid) -> SafeString:
    """Return the cells of the second head row: one vertical name a column."""
    parts = [
        _head(column, is_first=place == 0)
        for group in grid.column_groups
        for place, column in enumerate(group.columns)
    ]
    return mark_safe("".join(parts))


def _head(column: Column, *, is_first: bool) -> str:
    kind = f"head {column.width.value}{' first' if is_first else ''}"
    label = f"<span>{escape(column.label)}</span>"
    if column.url:
        label = f'<a href="{escape(column.url)}" tabindex="-1">{label}</a>'
    mark = f'<i class="noted" title="{escape(column.note)}">{icon("info-circle")}</i>' if column.note else ""
    return (
        f'<th scope="col" class="{kind}" data-key="{escape(column.key)}" '
        f'title="{escape(column.title)}">{label}{mark}</th>'
    )


def groups_offered(paths: Iterable[str], chosen: str) -> SafeString:
    """Return an `<option>` for each group."""
    return mark_safe(
        "".join(
            f'<option value="{escape(path)}"{" selected" if path == chosen else ""}>'
            f"{escape(group_words(path))}</option>"
            for path in paths
        )
    )


def body_of(grid: Grid, chosen: Chosen = None) -> SafeString:
    """Return all `<tbody>` of the page, with the chosen cell marked and one cell to tab to."""
    body = _Body(grid, chosen)
    parts: list[str] = []
    for number, group in enumerate(grid.row_groups):
        parts.append("<tbody>")
        if group.label:
            parts.append(_group_head(number, group, len(grid.columns)))
        parts.extend(body.row(row) for row in group.rows)
        parts.append("</tbody>")
    return mark_safe(_with_tab_stop("".join(parts), has_chosen=body.at is not None))


class _Body:
    """What all rows of a page share."""

    def __init__(self, grid: Grid, chosen: Chosen) -> None:
        places = {column.key: place for place, column in enumerate(grid.columns)}
        self.at = (chosen[0], places.get(chosen[1])) if chosen else None
        self._firsts = frozenset(_first_places(grid))
        self._widths = grid.widths
        self._ready = _ready_cells()
        self._made = [dict[int, str]() for _ in grid.columns]  # by place, of cells that many rows share

    def row(self, row: Row) -> str:
        cells = [
            made.get(id(cell)) or made.setdefault(id(cell), self._cell(cell, place))
            for place, (made, cell) in enumerate(zip(self._made, row.cells, strict=True))
        ]
        if self.at and self.at[0] == row.key and self.at[1] is not None:
            place = self.at[1]
            cells[place] = self._cell(row.cells[place], place, ' tabindex="0" aria-selected="true"')
        why = f' data-why="{escape(row.why)}"' if row.why else ""
        return f'<tr data-key="{escape(row.key)}"{why}>{_name(row)}{"".join(cells)}</tr>'

    def _cell(self, cell: Cell, place: int, extra: str = "") -> str:
        is_first = place in self._firsts
        if cell.text and self._widths[place] is not Width.MARK:
            return _text_cell(cell, is_first, extra)
        if cell.text or extra:
            return _cell(cell.mark, cell.differs, is_first, escape(cell.words), extra)
        return self._ready[cell.mark, cell.differs, is_first]


def _first_places(grid: Grid) -> Iterator[int]:
    place = 0
    for group in grid.column_groups:
        yield place
        place += len(group.columns)


def _ready_cells() -> Ready:
    """Return the markup of every kind of cell: mark, differs, first of its group."""
    return {
        (mark, differs, first): _cell(mark, differs, first, mark.word)
        for mark in Mark
        for differs in (False, True)
        for first in (False, True)
    }


def _cell(mark: Mark, differs: bool, first: bool, words: str, extra: str = "") -> str:
    classes = f"{mark.value}{' f' if first else ''}{' d' if differs else ''}"
    said = f"{words}, differs from Keycloak" if differs else words
    return f'<td class="{classes}"{extra}>{said}</td>'


def _text_cell(cell: Cell, is_first: bool, extra: str = "") -> str:
    """Return a cell whose text is seen: a level or a count."""
    held, slash, count = cell.text.partition("/")
    is_part = bool(slash) and held != count and cell.mark is Mark.ALLOWED
    tint = "p" if is_part else cell.mark.value
    classes = f"s {tint}{' f' if is_first else ''}{' d' if cell.differs else ''}"
    words = escape(cell.words)
    hint = f"{words}, differs from Keycloak" if cell.differs else words
    return f'<td class="{classes}" title="{hint}"{extra}>{escape(cell.text)}</td>'


def _name(row: Row) -> str:
    name, gloss = escape(row.name), escape(row.gloss)
    link = f'<a href="{escape(row.url)}" title="{name}" tabindex="-1">{name}</a>' if row.url else _plain(name)
    note = f'<i class="noted" title="{escape(row.note)}">{icon("alert-triangle")}</i>' if row.note else ""
    deep = " deep" if row.depth else ""
    return (
        f'<th scope="row"><div class="row-name{deep}">{_fold(row) or icon(row.icon)}'
        f'<span class="who">{link}{note}</span>'
        f'<span class="gloss" title="{gloss}">{gloss}</span><span class="reach">{row.reach}</span></div></th>'
    )


def _plain(name: str) -> str:
    return f'<span class="what" title="{name}">{name}</span>'


def _fold(row: Row) -> str:
    """Return the link that opens a row to what it stands for, in the place of its icon."""
    if not row.fold:
        return ""
    verb, arrow = ("Close", "chevron-down") if row.is_open else ("Open", "chevron-right")
    return (
        f'<a class="unfold" href="{escape(row.fold)}" aria-label="{verb} {escape(row.name)}">'
        f"{icon(arrow)}</a>"
    )


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
