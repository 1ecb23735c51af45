"""Very many people from a file: judged, previewed, applied, written to Keycloak, read whole and compared.

Beside it, in the same minutes and on the same server, bare partial imports of the same people and the bare
complete lists. The judging and all that follows is done by a process of its own, as a worker does it.
"""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from access.bulk import reader, uploads
from access.bulk.columns import guessed
from console.bulk import orders
from console.bulk.models import BulkJob
from console.engine.state import Selection
from console.keycloak.target import KeycloakTarget
from console.runtime.layout import PROJECT
from console.sync.models import Scope
from tests.bench import bare, figures
from tests.bench.held import Held, watched
from tests.bench.place import Place
from tests.bench.realms import best, client, managed, new, realms, run_now, timed
from tests.bench.saving import ACTOR, NotDone
from tests.bench.work import Work, work
from tests.bench.working import Declared
from tests.bench.world import Worlds

HEAD = ("username", "email", "first name", "last name", "groups", "roles")


def measure(place: Place, worlds: Worlds) -> None:
    """Print seconds of each phase, memory, locks, and what part of the bare rate that is."""
    everything = work(place.large)
    figures.head(f"{place.large:,} people from a file, with 2 groups and 3 roles each")
    with realms() as names:
        ours = managed(names)
        ours.all_of(work(0))
        ours.approve()
        run_now(ours)
        rates = [_bare_rate(names, everything, at_once) for at_once in (4, 6)]
        _measured(ours, everything, rates, names)


def _bare_rate(names: list[str], everything: Work, at_once: int) -> float:
    """Return how many people a second bare calls make, so many at once."""
    realm = new(names, "bare")
    bare.make_realm(client(), realm, everything)
    seconds = timed(lambda: bare.import_people(client(), realm, everything.people, at_once=at_once))
    rate = len(everything.people) / seconds
    figures.line(f"bare imports, {at_once} at once", f"{seconds:6.1f} s, {rate:5.0f} people a second")
    return rate


def _measured(ours: Declared, everything: Work, rates: list[float], names: list[str]) -> None:
    count = len(everything.people)
    job = _uploaded(ours, everything)
    with _Worker(job, ours.scope) as worker:
        figures.line("judge the rows and preview", worker.told("check", BulkJob.State.READY))
        job.refresh_from_db()
        if job.plan is None:
            raise NotDone(f"there is no plan: {job.sentence}")
        orders.LATER.apply(actor=ACTOR, plan=job.plan, reason="A benchmark.", ticket="")
        figures.line("apply: compare again and keep", worker.told("apply", BulkJob.State.APPLIED))
        figures.line("the run, from start to end", worker.told("run", "done"))
        rates.append(_bare_rate(names, everything, 8))
        best_rate = max(rates)
        run, kept = worker.seconds["run"], worker.seconds["apply"]
        for label, seconds in (("the run alone", run), ("from the click on apply", run + kept)):
            rate = count / seconds
            figures.line(label, f"{rate:6.0f} people a second, {rate / best_rate:.0%} of the best bare rate")
        figures.line("read whole and compare", worker.told("compare", None))
    _read_beside_lists(ours)


def _read_beside_lists(ours: Declared) -> None:
    target = KeycloakTarget(ours.scope.server.connection(), ours.scope.realm)
    lists = best(lambda: bare.read_lists(client(), ours.scope.realm), 2)
    read = best(lambda: target.read(Selection.all()), 2)
    figures.line("bare complete lists", f"{lists:6.1f} s")
    figures.line("complete read alone", f"{read:6.1f} s, {read / lists:.2f} of the bare lists")


def _uploaded(ours: Declared, everything: Work) -> BulkJob:
    tenant = ours.realm.tenants.get()
    table = reader.read(_file(everything))
    job = uploads.keep_file(
        actor=ACTOR, tenant=tenant, kind=BulkJob.Kind.PEOPLE, file_name="people.csv", table=table
    )
    fields = guessed(job.kind, job.columns, {})
    uploads.name_columns(job, actor=ACTOR, fields=fields, options=uploads.DEFAULTS)
    return job


def _file(everything: Work) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    for one in everything.people:
        links = ";".join(one.groups), ";".join(one.roles)
        writer.writerow((one.username, one.email, one.first_name, one.last_name, *links))
    return buffer.getvalue().encode()


@dataclass
class _Worker:
    """A process that does one piece after the other."""

    job: BulkJob
    scope: Scope

    def __post_init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.spent = 0.0

    def __enter__(self) -> "_Worker":
        folder = os.environ.get("BENCH_PROFILES")  # where to leave a profile of each piece
        command = [sys.executable, "-m", "tests.bench.bulk_worker", str(self.job.pk), str(self.scope.pk)]
        self._process = subprocess.Popen(
            [*command, *([folder] if folder else [])],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()

    def told(self, piece: str, expected: str | None) -> str:
        """Do a piece and return its figures. Raises NotDone."""
        table = Scope._meta.db_table
        with watched(os.environ["DATABASE_URL"], table=table, scope=self.scope.pk) as held:
            told = self._do(piece)
        if expected is not None and told["state"] != expected:
            raise NotDone(f"{piece} ended as {told['state']}: {told['sentence']}")
        self.seconds[piece] = told["seconds"]
        return self._words(told, held)

    def _do(self, piece: str) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(piece, file=stdin, flush=True)
        line = stdout.readline()
        if not line:
            raise NotDone(f"the worker died at {piece}")
        return dict(json.loads(line))

    def _words(self, told: dict[str, Any], held: Held) -> str:
        processor, self.spent = told["processor"] - self.spent, told["processor"]
        found = f"; {told['looked_at']:,} things, {told['differences']} differ" if "looked_at" in told else ""
        return (
            f"{told['seconds']:6.1f} s, {processor:.1f} s of it the worker's processor time{found}\n"
            f"{'':37}peak of memory {told['megabytes']:.0f} MB; {held.words}"
        )
