"""First load, a check without changes, and ten changes: the engine beside a plain script.

Both do the same work on the same server in the same minutes. The script writes no record, asks nobody and
knows nothing of who owns what; ours reads, plans, records each step before and after it, and reads back.
"""

from django.db import transaction

from console.engine.state import Selection
from console.keycloak.target import KeycloakTarget
from console.sync.collect import compared
from console.sync.drift.check import whole
from console.sync.models import KeycloakServer
from console.transport import LONG, run
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.realms import best, client, managed, new, realms, run_now, timed
from tests.bench.saving import NotDone
from tests.bench.script import Script
from tests.bench.work import Work, changed, work
from tests.bench.working import Declared
from tests.bench.world import Worlds

PEOPLE = 1_000


def measure(place: Place, worlds: Worlds) -> None:
    """Print both sides and their ratio."""
    with realms() as names:
        _beside_a_script(names)


def _beside_a_script(names: list[str]) -> None:
    before = work(PEOPLE)
    after = changed(before)
    figures.head(f"A realm of {PEOPLE:,} people, {before.size:,} things and links: the engine | a script")
    ours, theirs = managed(names), _scripted(names)
    ours.all_of(before)
    ours.approve()
    _compared("first load", timed(lambda: run_now(ours)), timed(lambda: theirs.bring(before)))
    _compared(
        "check, nothing changed", best(lambda: _checked(ours, 0)), best(lambda: _nothing(theirs, before), 1)
    )
    ours.ten_changes(before, after)
    ours.approve()
    touched = timed(lambda: _checked_and_run(ours))
    _compared("ten changes, with a whole check", touched, timed(lambda: theirs.bring(after)))
    ours.ten_changes(after, before)
    ours.approve()
    figures.line(
        "ten changes, as the console does",
        f"{timed(lambda: run_now(ours)):6.2f} s (what was touched is read)",
    )


def _scripted(names: list[str]) -> Script:
    name = new(names, "script")
    run(client().post(("admin", "realms"), json={"realm": name, "enabled": True}, patience=LONG))
    return Script(KeycloakServer.objects.get().connection(), name)


def _nothing(script: Script, before: Work) -> None:
    if writes := script.bring(before):
        raise NotDone(f"the script wrote {writes} times where nothing differed")


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
    run_now(ours)


def _compared(label: str, ours: float, theirs: float) -> None:
    figures.line(label, f"{ours:6.2f} s | {theirs:6.2f} s   {theirs / ours:5.1f} times as fast")
