"""The body of the matrix: escaped, whole, one tab stop (row M4)."""

from html.parser import HTMLParser

from access.matrix.grid import Cell, Column, ColumnGroup, Grid, Mark, Row, RowGroup
from access.matrix.markup import body_of, heads_of


class Reader(HTMLParser):
    """Collects the elements of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]


def grid_of(rows: int, columns: int, *, name: str = "Ann Lee", label: str = "Maintainer") -> Grid:
    marks = tuple(Mark)
    heads = tuple(Column(f"role:{n}", f"{label} {n}", f"Role {label} {n}") for n in range(columns))
    half = columns // 2
    made = tuple(
        Row(
            key=f"p{n}",
            name=f"{name} {n}",
            url=f"/people/{n}/",
            icon="user",
            gloss="Developer",
            reach=n,
            cells=tuple(Cell(marks[(n + c) % 5], differs=(n + c) % 11 == 0) for c in range(columns)),
        )
        for n in range(rows)
    )
    groups = (ColumnGroup("Roles", heads[:half]), ColumnGroup("Packages", heads[half:]))
    return Grid(groups, (RowGroup("Data platform", made[: rows // 2]), RowGroup("", made[rows // 2 :])))


def test_a_page_has_a_cell_for_each_row_and_column() -> None:
    found = Reader(body_of(grid_of(50, 60))).all("td")

    assert len([one for one in found if "colspan" not in one]) == 3000


def test_every_label_is_escaped() -> None:
    grid = grid_of(3, 4, name="<b>&\"'", label='<script>"')

    markup = body_of(grid) + heads_of(grid)

    assert "<b>" not in markup
    assert "<script>" not in markup
    titles = {found.get("title") for tag, found in Reader(markup).elements if tag == "th"}
    assert 'Role <script>" 0' in titles


def test_there_is_exactly_one_cell_to_tab_to_and_it_is_the_first() -> None:
    stops = Reader(body_of(grid_of(4, 6))).all("td", tabindex="0")

    assert len(stops) == 1
    assert stops[0]["class"] == "y f d"


def test_the_chosen_cell_is_selected_and_is_the_tab_stop() -> None:
    page = Reader(body_of(grid_of(4, 6), ("p2", "role:1")))

    selected = page.all("td", **{"aria-selected": "true"})
    assert len(selected) == 1
    assert page.all("td", tabindex="0") == selected


def test_a_chosen_column_that_is_not_on_the_page_leaves_the_first_cell_to_tab_to() -> None:
    page = Reader(body_of(grid_of(4, 6), ("p2", "role:99")))

    assert page.all("td", **{"aria-selected": "true"}) == []
    assert len(page.all("td", tabindex="0")) == 1


def test_a_cell_that_differs_says_so_in_words_and_by_its_ring() -> None:
    row = Row("p", "Ann", "/p/", "user", "", 0, (Cell(Mark.NONE, differs=True),))
    grid = Grid((ColumnGroup("Roles", (Column("role:x", "x", "Role x"),)),), (RowGroup("", (row,)),))

    assert '<td class="n f d" tabindex="0">no, differs from Keycloak</td>' in body_of(grid)


def test_the_counts_of_a_page_are_those_of_its_cells() -> None:
    cells = (
        Cell(Mark.ALLOWED),
        Cell(Mark.EXEMPT),
        Cell(Mark.LIMITED, differs=True),
        Cell(Mark.UNKNOWN),
        Cell(Mark.NONE),
    )
    columns = tuple(Column(str(n), str(n), str(n)) for n in range(5))
    grid = Grid(
        (ColumnGroup("Roles", columns),), (RowGroup("", (Row("p", "Ann", "/", "user", "", 2, cells),)),)
    )

    assert (grid.allowed, grid.limited, grid.unknown, grid.differing) == (2, 1, 1, 1)


def test_rows_of_a_group_stand_under_its_head_with_their_number() -> None:
    body = body_of(grid_of(6, 4))

    assert "Data platform <i>3</i>" in body
    assert body.count("<tbody>") == 2
    assert body.count("fold-rows") == 1
