"""What holds for every plan, shown on random worlds: it arrives, it ends, it never widens on the way."""

import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from console.engine.apply import Ending
from console.engine.guard import Limits, guard, stops_of
from console.engine.kinds import REALM, is_given, managed, needs, spec_of
from console.engine.operation import Action, Phase
from console.engine.order import is_move
from console.engine.state import Address, Kind, State
from console.engine.target import Result
from tests.engine.random_worlds import busy_worlds, copied, deep_needs, everything, moving_worlds, worlds
from tests.engine.world import Access, Killed, World, access_of

ROUNDS = 6
EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "60"))  # more for a night
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="ENGINE_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
any_world = worlds() | moving_worlds()


def content(found: State) -> dict[Address, dict[str, object]]:
    """Return what a state holds, without ids."""
    return {one.address: dict(one.fields) for one in found}


@many
@given(any_world)
def test_a_plan_applied_gives_the_desired_state(made: World) -> None:
    """Issue's property: after a run, what is declared is there as declared, and only that is ours."""
    chosen = made.plan()

    report = made.run(chosen)

    assert report.state is Ending.DONE, report
    held = {finding.address for finding in chosen.conflicts}
    there = made.memory.read(made.selection())
    for wanted in made.desired:
        if wanted.address not in held:
            found = there.get(wanted.address)
            assert found is not None, wanted.address
            assert managed(wanted.address, found.fields, wanted.fields) == wanted.fields
    if not held:
        assert {*made.book.facts} == {*made.desired.resources}


@many
@given(any_world)
def test_a_second_plan_is_empty(made: World) -> None:
    """Issue's property: with nothing to settle, one run is enough; otherwise the runs come to an end."""
    conflicts = made.plan().conflicts
    for _ in range(ROUNDS if conflicts else 1):
        made.run()

    again = made.plan()

    assert again.is_empty, again.operations
    assert again.bookkeeping.is_empty


@many
@given(any_world)
def test_a_plan_depends_on_nothing_but_what_it_is_given(made: World) -> None:
    """Same input, same plan, in whatever order the input was written down."""
    other = copied(made)
    other.desired = State.of(reversed(list(made.desired)))
    other.book.facts = dict(reversed(made.book.facts.items()))
    other.book.renames = dict(reversed(made.book.renames.items()))
    other.memory.things = dict(reversed(made.memory.things.items()))

    assert made.plan() == other.plan()
    assert made.plan().digest == other.plan().digest


@many
@given(any_world | busy_worlds())
def test_a_plan_never_deletes_what_the_ledger_does_not_have(made: World) -> None:
    """What is not ours stays as it is; a link of others goes only with the thing of ours that it hung on."""
    assume(REALM in made.desired)
    mine = {fact.id for fact in made.book.facts.values()}
    things = {i: (t.kind, t.name, dict(t.fields)) for i, t in made.memory.things.items() if i not in mine}
    links = {one for one in made.memory.links if made.memory._link_address(*one) not in made.book.facts}
    operations = made.plan().operations
    adopted = {one.id for one in operations if one.action is Action.ADOPT}
    adopted |= {one.id for one in operations if one.action is Action.UPDATE and is_given(one.address)}

    made.run()

    for id_, thing in things.items():
        assert id_ in made.memory.things
        now = made.memory.things[id_]
        assert id_ in adopted or (now.kind, now.name, now.fields) == thing
    for kind, ids, value in links:
        assert (kind, ids, value) in made.memory.links or lost_its_ground(made, kind, ids)


def lost_its_ground(made: World, kind: Kind, ids: tuple[str, ...]) -> bool:
    """Tell whether an end is gone, or who was in a group of an organization left that altogether."""
    if not all(i in made.memory.things for i in ids):
        return True
    here = {need for need in needs(made.memory._link_address(kind, ids, "")) if spec_of(need).is_link}
    return bool(here - {one.address for one in made.here()})


@settings(many, max_examples=2 * EXAMPLES)
@given(any_world | busy_worlds() | busy_worlds() | busy_worlds())
def test_no_step_of_a_run_widens_access(made: World) -> None:
    """Until GRANT nobody can do more than before, then nothing new to both ends, then only what shall be."""
    before = access_of(made.memory)
    chosen = made.plan()

    made.run(chosen)

    after = access_of(made.memory)
    assert_never_wider(made, before, after)


def assert_never_wider(made: World, before: Access, after: Access) -> None:
    steps = made.memory.seen
    settled = max([i for i, (one, _, _) in enumerate(steps) if is_move(one)], default=-1)
    granting = next((i for i, (one, _, _) in enumerate(steps) if one.phase >= Phase.GRANT), len(steps))
    for index, (operation, outcome, access) in enumerate(steps):
        assert outcome.result is Result.DONE, (operation, outcome)
        assert access <= before | after, operation
        if index < granting:
            assert access <= before, operation
        elif index >= settled:
            assert access <= after, operation


@many
@given(any_world | busy_worlds(), st.integers(1, 25), st.booleans(), st.booleans())
def test_a_run_cut_anywhere_and_resumed_ends_in_the_same_state(
    made: World, breaks_at: int, lands: bool, dies: bool
) -> None:
    """Issue's property: only what was approved is done after the cut, and access never widens on the way."""
    chosen = made.plan()
    assume(not chosen.conflicts and breaks_at <= len(chosen.operations))
    uncut, before = copied(made), access_of(made.memory)
    uncut.run(chosen)

    made.memory.breaks_at, made.memory.lands, made.memory.dies = breaks_at, lands, dies
    break_off(made)
    resumed = made.plan()
    limits = Limits(0, "acme")
    findings = guard(
        resumed,
        approved=chosen.fingerprints,
        stops=stops_of(resumed, limits=limits),
        accepted=stops_of(chosen, limits=limits),
    )
    report = made.run(resumed)

    assert findings == ()
    assert report.state is Ending.DONE, report
    assert content(everything(made)) == content(everything(uncut))
    assert {*made.book.facts} == {*uncut.book.facts}
    after = access_of(made.memory)
    assert all(access <= before | after for _, _, access in made.memory.seen)


def break_off(made: World) -> None:
    if made.memory.dies:
        with pytest.raises(Killed):
            made.run()
    else:
        assert made.run().state is Ending.UNKNOWN


@many
@given(any_world)
def test_a_rename_keeps_the_thing(made: World) -> None:
    """What is renamed has its id afterwards; what could not be renamed still stands."""
    renamed = {made.book.facts[old].id: new for new, old in made.book.renames.items()}
    there = {i for i in renamed if i in made.memory.things}
    chosen = made.plan()
    assume(not chosen.conflicts)

    made.run(chosen)

    for id_ in there:
        assert made.memory._address(str(id_)) == renamed[id_]


@many
@given(any_world)
def test_every_operation_stands_on_what_is_there(made: World) -> None:
    """No operation of one batch needs what another one of the batch makes."""
    chosen = made.plan()
    level: dict[tuple[Phase, int], set[Address]] = {}
    for one in chosen.operations:
        if one.action is Action.CREATE:
            level.setdefault((one.phase, one.rank), set()).add(one.address)
    for one in chosen.operations:
        assert not deep_needs(one.address) & level.get((one.phase, one.rank), set())
        assert one.reason
        assert one.address.kind is Kind.REALM or needs(one.address) is not None
        assert spec_of(one.address).is_link or one.action is Action.CREATE or one.id
