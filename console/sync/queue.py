"""The way into the job queue. A job commits with the change that needs it, or not at all."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from signal import SIGINT, SIGTERM
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from psycopg import Error as PsycopgError

from console.sync.models import Scope
from console.sync.times import TIMES

log = logging.getLogger(__name__)

Work = Callable[[], int]

QUEUE = "sync"
SWEEP = "sweep"
BULK = "bulk"
BETWEEN_TRIES = 2.0  # seconds


def enqueue(scope: Scope) -> None:
    """Ask for a sync of this scope, inside the caller's transaction. It names the scope only."""
    app.configure_task("sync.scope", queue=QUEUE, lock=lock_of(scope.pk)).defer(scope_id=scope.pk)


def enqueue_read(scope: Scope) -> None:
    """Ask for a complete read of this scope, to refresh what pages show as observed.

    One that waits already is enough: it begins later than now.
    """
    task = app.configure_task(
        "sync.read", queue=QUEUE, lock=lock_of(scope.pk), queueing_lock=f"read:{scope.pk}"
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(scope_id=scope.pk)


def enqueue_work(name: str, key: str, *, lock: str) -> None:
    """Ask for a piece of work that an app above registered, inside the caller's transaction.

    Work with the same lock is done one piece after the other.
    """
    app.configure_task("sync.work", queue=BULK, lock=f"work:{lock}").defer(name=name, key=key)


def jobs_of_scope() -> "QuerySet[ProcrastinateJob]":
    """Return the jobs that wait or run for the scope of an outer query."""
    lock = Concat(Value("scope:"), Cast(OuterRef("pk"), CharField()))
    return ProcrastinateJob.objects.filter(lock=lock, status__in=("todo", "doing"))


def lock_of(scope_id: int) -> str:
    return f"scope:{scope_id}"


def give_back_stalled() -> int:
    """Let others take up the jobs of workers that no longer beat, and return how many.

    A worker that was killed leaves its job as `doing` for ever. One that only slept may come back: the
    lease fences it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STALLED, [TIMES.stalled])
        stalled = [row[0] for row in cursor.fetchall()]
        for job in stalled:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job])
    return len(stalled)


def forget_ended(*, before: datetime, most: int) -> int:
    """Delete at most so many jobs that ended before a moment, the oldest first, and return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [before, most])
        return int(cursor.rowcount)


_ENDED = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT job.id FROM procrastinate_jobs job
    WHERE job.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
      AND NOT EXISTS (SELECT FROM procrastinate_events event WHERE event.job_id = job.id AND event.at >= %s)
    ORDER BY job.id LIMIT %s FOR UPDATE SKIP LOCKED
)
"""

# As procrastinate's own get_stalled_jobs, which needs the worker's event loop; two sweeps skip each other.
_STALLED = """
SELECT job.id FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing'
  AND (worker.id IS NULL OR worker.last_heartbeat < now() - %s * interval '1 second')
FOR UPDATE OF job SKIP LOCKED
"""


def work(*, concurrency: int) -> None:
    """Run a worker until it is told to stop. Any number of them may run, on any number of hosts."""
    asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    """Work, and begin anew when the database went away or forgot a worker that slept for long."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(concurrency + 4))  # each job has its thread
    for sign in (SIGTERM, SIGINT):
        loop.add_signal_handler(sign, stopping.set)
    while not stopping.is_set():
        try:
            await _work_until(stopping, concurrency)
        except (ConnectorException, PsycopgError) as error:
            log.warning("The worker lost the database and begins anew. %s", error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), BETWEEN_TRIES)


async def _work_until(stopping: asyncio.Event, concurrency: int) -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        async with working.open_async():
            worker = asyncio.ensure_future(working.run_worker_async(**_options(concurrency)))
            told = asyncio.ensure_future(stopping.wait())
            await asyncio.wait({worker, told}, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                worker.cancel()  # it ends what it has begun first
            told.cancel()
            with suppress(asyncio.CancelledError):
                await worker


def _options(concurrency: int) -> dict[str, Any]:
    return {
        "queues": [QUEUE, SWEEP, BULK],
        "concurrency": concurrency,
        # A new job wakes the worker. One that waited for its realm is found by asking.
        "fetch_job_polling_interval": 0.25,
        "shutdown_graceful_timeout": 30,
        "delete_jobs": "never",
        "install_signal_handlers": False,
        "update_heartbeat_interval": TIMES.beat,
        "stalled_worker_timeout": TIMES.stalled * 3,
    }
