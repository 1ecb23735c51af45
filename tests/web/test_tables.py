"""Lists: the order is in the URL, said to readers and shown."""

import django_tables2
from django.test import RequestFactory

from console.web.tables import Table


class People(Table):
    name = django_tables2.Column()
    mark = django_tables2.Column(orderable=False)


ROWS = [{"name": name, "mark": "x"} for name in ("Ann", "Cas", "Bob")]


def html(url: str = "/people/", count: int = 50) -> str:
    request = RequestFactory().get(url)
    return People(ROWS).in_request(request, per_page=count).as_html(request)


def test_without_an_order_each_column_says_none() -> None:
    assert html().count('aria-sort="none"') == 1


def test_an_ordered_column_says_so_and_offers_the_other_way() -> None:
    page = html("/people/?sort=name")

    assert 'aria-sort="ascending"' in page
    assert page.index("Ann") < page.index("Bob") < page.index("Cas")
    assert "?sort=-name" in page
    assert "#arrow-up" in page


def test_descending_is_told_apart() -> None:
    page = html("/people/?sort=-name")

    assert 'aria-sort="descending"' in page
    assert page.index("Cas") < page.index("Ann")


def test_names_are_escaped() -> None:
    request = RequestFactory().get("/")

    assert "<b>" not in People([{"name": "<b>", "mark": ""}]).in_request(request).as_html(request)


def test_a_long_list_has_real_page_numbers_and_keeps_its_order() -> None:
    page = html("/people/?sort=name&page=2", count=2)

    assert "Rows 3–3 of 3" in page
    assert "/people/?sort=name&amp;page=1" in page


def test_a_page_out_of_range_is_the_last_one() -> None:
    assert "Rows 3–3 of 3" in html("/people/?page=99", count=2)
