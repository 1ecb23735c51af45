"""I3, I4: the same lines where administrators read them, in a browser."""

from itertools import groupby

import pytest
from playwright.sync_api import Page

from tests.factories import Platform
from tests.platforms import kdb
from tests.web.browser import Visitor

WORDS = {"Y": {"yes", "exempt"}, "N": {"no"}, "?": {"unclear"}}

# Name, row by row, from one page: {"Business Example": {"package:demo": "yes"}}
READ = """() => {
  const heads = [...document.querySelectorAll('table.matrix th[data-key]')].map(one => one.dataset.key)
  return Object.fromEntries([...document.querySelectorAll('table.matrix tbody tr[data-key]')].map(row => [
    row.querySelector('.who').textContent.trim(),
    Object.fromEntries(
      [...row.querySelectorAll('td')].map((cell, at) => [heads[at], cell.textContent.trim()])),
  ]))
}"""


@pytest.fixture
def visitor(insights: Platform, live_server: object, page: Page) -> Visitor:
    visitor = Visitor(page, live_server.url)  # type: ignore[attr-defined]
    visitor.sign_in("gatehouse-admin")
    return visitor


def read(visitor: Visitor, insights: Platform, query: str) -> dict[str, dict[str, str]]:
    visitor.go(f"/t/{insights.tenant}/matrix/?{query}")
    return dict(visitor.page.evaluate(READ))


LINES = sorted(kdb.lines(), key=lambda one: (one.capability, bool(one.target)))
BY_PAGE = [list(some) for _, some in groupby(LINES, lambda one: (one.capability, bool(one.target)))]


@pytest.mark.parametrize("lines", BY_PAGE, ids=lambda some: some[0].capability)
def test_each_line_stands_in_the_matrix(visitor: Visitor, insights: Platform, lines: list[kdb.Line]) -> None:
    key = f"insights:{lines[0].capability}"
    shown = f"show=resources&capability={key}" if lines[0].target else "show=capabilities"

    found = read(visitor, insights, shown)

    for line in lines:
        column = f"resource:{line.resource}" if line.resource else f"capability:{key}"
        name = f"{line.person.capitalize()} Example"
        assert found[name][column] in WORDS[line.expected], str(line)
    assert visitor.complaints == []


def test_cells_without_a_resource_say_that_entitlements_limit_them(
    visitor: Visitor, insights: Platform
) -> None:
    """The half disc of a condition, the filled one of who is exempt, and the question of what nobody says."""
    found = read(visitor, insights, "show=capabilities")

    assert found["Business Example"]["capability:insights:display-views"] == "limited"
    assert found["Business Example"]["capability:insights:update-entities"] == "no"
    assert found["Administrator Example"]["capability:insights:update-entities"] == "exempt"
    assert found["Maintainer Example"]["capability:insights:view-auditing"] == "unclear"
