"""First load, a check without changes, ten changes, and very many people: the engine beside a plain script.

Both do the same work on the same server in the same minutes. The script writes no record, asks nobody and
knows nothing of who owns what; ours reads, plans, records each step before and after it, and reads back.
"""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from access.models import Group, Role
from console.engine.state import Selection
from console.keycloak.client import Client, client_for
from console.keycloak.errors import NotFound
from console.keycloak.target import KeycloakTarget
from console.runtime.layout import PROJECT
from console.sync import runs
from console.sync.collect import compared
from console.sync.drift.check import whole
from console.sync.models import KeycloakServer, Run, Scope
from console.transport import LONG, run
from tenants.models import Tenant
from tests.bench import bare, figures
from tests.bench.place import Place
from tests.bench.saving import NotDone, save
from tests.bench.script import Script
from tests.bench.work import Work, changed, work
from tests.bench.working import Declared
from tests.bench.world import Worlds

PEOPLE = 1_000
TIMES = 3


def measure(place: Place, worlds: Worlds) -> None:
    """Print both sides and their ratio, then the figures of many people."""
    with _realms() as names:
        _beside_a_script(names)
        _many_people(names, place.large)


@contextmanager
def _realms() -> Iterator[list[str]]:
    """The names of the realms that were made, deleted afterwards."""
    made: list[str] = []
    try:
        yield made
    finally:
        for name in made:
            with suppress(NotFound):
                run(_client().delete(("admin", "realms", name), patience=LONG))


def _client() -> Client:
    return client_for(KeycloakServer.objects.get().connection())


def _new(names: list[str], prefix: str) -> str:
    names.append(f"{prefix}-{uuid.uuid4().hex[:6]}")
    return names[-1]


def _managed(names: list[str]) -> Declared:
    """Return a new tenant with its empty realm, in Keycloak already."""
    slug = _new(names, "work")
    tenant = {"slug": slug, "name": "The work", "server": KeycloakServer.objects.get().pk, "realm": slug}
    save("tenants:tenant:create", tenant, slug=slug)
    return Declared(Tenant.objects.select_related("realm__scope__server").get(slug=slug).realm)


# --- beside a script ---------------------------------------------------------------------------


def _beside_a_script(names: list[str]) -> None:
    before = work(PEOPLE)
    after = changed(before)
    figures.head(f"A realm of {PEOPLE:,} people, {before.size:,} things and links: the engine | a script")
    ours, theirs = _managed(names), _scripted(names)
    ours.all_of(before)
    ours.approve()
    _compared("first load", _timed(lambda: _run(ours)), _timed(lambda: theirs.bring(before)))
    _compared(
        "check, nothing changed", _best(lambda: _checked(ours, 0)), _best(lambda: _nothing(theirs, before), 1)
    )
    ours.ten_changes(before, after)
    ours.approve()
    touched = _timed(lambda: _checked_and_run(ours))
    _compared("ten changes, with a whole check", touched, _timed(lambda: theirs.bring(after)))
    ours.ten_changes(after, before)
    ours.approve()
    figures.line(
        "ten changes, as the console does", f"{_timed(lambda: _run(ours)):6.2f} s (what was touched is read)"
    )


def _scripted(names: list[str]) -> Script:
    name = _new(names, "script")
    run(_client().post(("admin", "realms"), json={"realm": name, "enabled": True}, patience=LONG))
    return Script(KeycloakServer.objects.get().connection(), name)


def _nothing(script: Script, before: Work) -> None:
    if writes := script.bring(before):
        raise NotDone(f"the script wrote {writes} times where nothing differed")


def _run(ours: Declared) -> None:
    _expect_done(runs.sync(ours.scope.pk))


def _expect_done(done: Run | None) -> None:
    if done is None or done.state != Run.State.DONE:
        raise NotDone(f"the run ended as {done and done.state}: {done and done.sentence}")


def _checked(ours: Declared, expected: int | None) -> None:
    """Read the whole realm and plan it against ledger and database."""
    scope = ours.scope
    actual = KeycloakTarget(scope.server.connection(), scope.realm).read(Selection.all())
    with transaction.atomic():
        everything = whole(scope)
    found = compared(everything, actual)
    if found.conflicts or (expected is not None and len(found.operations) != expected):
        raise NotDone(f"{len(found.operations)} operations and {found.conflicts[:3]} in a whole check")


def _checked_and_run(ours: Declared) -> None:
    _checked(ours, None)
    _run(ours)


def _timed(do: Any) -> float:
    with figures.stopwatch() as watch:
        do()
    return watch.seconds


def _best(do: Any, times: int = TIMES) -> float:
    return min(_timed(do) for _ in range(times))


def _compared(label: str, ours: float, theirs: float) -> None:
    figures.line(label, f"{ours:6.2f} s | {theirs:6.2f} s   {theirs / ours:5.1f} times as fast")


# --- many people -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InAWorker:
    """What a run in a process of its own took."""

    seconds: float
    megabytes: float


def _many_people(names: list[str], count: int) -> None:
    everything = work(count)
    figures.head(f"{count:,} people with 2 groups and 3 roles each")
    bare_realm = _new(names, "bare")
    bare.make_realm(_client(), bare_realm, everything)
    ours = _managed(names)
    ours.all_of(work(0))
    ours.approve()
    _run(ours)
    bare_seconds = _timed(lambda: bare.import_people(_client(), bare_realm, everything.people))
    ours.touch(ours._people(everything, *_known(ours)))
    planned = _timed(lambda: ours.approve())
    made = _in_a_worker(ours.scope)
    figures.line("bare import calls", f"{bare_seconds:6.1f} s, {count / bare_seconds:5.0f} people a second")
    figures.line("a run: read, plan, write, record", _rate(count, made.seconds, bare_seconds))
    figures.line(
        "", f"peak of the worker's memory {made.megabytes:.0f} MB; planned before it in {planned:.1f} s"
    )
    lists = _best(lambda: bare.read_lists(_client(), ours.scope.realm), 2)
    target = KeycloakTarget(ours.scope.server.connection(), ours.scope.realm)
    read = _best(lambda: target.read(Selection.all()), 2)
    figures.line("bare complete lists", f"{lists:6.1f} s")
    figures.line("complete read", f"{read:6.1f} s, {read / lists:.2f} of the bare lists")
    figures.line("check, nothing changed", f"{_best(lambda: _checked(ours, 0), 1):6.1f} s")


def _known(ours: Declared) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    roles = {one.name: one for one in Role.objects.filter(realm=ours.realm)}
    groups = {one.path: one for one in Group.objects.filter(realm=ours.realm)}
    return roles, groups, {"realm": ours.realm, "created_by": "bench"}


def _rate(count: int, seconds: float, bare_seconds: float) -> str:
    return f"{seconds:6.1f} s, {count / seconds:5.0f} a second, {bare_seconds / seconds:.0%} of the bare rate"


def _in_a_worker(scope: Scope) -> InAWorker:
    command: Sequence[str] = [sys.executable, "-m", "tests.bench.worker", str(scope.pk)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotDone(done.stderr[-2000:])
    told = json.loads(done.stdout.splitlines()[-1])
    if told["state"] != Run.State.DONE:
        raise NotDone(f"the run ended as {told['state']}: {told['sentence']}")
    return InAWorker(told["seconds"], told["megabytes"])
