"""One change of every kind of the registry, planted in Keycloak beside the console: one item for each.

The table is the one of the contract suite, so a kind without a planted change fails. Everything is foreign
first, then taken over: what nobody touched is never an item.
"""

from collections.abc import Callable
from typing import Any

import pytest

from console.engine.kinds import KINDS, spec_of
from console.engine.state import Address, Kind, Resource, Selection
from console.engine.target import Result
from console.sync.drift.models import Change, DriftItem, Standing
from tests.contract.samples import SAMPLES
from tests.contract.samples.sample import Sample
from tests.factories import Platform
from tests.keycloak.world import World, creates, deletes, updates
from tests.sync.drift.conftest import open_items

LINKS = [kind for kind in Kind if KINDS[kind].is_link]
THINGS = [kind for kind in Kind if not KINDS[kind].is_link]
# What Keycloak makes itself can be changed and not be taken away; a realm is told of in a test of its own.
REMOVABLE = [kind for kind in THINGS if not KINDS[kind].is_given and kind is not Kind.REALM]


def test_every_kind_has_a_planted_change() -> None:
    assert {*LINKS, *THINGS} == set(SAMPLES) == set(Kind)
    assert all(SAMPLES[kind].changes for kind in THINGS)


def planted(sample: Sample) -> str:
    """Return what a planted change of a kind shows as."""
    return Change.REMOVED if sample.is_link else Change.CHANGED


def _change_of(sample: Sample, found: Resource) -> dict[str, Any]:
    """Return the first change of the table that is one here."""
    changes = (dict(one) for one in sample.changes)
    return next(one for one in changes if any(found.fields[name] != one[name] for name in one))


class Realm:
    """A realm that holds all samples. `plant` changes each thing and takes each link away."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.world: World = platform.keycloak
        self.before: dict[Kind, dict[str, Any]] = {}
        self.world.put(json={"realm": self.world.name, "organizationsEnabled": True})
        self._grow()

    def _grow(self) -> None:
        things = [
            one
            for kind, sample in SAMPLES.items()
            if kind is not Kind.REALM
            for one in (*sample.ground, *sample.beside, sample.resource)
        ]
        by_rank: dict[tuple[int, int], dict[Address, Resource]] = {}
        there = {one.address for one in self.world.target.read(Selection.all())}
        for one in things:
            if one.address not in there and not spec_of(one.address).is_given:
                rank = (spec_of(one.address).rank, one.address.path[-1].count("/"))
                by_rank.setdefault(rank, {})[one.address] = one
        for rank in sorted(by_rank):
            made = self.world.do(*(creates(one.address, **one.fields) for one in by_rank[rank].values()))
            assert {one.result for one in made} == {Result.DONE}, made

    def plant(self) -> None:
        for sample in SAMPLES.values():
            self._do(sample, back=False)

    def restore(self) -> None:
        for sample in SAMPLES.values():
            self._do(sample, back=True)

    def _do(self, sample: Sample, *, back: bool) -> None:
        if sample.is_link:
            operation: Any = creates(sample.address) if back else deletes(sample.address)
        else:
            (found,) = [one for one in self.world.read(sample.address) if one.address == sample.address]
            after = self.before[sample.kind] if back else _change_of(sample, found)
            before = {name: found.fields[name] for name in after}
            self.before[sample.kind] = before
            operation = updates(sample.address, id=found.id, before=before, **after)
        (outcome,) = self.world.do(operation)
        assert outcome.result is Result.DONE, (sample.address, outcome)


def by_address(items: list[DriftItem]) -> dict[str, DriftItem]:
    found = {one.address: one for one in items}
    assert len(found) == len(items)
    return found


@pytest.fixture(scope="module")
def realm(new_platform: Callable[..., Platform]) -> Realm:
    made = Realm(new_platform("planted"))
    assert open_items(made.platform) == []
    return made


@pytest.fixture(scope="module")
def foreign(realm: Realm) -> dict[str, DriftItem]:
    """The items after a change of every kind while hardly any of it is declared."""
    realm.plant()
    found = by_address(open_items(realm.platform))
    realm.restore()
    assert open_items(realm.platform) == []
    return found


@pytest.fixture(scope="module")
def managed(realm: Realm, foreign: object) -> dict[str, DriftItem]:
    """The items after the same changes, when all was taken over before."""
    realm.platform.do("access:adopt", everything=True)
    assert open_items(realm.platform) == []
    realm.plant()
    found = by_address(open_items(realm.platform))
    realm.restore()
    assert open_items(realm.platform) == []
    return found


@pytest.fixture(scope="module")
def removed(realm: Realm, managed: object) -> dict[str, DriftItem]:
    """The items after each thing was deleted, with what Keycloak deleted along."""
    for kind in REMOVABLE:
        (outcome,) = realm.world.do(deletes(SAMPLES[kind].address))
        assert outcome.result is Result.DONE, outcome
    return by_address(open_items(realm.platform))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_change_of_a_foreign_thing_is_one_item(foreign: dict[str, DriftItem], kind: Kind) -> None:
    item = foreign[SAMPLES[kind].address.key]

    assert (item.change, item.along) == (planted(SAMPLES[kind]), [])
    assert item.state == (Standing.DRIFTED if kind is Kind.REALM else Standing.UNMANAGED)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_change_of_a_managed_thing_is_one_item(managed: dict[str, DriftItem], kind: Kind) -> None:
    item = managed[SAMPLES[kind].address.key]

    assert (item.change, item.along) == (planted(SAMPLES[kind]), [])
    assert item.state == Standing.DRIFTED


@pytest.mark.parametrize("kind", REMOVABLE)
def test_a_thing_that_was_deleted_is_one_item(removed: dict[str, DriftItem], kind: Kind) -> None:
    item = removed[SAMPLES[kind].address.key]

    assert (item.state, item.change) == (Standing.DRIFTED, Change.REMOVED)


def test_nothing_else_is_an_item(
    foreign: dict[str, DriftItem], managed: dict[str, DriftItem], removed: dict[str, DriftItem]
) -> None:
    every = sorted(sample.address.key for sample in SAMPLES.values())

    assert sorted(foreign) == every
    assert sorted(managed) == every
    assert sorted(removed) == sorted(SAMPLES[kind].address.key for kind in REMOVABLE)
