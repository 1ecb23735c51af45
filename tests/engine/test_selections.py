"""A plan of what was touched is the plan of everything, where nothing else is different."""

from hypothesis import HealthCheck, given, settings

from console.engine.plan import plan
from console.engine.rebase import rebased, with_former_names
from console.engine.renames import Renames
from console.engine.state import Address, Selection, State
from tests.engine.random_worlds import moving_worlds
from tests.engine.world import World, at, lines, state, world


def touched(made: World) -> Selection:
    """Return what forms would have touched: whatever is declared otherwise than it was applied."""
    renames = dict(made.book.renames)
    final = Renames(declared={old: new for new, old in renames.items()}).of_ledger
    before = {rebased(row, final): fact.fields for row, fact in made.book.facts.items()}
    after = {one.address: one.fields for one in made.desired}
    changed = {address for address in {*before, *after} if before.get(address) != after.get(address)}
    ids = {new: made.book.facts[old].id or "" for new, old in renames.items()}
    return Selection(frozenset({*changed, *renames, *renames.values()}), ids=ids, renames=renames)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(moving_worlds())
def test_a_plan_of_what_was_touched_does_the_same_as_a_plan_of_everything(made: World) -> None:
    """B: a save reads only what it touched, and no less happens for it."""
    selection = touched(made)

    partial = plan(
        desired=made.desired,
        actual=made.memory.read(selection),
        ledger=dict(made.book.facts),
        selection=selection,
    )

    assert partial.fingerprints == made.plan().fingerprints
    made.run(partial)
    assert made.plan().is_empty


def keys(found: frozenset[Address] | State) -> set[str]:
    return {(one if isinstance(one, Address) else one.address).key for one in found}


def test_a_selection_is_read_under_both_names() -> None:
    selection = Selection(
        frozenset([at("group:b/x"), at("membership:ann|b/x")]), renames={at("group:b"): at("group:a")}
    )

    assert keys(with_former_names(selection)) == {
        "group:a",
        "group:a/x",
        "group:b/x",
        "membership:ann|a/x",
        "membership:ann|b/x",
    }


def test_what_is_not_selected_may_be_needed_without_being_read() -> None:
    made = world(desired=state("role:r", "person:ann", "person-role:ann|r"))
    selection = Selection(frozenset([at("person-role:ann|r")]))

    chosen = plan(desired=made.desired, actual=State(), ledger={}, selection=selection)

    assert lines(chosen) == ["GRANT create person-role:ann|r"]
