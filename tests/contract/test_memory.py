"""The contract of every kind, kept by the target in memory, where plans are tried and properties tested."""

import pytest

from console.engine.kinds import managed
from console.engine.memory import MemoryTarget
from console.engine.operation import Operation
from console.engine.state import Address, Fields, Kind, Resource, Selection, State
from console.engine.target import Outcome, Result
from tests.contract.samples import SAMPLES
from tests.contract.samples.sample import Sample
from tests.engine.world import FaultyMemory
from tests.keycloak.world import creates, deletes, renames, updates

THINGS = [kind for kind, one in SAMPLES.items() if not one.is_link]
RENAMED = [(kind, one.renamed) for kind, one in SAMPLES.items() if one.renamed]
MOVED = [(kind, one.moved) for kind, one in SAMPLES.items() if one.moved]


def ground_of(sample: Sample) -> State:
    return State.of((*sample.ground, *sample.beside))


def done(target: MemoryTarget, operation: Operation) -> Outcome:
    (outcome,) = target.execute([operation])
    assert outcome.result is Result.DONE, (operation, outcome)
    return outcome


def read(target: MemoryTarget, address: Address) -> Resource | None:
    return target.read(Selection(frozenset({address}))).get(address)


def as_declared(found: Resource, like: Fields) -> Fields:
    return managed(found.address, found.fields, like)


@pytest.mark.parametrize("kind", SAMPLES)
def test_it_is_created_and_deleted_and_what_is_beside_stays(kind: Kind) -> None:
    sample, target = SAMPLES[kind], MemoryTarget.of(ground_of(SAMPLES[kind]))
    before = target.read(Selection.all())

    made = done(target, creates(sample.address, **sample.whole))
    found = read(target, sample.address)
    done(target, deletes(sample.address, id=made.id))

    assert found is not None
    assert (found.fields, found.id) == (sample.whole, made.id)
    assert target.read(Selection.all()).resources == before.resources
    assert done(target, deletes(sample.address, id=made.id)).result is Result.DONE


@pytest.mark.parametrize("kind", THINGS)
def test_each_field_is_changed_alone(kind: Kind) -> None:
    sample, target = SAMPLES[kind], MemoryTarget.of(ground_of(SAMPLES[kind]))
    id, now = done(target, creates(sample.address, **sample.whole)).id, sample.whole
    for change in sample.changes:
        before, now = now, now | dict(change)
        done(target, updates(sample.address, id=id, before=before, **now))
        found = read(target, sample.address)
        assert found is not None
        assert (as_declared(found, now), found.id) == (now, id)


@pytest.mark.parametrize("kind", THINGS)
def test_a_change_on_what_was_changed_meanwhile_is_refused(kind: Kind) -> None:
    sample = SAMPLES[kind]
    target = MemoryTarget.of(State.of((*sample.ground, Resource(sample.address, sample.one_change))))

    (outcome,) = target.execute([updates(sample.address, before=sample.whole, **sample.whole)])

    assert outcome.result is Result.FAILED
    assert target.read(Selection.all()).resources[sample.address].fields == sample.one_change


@pytest.mark.parametrize(("kind", "there"), [*RENAMED, *MOVED])
def test_another_name_or_place_keeps_the_thing(kind: Kind, there: Address) -> None:
    sample, target = SAMPLES[kind], MemoryTarget.of(ground_of(SAMPLES[kind]))
    id = done(target, creates(sample.address, **sample.whole)).id

    done(target, renames(sample.address, there, id=id, **sample.whole))

    found = read(target, there)
    assert found is not None
    assert (found.id, found.fields) == (id, sample.whole)
    assert read(target, sample.address) is None


@pytest.mark.parametrize("kind", THINGS)
def test_a_strangers_twin_is_refused_and_untouched(kind: Kind) -> None:
    sample = SAMPLES[kind]
    target = MemoryTarget.of(State.of((*sample.ground, Resource(sample.address, sample.one_change))))
    before = target.read(Selection.all())

    (outcome,) = target.execute([creates(sample.address, **sample.whole)])

    assert outcome.result is Result.FAILED
    assert outcome.sentence
    assert target.read(Selection.all()).resources == before.resources


@pytest.mark.parametrize("lands", [True, False], ids=["landed", "lost"])
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_repeated_creation_after_an_unknown_outcome_doubles_nothing(kind: Kind, lands: bool) -> None:
    sample = SAMPLES[kind]
    target = FaultyMemory.of(ground_of(sample))
    assert isinstance(target, FaultyMemory)
    target.breaks_at, target.lands, target.dies = 1, lands, False
    things, links = len(target.things), len(target.links)

    (unknown,) = target.execute([creates(sample.address, **sample.whole)])
    done(target, creates(sample.address, **sample.whole))

    assert unknown.result is Result.UNKNOWN
    assert len(target.things) + len(target.links) == things + links + 1
