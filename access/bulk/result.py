"""CSV that leaves the console: RFC 4180, and no cell that a spreadsheet would run as a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

RESULT_COLUMNS = ("Result", "Explanation", "Line")

# What a spreadsheet may take for a formula, also behind spaces or marks that are already there.
_FORMULA = re.compile(r"\A(?:[\s']*[=+\-@＝＋－＠]|'*[\t\r\n])")


def protected(cell: str) -> str:
    """Return a cell with an apostrophe in front where a spreadsheet would calculate it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unprotected(cell: str) -> str:
    """Return what `protected` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a CSV file, each cell protected. The first begins with the mark of UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")  # without it Excel reads Latin-1
    for row in rows:
        writer.writerow([protected(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def is_result(columns: Iterable[str]) -> bool:
    """Tell whether a file is one that this console gave out: its cells are then unprotected again."""
    return set(RESULT_COLUMNS) <= set(columns)
