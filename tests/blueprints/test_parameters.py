"""Values of parameters: as a form or a program sends them, with a sentence for each that is wrong."""

from typing import Any

import pytest

from console.blueprints.expand import expand
from console.blueprints.loader import load
from console.blueprints.model import Blueprint, WrongParameters
from console.blueprints.parameters import is_asked
from console.blueprints.shipped import shipped_one
from tests.blueprints.texts import SMALL

RIGHT = {"workspace": "acme"}


def small() -> Blueprint:
    return load(SMALL)


def errors(**given: Any) -> dict[str, str]:
    with pytest.raises(WrongParameters) as caught:
        expand(small(), RIGHT | given)
    return dict(caught.value.errors)


@pytest.mark.parametrize(
    ("given", "name", "sentence"),
    [
        ({"workspace": ""}, "workspace", "This must be given."),
        ({"workspace": None}, "workspace", "This must be given."),
        ({"workspace": "ACME"}, "workspace", "This must fit [a-z-]+"),
        ({"workspace": " acme"}, "workspace", "This cannot begin or end with a space"),
        ({"workspace": "ac\nme"}, "workspace", "control or invisible characters"),
        ({"workspace": 7}, "workspace", "This must be a text."),
        ({"workspace": "a" * 2001}, "workspace", "This has at most 2000 characters."),
        ({"reading": "broad"}, "reading", "This is one of: wide, narrow."),
        ({"lifespan": "soon"}, "lifespan", "This must be a whole number."),
        ({"lifespan": True}, "lifespan", "This must be a whole number."),
        ({"lifespan": 59}, "lifespan", "This is from 60 to 86400."),
        ({"lifespan": "86401"}, "lifespan", "This is from 60 to 86400."),
        ({"enforced": "perhaps"}, "enforced", "This is yes or no."),
        ({"enforced": 1}, "enforced", "This is yes or no."),
        ({"more": {"a": 1}}, "more", "This must be a list, one a line."),
        ({"more": ["a", "a"]}, "more", "One of these stands twice."),
        ({"more": ["a"] * 501}, "more", "These are more than 500."),
        ({"more": [7]}, "more", "This must be a text."),
        (
            {"host": "smtp.example.org", "password": "****"},
            "password",
            "Only asterisks: that is a masked secret",
        ),
        ({"nonsense": "x"}, "nonsense", "This blueprint has no such parameter."),
        ({"more": ["boss"]}, "more", 'Role "boss" stands twice.'),
        ({"more": ["a/b"]}, "more", "cannot hold a slash"),
        ({"more": ["offline_access"]}, "more", "is Keycloak's own"),
    ],
)
def test_a_wrong_value_is_said_at_its_parameter(given: dict[str, Any], name: str, sentence: str) -> None:
    assert sentence in errors(**given)[name]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert set(errors(workspace="", lifespan="x", more=[1], other=1)) == {
        "workspace",
        "lifespan",
        "more",
        "other",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"lifespan": 300, "reading": "wide", "more": [], "enforced": True, "host": ""}),
        ({"lifespan": "90", "enforced": "false"}, {"lifespan": 90, "enforced": False}),
        ({"more": "one\r\n two \n\n"}, {"more": ["one", "two"]}),
        ({"more": ["one"]}, {"more": ["one"]}),
        ({"lifespan": "", "reading": ""}, {"lifespan": 300, "reading": "wide"}),
        ({"enforced": True}, {"enforced": True}),
    ],
)
def test_values_come_as_forms_and_programs_have_them(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = expand(small(), RIGHT | given).parameters
    assert {name: found[name] for name in expected} == expected


def test_a_secret_is_never_among_what_is_kept() -> None:
    found = expand(small(), {**RIGHT, "host": "smtp.example.org", "password": "very-secret"})

    assert "password" not in found.parameters
    assert "very-secret" not in repr(found)
    assert [dict(one) for one in found.secrets.values()] == [{"smtp_password": "very-secret"}]


def test_what_is_asked_for_only_where_it_matters() -> None:
    blueprint = shipped_one("platform-mesh")
    assert blueprint is not None
    sender = blueprint.parameter("smtp_from")
    assert sender is not None
    given = {"workspace": "acme", "base_domain": "example.org"}

    assert sender.required
    assert not is_asked(sender, {"smtp_host": ""})
    assert is_asked(sender, {"smtp_host": "smtp.example.org"})
    assert expand(blueprint, given).realm_name == "acme"
    with pytest.raises(WrongParameters) as caught:
        expand(blueprint, given | {"smtp_host": "smtp.example.org"})
    assert caught.value.errors == {"smtp_from": "This must be given."}


def test_what_is_not_asked_for_has_its_default_whatever_a_form_kept() -> None:
    blueprint = shipped_one("platform-mesh")
    assert blueprint is not None
    stale = {"smtp_from": "no address", "smtp_port": "x", "smtp_password": "very-secret"}

    found = expand(blueprint, {"workspace": "acme", "base_domain": "example.org", **stale})

    assert (found.parameters["smtp_from"], found.parameters["smtp_port"]) == ("", 587)
    assert dict(found.secrets) == {}


def test_two_values_that_do_not_go_together_are_both_blamed() -> None:
    blueprint = shipped_one("prokube")
    assert blueprint is not None
    with pytest.raises(WrongParameters) as caught:
        expand(blueprint, {"user_group": "all", "admin_group": "all"})
    assert caught.value.errors == dict.fromkeys(("user_group", "admin_group"), 'Group "all" stands twice.')
