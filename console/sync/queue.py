"""The way into the job queue. A job commits with the change that needs it, or not at all."""

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from console.sync.models import Scope

QUEUE = "sync"
SWEEP = "sweep"
BULK = "bulk"


def enqueue(scope: Scope) -> None:
    """Ask for a sync of this scope, inside the caller's transaction. It names the scope only."""
    app.configure_task("sync.scope", queue=QUEUE, lock=f"scope:{scope.pk}").defer(scope_id=scope.pk)


def enqueue_read(scope: Scope) -> None:
    """Ask for a complete read of this scope, to refresh what pages show as observed.

    One that waits already is enough: it begins later than now.
    """
    task = app.configure_task(
        "sync.read", queue=QUEUE, lock=f"scope:{scope.pk}", queueing_lock=f"read:{scope.pk}"
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(scope_id=scope.pk)


def enqueue_work(name: str, key: str, *, lock: str) -> None:
    """Ask for a piece of work that an app above registered, inside the caller's transaction.

    Work with the same lock is done one piece after the other.
    """
    app.configure_task("sync.work", queue=BULK, lock=f"work:{lock}").defer(name=name, key=key)


def work(*, concurrency: int) -> None:
    """Run a worker until it is told to stop. Any number of them may run, on any number of hosts."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(
            queues=[QUEUE, SWEEP, BULK],
            concurrency=concurrency,
            # A new job wakes the worker. One that waited for its realm is found by asking.
            fetch_job_polling_interval=0.25,
            shutdown_graceful_timeout=30,
            delete_jobs="never",
            update_heartbeat_interval=5,
            stalled_worker_timeout=30,
        )
