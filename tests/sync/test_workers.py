"""Real workers in processes of their own: any number of them, and one that died."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from console.sync.models import Circuit, Run, Step
from tests.factories import Platform
from tests.keycloak.forwarder import forwarding

WORKERS = 2


@pytest.fixture(scope="module")
def workers(platform: Platform) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers on the database of the tests."""
    settings = connection.settings_dict
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    command = [sys.executable, "manage.py", "worker", "--concurrency", "2"]
    running = [subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}) for _ in range(WORKERS)]
    yield running
    for worker in running:
        worker.terminate()
    for worker in running:
        worker.wait(60)


def until(holds: Callable[[], Any], *, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.2)


def test_two_workers_do_each_write_of_a_realm_once(platform: Platform, workers: list[Any]) -> None:
    """F17, F18: changes come while others are written; every job may be seen by both workers."""
    names = [f"worked-{number}" for number in range(6)]

    with forwarding(platform.keycloak.connection.url) as forwarder, platform.reached_at(forwarder.url):
        plans = [platform.approve("access:role:create", name=name) for name in names]
        until(lambda: platform.is_in_sync)
        assert forwarder.count("POST", "/roles") == len(names)

    assert set(names) <= platform.role_names()
    steps = Step.objects.filter(plan_id__in=[plan.pk for plan in plans])
    assert sorted(steps.values_list("address", flat=True)) == [f"role:{name}" for name in names]
    until(lambda: not Run.objects.filter(scope=platform.scope, state=Run.State.RUNNING).exists())
    assert not Run.objects.filter(scope=platform.scope).exclude(state=Run.State.DONE).exists()


def dead_worker() -> int:
    """Return the id of a worker that has not been heard of for an hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id"
        )
        return int(cursor.fetchone()[0])


def test_the_job_of_a_worker_that_died_is_taken_up_by_another(platform: Platform, workers: list[Any]) -> None:
    """F20: a job stays `doing` for ever when its worker is killed; the others give it back."""
    own = ProcrastinateJob.objects.filter(args__scope_id=platform.scope.pk)
    until(lambda: not own.filter(status__in=("todo", "doing")).exists())
    Circuit.objects.all().delete()  # a worker may have met the end of the forwarder of the test before
    with transaction.atomic():  # the job is committed as that worker left it
        platform.approve("access:role:create", name="taken-up")
        job = own.latest("id")
        own.filter(pk=job.pk).update(status="doing", worker_id=dead_worker())

    until(lambda: platform.is_in_sync)
    until(lambda: own.get(pk=job.pk).status != "doing")  # the worker says so a moment after its work

    job.refresh_from_db()
    assert job.status == "succeeded"
    assert "taken-up" in platform.role_names()
