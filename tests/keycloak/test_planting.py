"""New groups as whole trees with their roles, on a real Keycloak: each as if it had been created alone."""

from collections.abc import Sequence
from typing import Any

import pytest

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Selection
from console.engine.target import LostLease, Outcome, Paused, Result
from console.keycloak.planting import FEWEST, TOGETHER
from console.keycloak.target import KeycloakTarget
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, fresh

IMPORT = "/partialImport"


def tree(top: str, role: str, *, inside: int = 4) -> list[Operation]:
    """Return the operations of one new group with some inside of it, and one in the last of these."""
    paths = [top, *(f"{top}/sub{number}" for number in range(inside)), f"{top}/sub0/low"]
    made = [creates(at(Kind.GROUP, path), description=f"The group {path}") for path in paths]
    return [*made, *(creates(at(Kind.GROUP_ROLE, path, role)) for path in paths)]


def trees(count: int, role: str) -> list[Operation]:
    """Return several trees as the engine hands them over: all groups, parents first, then all their roles."""
    prefix = fresh("tree")
    every = [one for number in range(count) for one in tree(f"{prefix}-{number:02}", role)]
    return sorted(every, key=lambda one: (one.address.kind is Kind.GROUP_ROLE, one.address.path))


def addresses(operations: Sequence[Operation]) -> frozenset[Address]:
    return frozenset(one.address for one in operations)


def there(world: World, operations: Sequence[Operation]) -> set[Address]:
    """Return which of these stand in Keycloak, asked for one by one."""
    return {found.address for one in operations for found in world.read(one.address)} & addresses(operations)


