"""Declared attributes of the user profile, on a real Keycloak."""

from collections.abc import Iterator
from typing import Any

import pytest

from console.engine.kinds import KINDS
from console.engine.state import Kind, Selection
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, updates, within

FIELDS = {"multivalued": True, "view": ["admin"], "edit": ["admin"]}
ENTITLEMENTS = at(Kind.PROFILE_ATTRIBUTE, "entitlements")


@pytest.fixture
def neighbours(world: World) -> Iterator[dict[str, object]]:
    """A profile with an attribute of others, with all that an attribute can have, and a policy."""
    plain = world.get("users", "profile")
    theirs = {
        "name": "department",
        "displayName": "Department",
        "validations": {"length": {"max": "20"}},
        "annotations": {"inputType": "text"},
        "permissions": {"view": ["admin", "user"], "edit": ["admin"]},
        "multivalued": False,
    }
    changed = {"attributes": [*plain["attributes"], theirs], "unmanagedAttributePolicy": "ADMIN_VIEW"}
    world.put("users", "profile", json=plain | changed)
    yield world.get("users", "profile")
    world.put("users", "profile", json=plain)


def test_an_attribute_goes_round_and_the_rest_of_the_profile_stays(
    world: World, neighbours: dict[str, object]
) -> None:
    done(world.do(creates(ENTITLEMENTS, **FIELDS)))
    declared = world.get("users", "profile")["attributes"][-1]
    wider = FIELDS | {"multivalued": False, "view": ["admin", "user"]}
    changed = done(world.do(updates(ENTITLEMENTS, **wider)))
    found = world.read(ENTITLEMENTS)
    done(world.do(deletes(ENTITLEMENTS)))

    assert declared["permissions"] == {"view": ["admin"], "edit": ["admin"]}
    assert within(changed.fields, *wider) == wider
    assert [within(one.fields, *wider) for one in found] == [wider]
    assert world.read(ENTITLEMENTS) == []
    assert world.get("users", "profile") == neighbours


def test_a_change_keeps_what_else_an_attribute_has(world: World, neighbours: dict[str, object]) -> None:
    department = at(Kind.PROFILE_ATTRIBUTE, "department")

    done(world.do(updates(department, multivalued=True, view=["admin"], edit=["admin"])))

    found = world.get("users", "profile")["attributes"][-1]
    assert (found["displayName"], found["validations"]) == ("Department", {"length": {"max": "20"}})
    assert found["annotations"] == {"inputType": "text"}
    assert found["multivalued"] is True


def test_an_attribute_that_others_declared_otherwise_is_left_alone(
    world: World, neighbours: dict[str, object]
) -> None:
    outcome = failed(world.do(creates(at(Kind.PROFILE_ATTRIBUTE, "department"), **FIELDS)))

    assert "not ours" in outcome.sentence
    assert world.get("users", "profile") == neighbours


# --- all fields, Keycloak's own attributes, and the profile itself ---

DEPARTMENT = at(Kind.PROFILE_ATTRIBUTE, "department")
PROFILE = at(Kind.USER_PROFILE)
CHANGED: dict[str, Any] = {
    "multivalued": True,
    "view": ["admin"],
    "edit": ["admin", "user"],
    "display_name": "Unit",
    "required": ["user"],
    "validations": {"length": {"max": "7"}, "options": {"options": ["a", "b"]}},
    "group": "user-metadata",
}


def attribute(world: World, name: str) -> Any:
    return next(one for one in world.get("users", "profile")["attributes"] if one["name"] == name)


def test_no_field_is_without_a_test() -> None:
    assert CHANGED.keys() == KINDS[Kind.PROFILE_ATTRIBUTE].fields.keys()


@pytest.mark.parametrize("name", CHANGED)
def test_a_field_goes_there_and_back_alone(world: World, neighbours: dict[str, object], name: str) -> None:
    (found,) = world.read(DEPARTMENT)
    assert found.fields[name] != CHANGED[name]

    there = done(world.do(updates(DEPARTMENT, before={name: found.fields[name]}, **{name: CHANGED[name]})))
    back = done(world.do(updates(DEPARTMENT, **{name: found.fields[name]})))

    assert there.fields == dict(found.fields) | {name: CHANGED[name]}
    assert back.fields == found.fields
    assert world.get("users", "profile") == neighbours


