"""Files of all sorts: what is read, what is told of it, and what is refused with its line."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.bulk import reader
from access.bulk.reader import Unreadable, read

TEXT = "user name;e-mail\nann;ann@example.org\nbörn;\n"


def rows(content: bytes, **told: str) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.line, row.cells) for row in read(content, **told).rows()]


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("latin-1", "cp1252")],
)
def test_the_encoding_is_detected_and_told(encoding: str, detected: str) -> None:
    table = read(TEXT.encode(encoding))

    assert table.encoding == detected
    assert table.columns == ("user name", "e-mail")
    assert [row.cells for row in table.rows()] == [("ann", "ann@example.org"), ("börn", "")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_either_order_and_its_mark_is_read(encoding: str) -> None:
    assert read(("\ufeff" + TEXT).encode(encoding)).count == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    content = TEXT.replace(";", delimiter).encode()

    assert read(content).delimiter == delimiter


def test_a_delimiter_within_quotes_parts_nothing() -> None:
    content = b'name;groups\n"a,b,c,d";"x,y"\n"e,f,g,h";z\n'

    assert rows(content) == [(2, ("a,b,c,d", "x,y")), (3, ("e,f,g,h", "z"))]


def test_a_given_delimiter_wins() -> None:
    assert read(TEXT.encode(), delimiter=",").columns == ("user name;e-mail",)


def test_the_hint_for_spreadsheets_is_followed_and_counted_as_a_line() -> None:
    assert rows(b"sep=|\r\na|b\r\n1|2\r\n") == [(3, ("1", "2"))]


def test_a_record_over_several_lines_keeps_the_line_where_it_begins() -> None:
    content = b'a,b\n"one\ntwo\nthree",x\n\n,\nlast,y\n'

    assert rows(content) == [(2, ("one\ntwo\nthree", "x")), (7, ("last", "y"))]


def test_columns_without_a_name_are_numbered() -> None:
    assert read(b"a,,c\n1,2,3\n").columns == ("a", "Column 2", "c")


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "empty"),
        (b"  \n \n", None, "empty"),
        (b"a,b\n", None, "no row below"),
        (b"a,b\n1,\x002\n", 2, "null character"),
        (b"a,b\n1,2\n3,\xed\xa0\x80\n", 3, "half a character"),
        (b"\xff\xfea\x00\n\x00\x00\xd8", 2, "not UTF-16"),
        (b'a,b\n1,2\n3,"4\n5,6\n', 3, "never closed"),
        (b'a,b\n1,"2"x\n', 2, "more text"),
        (b"\xef\xbb\xbfa,b\n1,\xff\n", 2, "not UTF-8"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", None, "UTF-32"),
        ((",".join("c" * 65) + "\n").encode() + b"1\n", 1, "65 columns"),
        (b"a\n" + b"1\n" * 50_001, 50_002, "more than 50,000 rows"),
        (b"a\n" + b"x" * 10_001 + b"\n", 2, "10,000 characters"),
        (b"a\n" + b"x" * (10 * 1024 * 1024), None, "larger than 10 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(content: bytes, line: int | None, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as refused:
        read(content)

    assert refused.value.line == line


def test_as_many_rows_as_are_allowed_are_read() -> None:
    assert read(b"a\n" + b"1\n" * 50_000).count == 50_000


@settings(max_examples=400, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(st.sampled_from("ab\"'\r\n,;|\t=\0\ud800é\u2028"), max_size=80).map(
            lambda text: text.encode("utf-8", "surrogatepass")
        ),
        st.text(max_size=80).map(lambda text: text.encode("utf-16")),
    ),
    encoding=st.sampled_from(["", *reader.ENCODINGS]),
    delimiter=st.sampled_from(["", *reader.DELIMITERS]),
)
def test_any_bytes_are_rows_or_one_sentence(content: bytes, encoding: str, delimiter: str) -> None:
    try:
        table = read(content, encoding=encoding, delimiter=delimiter)
    except Unreadable as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.endswith((".", "?"))
        return

    found = list(table.rows())
    assert len(found) == table.count >= 1
    assert all(any(cell.strip() for cell in row.cells) for row in found)
    assert [row.line for row in found] == sorted({row.line for row in found})
    assert "\0" not in table.text


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=12),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_python_writes_is_read_back(records: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["first", "second"], *records])

    wanted = [tuple(cells) for cells in records if any(cell.strip() for cell in cells)]
    if not wanted:
        with pytest.raises(Unreadable):
            read(buffer.getvalue().encode(), delimiter=",")
        return
    assert [row.cells for row in read(buffer.getvalue().encode(), delimiter=",").rows()] == wanted
