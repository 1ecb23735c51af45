"""The contract of every kind, kept by the real Keycloak."""

import pytest

from console.engine.kinds import KINDS, managed
from console.engine.operation import Operation
from console.engine.plan import plan
from console.engine.state import Fields, Kind, Resource, Selection, State
from console.engine.target import Result
from tests.contract.conftest import Case
from tests.contract.everything import everything
from tests.contract.samples import SAMPLES
from tests.contract.samples.sample import Sample
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, creates, deletes, renames, updates

MADE = [kind for kind in SAMPLES if not KINDS[kind].is_given]
THINGS = [kind for kind in MADE if not KINDS[kind].is_link]
LINKS = [kind for kind in MADE if KINDS[kind].is_link]
NAMED = [kind for kind in MADE if SAMPLES[kind].renamed]
MOVED = [kind for kind in MADE if SAMPLES[kind].moved]

GIVEN = [kind for kind in SAMPLES if KINDS[kind].is_given]
FIXED = [kind for kind in SAMPLES if SAMPLES[kind].fixed]
WITHOUT_ID = (Kind.PROFILE_ATTRIBUTE,)  # part of one object: the name is all there is

each_made = pytest.mark.parametrize("case", [one for one in MADE if one is not Kind.REALM], indirect=True)
each_thing = pytest.mark.parametrize("case", [*THINGS, *GIVEN], indirect=True)


@each_made
def test_it_is_created_read_back_and_deleted_without_a_trace(case: Case) -> None:
    sample, before = case.sample, everything(case.world)
    outcome = case.done(creates(sample.address, **sample.whole))
    found = case.read()
    case.done(deletes(sample.address, id=outcome.id))

    assert found is not None
    assert _managed(found, sample.whole) == sample.whole
    assert outcome.id == found.id
    assert sample.is_link or sample.kind in WITHOUT_ID or found.id
    assert case.read() is None
    assert case.done(deletes(sample.address, id=outcome.id)).result is Result.DONE
    assert everything(case.world) == before


@each_thing
def test_each_field_is_changed_alone(case: Case) -> None:
    sample = case.stands().sample
    now = sample.whole
    for change in sample.changes:
        before, now = now, now | dict(change)
        outcome = case.done(updates(sample.address, id=case.id, before=before, **now))
        found = case.read()
        assert found is not None
        assert (_managed(found, now), found.id) == (now, case.id), change
        assert outcome.fields == found.fields


@pytest.mark.parametrize("case", FIXED, indirect=True)
def test_what_keycloak_never_changes_is_refused_before_anything_is_sent(case: Case) -> None:
    sample = case.stands().sample
    before = everything(case.world)

    outcome = case.do(updates(sample.address, id=case.id, **sample.fixed))

    assert outcome.result is Result.FAILED
    assert "cannot be changed" in outcome.sentence
    assert everything(case.world) == before


@pytest.mark.parametrize("case", GIVEN, indirect=True)
def test_what_is_keycloaks_own_is_never_taken_away(case: Case) -> None:
    before = everything(case.world)

    outcome = case.do(deletes(case.sample.address))

    assert outcome.result is Result.FAILED
    assert "never taken away" in outcome.sentence
    assert everything(case.world) == before


@pytest.mark.parametrize("fault", ["landed", "lost"])
@pytest.mark.parametrize("case", GIVEN, indirect=True)
def test_an_unknown_change_of_what_is_keycloaks_own_is_settled(
    case: Case, spoiled: Case, forwarder: Forwarder, fault: str
) -> None:
    sample = case.stands().sample
    before = everything(case.world)
    there = updates(sample.address, before=sample.whole, **sample.one_change)
    back = updates(sample.address, before=sample.one_change, **sample.whole)

    _spoil_each([there, back], spoiled, forwarder, LANDED if fault == "landed" else LOST)

    assert everything(case.world) == before


def _managed(found: Resource, like: Fields) -> Fields:
    """Return the fields that are declared: of an open map, the keys that are."""
    return managed(found.address, found.fields, like)


@pytest.mark.parametrize("case", NAMED, indirect=True)
def test_it_is_renamed_with_all_that_is_in_it(case: Case) -> None:
    _goes_round(case, "renamed")


@pytest.mark.parametrize("case", MOVED, indirect=True)
def test_it_is_moved_with_all_that_is_in_it(case: Case) -> None:
    _goes_round(case, "moved")


