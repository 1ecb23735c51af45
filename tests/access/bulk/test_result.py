"""What is written for spreadsheets: no formula, and nothing lost on the way back."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.bulk.reader import read
from access.bulk.result import lines
from console.web.sheets import protected, unprotected

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
TRICKY = st.text(st.sampled_from("=+-@\t\r\n' \"';,|a＝"), max_size=6)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "'=", "  +", " \t"])
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(start: str) -> None:
    assert protected(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "ann", "O'Hara", "'quoted'", "a=b", "1+1", "x@example.org"])
def test_ordinary_text_stays_as_it_is(cell: str) -> None:
    assert protected(cell) == cell


@settings(max_examples=500, deadline=None)
@given(st.one_of(CELL, TRICKY))
def test_protection_is_taken_off_again_exactly(cell: str) -> None:
    assert unprotected(protected(cell)) == cell
    assert protected(cell).lstrip("' ")[:1] not in tuple("=+-@") or protected(cell).startswith("'")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.one_of(CELL, TRICKY), min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_result_file_is_read_back_as_it_was_written(rows: list[list[str]]) -> None:
    content = "".join(lines([["a", "b", "c"], *rows])).encode()

    parsed = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [[unprotected(cell) for cell in row] for row in parsed[1:]] == rows
    filled = [tuple(row) for row in rows if any(protected(cell).strip() for cell in row)]
    if filled:
        table = read(content, delimiter=",")
        assert [tuple(map(unprotected, row.cells)) for row in table.rows()] == filled


def test_lines_end_and_quote_as_the_standard_says() -> None:
    assert "".join(lines([["a", 'say "x"', "1,2", "two\nlines"]])) == (
        '\ufeffa,"say ""x""","1,2","two\nlines"\r\n'
    )
