"""The tags of the pages."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from console.web.icons import OUTLINE, SPRITE
from console.web.status import look_of
from console.web.templatetags.ui import UnknownIcon, ago, bar, chip, icon, initials, page_numbers, status

MOMENT = datetime(2026, 3, 3, 23, 30, tzinfo=timezone(timedelta(hours=-2)))


def render(source: str, url: str = "/", **context: object) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(url), **context}))


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("check")
    assert 'role="img" aria-label="in order"' in icon("check", "in order")


def test_an_icon_that_the_sprite_lacks_is_refused() -> None:
    with pytest.raises(UnknownIcon, match="elephant"):
        icon("elephant")


def test_a_chip_escapes_its_words() -> None:
    assert "&lt;b&gt;" in chip("<b>", "amber", "clock", title='a "b"')
    assert "&quot;b&quot;" in chip("<b>", "amber", "clock", title='a "b"')


@pytest.mark.parametrize("word", ["in-sync", "in sync", "IN_SYNC"])
def test_a_status_is_known_by_its_word(word: str) -> None:
    assert look_of(word).label == "In sync"


def test_a_status_that_nobody_declared_never_looks_healthy() -> None:
    assert look_of("sparkling").tone == "outline"
    assert look_of("unknown").tone == "outline"


def test_a_status_carries_its_reason_in_words() -> None:
    assert "Waits for a worker." in status("pending", "Waits for a worker.")


def test_a_time_is_said_relative_with_the_absolute_one_in_utc() -> None:
    html = ago(MOMENT)

    assert 'datetime="2026-03-03T23:30:00-02:00"' in html
    assert 'title="4 Mar 2026, 01:30:00 UTC"' in html
    assert "never" in ago(None)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Bruno Keller", "BK"),
        ("Tess de Vries", "TV"),
        ("julia", "J"),
        ("b.keller", "BK"),
        ("", "?"),
        ("<>", "?"),
    ],
)
def test_initials_are_one_or_two_letters(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_bar_never_leaves_its_track() -> None:
    assert 'class="bar-part" width="108"' in bar(70, 60)
    assert 'class="bar-part" width="54"' in bar(30, 60)
    assert 'class="bar-part" width="0"' in bar(3, 0)


def test_an_address_changes_one_value_and_keeps_the_others() -> None:
    assert render("{% url_with q='b&c' %}", "/x/?q=a&kind=roles") == "/x/?q=b%26c&amp;kind=roles"


def test_another_filter_goes_back_to_the_first_page() -> None:
    assert render("{% url_with kind='roles' %}", "/x/?page=3") == "/x/?kind=roles"
    assert render("{% url_with row='p1' %}", "/x/?page=3") == "/x/?page=3&amp;row=p1"
    assert render("{% url_with page=4 %}", "/x/?page=3") == "/x/?page=4"


def test_a_value_of_none_is_taken_out() -> None:
    assert render("{% url_with q=None %}", "/x/?q=a") == "/x/"


def test_page_numbers_leave_out_the_middle() -> None:
    assert page_numbers(Paginator(range(1284), 50).get_page(1)) == [1, 2, 0, 26]
    assert page_numbers(Paginator(range(60), 50).get_page(2)) == [1, 2]


def test_dates_and_times_are_utc() -> None:
    moment = datetime(2026, 11, 3, 2, 14, tzinfo=UTC)

    assert render("{{ m|on_day }} {{ m|at_time }}", m=moment) == "3 Nov 2026 02:14 UTC"
    assert render("{{ m|on_day }}", m=None) == ""


def test_the_sprite_holds_every_icon_that_is_declared() -> None:
    path = finders.find(SPRITE)
    assert path is not None
    text = Path(path).read_text()
    missing = [name for name in OUTLINE if f'id="{name}"' not in text]
    assert missing == []
