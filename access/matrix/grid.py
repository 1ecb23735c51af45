"""One page of the matrix as data: rows, columns and what each cell says."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain

from access.matrix.address import Address


class Mark(StrEnum):
    """What a cell says. The value is the class that draws it."""

    ALLOWED = "y"
    LIMITED = "l"
    EXEMPT = "e"
    NONE = "n"
    UNKNOWN = "u"
    UNSTATED = "q"
    ABSENT = "x"

    @property
    def word(self) -> str:
        """What stands in the cell, for readers, search and copies."""
        return _WORDS[self]

    @property
    def legend(self) -> str:
        """What the corner says of it."""
        return _LEGEND[self]

    @property
    def opens(self) -> bool:
        """Whether the row has something there, with or without a condition."""
        return self in OPENING


OPENING = (Mark.ALLOWED, Mark.LIMITED, Mark.EXEMPT)
_WORDS = {
    Mark.ALLOWED: "yes",
    Mark.LIMITED: "limited",
    Mark.EXEMPT: "exempt",
    Mark.NONE: "no",
    Mark.UNKNOWN: "unknown",
    Mark.UNSTATED: "not stated",
    Mark.ABSENT: "not there",
}
_LEGEND = {
    Mark.ALLOWED: "Allowed",
    Mark.LIMITED: "Limited by a condition",
    Mark.EXEMPT: "Exempt from the rules",
    Mark.NONE: "No access",
    Mark.UNKNOWN: "Unknown, could not be read",
    Mark.UNSTATED: "Not stated or unclear",
    Mark.ABSENT: "Not there at all",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer. `differs`: Keycloak, when it was last read, answered otherwise.

    `text` is what is written in a wide cell, a level or a count; elsewhere it is read and not seen.
    """

    mark: Mark
    differs: bool = False
    text: str = ""

    @property
    def words(self) -> str:
        """The answer in words: `yes`, `limited, READ`, `not stated`."""
        if not self.text or self.text == self.mark.word:
            return self.mark.word
        return self.text if self.mark in (Mark.ALLOWED, Mark.UNSTATED) else f"{self.mark.word}, {self.text}"


class Width(StrEnum):
    """How wide a column is. The value is the class of its `<col>`."""

    MARK = "column"
    COUNT = "count"
    LEVEL = "level"
    LONG = "long"

    @property
    def pixels(self) -> int:
        return {Width.MARK: 25, Width.COUNT: 46, Width.LEVEL: 96, Width.LONG: 232}[self]


@dataclass(frozen=True, slots=True)
class Column:
    """What is asked of every row. `label` is short enough for the head, `title` says it in full.

    Wider columns show the text of their cells. `url` leads to the columns that this one stands for,
    `note` is a doubtful reading of what the platform says.
    """

    key: str
    label: str
    title: str
    width: Width = Width.MARK
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Neighbouring columns under one head. `short` stands there where the group is narrow."""

    label: str
    columns: tuple[Column, ...]
    short: str = ""

    @property
    def head(self) -> str:
        """The label, or the short one where there is no room for it."""
        return self.short if self.short and not self.has_room_for(self.label) else self.label

    def has_room_for(self, label: str) -> bool:
        room = sum(column.width.pixels for column in self.columns) - HEAD_PADDING
        return len(label) * HEAD_LETTER <= room


HEAD_PADDING, HEAD_LETTER = 15, 7.6  # pixels of a bold head


@dataclass(frozen=True, slots=True)
class Row:
    """Whom or what a row is about, with one cell a column. `reach`: how many columns it opens in all.

    `fold`: the address that opens or closes what the row stands for, `is_open` which of them; `depth`
    is how far a row stands below such a one. `note` is said beside the name. `why`: where the reasons of a
    cell are, if not on this page, with `{column}` or `{name}` for the key of its column or what that names.
    """

    key: str
    name: str
    url: str
    icon: str
    gloss: str
    reach: int
    cells: tuple[Cell, ...]
    note: str = ""
    fold: str = ""
    is_open: bool = False
    depth: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Neighbouring rows under one head; without a label there is no head."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Grid:
    """What one page shows. `is_folded`: a column stands for a group of columns, and its cells count.

    `words` say what marks mean where they mean something of their own.
    """

    column_groups: tuple[ColumnGroup, ...]
    row_groups: tuple[RowGroup, ...]
    is_folded: bool = False
    words: Mapping[Mark, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(chain.from_iterable(group.columns for group in self.column_groups))

    @cached_property
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
        return sum(number for cell, number in self._cells if cell.differs)

    @cached_property
    def _cells(self) -> tuple[tuple[Cell, int], ...]:
        """Each cell with the number of its places: thousands of these are looked over once."""
        every = [cell for row in self.rows for cell in row.cells]
        numbers = Counter(map(id, every))
        return tuple((cell, numbers[key]) for key, cell in {id(one): one for one in every}.items())

    @property
    def legend(self) -> tuple[tuple[Mark, str], ...]:
        """The marks of this page with what they mean; the usual two are always there."""
        shown = {cell.mark for cell, _ in self._cells}
        always = tuple(self.words) or (Mark.ALLOWED, Mark.NONE)
        return tuple((one, self.words.get(one, one.legend)) for one in Mark if one in always or one in shown)

    @cached_property
    def widths(self) -> tuple[Width, ...]:
        return tuple(column.width for column in self.columns)

    def _count(self, mark: Mark) -> int:
        return sum(number for cell, number in self._cells if cell.mark is mark)


def counted(cells: Sequence[Cell]) -> Cell:
    """Return one cell for a group of columns: how many of them are open."""
    held = sum(cell.mark.opens for cell in cells)
    unknown = any(cell.mark is Mark.UNKNOWN for cell in cells)
    mark = Mark.ALLOWED if held else Mark.UNKNOWN if unknown else Mark.NONE
    return Cell(mark, any(cell.differs for cell in cells), f"{held}/{len(cells)}")


def folded(groups: Sequence[ColumnGroup], address: Address) -> ColumnGroup:
    """Return one column for each group, to begin with where there are too many to show at once."""
    columns = (
        Column(
            key=f"group:{one.label}",
            label=one.label,
            title=f"Show {one.label}: {len(one.columns)}",
            width=Width.COUNT,
            url=address(columns=one.label),
        )
        for one in groups
    )
    return ColumnGroup("Groups", tuple(columns))


def counting(row: Row, groups: Sequence[ColumnGroup]) -> Row:
    """Return the row with one counting cell for each group of its columns."""
    cells: list[Cell] = []
    start = 0
    for group in groups:
        end = start + len(group.columns)
        cells.append(counted(row.cells[start:end]))
        start = end
    return replace(row, cells=tuple(cells))
