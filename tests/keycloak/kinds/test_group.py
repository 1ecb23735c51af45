"""Groups on a real Keycloak."""

import pytest

from console.engine.state import Kind, Selection
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates


def test_a_tree_of_groups_goes_round(world: World) -> None:
    top = fresh("data")
    root, child = at(Kind.GROUP, top), at(Kind.GROUP, f"{top}/eng")

    done(world.do(creates(root, description="Data")))
    made = done(world.do(creates(child, description="")))
    changed = done(world.do(updates(child, id=made.id, description="Engineers")))

    assert changed.fields == {"description": "Engineers"}
    assert {one.address for one in world.read(root, child)} == {root, child}
    done(world.do(deletes(child, id=made.id)))
    done(world.do(deletes(root)))
    assert world.read(root, child) == []


def test_a_change_keeps_attributes_roles_and_members(world: World) -> None:
    role, name = world.make_role(fresh("role")), fresh("kept")
    group = world.make("groups", name=name, attributes={"cost": ["1", "2"], "entitlements": ["a:b:C"]})
    world.post("groups", group, "role-mappings", "realm", json=[role])
    person = world.make_person(fresh("member"))
    world.put("users", person, "groups", group)

    done(world.do(updates(at(Kind.GROUP, name), description="New")))

    found = world.get("groups", group)
    assert found["description"] == "New"
    assert found["attributes"] == {"cost": ["1", "2"], "entitlements": ["a:b:C"]}
    assert found["realmRoles"] == [role["name"]]
    assert [one["id"] for one in world.get("groups", group, "members")] == [person]


@pytest.mark.parametrize("with_id", [True, False])
def test_a_group_is_renamed_and_moved_with_all_it_has(world: World, with_id: bool) -> None:
    role, old, new = world.make_role(fresh("role")), fresh("old"), fresh("new")
    first, second = world.make("groups", name=old), world.make("groups", name=new)
    moved = world.make("groups", first, "children", name="eng", description="E", attributes={"k": ["v"]})
    world.post("groups", moved, "role-mappings", "realm", json=[role])
    below = world.make("groups", moved, "children", name="leaf")
    was, address = at(Kind.GROUP, f"{old}/eng"), at(Kind.GROUP, f"{new}/build")
    id = moved if with_id else None

    outcome = done(world.do(renames(was, address, id=id, description="E")))

    found = world.get("groups", moved)
    assert outcome.id == moved
    assert (found["path"], found["parentId"]) == (f"/{new}/build", second)
    assert (found["description"], found["attributes"], found["realmRoles"]) == (
        "E",
        {"k": ["v"]},
        [role["name"]],
    )
    assert world.get("groups", below)["path"] == f"/{new}/build/leaf"


def test_a_group_moves_to_the_top_and_is_renamed_in_place(world: World) -> None:
    parent, name = fresh("parent"), fresh("child")
    top = world.make("groups", name=parent)
    child = world.make("groups", top, "children", name=name)

    done(
        world.do(renames(at(Kind.GROUP, f"{parent}/{name}"), at(Kind.GROUP, name), id=child, description=""))
    )
    done(world.do(renames(at(Kind.GROUP, name), at(Kind.GROUP, f"{name}-2"), id=child, description="")))

    found = world.get("groups", child)
    assert (found["path"], found.get("parentId")) == (f"/{name}-2", None)


def test_a_group_moves_past_a_group_that_has_its_old_name(world: World) -> None:
    old, new, name = fresh("old"), fresh("new"), fresh("eng")
    first, second = world.make("groups", name=old), world.make("groups", name=new)
    moved = world.make("groups", first, "children", name=name, attributes={"k": ["v"]})
    other = world.make("groups", second, "children", name=name)

    done(world.do(renames(at(Kind.GROUP, f"{old}/{name}"), at(Kind.GROUP, f"{new}/build"), id=moved)))

    assert world.get("groups", moved)["path"] == f"/{new}/build"
    assert world.get("groups", moved)["attributes"] == {"k": ["v"]}
    assert world.get("groups", other)["path"] == f"/{new}/{name}"


