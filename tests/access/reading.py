"""The matrix of a page as people read it: the words of each cell by its row and column."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client


@dataclass
class Table:
    """`cells[row][column]` are words; a row goes by its name, a column by its title in full."""

    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.table = Table()
        self._row: list[str] = []
        self._key = ""
        self._name = ""
        self._into = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        kinds = told.get("class", "").split()
        if tag == "th" and "head" in kinds:
            self.table.titles.append(told["title"])
        if tag == "th" and "group-label" in kinds:
            self.table.groups.append(told["title"])
        if tag == "tr":
            self._row, self._key, self._name = [], told.get("data-key", ""), ""
        if tag in ("a", "span") and "title" in told and self._into == "who" and not self._name:
            self._name = told["title"]
        if tag == "span" and "who" in kinds:
            self._into = "who"
        if tag == "td" and "colspan" not in told:
            self._into = "cell"
            self._row.append(told.get("title", ""))

    def handle_data(self, data: str) -> None:
        if self._into == "cell" and not self._row[-1]:
            self._row[-1] = data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._into = ""
        if tag == "tr" and self._key and self._row:
            self.table.cells[self._name] = dict(zip(self.table.titles, self._row, strict=True))
            self.table.keys[self._name] = self._key


def table_at(client: Client, url: str) -> Table:
    """Return the table of a page. Fails for a page that is not there."""
    answer = client.get(url)
    assert answer.status_code == 200
    return _Reader(answer.content.decode()).table
