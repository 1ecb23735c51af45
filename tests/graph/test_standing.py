"""Who reaches what between the operations of a plan, beside an answer that is calculated from nothing."""

import os
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.engine.apply import Ending
from console.engine.memory import MemoryTarget
from console.engine.operation import Operation
from console.engine.state import Address, Kind
from console.graph.edges import Node, NodeKind, client_role, role
from console.graph.guarded import lapse_of
from console.graph.standing import Standing
from tests.engine.random_worlds import busy_worlds, copied, everything, moving_worlds, worlds
from tests.engine.world import World, at

many = settings(
    max_examples=int(os.environ.get("ENGINE_EXAMPLES", "60")),
    deadline=None,
    derandomize="ENGINE_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
any_world = worlds() | moving_worlds() | busy_worlds()
RIGHTS = [role("r"), role("s"), client_role("shop", "r"), client_role("store", "r")]
RIGHTS += [role(f"role{number}") for number in range(5)]


def names(memory: MemoryTarget) -> dict[str, Address]:
    return {id_: memory._address(id_) for id_ in memory.things}


def holders(memory: MemoryTarget, right: Node) -> set[str]:
    """Return who reaches a right and may sign in, by trying every step until nothing is new.

    Written for itself on purpose: it asks the target's own ids and uses nothing of the graph.
    """
    known = names(memory)
    path = tuple(right.name.split("/")) if right.kind is NodeKind.CLIENT_ROLE else (right.name,)
    kind = Kind.CLIENT_ROLE if right.kind is NodeKind.CLIENT_ROLE else Kind.ROLE
    reached = {id_ for id_, address in known.items() if address == Address(kind, path)}
    steps = [(ids[0], ids[-1]) for link, ids, _ in memory.links if link not in CARRIED]
    steps += [(ids[-1], ids[0]) for link, ids, _ in memory.links if link in TURNED]
    groups = (Kind.GROUP, Kind.ORGANIZATION_GROUP)
    steps += [(i, one.above) for i, one in memory.things.items() if one.above and one.kind in groups]
    while more := {who for who, what in steps if what in reached} - reached:
        reached |= more
    able = {i for i, one in memory.things.items() if one.kind is Kind.PERSON and one.fields["enabled"]}
    return {known[id_].path[0] for id_ in reached & able}


TURNED = {Kind.ORGANIZATION_GROUP_MEMBER}
CARRIED = TURNED | {
    Kind.ALLOWED_ROLE,
    Kind.ALLOWED_CLIENT_ROLE,
    Kind.SCOPE_ROLE,
    Kind.SCOPE_CLIENT_ROLE,
    Kind.CLIENT_DEFAULT_SCOPE,
    Kind.CLIENT_OPTIONAL_SCOPE,
    Kind.ORGANIZATION_MEMBER,
    Kind.ORGANIZATION_GROUP_ROLE,
    Kind.ORGANIZATION_GROUP_CLIENT_ROLE,
    Kind.ORGANIZATION_PROVIDER,
    Kind.ENTITLEMENT,
}


def standing_of(made: World) -> Standing:
    found = everything(made)
    persons = [one for one in found if one.address.kind is Kind.PERSON]
    disabled = [one.address.path[0] for one in persons if not one.fields["enabled"]]
    return Standing((one.address for one in found), disabled)


def people(nodes: frozenset[Node]) -> set[str]:
    return {node.name for node in nodes if node.kind is NodeKind.PERSON}


def told(made: World, right: Node) -> Iterator[tuple[Operation, set[str]]]:
    """Yield each operation of the plan with who holds the right after it, as the target has it."""
    for operation in made.plan().operations:
        outcome = made.memory.write(operation)
        assert outcome.result == "done", outcome
        yield operation, holders(made.memory, right)


@many
@given(any_world)
def test_after_every_operation_it_says_who_holds_which_right(made: World) -> None:
    standing = standing_of(made)
    for operation in (None, *made.plan().operations):
        if operation is not None:
            made.memory.write(operation)
            standing.move(operation)
        found = {str(right): people(standing.holders_of([right])) for right in RIGHTS}
        assert found == {str(right): holders(made.memory, right) for right in RIGHTS}, operation


@many
@given(any_world, st.sampled_from(RIGHTS))
def test_the_last_holder_is_missed_in_exactly_the_state_without_one(made: World, right: Node) -> None:
    """Row T4 of the guard: on every state between, not only at the end."""
    standing, operations = standing_of(made), made.plan().operations
    before = holders(made.memory, right)

    lapse = lapse_of(standing, operations, wanted=[right])

    states = list(told(copied(made), right))
    empty = [operation for operation, left in states if not left] if before else []
    assert (lapse is not None) is bool(empty)
    if lapse is not None:
        assert lapse.operation == empty[0]
        assert lapse.is_lasting is (not states[-1][1])
    assert made.run().state is Ending.DONE


def test_a_way_is_a_shortest_one() -> None:
    links = ["membership:ann|a/b", "group-role:a|r", "composite:r|s", "person-role:ann|t", "composite:t|r"]
    standing = Standing(at(key) for key in links)

    found = standing.way(Node(NodeKind.PERSON, "ann"), frozenset({role("s")}))

    assert [node.name for node in found] == ["ann", "t", "r", "s"]
    assert standing.way(Node(NodeKind.PERSON, "bob"), frozenset({role("s")})) == ()


def test_a_group_as_a_right_is_held_by_its_own_members_only() -> None:
    """Keycloak puts the groups that somebody is in into a token, and not those around them."""
    standing = Standing(at(key) for key in ["membership:ann|a/b", "membership:bob|a"])

    assert people(standing.holders_of([Node(NodeKind.GROUP, "a")])) == {"bob"}
