"""Times as texts, what is said of them, and until when rights last: no database."""

from datetime import UTC, datetime, timedelta

import pytest

from access.services.periods import Period, WrongTime, words
from access.services.token_size import EMPTY, bytes_of
from access.terms_page import untils
from console.engine.state import Address, Resource, State
from console.graph.closure import Graph
from console.graph.edges import edges_of, person, role
from console.sync.lifespans import span
from console.timed import Term

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def iso(**parts: float) -> str:
    return (NOW + timedelta(**parts)).isoformat()


def test_without_times_it_holds_now_and_says_nothing() -> None:
    period = Period.of("", "", now=NOW)

    assert period.state(NOW) == Term.ACTIVE
    assert period.told == {}


def test_it_is_planned_until_the_moment_it_begins() -> None:
    period = Period.of(iso(hours=1), iso(hours=2), now=NOW)

    assert period.state(NOW) == Term.PLANNED
    assert period.state(NOW + timedelta(hours=1)) == Term.ACTIVE
    assert period.sentence == "from 22 November 2026, 15:00 UTC until 22 November 2026, 16:00 UTC"


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        ("", iso(seconds=-1), "ends_at"),
        ("", iso(), "ends_at"),
        (iso(hours=2), iso(hours=1), "ends_at"),
        ("tomorrow", "", "starts_at"),
        ("2026-11-22T15:00:00", "", "starts_at"),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_its_field(starts: str, ends: str, field: str) -> None:
    with pytest.raises(WrongTime) as refused:
        Period.of(starts, ends, now=NOW)
    assert refused.value.field == field


def test_moments_name_their_zone() -> None:
    assert words(NOW) == "22 November 2026, 14:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (300, "5 minutes"),
        (60, "1 minute"),
        (28_800, "8 hours"),
        (2_592_000, "30 days"),
        (45, "45 seconds"),
        (5_400, "90 minutes"),
        (90, "90 seconds"),
    ],
)
def test_lifespans_in_words(seconds: int, told: str) -> None:
    assert span(seconds) == told


def test_the_size_of_a_token_is_near_what_was_measured() -> None:
    """4.3 kB with 100 values like `package:demo001:READ`, 10.5 kB with 300."""
    hundred = [f"package:demo{number:03}:READ" for number in range(100)]
    three = [f"package:demo{number:03}:READ" for number in range(300)]

    assert bytes_of([]) == EMPTY
    assert abs(bytes_of(hundred) - 4_300) < 300
    assert abs(bytes_of(three) - 10_500) < 300


def graph(*keys: str) -> Graph:
    return Graph(edges_of(State.of(Resource(Address.parse(key)) for key in keys)))


def test_a_right_lasts_as_long_as_the_last_way_to_it() -> None:
    found = graph("membership:ann|a", "group-role:a|r", "person-role:ann|r", "person-role:ann|s")
    near, far = NOW + timedelta(days=1), NOW + timedelta(days=9)
    ends = {
        Address.parse("membership:ann|a"): far,
        Address.parse("group-role:a|r"): NOW + timedelta(days=5),
        Address.parse("person-role:ann|r"): near,
    }

    until = untils(found, person("ann"), [role("r"), role("s")], ends)

    assert until == {role("r"): NOW + timedelta(days=5)}


def test_a_way_without_an_end_has_none() -> None:
    found = graph("membership:ann|a", "group-role:a|r", "person-role:ann|r")
    ends = {Address.parse("person-role:ann|r"): NOW}

    assert untils(found, person("ann"), [role("r")], ends) == {}
