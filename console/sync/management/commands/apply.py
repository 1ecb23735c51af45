"""`manage.py apply SERVER/REALM`: write what was approved. Exit code 0: nothing, 2: done, 1: failed."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from console.keycloak.errors import KeycloakError
from console.sync import bulkhead, lease, runs, scripting
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Refused, command_named
from console.sync.models import Run, Scope

LOOK_SECONDS = 0.5
OVER = {Run.State.DONE, Run.State.BLOCKED, Run.State.DEAD, Run.State.PAUSED}


class Command(BaseCommand):
    help = (
        "Write what was approved and waits to a realm, and wait for the end. "
        "Exit code 0: nothing waited, 2: changes were made, 1: it failed, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        scripting.name_a_realm(parser)
        scripting.name_an_actor(parser, "apply")
        parser.add_argument("--reason", default="", help="kept in the audit log")
        parser.add_argument("--timeout", type=float, default=600, help="seconds to wait (default 600)")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = scripting.scope_named(options["realm"])
        if not scope.touched.exists():
            self.stdout.write(f"Nothing waits for {scope}.")
            return
        try:
            command_named("tenants:run:ask").run(
                actor=scripting.actor_named(options["actor"]),
                scope=scope.pk,
                cause=Cause(reason=options["reason"]),
            )
        except (Refused, Forbidden) as error:
            raise CommandError(str(error)) from error
        run = self._waited(scope, until=time.monotonic() + options["timeout"])
        scope.refresh_from_db()
        self._say(scope, run)

    def _waited(self, scope: Scope, *, until: float) -> Run | None:
        """Return the last run once nothing more can be done. Raises CommandError when the time is over."""
        run: Run | None = None
        if scope.is_paused:
            raise CommandError(f"Writing to {scope} is paused: resume it on its page.")
        while scope.touched.filter(is_set_aside=False).exists():
            run = self._tried(scope) or run
            if run is not None and run.state in OVER:
                return run
            if time.monotonic() > until:
                raise CommandError(f"{scope} is not done yet. {run.sentence if run else ''}".strip())
            self._rest(scope, until)
        return run

    def _tried(self, scope: Scope) -> Run | None:
        """Return a run, or None while others are at it."""
        try:
            with bulkhead.place(scope.server_id):
                return runs.sync(scope.pk)
        except (lease.Busy, bulkhead.Full):
            return None
        except KeycloakError as error:
            raise CommandError(error.sentence) from error

    def _rest(self, scope: Scope, until: float) -> None:
        """Wait until the next attempt is due, or a moment where others are at it."""
        scope.refresh_from_db(fields=["next_attempt_at"])
        due = scope.next_attempt_at
        wait = (due - timezone.now()).total_seconds() if due else LOOK_SECONDS
        time.sleep(max(LOOK_SECONDS, min(wait, until - time.monotonic())))

    def _say(self, scope: Scope, run: Run | None) -> None:
        stopped = scope.touched.exclude(sentence="").first()
        if stopped is not None or (run is not None and run.state not in (Run.State.DONE,)):
            why = stopped.sentence if stopped is not None else run.sentence if run else ""
            raise CommandError(f"{scope}: {why}")
        self.stdout.write(run.sentence if run else f"A worker brought {scope} in line.")
        scripting.ended(scripting.CHANGES if run is None or run.total else scripting.NOTHING)
