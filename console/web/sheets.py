"""Tables that leave the console as files: no cell that a spreadsheet would run as a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
from collections.abc import Iterable, Sequence

import tablib

# What a spreadsheet may take for a formula, also behind spaces or marks that are already there.
_FORMULA = re.compile(r"\A(?:[\s']*[=+\-@＝＋－＠]|[ ']*[\t\r\n])")


def protected(cell: str) -> str:
    """Return a cell with an apostrophe in front where a spreadsheet would calculate it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unprotected(cell: str) -> str:
    """Return what `protected` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def csv_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV, each cell protected. It begins with the mark of UTF-8: else Excel guesses."""
    table = tablib.Dataset(*([protected(cell) for cell in row] for row in rows), headers=head)
    return f"\ufeff{table.export('csv')}"
