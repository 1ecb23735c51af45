"""Memberships on a real Keycloak."""

from console.engine.state import Kind
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh


def test_a_membership_goes_round_and_its_neighbours_stay(world: World) -> None:
    username, kept, name = fresh("ann"), fresh("kept"), fresh("group")
    person = world.make_person(username)
    world.put("users", person, "groups", world.make("groups", name=kept))
    world.make("groups", world.make("groups", name=name), "children", name="eng")
    address = at(Kind.MEMBERSHIP, username, f"{name}/eng")

    done(world.do(creates(address)))
    linked = world.read(address, at(Kind.MEMBERSHIP, username, name))
    done(world.do(deletes(address)))

    assert [one.address for one in linked] == [address]
    assert [one["path"] for one in world.get("users", person, "groups")] == [f"/{kept}"]


def test_many_memberships_of_one_person_are_written_side_by_side(world: World) -> None:
    username = fresh("busy")
    world.make_person(username)
    names = [fresh("group") for _ in range(12)]
    for name in names:
        world.make("groups", name=name)
    links = [at(Kind.MEMBERSHIP, username, name) for name in names]

    outcomes = world.do(*(creates(one) for one in links))

    assert {one.result for one in outcomes} == {"done"}
    assert {one.address for one in world.read(*links)} == set(links)


def test_a_missing_group_and_a_missing_person_are_named(world: World) -> None:
    username, missing = fresh("ann"), fresh("missing")
    world.make_person(username)

    no_group = failed(world.do(creates(at(Kind.MEMBERSHIP, username, missing))))
    no_person = failed(world.do(creates(at(Kind.MEMBERSHIP, missing, missing))))

    assert f'Group "{missing}"' in no_group.sentence
    assert f'Person "{missing}"' in no_person.sentence


def test_leaving_a_group_that_is_gone_is_done(world: World) -> None:
    username = fresh("ann")
    world.make_person(username)

    done(world.do(deletes(at(Kind.MEMBERSHIP, username, fresh("gone")))))
