"""Required actions on a real Keycloak."""

from typing import Any

from console.engine.kinds import is_kept
from console.engine.state import Kind
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, updates

TERMS = at(Kind.REQUIRED_ACTION, "TERMS_AND_CONDITIONS")
OTP = at(Kind.REQUIRED_ACTION, "CONFIGURE_TOTP")


def whole(world: World, alias: str) -> Any:
    return world.get("authentication", "required-actions", alias)


def test_each_field_changes_alone_and_the_settings_stay(world: World) -> None:
    world.put(
        "authentication",
        "required-actions",
        "UPDATE_PASSWORD",
        json=whole(world, "UPDATE_PASSWORD") | {"config": {"max_auth_age": "100"}},
    )
    address = at(Kind.REQUIRED_ACTION, "UPDATE_PASSWORD")
    expected = whole(world, "UPDATE_PASSWORD")

    for name, key, value in [
        ("name", "name", "New password"),
        ("enabled", "enabled", False),
        ("default_action", "defaultAction", True),
        ("priority", "priority", 7),
    ]:
        (before,) = world.read(address)
        outcome = done(world.do(updates(address, before={name: before.fields[name]}, **{name: value})))
        expected[key] = value
        assert outcome.fields == dict(before.fields) | {name: value}
        assert whole(world, "UPDATE_PASSWORD") == expected


def test_one_that_was_unregistered_is_registered_again(world: World) -> None:
    world.delete("authentication", "required-actions", "CONFIGURE_TOTP")
    gone = world.read(OTP)

    made = done(world.do(creates(OTP, name="One-time code", enabled=False, default_action=False, priority=5)))

    assert gone == []
    assert made.fields == {"name": "One-time code", "enabled": False, "default_action": False, "priority": 5}
    assert [one["alias"] for one in world.get("authentication", "required-actions")].count(
        "CONFIGURE_TOTP"
    ) == 1


def test_a_registration_whose_reply_was_lost_is_finished_by_the_next_try(
    world: World, spoiled: World, forwarder: Forwarder
) -> None:
    world.delete("authentication", "required-actions", "delete_account")
    address = at(Kind.REQUIRED_ACTION, "delete_account")
    forwarder.spoil("POST", "/register-required-action", Fault(cut_after=0))

    first = failed(spoiled.do(creates(address, name="Leave", enabled=False)))
    second = done(spoiled.do(creates(address, name="Leave", enabled=False)))

    assert first.retryable
    assert second.fields["enabled"] is False
    assert [one["alias"] for one in world.get("authentication", "required-actions")].count(
        "delete_account"
    ) == 1


def test_one_that_the_realm_came_with_is_brought_in_line(world: World) -> None:
    made = done(world.do(creates(TERMS, enabled=True, name="Terms")))

    assert (made.fields["enabled"], made.fields["name"]) == (True, "Terms")


def test_it_is_never_taken_away(world: World) -> None:
    outcome = failed(world.do(deletes(TERMS)))

    assert "never taken away" in outcome.sentence
    assert is_kept(TERMS)
    assert whole(world, "TERMS_AND_CONDITIONS")["alias"] == "TERMS_AND_CONDITIONS"


def test_one_that_this_server_does_not_know_is_said(world: World) -> None:
    outcome = failed(world.do(creates(at(Kind.REQUIRED_ACTION, "NOWHERE"), name="x")))

    assert "not found" in outcome.sentence


def test_a_change_of_others_meanwhile_is_not_overwritten(world: World) -> None:
    outcome = failed(world.do(updates(TERMS, before={"priority": 999}, priority=3)))

    assert "changed in Keycloak meanwhile" in outcome.sentence
