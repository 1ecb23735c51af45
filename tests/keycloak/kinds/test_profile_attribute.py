"""Declared attributes of the user profile, on a real Keycloak."""

from collections.abc import Iterator

import pytest

from console.engine.state import Kind
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
