"""A real worker begins and ends on time, and after it was down."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from access.models import PersonRole
from console.sync.models import Step
from console.timed import Term
from tests.factories import Platform


@pytest.fixture(scope="module")
def office(platform: Platform) -> Platform:
    platform.build(
        ("access:role:create", {"name": "reader"}),
        *(("access:person:create", {"username": name}) for name in ("ann", "ben")),
    )
    return platform


@contextmanager
def worker() -> Iterator[None]:
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    running = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--concurrency", "2"], env=os.environ | {"DATABASE_URL": url}
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(60)


def until(holds: Callable[[], Any], *, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.2)


def test_a_worker_begins_and_ends_within_seconds(office: Platform) -> None:
    with worker():
        until(lambda: office.is_in_sync)
        starts, ends = (timezone.now() + timedelta(seconds=seconds) for seconds in (6, 14))
        office.approve(
            "access:person-role:give",
            people=["ann"],
            roles=["reader"],
            starts_at=starts.isoformat(),
            ends_at=ends.isoformat(),
        )
        until(lambda: office.effective_roles("ann") == {"reader"})
        until(lambda: office.effective_roles("ann") == set())

    made, gone = Step.objects.filter(address="person-role:ann|reader").order_by("started_at")
    assert timedelta(0) <= made.finished_at - starts < timedelta(seconds=6)  # type: ignore[operator]
    assert timedelta(0) <= gone.finished_at - ends < timedelta(seconds=6)  # type: ignore[operator]


def test_a_worker_that_was_down_ends_what_is_late(office: Platform) -> None:
    office.do(
        "access:person-role:give",
        people=["ben"],
        roles=["reader"],
        ends_at=(timezone.now() + timedelta(hours=1)).isoformat(),
    )
    PersonRole.objects.filter(person__username="ben").update(ends_at=timezone.now() - timedelta(minutes=20))

    with worker():
        until(lambda: office.effective_roles("ben") == set())

    link = PersonRole.every.get(person__username="ben")
    assert link.state == Term.ENDED
    assert link.turned_at - link.ends_at > timedelta(minutes=19)