def test_a_move_that_meets_both_names_on_its_way_says_so_and_does_nothing(world: World) -> None:
    old, new = fresh("old"), fresh("new")
    first, second = world.make("groups", name=old), world.make("groups", name=new)
    moved = world.make("groups", first, "children", name="eng")
    world.make("groups", first, "children", name="build")
    world.make("groups", second, "children", name="eng")

    outcome = failed(
        world.do(renames(at(Kind.GROUP, f"{old}/eng"), at(Kind.GROUP, f"{new}/build"), id=moved))
    )

    assert "in two changes" in outcome.sentence
    assert world.get("groups", moved)["path"] == f"/{old}/eng"


@pytest.mark.parametrize("half_way", ["moved", "renamed"])
def test_a_move_that_was_cut_between_its_two_calls_is_completed(world: World, half_way: str) -> None:
    old, new = fresh("old"), fresh("new")
    first, second = world.make("groups", name=old), world.make("groups", name=new)
    moved = world.make("groups", first, "children", name="eng")
    if half_way == "moved":
        world.post("groups", second, "children", json={"id": moved, "name": "eng"})
    else:
        world.put("groups", moved, json={"name": "build"})

    done(world.do(renames(at(Kind.GROUP, f"{old}/eng"), at(Kind.GROUP, f"{new}/build"), id=moved)))

    assert world.get("groups", moved)["path"] == f"/{new}/build"


def test_a_group_goes_with_its_sub_groups_only_if_they_were_read_before(world: World) -> None:
    name = fresh("parent")
    top = world.make("groups", name=name)
    child = world.make("groups", top, "children", name="child")
    leaf = world.make("groups", child, "children", name="leaf")
    address, target = at(Kind.GROUP, name), world.target

    read = target.read(Selection(frozenset({address})))
    late = world.make("groups", leaf, "children", name="made-meanwhile")
    refused = failed(target.execute([deletes(address, id=top)]))
    world.delete("groups", late)
    done(target.execute([deletes(address, id=top)]))

    assert {one.id for one in read} == {top, child, leaf}
    assert "nobody has seen" in refused.sentence
    assert refused.retryable
    assert world.find("groups", leaf) is None


def test_a_group_moved_behind_our_back_is_not_deleted(world: World) -> None:
    parent, name = fresh("parent"), fresh("child")
    top, child = world.make("groups", name=parent), world.make("groups", name=name)
    world.post("groups", top, "children", json={"id": child, "name": name})

    outcome = failed(world.do(deletes(at(Kind.GROUP, name), id=child)))

    assert "moved or renamed" in outcome.sentence
    assert world.get("groups", child)["path"] == f"/{parent}/{name}"


def test_a_foreign_twin_is_left_alone(world: World) -> None:
    name = fresh("twin")
    twin = world.make("groups", name=name, description="Theirs")

    outcome = failed(world.do(creates(at(Kind.GROUP, name), description="Ours")))

    assert "not ours" in outcome.sentence
    assert world.get("groups", twin)["description"] == "Theirs"


def test_a_child_of_a_missing_parent_fails_with_the_parent_named(world: World) -> None:
    parent = fresh("missing")

    outcome = failed(world.do(creates(at(Kind.GROUP, f"{parent}/eng"), description="")))

    assert parent in outcome.sentence


def test_a_group_changed_behind_our_back_is_not_overwritten(world: World) -> None:
    name = fresh("group")
    group = world.make("groups", name=name, description="Changed by another")

    outcome = failed(
        world.do(updates(at(Kind.GROUP, name), before={"description": "Old"}, description="New"))
    )

    assert "changed in Keycloak meanwhile" in outcome.sentence
    assert outcome.retryable
    assert world.get("groups", group)["description"] == "Changed by another"
