"""One realm for all samples of a module, and the real Keycloak behind a forwarder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from console.engine.kinds import spec_of
from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource, Selection
from console.engine.target import Outcome, Result
from console.keycloak.target import KeycloakTarget
from tests.contract.samples import SAMPLES
from tests.contract.samples.sample import Sample
from tests.keycloak.forwarder import Forwarder, forwarding
from tests.keycloak.world import World, creates, deletes, fresh


@dataclass
class Case:
    """One sample in one realm. `do` goes through one target, which has read what it writes."""

    sample: Sample
    world: World
    target: KeycloakTarget
    id: str | None = None

    def stands(self, *, ours: bool = True) -> "Case":
        """Make the thing through the target, or as a stranger would."""
        if ours:
            self.id = self.done(creates(self.sample.address, **self.sample.whole)).id
        elif self.sample.stranger is not None:
            self.sample.stranger(self.world)
        else:
            KeycloakTarget(self.world.connection, self.world.name).execute([creates(self.sample.address)])
        return self

    def do(self, operation: Operation) -> Outcome:
        self.read(operation.was or operation.address)
        (outcome,) = self.target.execute([operation])
        return outcome

    def done(self, operation: Operation) -> Outcome:
        outcome = self.do(operation)
        assert outcome.result is Result.DONE, (operation, outcome)
        return outcome

    def read(self, address: Address | None = None) -> Resource | None:
        asked = address or self.sample.address
        state = self.target.read(Selection(frozenset({asked})))
        assert state.unreadable == {}
        return state.get(asked)


@pytest.fixture(scope="module")
def world(keycloak_connection: Any) -> Iterator[World]:
    """A realm with organizations on the real Keycloak, deleted after the module."""
    made = World(keycloak_connection, fresh("contract"))
    made.make_realm(organizationsEnabled=True, editUsernameAllowed=True)
    yield made
    made.delete()


@pytest.fixture(scope="module")
def grounds(world: World) -> set[Address]:
    """What stands below the samples already: made once, whoever needs it first."""
    return set()


@pytest.fixture
def case(request: pytest.FixtureRequest, world: World, grounds: set[Address]) -> Iterator[Case]:
    """The sample of a kind on its ground. The thing itself is not made yet, and goes after the test."""
    sample = SAMPLES[request.param]
    place = _own_realm(world) if sample.kind is Kind.REALM else world
    for one in () if sample.kind is Kind.REALM else (*sample.ground, *sample.beside):
        if one.address not in grounds:
            (outcome,) = place.do(creates(one.address, **one.fields))
            assert outcome.result is Result.DONE, (one.address, outcome)
            grounds.add(one.address)
    made = Case(sample, place, place.target)
    yield made
    _clear(made)


def _own_realm(world: World) -> World:
    return World(world.connection, fresh("contract-realm"))


def _clear(case: Case) -> None:
    """Take away what a test left, under whichever of its names."""
    for address in (case.sample.address, case.sample.renamed, case.sample.moved):
        if address is not None and case.read(address) is not None:
            case.target.execute([deletes(address)])


@pytest.fixture
def grown(keycloak_connection: Any) -> Iterator[World]:
    """A realm of its own with all samples in it, on their grounds."""
    made = World(keycloak_connection, fresh("contract-all"))
    made.make_realm(organizationsEnabled=True)
    things = [one for sample in SAMPLES.values() for one in (*sample.ground, *sample.beside, sample.resource)]
    by_rank: dict[tuple[int, int], dict[Address, Resource]] = {}
    for one in things:
        spec = spec_of(one.address)
        if not spec.is_given and one.address.kind is not Kind.REALM:
            by_rank.setdefault((spec.rank, one.address.path[-1].count("/")), {})[one.address] = one
    for rank in sorted(by_rank):
        outcomes = made.do(*(creates(one.address, **one.fields) for one in by_rank[rank].values()))
        assert {one.result for one in outcomes} == {Result.DONE}, outcomes
    yield made
    made.delete()


@pytest.fixture
def forwarder(keycloak_connection: Any) -> Iterator[Forwarder]:
    """A forwarder to the real Keycloak that spoils what a test tells it to."""
    with forwarding(keycloak_connection.url) as running:
        yield running


@pytest.fixture
def spoiled(case: Case, forwarder: Forwarder) -> Case:
    """The same sample, written through the forwarder."""
    seen = World(replace(case.world.connection, url=forwarder.url), case.world.name)
    return Case(case.sample, case.world, seen.target)
