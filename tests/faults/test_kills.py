"""A worker dies, or sleeps and wakes, at every boundary of every write of every kind, while another is there.

F14, F16, F20, F25, F31, F32. Each write of the stages is held by the forwarder before Keycloak gets it, and
again when Keycloak did it and the worker does not know. There the worker gets its signal, and its write or
its reply is lost. Its successor goes on, up to the next boundary.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from console.engine.kinds import KINDS
from console.engine.state import Selection
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.sync.models import Run
from tests.contract.samples.sample import Sample
from tests.factories import Platform, database, platforms
from tests.faults.gate import Caught, Gate, Side
from tests.faults.scenario import Stage, declare, families, found_in, ground_of, missing_in, ready, stages
from tests.faults.workers import Workers, until, workers
from tests.keycloak.forwarder import serving

__all__ = ["database"]

AT_ONCE = 4  # realms, each with things of some kinds


def test_every_kind_is_in_a_scenario() -> None:
    assert {one.kind for samples in families(AT_ONCE) for one in samples} == set(KINDS)


@dataclass
class Life:
    """One realm, whose workers are caught at each boundary."""

    platform: Platform
    samples: list[Sample]
    crew: Workers
    gate: Gate
    sign: signal.Signals

    def __post_init__(self) -> None:
        self.caught: list[Caught] = []

    def run(self) -> None:
        ready(self.platform)
        ground = ground_of(self.samples)
        self._stage(Stage("", ground, {}))
        before = self._everything()
        for stage in stages(self.samples):
            self._stage(stage)
            print(f"{self.platform.realm} {stage.name}: {len(self.caught)} caught")
            assert missing_in(self.platform, stage) == [], stage.name
            gone = set(stage.renamed.values())
            assert found_in(self.platform, gone) == {}, stage.name
        assert self._everything() == before
        assert set(self.gate.done.values()) == {1}, "a write was done twice"
        for side in Side:
            held = {name for one, name in self.gate.held if one is side}
            assert held >= _caught(self.gate), f"not held {side}"

    def _everything(self) -> Any:
        target = KeycloakTarget(self.platform.keycloak.connection, self.platform.realm)
        return {one.address: (one.id, one.fields) for one in target.read(Selection.all())}

    def _stage(self, stage: Stage) -> None:
        self.gate.round = stage.name
        declare(self.platform, stage)
        sleeper = None
        while not self.platform.is_in_sync:
            caught = self.gate.next(seconds=0.1)
            if caught is None:
                self._refuse_a_stop()
                continue
            worker = self.crew.at_port(caught.exchange.port)
            if worker is None:
                caught.lose(again=caught.side is Side.BEFORE)
                continue
            self.caught.append(caught)
            sleeper = self._strike(caught, worker, sleeper)
        if sleeper is not None:
            self.crew.wake(sleeper)

    def _strike(self, caught: Caught, worker: int, sleeper: int | None) -> int | None:
        """Kill it; or put it to sleep, and wake the one that slept before. Return who sleeps now."""
        if self.sign is signal.SIGKILL:
            self.crew.kill(worker)
            caught.lose()
            self.crew.start()
            return None
        self.crew.stop(worker)
        caught.lose()
        if sleeper is not None:
            self.crew.wake(sleeper)
        return worker

    def _refuse_a_stop(self) -> None:
        stopped = self.platform.scope.touched.filter(is_set_aside=True).exclude(sentence__startswith="Waits:")
        assert [f"{row.address}: {row.sentence}" for row in stopped] == []


def _caught(gate: Gate) -> set[str]:
    """Return the writes of all stages, without those of the ground."""
    return {name for name in gate.done if not name.startswith(" ")}


@contextmanager
def life_of(platform: Platform, samples: list[Sample]) -> Iterator[tuple[Platform, list[Sample], Gate]]:
    """The platform's server of its own, reached through a gate."""
    with serving(Gate(platform.keycloak.connection.url)) as gate, platform.reached_at(gate.url):
        yield platform, samples, gate


def at_once(work: list[Callable[[], None]]) -> None:
    """Do all of it in threads with connections of their own. Raises what failed after all have ended."""
    faults: list[Exception] = []

    def body(one: Callable[[], None]) -> None:
        try:
            one()
        except Exception as error:  # all of them are told in the end
            faults.append(error)
        finally:
            connection.close()

    threads = [Thread(target=body, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise ExceptionGroup("not all realms arrived", faults)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "asleep"])
def test_workers_caught_at_every_boundary_of_every_kind_leave_what_others_leave(
    keycloak_connection: Connection, transactional_db: None, sign: signal.Signals
) -> None:
    with ExitStack() as whole:
        made = [
            whole.enter_context(life_of(whole.enter_context(platforms(keycloak_connection))(), samples))
            for samples in families(AT_ONCE)
            if samples
        ]
        crew = whole.enter_context(workers(len(made) + 2))
        lives = [Life(platform, samples, crew, gate, sign) for platform, samples, gate in made]
        at_once([life.run for life in lives])
        scopes = [life.platform.scope.pk for life in lives]
        until(lambda: not Run.objects.filter(scope__in=scopes, state=Run.State.RUNNING).exists())
        print({life.platform.realm: len(life.caught) for life in lives})