def _goes_round(case: Case, where: str) -> None:
    """Under the other name it is the same thing, and back under its own one all is as before."""
    sample = case.stands().sample
    if sample.plant:
        sample.plant(case.world)
    before, there = everything(case.world), getattr(sample, where)

    case.done(renames(sample.address, there, id=case.id, **sample.whole))
    found, old = case.read(there), case.read()
    case.done(renames(there, sample.address, id=case.id, **sample.whole))

    assert found is not None
    assert (found.id, _managed(found, sample.whole), old) == (case.id, sample.whole, None)
    assert everything(case.world) == before


@pytest.mark.parametrize("case", [one for one in THINGS if one is not Kind.REALM], indirect=True)
def test_a_strangers_twin_is_refused_and_untouched(case: Case) -> None:
    sample = case.stands(ours=False).sample
    before = everything(case.world)

    outcome = case.do(creates(sample.address, **sample.whole))
    seen = case.target.read(Selection(frozenset({sample.address})))
    found = plan(
        desired=State.of([*sample.ground, *sample.beside, Resource(sample.address, sample.whole)]),
        actual=seen,
        ledger={},
        selection=Selection(frozenset({sample.address})),
    )

    assert outcome.result is Result.FAILED
    assert "not ours" in outcome.sentence
    assert [one.address for one in found.conflicts] == [sample.address]
    assert everything(case.world) == before


@pytest.mark.parametrize("case", LINKS, indirect=True)
def test_a_link_that_stands_already_stays_one(case: Case) -> None:
    case.stands(ours=False)
    before = everything(case.world)

    case.done(creates(case.sample.address))

    assert everything(case.world) == before


@each_thing
def test_what_nobody_manages_stays_as_it_is(case: Case) -> None:
    """A change and its contrary leave nothing behind, neither in the thing nor beside it."""
    sample = case.stands().sample
    if sample.plant:
        sample.plant(case.world)
    before = everything(case.world)

    case.done(updates(sample.address, id=case.id, before=sample.whole, **sample.one_change))
    between = everything(case.world)
    case.done(updates(sample.address, id=case.id, before=sample.one_change, **sample.whole))

    assert between != before
    assert everything(case.world) == before


def test_all_of_them_at_once_are_read_by_complete_lists(grown: World) -> None:
    """A complete read and a selected one say the same of everything in a realm that has every kind."""
    complete = grown.target.read(Selection.all())
    selected = grown.target.read(Selection(frozenset(complete.resources)))

    assert {one.address for one in SAMPLES.values()} <= set(complete.resources)
    assert complete.unreadable == selected.unreadable == {}
    assert dict(complete.resources) == dict(selected.resources)


LANDED = Fault(cut_after=0)
LOST = Fault(forwarded=False, cut_after=0)


@pytest.mark.parametrize("fault", [LANDED, LOST], ids=["landed", "lost"])
@pytest.mark.parametrize("case", [one for one in THINGS if one is not Kind.REALM], indirect=True)
def test_an_unknown_outcome_is_settled_by_reading_back(
    case: Case, spoiled: Case, forwarder: Forwarder, fault: Fault
) -> None:
    """The connection breaks after the call or before it; nothing is doubled, and nothing is lost."""
    sample, before = case.sample, everything(case.world)
    _spoil_each(_life_of(sample), spoiled, forwarder, fault)
    assert everything(case.world) == before


@pytest.mark.parametrize("fault", [LANDED, LOST], ids=["landed", "lost"])
@pytest.mark.parametrize("case", LINKS, indirect=True)
def test_an_unknown_outcome_of_a_link_is_settled_by_reading_back(
    case: Case, spoiled: Case, forwarder: Forwarder, fault: Fault
) -> None:
    making, taking = _life_of(case.sample)
    _spoil_each([making], spoiled, forwarder, fault)
    assert case.read() is not None
    _spoil_each([taking], spoiled, forwarder, fault)
    assert case.read() is None


def _life_of(sample: Sample) -> list[Operation]:
    work = [creates(sample.address, **sample.whole)]
    if not sample.is_link:
        work.append(updates(sample.address, before=sample.whole, **sample.one_change))
    if sample.renamed:
        work.append(renames(sample.address, sample.renamed, **sample.one_change))
    return [*work, deletes(sample.renamed or sample.address)]


def _spoil_each(work: list[Operation], spoiled: Case, forwarder: Forwarder, fault: Fault) -> None:
    for operation in work:
        spoiled.read(operation.was or operation.address)
        for method in ("POST", "PUT", "DELETE"):
            forwarder.spoil(method, "", fault)
        (first,) = spoiled.target.execute([operation])
        forwarder.rules.clear()
        assert first.result is Result.DONE if fault is LANDED else first.retryable, (operation, first)
        if first.result is not Result.DONE:
            spoiled.done(operation)
