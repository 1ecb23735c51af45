"""Roles of groups on a real Keycloak."""

from console.engine.state import Kind
from tests.keycloak.world import World, at, creates, deletes, done, fresh


def test_a_groups_role_goes_round_and_its_neighbours_stay(world: World) -> None:
    name, kept, role = fresh("group"), world.make_role(fresh("kept")), world.make_role(fresh("role"))
    group = world.make("groups", name=name, attributes={"k": ["v"]})
    account = world.get("clients", clientId="account")[0]["id"]
    client_role = world.get("clients", account, "roles", "view-profile")
    world.post("groups", group, "role-mappings", "realm", json=[kept])
    world.post("groups", group, "role-mappings", "clients", account, json=[client_role])
    address = at(Kind.GROUP_ROLE, name, role["name"])

    done(world.do(creates(address)))
    linked = world.read(address)
    done(world.do(deletes(address)))

    assert [one.address for one in linked] == [address]
    found = world.get("groups", group)
    assert (found["realmRoles"], found["clientRoles"]) == ([kept["name"]], {"account": ["view-profile"]})
    assert found["attributes"] == {"k": ["v"]}


def test_what_a_parent_or_a_composite_gives_is_no_role_of_the_group(world: World) -> None:
    parent, whole, part = fresh("parent"), world.make_role(fresh("whole")), world.make_role(fresh("part"))
    world.post("roles-by-id", whole["id"], "composites", json=[part])
    top = world.make("groups", name=parent)
    world.make("groups", top, "children", name="child")
    world.post("groups", top, "role-mappings", "realm", json=[whole])

    asked = [
        at(Kind.GROUP_ROLE, parent, whole["name"]),
        at(Kind.GROUP_ROLE, parent, part["name"]),
        at(Kind.GROUP_ROLE, f"{parent}/child", whole["name"]),
    ]

    assert [one.address for one in world.read(*asked)] == asked[:1]


def test_a_link_that_is_there_already_is_done(world: World) -> None:
    name, role = fresh("group"), world.make_role(fresh("role"))
    group = world.make("groups", name=name)
    world.post("groups", group, "role-mappings", "realm", json=[role])

    done(world.do(creates(at(Kind.GROUP_ROLE, name, role["name"]))))

    assert world.get("groups", group)["realmRoles"] == [role["name"]]
