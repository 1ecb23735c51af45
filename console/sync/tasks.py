"""The jobs. Each names a scope and makes one call; what changed stands in the database."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from console.keycloak.errors import KeycloakError
from console.sync import bulkhead, circuit, lease, queue, runs, sweep, work
from console.sync.models import Scope
from console.sync.times import TIMES

log = logging.getLogger(__name__)


@app.task(name="sync.scope", queue=queue.QUEUE, pass_context=False)
def sync_scope(*, scope_id: int, **_later: Any) -> None:
    """Bring one scope to what is declared. What cannot begin now is left to the sweep."""
    close_old_connections()
    try:
        _in_its_place(scope_id, runs.sync)
    except lease.Busy as busy:
        _due(scope_id, busy.until)
    except bulkhead.Full:
        _due(scope_id, None)
    except circuit.Open as away:
        _due(scope_id, away.until)
    finally:
        close_old_connections()


@app.task(name="sync.read", queue=queue.QUEUE)
def read_scope(*, scope_id: int, **_later: Any) -> None:
    """Read one scope whole, for what pages show as observed."""
    close_old_connections()
    try:
        _in_its_place(scope_id, runs.read_everything)
    except bulkhead.Full:
        sweep.put_off_read(scope_id, seconds=TIMES.sweep)
    except KeycloakError as error:
        log.warning("scope %s could not be read: %s", scope_id, error.sentence)
        sweep.put_off_read(scope_id, seconds=TIMES.longest_look)
    finally:
        close_old_connections()


def _in_its_place(scope_id: int, do: Callable[[int], object]) -> None:
    """Do it in one of the places of its server, and let the next of this server follow. Raises Full."""
    server = Scope.objects.filter(pk=scope_id).values_list("server_id", flat=True).first()
    if server is None:
        return  # its tenant was given up after the job was made
    with bulkhead.place(server):
        do(scope_id)
    sweep.enqueue_due(server, most=1)


def _due(scope_id: int, moment: datetime | None) -> None:
    Scope.objects.filter(pk=scope_id).update(next_attempt_at=moment or timezone.now())


@app.task(name="sync.work", queue=queue.BULK)
def do_work(*, name: str, key: str, **_later: Any) -> None:
    """Do a piece of work of an app above."""
    close_old_connections()
    try:
        work.do(name, key)
    finally:
        close_old_connections()


@app.periodic(cron="17 * * * *")
@app.task(name="sync.purge", queue=queue.SWEEP, queueing_lock="sync.purge")
def purge(timestamp: int, **_later: Any) -> None:
    """Delete what was kept long enough."""
    close_old_connections()
    try:
        work.purge(timezone.now())
    finally:
        close_old_connections()
