"""Roles of people on a real Keycloak."""

from console.engine.state import Kind
from console.transport import calls
from tests.keycloak.world import World, at, creates, deletes, done, fresh


def test_a_persons_role_goes_round_and_its_neighbours_stay(world: World) -> None:
    username, kept, role = fresh("ann"), world.make_role(fresh("kept")), world.make_role(fresh("role"))
    person = world.make_person(username)
    world.post("users", person, "role-mappings", "realm", json=[kept])
    address = at(Kind.PERSON_ROLE, username, role["name"])

    done(world.do(creates(address)))
    linked = world.read(address)
    done(world.do(deletes(address)))

    assert [one.address for one in linked] == [address]
    left = {one["name"] for one in world.get("users", person, "role-mappings", "realm")}
    assert left == {kept["name"], f"default-roles-{world.name}"}


def test_only_direct_roles_are_found(world: World) -> None:
    username, whole, part = fresh("ann"), world.make_role(fresh("whole")), world.make_role(fresh("part"))
    by_group = world.make_role(fresh("by-group"))
    person, group = world.make_person(username), world.make("groups", name=fresh("group"))
    world.post("roles-by-id", whole["id"], "composites", json=[part])
    world.post("users", person, "role-mappings", "realm", json=[whole])
    world.post("groups", group, "role-mappings", "realm", json=[by_group])
    world.put("users", person, "groups", group)

    asked = [at(Kind.PERSON_ROLE, username, one["name"]) for one in (whole, part, by_group)]

    assert [one.address for one in world.read(*asked)] == asked[:1]


def test_gains_and_losses_of_one_person_are_two_writes(world: World) -> None:
    username = fresh("ann")
    person = world.make_person(username)
    lost, gained = ([world.make_role(fresh(name)) for _ in range(3)] for name in ("lost", "gained"))
    world.post("users", person, "role-mappings", "realm", json=lost)

    with calls() as made:
        outcomes = world.do(
            *(deletes(at(Kind.PERSON_ROLE, username, one["name"])) for one in lost),
            *(creates(at(Kind.PERSON_ROLE, username, one["name"])) for one in gained),
        )

    writes = [one.split()[0] for one in made.made if not one.startswith("GET") and "/token" not in one]
    assert [one.result for one in outcomes] == ["done"] * 6
    assert writes == ["DELETE", "POST"]
    has = {one["name"] for one in world.get("users", person, "role-mappings", "realm")}
    assert has == {one["name"] for one in gained} | {f"default-roles-{world.name}"}