def test_an_attribute_is_declared_with_all_fields_and_emptied(
    world: World, neighbours: dict[str, object]
) -> None:
    address = at(Kind.PROFILE_ATTRIBUTE, "unit")
    empty = {"display_name": "", "required": [], "validations": {}, "group": ""}

    made = done(world.do(creates(address, **CHANGED)))
    emptied = done(world.do(updates(address, **empty)))
    bare = attribute(world, "unit")
    done(world.do(deletes(address)))

    assert made.fields == CHANGED
    assert emptied.fields == CHANGED | empty
    assert bare.keys() == {"name", "multivalued", "permissions"}


def test_whom_an_attribute_is_required_of_under_which_scopes_stays(
    world: World, neighbours: dict[str, object]
) -> None:
    """Without roles it is required of everybody, and that is what we show."""
    whole = world.get("users", "profile")
    whole["attributes"][-1]["required"] = {"scopes": ["email"]}
    world.put("users", "profile", json=whole)

    (everybody,) = world.read(DEPARTMENT)
    done(world.do(updates(DEPARTMENT, required=["user"])))
    some = attribute(world, "department")["required"]
    done(world.do(updates(DEPARTMENT, required=[])))

    assert everybody.fields["required"] == ["admin", "user"]
    assert some == {"scopes": ["email"], "roles": ["user"]}
    assert "required" not in attribute(world, "department")


def test_all_attributes_are_read_and_those_of_keycloak_can_be_changed(
    world: World, neighbours: dict[str, object]
) -> None:
    email = at(Kind.PROFILE_ATTRIBUTE, "email")
    found = {
        one.address.path[0] for one in world.target.read(Selection.all()).of_kind(Kind.PROFILE_ATTRIBUTE)
    }

    changed = done(world.do(updates(email, required=[])))
    made_with_the_realm = done(world.do(creates(email, required=["user"])))
    refused = failed(world.do(deletes(at(Kind.PROFILE_ATTRIBUTE, "username"))))

    assert found == {"username", "email", "firstName", "lastName", "department"}
    assert changed.fields["required"] == []
    assert made_with_the_realm.fields["required"] == ["user"]
    assert "can not be removed" in refused.sentence
    assert world.get("users", "profile") == neighbours


@pytest.mark.parametrize("policy", ["ENABLED", "ADMIN_VIEW", "ADMIN_EDIT", ""])
def test_the_policy_changes_and_the_attributes_stay(
    world: World, neighbours: dict[str, object], policy: str
) -> None:
    (before,) = world.read(PROFILE)

    changed = done(world.do(updates(PROFILE, before=before.fields, unmanaged_attributes=policy)))
    made = done(world.do(creates(PROFILE, unmanaged_attributes=policy)))

    after = world.get("users", "profile")
    assert changed.fields == made.fields == {"unmanaged_attributes": policy}
    assert after.pop("unmanagedAttributePolicy", "") == policy
    assert after == {key: value for key, value in neighbours.items() if key != "unmanagedAttributePolicy"}


def test_profile_and_attributes_in_one_batch_do_not_overwrite_each_other(
    world: World, neighbours: dict[str, object]
) -> None:
    """Both are one object of Keycloak's."""
    operations = [
        updates(PROFILE, unmanaged_attributes="ENABLED"),
        creates(at(Kind.PROFILE_ATTRIBUTE, "unit"), **CHANGED),
        updates(DEPARTMENT, display_name="Unit"),
    ]

    outcomes = world.do(*operations)
    found = {one.address: one.fields for one in world.read(*(one.address for one in operations))}

    assert {one.result for one in outcomes} == {"done"}
    assert found[PROFILE] == {"unmanaged_attributes": "ENABLED"}
    assert found[at(Kind.PROFILE_ATTRIBUTE, "unit")] == CHANGED
    assert found[DEPARTMENT]["display_name"] == "Unit"


def test_what_keycloak_refuses_is_said_and_a_lost_reply_is_read_back(
    world: World, spoiled: World, forwarder: Forwarder, neighbours: dict[str, object]
) -> None:
    address = at(Kind.PROFILE_ATTRIBUTE, "unit")
    forwarder.spoil("PUT", "/users/profile", Fault(cut_after=0))

    lost = done(spoiled.do(creates(address, **CHANGED)))
    group = failed(world.do(updates(address, group="nowhere")))
    validator = failed(world.do(updates(address, validations={"nonsense": {}})))
    stale = failed(world.do(updates(address, before={"display_name": "Old"}, display_name="New")))
    profile = failed(world.do(deletes(PROFILE)))

    assert lost.fields == CHANGED
    assert "unknown group" in group.sentence
    assert "nonsense" in validator.sentence
    assert "changed in Keycloak meanwhile" in stale.sentence
    assert "never taken away" in profile.sentence
