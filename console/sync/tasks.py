"""The jobs. Each names a scope and makes one call; what changed stands in the database."""

import logging
from typing import Any

from django.db import close_old_connections, models
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from console.keycloak.errors import KeycloakError
from console.sync import lease, queue, runs, work
from console.sync.drift import watching
from console.sync.models import Scope

log = logging.getLogger(__name__)

# A worker that died leaves its job as `doing`; the lease makes taking it up again harmless.
STALLED_AFTER_SECONDS = 30


@app.task(name="sync.scope", queue=queue.QUEUE, pass_context=False)
def sync_scope(*, scope_id: int, **_later: Any) -> None:
    """Bring one scope to what is declared. A scope that is busy is left to the sweep."""
    close_old_connections()
    try:
        runs.sync(scope_id)
    except lease.Busy as busy:
        Scope.objects.filter(pk=scope_id).update(next_attempt_at=busy.until or timezone.now())
    finally:
        close_old_connections()


@app.task(name="sync.read", queue=queue.QUEUE)
def read_scope(*, scope_id: int, **_later: Any) -> None:
    """Read one scope whole, for what pages show as observed."""
    close_old_connections()
    try:
        runs.read_everything(scope_id)
    except KeycloakError as error:
        log.warning("scope %s could not be read: %s", scope_id, error.sentence)
    finally:
        close_old_connections()


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


@app.periodic(cron="* * * * * */10")
@app.task(name="sync.sweep", queue=queue.SWEEP, queueing_lock="sync.sweep")
def sweep(timestamp: int, **_later: Any) -> None:
    """Take up the scopes whose next attempt has come, and check the realms whose turn it is."""
    close_old_connections()
    try:
        enqueue_due()
        watching.enqueue_due()
    finally:
        close_old_connections()


@app.periodic(cron="* * * * * */10")
@app.task(name="sync.free", queue=queue.SWEEP, queueing_lock="sync.free", pass_context=True)
async def free_stalled(context: JobContext, timestamp: int, **_later: Any) -> None:
    """Give back the jobs of workers that no longer beat: killed, not slow. The lease fences the rest."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job)


def enqueue_due() -> int:
    """Enqueue every pending scope whose next attempt is due, and return how many."""
    due = Scope.objects.filter(
        next_attempt_at__lte=timezone.now(), generation__gt=models.F("applied_generation")
    )
    scopes = list(due)
    for scope in scopes:
        Scope.objects.filter(pk=scope.pk).update(next_attempt_at=None)
        queue.enqueue(scope)
    return len(scopes)
