"""Realm roles on a real Keycloak."""

from console.engine.state import Kind
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates


def test_a_role_goes_round(world: World) -> None:
    """Create, change, rename and delete; the id stays through the rename."""
    first, second = at(Kind.ROLE, fresh("reader")), at(Kind.ROLE, fresh("lecteur"))

    made = done(world.do(creates(first, description="May read")))
    changed = done(world.do(updates(first, id=made.id, description="")))
    renamed = done(world.do(renames(first, second, id=made.id, description="Lit")))

    assert made.fields == {"description": "May read"}
    assert changed.fields == {"description": ""}
    assert renamed.id == made.id
    assert [(one.address, one.fields, one.id) for one in world.read(first, second)] == [
        (second, {"description": "Lit"}, made.id)
    ]
    done(world.do(deletes(second, id=made.id)))
    assert world.read(second) == []


def test_a_change_keeps_attributes_and_composites(world: World) -> None:
    part = world.make_role(fresh("part"))
    whole = world.make_role(fresh("whole"), attributes={"owner": ["data", "team"]})
    world.post("roles-by-id", whole["id"], "composites", json=[part])
    old, new = at(Kind.ROLE, whole["name"]), at(Kind.ROLE, fresh("whole"))

    done(world.do(updates(old, description="One")))
    done(world.do(renames(old, new, description="Two")))

    found = world.get("roles-by-id", whole["id"])
    assert (found["name"], found["description"], found["attributes"]) == (
        new.path[0],
        "Two",
        {"owner": ["data", "team"]},
    )
    assert [one["name"] for one in world.get("roles-by-id", whole["id"], "composites", "realm")] == [
        part["name"]
    ]


def test_an_equal_twin_is_taken_for_done_and_a_different_one_is_left_alone(world: World) -> None:
    twin = world.make_role(fresh("twin"), description="Theirs")
    address = at(Kind.ROLE, twin["name"])

    equal = done(world.do(creates(address, description="Theirs")))
    different = failed(world.do(creates(address, description="Ours")))

    assert equal.id == twin["id"]
    assert "exists already and is not ours" in different.sentence
    assert world.get("roles", twin["name"])["description"] == "Theirs"


def test_a_role_that_is_gone_counts_as_deleted(world: World) -> None:
    done(world.do(deletes(at(Kind.ROLE, fresh("gone")))))


def test_a_role_renamed_behind_our_back_is_found_by_its_id_and_not_changed(world: World) -> None:
    role = world.make_role(fresh("before"))
    renamed = fresh("after")
    world.put("roles-by-id", role["id"], json=role | {"name": renamed})
    address = at(Kind.ROLE, role["name"])

    found = world.read(address, ids={address: role["id"]})
    outcome = failed(world.do(updates(address, id=role["id"], description="x")))

    assert [(one.address, one.id) for one in found] == [(at(Kind.ROLE, renamed), role["id"])]
    assert "renamed in Keycloak meanwhile" in outcome.sentence
    assert "description" not in world.get("roles", renamed)


def test_a_rename_to_a_taken_name_fails_and_changes_neither(world: World) -> None:
    role, taken = world.make_role(fresh("one")), world.make_role(fresh("two"), description="Two")

    outcome = failed(
        world.do(renames(at(Kind.ROLE, role["name"]), at(Kind.ROLE, taken["name"]), id=role["id"]))
    )

    assert outcome.sentence
    assert world.get("roles", taken["name"])["id"] == taken["id"]
    assert world.get("roles", role["name"])["id"] == role["id"]
