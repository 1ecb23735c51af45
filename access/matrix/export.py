"""A matrix as a file: the same rows, columns and answers as the page, with what they are and how old.

Whatever a cell holds is text: what a spreadsheet would run is protected, in names as anywhere.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from io import StringIO

import tablib

from access.matrix import read
from access.matrix.columns import narrowed
from access.matrix.grid import Cell, Column, ColumnGroup, Row
from access.matrix.part import Matrix, columns_of, differing
from access.matrix.rows import Subject
from console.portions import portions
from console.web.sheets import protected
from tenants.models import Tenant

CHUNK = 500
MOST_CELLS = {"csv": 2_000_000, "xlsx": 300_000}
FIRST = ("Key", "Name", "Known as", "Group", "Role or title", "Reach")


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        if self is Format.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooLarge(Exception):
    """More cells were asked for than a file of this kind holds. The message says how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A finished file, how many rows are in it, and the digest of its rows."""

    body: bytes
    rows: int
    digest: str


def export_of(matrix: Matrix, *, form: Format, about: Mapping[str, str]) -> Export:
    """Return all rows of a matrix as a file. Raises TooLarge."""
    found = differing(matrix) if matrix.asked.only_differences else matrix.found
    table: list[list[str]] = []
    titles: Sequence[str] = ()
    for columns, row, subject in _rows(matrix, found):
        if not titles:
            titles = [*FIRST, *(one.title for one in columns)]
            refuse_too_large(form, len(found), len(titles))
        table.append(list(_values(row, subject)))
    return file_of(titles or FIRST, table, form=form, about=about)


def file_of(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, form: Format, about: Mapping[str, str]
) -> Export:
    """Return rows under a head as a file.

    `about` says of what and from when it is; it comes last, with the digest of the rows above it.
    """
    head = [protected(one) for one in head]
    table = [[protected(one) for one in row] for row in rows]
    digest = sha256(_csv([head, *table]).encode()).hexdigest()
    told = {**about, "Rows": str(len(table)), "SHA-256 of the rows above as CSV": digest}
    writer = _as_csv if form is Format.CSV else _as_workbook
    return Export(body=writer(head, table, told), rows=len(table), digest=digest)


def _rows(matrix: Matrix, found: Sequence[object]) -> Iterator[tuple[Sequence[Column], Row, Subject]]:
    rights = read.rights_of(matrix.tenant)
    for some in portions(found, CHUNK):
        part = matrix.part(some, rights=rights)
        groups: tuple[ColumnGroup, ...] = narrowed(part.groups, matrix.asked.columns)
        columns = columns_of(groups)
        rows = (row for group in part.row_groups(groups) for row in group.rows)
        for row, subject in zip(rows, part.shown, strict=True):
            yield columns, row, subject


def refuse_too_large(form: Format, rows: int, columns: int) -> None:
    """Refuse what a file of this kind does not hold. Raises TooLarge."""
    if rows * columns > MOST_CELLS[form.value]:
        raise TooLarge(
            f"These are {rows:,} rows of {columns:,} columns. A {form.value.upper()} file holds at most "
            f"{MOST_CELLS[form.value]:,} cells here: filter rows or columns first."
        )


def _values(row: Row, subject: Subject) -> Iterator[str]:
    yield from (row.key, row.name, subject.node.name, subject.group, row.gloss, str(row.reach))
    yield from map(said, row.cells)


def said(cell: Cell) -> str:
    """Return what a file says of a cell."""
    return f"{cell.words}, differs from Keycloak" if cell.differs else cell.words


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def _as_csv(head: list[str], table: list[list[str]], told: Mapping[str, str]) -> bytes:
    """Return the rows, and as the last one what they are."""
    last = ["About", *(protected(f"{name}: {value}") for name, value in told.items())]
    return _csv([head, *table, last]).encode()


def _as_workbook(head: list[str], table: list[list[str]], told: Mapping[str, str]) -> bytes:
    """Return a workbook with the rows on its first sheet, and what they are on its second."""
    rows = tablib.Dataset(*table, headers=head, title="Access")
    about = tablib.Dataset(
        *((name, protected(value)) for name, value in told.items()), headers=("About", ""), title="About"
    )
    made: bytes = tablib.Databook([rows, about]).export("xlsx")
    return made


def about(matrix: Matrix, *, query: str, by: str, now: datetime, unread: Mapping[str, str]) -> dict[str, str]:
    """Return what an export is of: scope, filter, time, and what could not be read."""
    scope = matrix.tenant.realm.scope
    return {
        "Tenant": called(matrix.tenant),
        "Realm": str(scope),
        "Rows by columns": f"{matrix.asked.view.words} by {matrix.show.value}",
        "Filter": query or "none",
        "Platform": matrix.catalogue.key or "none",
        **dated(by=by, now=now, read_at=scope.read_at, unread=unread),
    }


def called(tenant: Tenant) -> str:
    """Return what a file calls a tenant."""
    return f"{tenant.name} ({tenant.slug})"


def dated(*, by: str, now: datetime, read_at: datetime | None, unread: Mapping[str, str]) -> dict[str, str]:
    """Return when and by whom a file was made, how old its live side is, and what could not be read."""
    return {
        "Exported": f"{now:%Y-%m-%d %H:%M:%S} UTC by {by}",
        "Keycloak read": f"{read_at:%Y-%m-%d %H:%M:%S} UTC" if read_at else "never: declared access only",
        "Could not be read": "; ".join(f"{what}: {why}" for what, why in unread.items()) or "nothing",
    }
