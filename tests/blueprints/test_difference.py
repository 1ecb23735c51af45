"""Two versions of a blueprint, and what differs in words."""

from console.blueprints.difference import Turn, differences
from console.blueprints.loader import load
from console.blueprints.shipped import shipped
from tests.blueprints.texts import SMALL


def between(*pairs: tuple[str, str]) -> list[str]:
    """Return the sentences between the small blueprint and one with other pieces of text."""
    text = SMALL.replace('version: "1"', 'version: "2"')
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return [one.sentence for one in differences(load(SMALL), load(text))]


def test_the_same_twice_differs_in_nothing() -> None:
    assert between() == []
    assert all(differences(one, one) == () for one in shipped())


def test_what_was_added_and_removed() -> None:
    found = between(
        (
            "  - {name: helper-of-boss, description: Helps}\n",
            "  - {name: helper-of-boss, description: Helps}\n  - {name: guest}\n",
        ),
        ("looks_like: {boss-admin: boss}\n", ""),
        (
            "  - {alias: CONFIGURE_TOTP, settings: {default_action: true}}\n",
            "  - {alias: UPDATE_PASSWORD, settings: {enabled: true}}\n",
        ),
        ('  - {client_roles: [app/reader], gives: ["app:use"], level: low}\n', ""),
    )

    assert "Role “guest” is added." in found
    assert "Required action “CONFIGURE_TOTP” is removed." in found
    assert "Required action “UPDATE_PASSWORD” is added." in found
    assert "Grant “app/reader → app:use” is removed." in found


def test_what_changed_is_said_by_its_own_name() -> None:
    found = between(
        ("default: 300, minimum: 60", "default: 600, minimum: 60"),
        ("https://app.example.org/back", "https://app.example.org/return"),
        ("description: Helps", "description: Helps much"),
        ("level: high, when: reading is wide", "level: low, when: reading is wide"),
        ("levels: [READ, WRITE]", "levels: [READ, WRITE, OWN]"),
        ("short: Reach, resource", "short: Reach it, resource"),
        ("access_token_lifespan: ${lifespan}", "access_token_lifespan: 900"),
    )

    assert found == [
        "About: realm › settings › access token lifespan changes from ${lifespan} to 900.",
        "Parameter “lifespan”: default changes from 300 to 600.",
        "Role “helper-of-boss”: description changes from Helps to Helps much.",
        "Client “app”: settings › redirect uris changes from https://app.example.org/back to "
        "https://app.example.org/return.",
        "Entitlement type “package”: levels changes from READ, WRITE to READ, WRITE, OWN.",
        "Grant “boss → app:use”: level changes from high to low.",
        "Capability “app:reach”: short changes from Reach to Reach it.",
    ]


def test_each_difference_can_be_shown_in_parts() -> None:
    text = SMALL.replace("description: Helps", "description: Helps much")
    (one,) = differences(load(SMALL), load(text))

    assert (one.section, one.name, one.turn) == ("Role", "helper-of-boss", Turn.CHANGED)
    assert (one.field, one.before, one.after) == ("description", "Helps", "Helps much")


def test_nothing_that_differs_is_passed_over() -> None:
    """Each line of the text that is left out is a difference, if what is left can be read at all."""
    from console.blueprints.model import Invalid

    lines = SMALL.splitlines(keepends=True)
    whole, seen = load(SMALL), 0
    for place, line in enumerate(lines):
        try:
            rest = load("".join(lines[:place] + lines[place + 1 :]))
        except Invalid:
            continue
        if line.strip():
            seen += 1
            assert differences(whole, rest), line
    assert seen > 15
