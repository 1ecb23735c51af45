"""A worker dies, or sleeps and wakes, at every boundary of every write of every kind, while another is there.

F14, F16, F20, F25, F31, F32. Each write of the stages is held by the forwarder before Keycloak gets it, and
again when Keycloak did it and the worker does not know. There the worker gets its signal, and its write or
its reply is lost. Its successor goes on, up to the next boundary. The first read of each stage is held, too.

Each boundary is caught once, by turns killed and put to sleep, so that each signal meets each kind of step.
`FAULTS_ALL=1` catches each boundary with both, in two lives.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import product
from threading import Thread
from time import monotonic

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from console.engine.kinds import KINDS
from console.keycloak.connection import Connection
from console.sync.models import Run
from tests.contract.samples.sample import Sample
from tests.factories import Platform, database, platforms
from tests.faults.gate import Caught, Gate, Side
from tests.faults.scenario import (
    Stage,
    declare,
    everything_in,
    families,
    found_in,
    ground_of,
    missing_in,
    ready,
    stages,
)
from tests.faults.workers import Workers, until, workers
from tests.keycloak.forwarder import serving

__all__ = ["database"]

AT_ONCE = 8  # realms, each with things of some kinds
WITHIN = 120  # seconds until somebody goes on, with the times of `settings.py` on a busy machine
KILLED, ASLEEP = signal.SIGKILL, signal.SIGSTOP
BY_TURNS = (KILLED, ASLEEP)
PATTERNS = ((KILLED,), (ASLEEP,)) if os.environ.get("FAULTS_ALL") else (BY_TURNS,)


def test_every_kind_is_in_a_scenario() -> None:
    assert {one.kind for samples in families(AT_ONCE) for one in samples} == set(KINDS)


@dataclass
class Life:
    """One realm, whose workers are caught at each boundary."""

    platform: Platform
    samples: list[Sample]
    crew: Workers
    gate: Gate
    signs: tuple[signal.Signals, ...]
    first: int  # which of the signs comes first
    caught: list[tuple[str, Side, signal.Signals]] = field(default_factory=list)
    _turns: Counter[tuple[str, Side]] = field(default_factory=Counter)

    def run(self) -> None:
        ready(self.platform)
        ground = ground_of(self.samples)
        self._stage(Stage("", ground, {}))
        until(lambda: not self._jobs(), what="the end of what is read")
        before = everything_in(self.platform)
        for stage in stages(self.samples):
            self._stage(stage)
            print(f"{self.platform.realm} {stage.name}: {len(self.caught)} caught")
            assert missing_in(self.platform, stage) == [], stage.name
            gone = set(stage.renamed.values())
            assert found_in(self.platform, gone) == {}, stage.name
        assert everything_in(self.platform) == before
        assert set(self.gate.done.values()) == {1}, "a write was done twice"
        for side in (Side.BEFORE, Side.AFTER):
            held = {name for one, name in self.gate.held if one is side}
            assert held >= _caught(self.gate), f"not held {side}"

    def _jobs(self) -> bool:
        open_ = ProcrastinateJob.objects.filter(status__in=("todo", "doing"))
        return open_.filter(args__scope_id=self.platform.scope.pk).exists()

    def _stage(self, stage: Stage) -> None:
        self.gate.round = stage.name
        declare(self.platform, stage)
        sleeper, end = None, monotonic() + WITHIN
        while not self.platform.is_in_sync:
            assert monotonic() < end, f"nobody went on: {self._told()}"
            caught = self.gate.next(seconds=0.1)
            if caught is None:
                self._refuse_a_stop()
                continue
            worker = self.crew.at_port(caught.exchange.port, to=self.gate.port)
            if worker is None or not self._is_run(caught):
                caught.lose(again=caught.side is not Side.AFTER)
                continue
            sleeper, end = self._strike(stage, caught, worker, sleeper), monotonic() + WITHIN
        if sleeper is not None:
            self.crew.wake(sleeper)

    def _is_run(self, caught: Caught) -> bool:
        """Tell whether what reads is a run that has begun nothing yet, where it reads."""
        run = Run.objects.filter(scope=self.platform.scope, state=Run.State.RUNNING)
        return caught.side is not Side.READING or run.filter(total=0).exists()

    def _strike(self, stage: Stage, caught: Caught, worker: int, sleeper: int | None) -> int | None:
        """Kill it, or put it to sleep; wake the one that slept before. Return who sleeps now."""
        sign = self._sign(stage, caught.side)
        self.caught.append((stage.name, caught.side, sign))
        if sign is KILLED:
            self.crew.kill(worker)
            self.crew.start()
        else:
            self.crew.stop(worker)
        caught.lose()
        if sleeper is not None:
            self.crew.wake(sleeper)
        return worker if sign is ASLEEP else None

    def _sign(self, stage: Stage, side: Side) -> signal.Signals:
        """Return the sign whose turn it is: the sides of one write get different ones."""
        turn = self._turns[stage.name, side] + self.first + (side is Side.AFTER)
        self._turns[stage.name, side] += 1
        return self.signs[turn % len(self.signs)]

    def _told(self) -> list[str]:
        rows = [f"{one.address}: {one.word} {one.sentence}" for one in self.platform.scope.touched.all()]
        runs = Run.objects.filter(scope=self.platform.scope).order_by("-pk")[:5]
        return [*rows, *(f"{one.state} {one.sentence}" for one in runs)]

    def _refuse_a_stop(self) -> None:
        stopped = self.platform.scope.touched.filter(is_set_aside=True).exclude(sentence__startswith="Waits:")
        assert [f"{row.address}: {row.sentence}" for row in stopped] == []


def _caught(gate: Gate) -> set[str]:
    """Return the writes of all stages, without those of the ground."""
    return {name for name in gate.done if not name.startswith(" ")}


@contextmanager
def life_of(platform: Platform, samples: list[Sample]) -> Iterator[tuple[Platform, list[Sample], Gate]]:
    """The platform's server of its own, reached through a gate."""
    with (
        serving(Gate(platform.keycloak.connection.url, holds_reads=True)) as gate,
        platform.reached_at(gate.url),
    ):
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


@pytest.mark.parametrize("signs", PATTERNS, ids=lambda signs: "-".join(one.name for one in signs))
def test_workers_caught_at_every_boundary_of_every_kind_leave_what_others_leave(
    keycloak_connection: Connection, transactional_db: None, signs: tuple[signal.Signals, ...]
) -> None:
    with ExitStack() as whole:
        made = [
            whole.enter_context(life_of(whole.enter_context(platforms(keycloak_connection))(), samples))
            for samples in families(AT_ONCE)
            if samples
        ]
        crew = whole.enter_context(workers(len(made) + 2))
        lives = [
            Life(platform, samples, crew, gate, signs, number)
            for number, (platform, samples, gate) in enumerate(made)
        ]
        at_once([life.run for life in lives])
        scopes = [life.platform.scope.pk for life in lives]
        until(lambda: not Run.objects.filter(scope__in=scopes, state=Run.State.RUNNING).exists())
    caught = Counter(one for life in lives for one in life.caught)
    print({str(key): number for key, number in sorted(caught.items())})
    assert caught.keys() == set(product(("create", "update", "rename", "delete"), Side, signs))
