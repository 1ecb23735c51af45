"""Which clients the guard holds back: open redirects, scripts, origins and weak flows."""

from typing import Any

import pytest

from console.engine.open_doors import is_script, openness_of, stops_of
from console.engine.state import State
from console.engine.stops import Rule, Stop
from tests.engine.world import resource, state, world


def found(after: dict[str, Any], before: dict[str, Any] | None = None) -> list[Stop]:
    there = state() if before is None else state(resource("client:app", **before))
    ours = () if before is None else ("client:app",)
    made = world(desired=state(resource("client:app", **after)), there=there, ours=ours)
    return list(stops_of(made.plan()))


def told(stops: list[Stop]) -> str:
    return " ".join(one.finding.sentence for one in stops)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("*", "it fits every address"),
        ("https://*", "https://evil.example for example"),
        ("https://app.example*", "https://app.example.evil.example for example"),
        ("https://*.example.org/cb", "also fits other hosts"),
        ("http://localhost*", "http://localhost.evil.example"),
        ("http://app.example/cb", "travel unencrypted"),
        ("HTTP://app.example/cb", "travel unencrypted"),
        ("https://app.example/*", "every page of the host"),
    ],
)
def test_an_open_address_is_held_back_and_says_why(address: str, why: str) -> None:
    (stop,) = found({"redirect_uris": [address]})

    assert stop.rule is Rule.OPEN_ADDRESS
    assert not stop.is_forbidden
    assert why in openness_of(address)
    assert address in stop.sentence
    assert stop.subjects == {address}


@pytest.mark.parametrize(
    "address",
    [
        "https://app.example/cb",
        "https://app.example/a/*",
        "http://localhost:8080/cb",
        "http://127.0.0.1/cb",
        "http://[::1]/cb",
        "/cb",
        "/*",
        "org.example.app:/cb",
    ],
)
def test_an_address_that_names_its_place_is_fine(address: str) -> None:
    assert found({"redirect_uris": [address]}) == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:x",
        "java\tscript:x",
        "data:text/html,x",
        "vbscript:x",
    ],
)
@pytest.mark.parametrize(
    "field", ["redirect_uris", "post_logout_redirect_uris", "root_url", "base_url", "admin_url"]
)
def test_a_script_is_never_written(field: str, address: str) -> None:
    stops = found({field: [address] if field.endswith("uris") else address})

    assert [one.is_forbidden for one in stops if one.rule is Rule.SCRIPT_ADDRESS] == [True]
    assert is_script(address)


def test_what_was_open_before_is_left_alone() -> None:
    """The guard judges the change, not the client."""
    before = {"redirect_uris": ["*"], "web_origins": ["*"], "implicit_flow": True, "description": ""}

    assert found(before | {"description": "Shop"}, before) == []
    assert "https://b.example/*" in told(
        found(before | {"redirect_uris": ["*", "https://b.example/*"]}, before)
    )


def test_a_second_open_address_is_another_confirmation() -> None:
    (one,) = found({"redirect_uris": ["https://a.example/*"]})
    (both,) = found({"redirect_uris": ["https://a.example/*", "https://b.example/*"]})

    assert both.covers(one)
    assert not one.covers(both)
    assert "and 1 more" in both.sentence


def test_all_origins_or_those_of_open_redirects_are_held_back() -> None:
    assert "web origin * lets pages of every origin" in told(found({"web_origins": ["*"]}))
    assert "web origin + lets pages of all" in told(found({"web_origins": ["+"], "redirect_uris": ["*"]}))
    assert found({"web_origins": ["+", "https://a.example"], "redirect_uris": ["https://a.example/cb"]}) == []


def test_redirects_that_open_later_open_the_origins_that_follow_them() -> None:
    before = {"web_origins": ["+"], "redirect_uris": ["https://a.example/cb"]}

    assert "web origin +" in told(found(before | {"redirect_uris": ["*"]}, before))


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"implicit_flow": True}, "the implicit flow is on"),
        ({"direct_access_grants": True, "public": True}, "direct access grants are on"),
    ],
)
def test_a_weak_flow_is_held_back_when_it_is_switched_on(fields: dict[str, Any], what: str) -> None:
    (stop,) = found(fields)

    assert stop.rule is Rule.WEAK_FLOW
    assert what in stop.sentence
    assert found(fields | {"name": "Shop"}, fields | {"name": ""}) == []


def test_passwords_through_a_confidential_client_are_fine() -> None:
    assert found({"direct_access_grants": True, "public": False}) == []


def test_a_client_that_goes_opens_nothing() -> None:
    there = state(resource("client:app", redirect_uris=["*"], implicit_flow=True))

    assert list(stops_of(world(desired=State(), there=there, ours=["client:app"]).plan())) == []
