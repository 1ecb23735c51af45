"""A file into rows: any bytes give either a table or one clear sentence. Nothing is guessed silently.

What was detected is told: the encoding and the delimiter stand in the table, and both can be given.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 64
MOST_IN_A_CELL = 10_000

ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a mark", "utf-16": "UTF-16", "cp1252": "Latin-1"}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}

_SEP = re.compile(r"\Asep=([,;|:\t])\r?\n", re.IGNORECASE)  # how Excel is told of a delimiter
_SURROGATE = re.compile("[\ud800-\udfff]")
_LOOKED_AT = 20


class Unreadable(Exception):
    """The file cannot be read as a table. The message says why, `line` where."""

    def __init__(self, sentence: str, *, line: int | None = None) -> None:
        super().__init__(f"Line {line}: {sentence}" if line else sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """One record. A record may span lines; `line` is where it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file as text that was read through once: reading it again cannot fail."""

    text: str
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    count: int

    def rows(self) -> Iterator[Row]:
        """Yield the records below the head, without empty ones."""
        return islice(_records(self.text, self.delimiter), 1, None)


def read(content: bytes, *, encoding: str = "", delimiter: str = "") -> Table:
    """Return the table in these bytes. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it.")
    found, text = decoded(content, encoding)
    return table_of(text, encoding=found, delimiter=delimiter)


def table_of(text: str, *, encoding: str = "utf-8", delimiter: str = "") -> Table:
    """Return the table in this text. Raises Unreadable."""
    _refuse_characters(text)
    if not text.strip():
        raise Unreadable("The file is empty.")
    chosen = delimiter or sniffed(text)
    records = _records(text, chosen)
    head = next(records, None)
    if head is None:
        raise Unreadable("The file is empty.")
    if len(head.cells) > MOST_COLUMNS:
        raise Unreadable(
            f"There are {len(head.cells)} columns, and {MOST_COLUMNS} are the most.", line=head.line
        )
    count = 0
    for record in records:
        count += 1
        if count > MOST_ROWS:
            raise Unreadable(f"There are more than {MOST_ROWS:,} rows. Split the file.", line=record.line)
    if not count:
        raise Unreadable("There is a head and no row below it.")
    return Table(text=text, encoding=encoding, delimiter=chosen, columns=_names(head.cells), count=count)


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return the encoding and the text. Raises Unreadable."""
    chosen = encoding or _detected(content)
    try:
        return chosen, content.decode(chosen)
    except UnicodeDecodeError as error:
        if chosen == "cp1252":  # five of its bytes mean nothing; in Latin-1 they are control characters
            return chosen, content.decode("latin-1")
        line = _line(error.object[: error.start].decode(chosen, "ignore"), error.start)
        raise Unreadable(f"This is not {ENCODINGS[chosen]}. Choose another encoding.", line=line) from None


def _detected(content: bytes) -> str:
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise Unreadable("This is UTF-32. Save the file as UTF-8.")
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        _refuse_half_characters(content)
        return "cp1252"
    return "utf-8"


def _refuse_half_characters(content: bytes) -> None:
    """Refuse what is UTF-8 but for lone surrogates: read as Latin-1 it would be garbage."""
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return
    _refuse_characters(text)


def _refuse_characters(text: str) -> None:
    found = _SURROGATE.search(text)
    if found:
        raise Unreadable("It holds half a character (a lone surrogate).", line=_line(text, found.start()))
    if "\0" in text:
        raise Unreadable(
            "It holds a null character. Is this a text file? If it is UTF-16, choose that.",
            line=_line(text, text.index("\0")),
        )


def _line(text: str, index: int) -> int:
    """Return the number of the line that holds the character at an index."""
    return len(re.findall(r"\r\n|\r|\n", text[:index])) + 1


def sniffed(text: str) -> str:
    """Return the delimiter that parts the first records most evenly, in most columns; else a comma."""
    if told := _SEP.match(text):
        return told.group(1)
    return max(DELIMITERS, key=lambda one: _evenness(text, one))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """Return how many of the first records have as many cells as the head, and how many cells those are."""
    sizes = []
    with suppress(Unreadable):  # the records before the mistake still say what parts them
        for one in islice(_records(text, delimiter), _LOOKED_AT):
            sizes.append(len(one.cells))
    if not sizes or sizes[0] == 1:
        return 0.0, 0
    return sum(size == sizes[0] for size in sizes) / len(sizes), sizes[0]


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the records that hold anything, the head among them. Raises Unreadable."""
    told = _SEP.match(text)
    skipped = told.end() if told else 0
    before = 1 if told else 0
    try:
        reader = csv.reader(io.StringIO(text[skipped:], newline=""), delimiter=delimiter, strict=True)
    except (TypeError, ValueError):
        raise Unreadable("This cannot part columns. Choose another delimiter.") from None
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(_told(error), line=line) from None
        if any(len(cell) > MOST_IN_A_CELL for cell in cells):
            raise Unreadable(f"A cell has more than {MOST_IN_A_CELL:,} characters.", line=line)
        if any(cell.strip() for cell in cells):
            yield Row(line, tuple(cells))


def _told(error: csv.Error) -> str:
    words = str(error)
    if "unexpected end" in words:
        return "A quotation mark is opened here and never closed."
    if "expected after" in words:
        return "After a closing quotation mark comes more text. Write a mark inside quotes twice."
    if "larger than field limit" in words:
        return f"A cell has more than {MOST_IN_A_CELL:,} characters. Is a quotation mark missing?"
    return f"This cannot be read as CSV ({words})."


def _names(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell.strip() or f"Column {number}" for number, cell in enumerate(cells, 1))