def failed_at(operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> set[Address]:
    pairs = zip(operations, outcomes, strict=True)
    return {one.address for one, outcome in pairs if outcome.result is not Result.DONE}


@pytest.fixture
def role(world: World) -> str:
    return str(world.make_role(fresh("role"))["name"])


def test_whole_trees_arrive_by_one_call_with_what_they_say_and_give(
    world: World, spoiled: World, forwarder: Forwarder, role: str
) -> None:
    operations = trees(3, role)

    outcomes = spoiled.do(*operations)

    assert {one.result for one in outcomes} == {Result.DONE}
    assert forwarder.count("POST", IMPORT) == 1
    assert forwarder.count("POST", "/groups") + forwarder.count("POST", "/children") == 0
    state = world.target.read(Selection(addresses(operations)))
    assert {*state.resources} == addresses(operations)
    for one, outcome in zip(operations, outcomes, strict=True):
        assert outcome.id == state.resources[one.address].id
        assert outcome.fields == state.resources[one.address].fields


def test_a_group_imported_is_like_a_group_created(world: World, role: str) -> None:
    alone, together = tree(fresh("alone"), role, inside=1), trees(2, role)
    singly = [world.do(one) for one in alone]

    assert {one.result for some in singly for one in some} == {Result.DONE}
    assert failed_at(together, world.do(*together)) == set()
    assert like(world, alone[0]) == like(world, together[0])


def like(world: World, creation: Operation) -> dict[str, Any]:
    """Return all that Keycloak says of a group, without its own names and ids."""
    (found,) = world.get("groups", search=creation.address.path[0], exact="true", briefRepresentation="false")
    whole = world.get("groups", found["id"])
    own = {"id", "name", "path", "description", "subGroupCount"}
    return {key: value for key, value in whole.items() if key not in own}


def test_more_than_go_into_one_call_take_several(spoiled: World, forwarder: Forwarder, role: str) -> None:
    operations = trees(20, role)

    outcomes = spoiled.do(*operations)

    assert failed_at(operations, outcomes) == set()
    assert forwarder.count("POST", IMPORT) == 3
    assert TOGETHER < 20 * 6 <= 3 * TOGETHER


def test_a_few_groups_are_made_by_a_call_each(spoiled: World, forwarder: Forwarder, role: str) -> None:
    top = fresh("few")
    operations = [
        creates(at(Kind.GROUP, top), description=""),
        creates(at(Kind.GROUP, f"{top}/in"), description=""),
        creates(at(Kind.GROUP_ROLE, f"{top}/in", role)),
    ]

    assert failed_at(operations, spoiled.do(*operations)) == set()
    assert FEWEST > 2
    assert forwarder.count("POST", IMPORT) == 0


def test_a_group_that_is_there_already_is_not_touched_and_fails_with_all_below(
    world: World, role: str
) -> None:
    operations = trees(4, role)
    taken = operations[0].address.path[0]
    id = world.make("groups", name=taken, description="Somebody else's")

    outcomes = world.do(*operations)

    below = {one for one in addresses(operations) if one.path[0].partition("/")[0] == taken}
    assert failed_at(operations, outcomes) == below
    assert world.get("groups", id)["description"] == "Somebody else's"
    assert world.get("groups", id, "children") == []
    assert there(world, operations) == addresses(operations) - below | {at(Kind.GROUP, taken)}


def test_a_role_that_is_missing_is_not_made_by_an_import(world: World, role: str) -> None:
    """Keycloak's import makes realm roles that it does not find."""
    operations = trees(2, role)
    wrong = creates(at(Kind.GROUP_ROLE, operations[0].address.path[0], "nobody-made-this"))

    outcomes = world.do(*operations, wrong)

    assert failed_at([*operations, wrong], outcomes) == {wrong.address}
    assert world.find("roles", "nobody-made-this") is None


@pytest.mark.parametrize("name", [" before", "after ", "per%cent", "quo\"te'", "ünï ço∂é", "a+b=c&d", "~"])
def test_names_stay_as_they_are(world: World, role: str, name: str) -> None:
    top = f"{name}{fresh('-')}{name}"
    strange = str(world.make_role(f"{name}{fresh('-')}{name}")["name"])
    operations = [*tree(top, strange), creates(at(Kind.GROUP, f"{top}/{name}"), description="")]

    assert failed_at(operations, world.do(*operations)) == set()
    assert there(world, operations) == addresses(operations)


def test_below_a_group_that_stands_already_they_are_made_level_by_level(
    world: World, spoiled: World, forwarder: Forwarder, role: str
) -> None:
    old = fresh("old")
    world.make("groups", name=old)
    operations = tree(f"{old}/new", role)

    outcomes = spoiled.do(*operations)

    assert failed_at(operations, outcomes) == set()
    assert forwarder.count("POST", IMPORT) == 0
    assert there(world, operations) == addresses(operations)


LOST = [Fault(cut_after=0), Fault(status=502), Fault(status=500), Fault(cut_after=0, forwarded=False)]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.status}-{fault.forwarded}")
def test_a_lost_reply_of_an_import_is_decided_group_by_group(
    world: World, spoiled: World, forwarder: Forwarder, role: str, fault: Fault
) -> None:
    operations = trees(3, role)
    forwarder.spoil("POST", IMPORT, fault)

    outcomes = spoiled.do(*operations)

    lost = failed_at(operations, outcomes)
    assert there(world, operations) == addresses(operations) - lost
    assert lost == (set() if fault.forwarded else addresses(operations))
    assert all(one.retryable for one in outcomes if one.result is Result.FAILED)
    if lost:
        assert failed_at(operations, spoiled.do(*operations)) == set()


def test_a_pause_lets_a_call_end_and_begins_no_more(world: World, role: str) -> None:
    operations, begun = trees(20, role), []

    def before(some: Sequence[Operation]) -> None:
        if begun:
            raise Paused
        begun.extend(some)

    outcomes = world.target.execute(operations, before)

    left = {one.address for one, end in zip(operations, outcomes, strict=True) if end.result is Result.LEFT}
    assert left == addresses(operations) - addresses(begun)
    assert failed_at(operations, outcomes) == left
    assert there(world, operations) == addresses(begun)


def test_a_lost_lease_writes_nothing(world: World, role: str) -> None:
    operations = trees(2, role)

    def check() -> None:
        raise LostLease("gone")

    with pytest.raises(LostLease):
        KeycloakTarget(world.connection, world.name, before_write=check, beat_seconds=600).execute(operations)

    assert there(world, operations) == set()
