"""First load, a check without changes, and ten changes: the engine beside two scripts.

All do the same work on the same server in the same minutes. The script writes no record, asks nobody and
knows nothing of who owns what; ours reads, plans, records each step before and after it, and reads back.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from console.engine.state import Selection
from console.keycloak.target import KeycloakTarget
from console.sync.collect import compared
from console.sync.drift.check import whole
from console.sync.models import KeycloakServer
from console.transport import LONG, run
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.processor import Servers
from tests.bench.processor import Work as Taken
from tests.bench.realms import TIMES, client, managed, new, realms, run_now
from tests.bench.saving import NotDone
from tests.bench.script import Script
from tests.bench.usual import UsualScript
from tests.bench.work import Work, changed, work
from tests.bench.working import Declared
from tests.bench.world import Worlds

PEOPLE = 1_000
FIRST_PEOPLE = 200  # of both sides, before anything is measured: Keycloak compiles what it is asked often


def measure(place: Place, worlds: Worlds) -> None:
    """Print both sides and their ratio."""
    with realms() as names:
        _warm(names)
        _Beside(Servers.of_settings(), names).measure()


def _warm(names: list[str]) -> None:
    some = work(FIRST_PEOPLE)
    ours = managed(names)
    ours.all_of(some)
    ours.approve()
    run_now(ours)
    _checked(ours, 0)
    for script in _scripts(names).values():
        script.bring(some)
        script.bring(some)


class _Beside:
    """All sides, each with a realm of its own."""

    def __init__(self, servers: Servers, names: list[str]) -> None:
        self.servers = servers
        self.before = work(PEOPLE)
        self.after = changed(self.before)
        self.ours, self.scripts = managed(names), _scripts(names)

    def measure(self) -> None:
        things = f"{self.before.size:,} things and links"
        figures.head(f"A realm of {PEOPLE:,} people, {things}: the engine | scripts")
        figures.line("", "by the clock; then processor time, its own + that of both servers")
        self.ours.all_of(self.before)
        self.ours.approve()
        self._compared("first load", self._run, self._bring)
        self._compared("check, nothing changed", self._check, self._nothing, times=TIMES)
        self._change(self.before, self.after)
        self._compared("ten changes, as the console does", self._run, lambda script: script.bring(self.after))
        self._change(self.after, self.before)
        self._compared("ten changes after a whole check", self._check_and_run, self._bring)

    def _compared(
        self, label: str, ours: Callable[[], object], theirs: Callable[[Any], object], *, times: int = 1
    ) -> None:
        """Print the quickest of several times of each."""
        mine = self._best(ours, times)
        for name, script in self.scripts.items():
            taken = self._best(partial(theirs, script), times)
            ratio = taken.seconds / mine.seconds
            clock = f"{mine.seconds:6.2f} s | {taken.seconds:6.2f} s   {ratio:5.1f} times as fast"
            figures.line(label, f"{clock};  {mine.words} s | {taken.words} s, {name}")

    def _best(self, do: Callable[[], object], times: int) -> Taken:
        return min((self._once(do) for _ in range(times)), key=lambda one: one.seconds)

    def _once(self, do: Callable[[], object]) -> Taken:
        with self.servers.watched() as taken:
            do()
        return taken

    def _run(self) -> None:
        """Bring to Keycloak what is declared: what was touched is read, compared, written and read back."""
        run_now(self.ours)

    def _check(self) -> None:
        _checked(self.ours, 0)

    def _check_and_run(self) -> None:
        """Read and compare the whole realm first, as the script does, which knows of no touched addresses."""
        _checked(self.ours, None)
        run_now(self.ours)

    def _bring(self, script: Any) -> None:
        script.bring(self.before)

    def _nothing(self, script: Any) -> None:
        if writes := script.bring(self.before):
            raise NotDone(f"the script wrote {writes} times where nothing differed")

    def _change(self, before: Work, after: Work) -> None:
        self.ours.ten_changes(before, after)
        self.ours.approve()


def _scripts(names: list[str]) -> dict[str, Any]:
    """Return the two scripts by what they are, each with a realm of its own."""
    connection = KeycloakServer.objects.get().connection()
    kinds = {"the quickest script": Script, "the usual one (python-keycloak)": UsualScript}
    return {what: kind(connection, _empty(names)) for what, kind in kinds.items()}


def _empty(names: list[str]) -> str:
    name = new(names, "script")
    run(client().post(("admin", "realms"), json={"realm": name, "enabled": True}, patience=LONG))
    return name


def _checked(ours: Declared, expected: int | None) -> None:
    """Read the whole realm and plan it against ledger and database."""
    scope = ours.scope
    actual = KeycloakTarget(scope.server.connection(), scope.realm).read(Selection.all())
    with transaction.atomic():
        everything = whole(scope)
    found = compared(everything, actual)
    if found.conflicts or (expected is not None and len(found.operations) != expected):
        raise NotDone(f"{len(found.operations)} operations and {found.conflicts[:3]} in a whole check")
