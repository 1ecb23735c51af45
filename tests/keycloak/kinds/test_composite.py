"""Composites of realm roles on a real Keycloak."""

from console.engine.state import Kind, Selection
from console.transport import calls
from tests.keycloak.world import World, at, creates, deletes, done, fresh


def test_a_composite_goes_round_and_its_neighbours_stay(world: World) -> None:
    whole, kept, part = (world.make_role(fresh(name)) for name in ("whole", "kept", "part"))
    account = world.get("clients", clientId="account")[0]["id"]
    client_role = world.get("clients", account, "roles", "view-profile")
    world.post("roles-by-id", whole["id"], "composites", json=[kept, client_role])
    address = at(Kind.COMPOSITE, whole["name"], part["name"])

    done(world.do(creates(address)))
    linked = world.read(address)
    done(world.do(deletes(address)))

    assert [one.address for one in linked] == [address]
    assert world.read(address) == []
    left = {one["name"] for one in world.get("roles-by-id", whole["id"], "composites")}
    assert left == {kept["name"], "view-profile"}


def test_only_direct_composites_are_found(world: World) -> None:
    top, middle, bottom = (world.make_role(fresh(name)) for name in ("top", "middle", "bottom"))
    world.post("roles-by-id", top["id"], "composites", json=[middle])
    world.post("roles-by-id", middle["id"], "composites", json=[bottom])

    through = at(Kind.COMPOSITE, top["name"], bottom["name"])

    assert world.read(through) == []
    assert world.read(at(Kind.COMPOSITE, top["name"], middle["name"])) != []


def test_the_composites_of_one_role_are_written_by_one_call(world: World) -> None:
    whole = world.make_role(fresh("whole"))
    parts = [world.make_role(fresh("part")) for _ in range(4)]

    with calls() as made:
        outcomes = world.do(*(creates(at(Kind.COMPOSITE, whole["name"], one["name"])) for one in parts))

    assert [one.result for one in outcomes] == ["done"] * 4
    assert [one for one in made.made if one.startswith("POST") and one.endswith("/composites")] == [
        f"POST /admin/realms/{world.name}/roles-by-id/{whole['id']}/composites"
    ]


def test_a_missing_role_fails_alone(world: World) -> None:
    whole, part = world.make_role(fresh("whole")), world.make_role(fresh("part"))
    here, missing = (at(Kind.COMPOSITE, whole["name"], name) for name in (part["name"], fresh("missing")))

    outcomes = world.do(creates(missing), creates(here))

    assert [one.result for one in outcomes] == ["failed", "done"]
    assert missing.path[1] in outcomes[0].sentence


def test_the_default_role_is_an_ordinary_composite_without_its_client_roles(world: World) -> None:
    default = f"default-roles-{world.name}"

    state = world.target.read(Selection.all())

    included = {
        one.address.path[1] for one in state.of_kind(Kind.COMPOSITE) if one.address.path[0] == default
    }
    assert at(Kind.ROLE, default) in state
    assert included == {"offline_access", "uma_authorization"}
