"""Entitlements as values of one attribute, on a real Keycloak."""

from console.engine.state import Kind, Selection
from console.transport import calls
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, updates

READ, WRITE, OTHER = "package:demo:READ", "package:demo:WRITE", "package:other:READ"


def test_a_persons_entitlements_go_round_and_all_else_stays(world: World) -> None:
    world.declare_entitlements()
    profile = world.get("users", "profile")
    world.put("users", "profile", json=profile | {"unmanagedAttributePolicy": "ADMIN_EDIT"})
    username = fresh("ann")
    person = world.make_person(username, attributes={"colour": ["red", "blue"], "entitlements": [OTHER]})
    address = at(Kind.ENTITLEMENT, "person", username, READ)

    done(world.do(creates(address)))
    with_it = world.get("users", person)
    done(world.do(deletes(address)))
    without = world.get("users", person)
    world.put("users", "profile", json=profile)

    assert with_it["attributes"] == {"colour": ["red", "blue"], "entitlements": [READ, OTHER]}
    assert without["attributes"] == {"colour": ["red", "blue"], "entitlements": [OTHER]}
    assert [without[key] for key in ("email", "firstName", "lastName", "enabled")] == [
        f"{username}@example.org",
        "Ann",
        "Lee",
        True,
    ]


def test_a_groups_entitlements_go_round_and_its_other_attributes_stay(world: World) -> None:
    name, role = fresh("group"), world.make_role(fresh("role"))
    top = world.make("groups", name=name)
    group = world.make(
        "groups", top, "children", name="eng", description="E", attributes={"cost": ["1", "2"]}
    )
    world.post("groups", group, "role-mappings", "realm", json=[role])
    address = at(Kind.ENTITLEMENT, "group", f"{name}/eng", READ)

    done(world.do(creates(address)))
    with_it = world.get("groups", group)
    done(world.do(deletes(address)))
    without = world.get("groups", group)

    assert with_it["attributes"] == {"cost": ["1", "2"], "entitlements": [READ]}
    assert without["attributes"] == {"cost": ["1", "2"]}
    assert (without["description"], without["realmRoles"]) == ("E", [role["name"]])


def test_all_values_of_one_owner_are_one_write(world: World) -> None:
    world.declare_entitlements()
    username = fresh("ann")
    person = world.make_person(username, attributes={"entitlements": [OTHER]})
    addresses = [at(Kind.ENTITLEMENT, "person", username, value) for value in (READ, WRITE, OTHER)]

    with calls() as made:
        outcomes = world.do(creates(addresses[0]), creates(addresses[1]), deletes(addresses[2]))

    assert [one.result for one in outcomes] == ["done"] * 3
    assert [one for one in made.made if one.startswith("PUT")] == [
        f"PUT /admin/realms/{world.name}/users/{person}"
    ]
    assert world.get("users", person)["attributes"] == {"entitlements": [READ, WRITE]}


def test_a_change_of_the_person_and_of_its_entitlements_at_once_loses_neither(world: World) -> None:
    world.declare_entitlements()
    username = fresh("ann")
    person = world.make_person(username)
    fields = {"email": "", "first_name": "New", "last_name": "Name", "enabled": False}
    granted = [at(Kind.ENTITLEMENT, "person", username, f"package:{number}:READ") for number in range(5)]

    outcomes = world.do(updates(at(Kind.PERSON, username), **fields), *(creates(one) for one in granted))

    found = world.get("users", person)
    assert {one.result for one in outcomes} == {"done"}
    assert (found["firstName"], found["lastName"], found["enabled"]) == ("New", "Name", False)
    assert set(found["attributes"]["entitlements"]) == {one.path[2] for one in granted}


def test_a_value_that_keycloak_drops_without_a_word_is_a_failure(world: World) -> None:
    profile = world.get("users", "profile")
    undeclared = [one for one in profile["attributes"] if one["name"] != "entitlements"]
    world.put("users", "profile", json=profile | {"attributes": undeclared})
    username = fresh("ann")
    world.make_person(username)

    outcome = failed(world.do(creates(at(Kind.ENTITLEMENT, "person", username, READ))))

    assert "did not keep it" in outcome.sentence
    world.declare_entitlements()


def test_one_value_that_is_too_long_fails_alone(world: World) -> None:
    world.declare_entitlements()
    username = fresh("ann")
    world.make_person(username)
    good, long = (at(Kind.ENTITLEMENT, "person", username, value) for value in (READ, "x" * 3000))

    outcomes = world.do(creates(long), creates(good))

    assert [one.result for one in outcomes] == ["failed", "done"]
    assert "entitlements is too short or too long" in outcomes[0].sentence


def test_values_are_read_for_people_and_groups_and_in_full(world: World) -> None:
    world.declare_entitlements()
    username, name = fresh("ann"), fresh("group")
    world.make_person(username, attributes={"entitlements": [READ, WRITE]})
    world.make("groups", name=name, attributes={"entitlements": [OTHER]})
    all_three = {
        at(Kind.ENTITLEMENT, "person", username, READ),
        at(Kind.ENTITLEMENT, "person", username, WRITE),
        at(Kind.ENTITLEMENT, "group", name, OTHER),
    }

    selected = world.read(*all_three, at(Kind.ENTITLEMENT, "person", username, OTHER))
    everything = world.target.read(Selection.all())

    assert {one.address for one in selected} == all_three
    assert {one.address for one in everything.of_kind(Kind.ENTITLEMENT)} >= all_three
