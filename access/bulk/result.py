"""CSV that leaves the console: RFC 4180, and no cell that a spreadsheet would run as a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import Iterable, Iterator

from console.web.sheets import protected

RESULT_COLUMNS = ("Result", "Explanation", "Line")


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
