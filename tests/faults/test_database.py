"""The console's own database goes away: pages say so, and workers come back by themselves."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import Platform
from tests.faults.hanging import Switch
from tests.faults.workers import REAL, until, workers
from tests.keycloak.forwarder import Fault
from tests.operators import sign_in_as


@pytest.fixture
def no_database() -> Iterator[None]:
    """The address of the database leads nowhere."""
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "9"
    yield
    connection.close()
    connection.settings_dict["PORT"] = port


def test_a_page_without_the_database_asks_again_by_itself(no_database: None) -> None:
    """F22, F23: 503 with when to come back, and no page of a fault of ours."""
    client = Client(raise_request_exception=False)
    client.cookies["sid"] = "some-session"

    answer = client.get(reverse("home"))

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "database does not answer now" in answer.content.decode()


def test_a_fault_of_ours_has_its_own_page(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    client.raise_request_exception = False
    monkeypatch.setattr("console.home.numbers.tenant_lines", lambda *_: 1 / 0)

    answer = client.get(reverse("home"))

    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()


def end_all_other_sessions() -> int:
    """End every connection to the database of the tests but this one, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_a_worker_that_lost_all_its_connections_goes_on(platform: Platform, switch: Switch) -> None:
    """F22, F25: in the job, in its look for work, and in what it listens to. The write is not repeated."""
    with workers(1, settings=REAL) as crew:
        switch.spoil("POST", "/roles", Fault(seconds=2))
        platform.approve("access:role:create", name="kept-on")
        until(lambda: switch.count("POST", "/roles"))
        assert end_all_other_sessions() > 2

        until(lambda: platform.is_in_sync)
        assert switch.count("POST", "/roles") == 1

        platform.approve("access:role:create", name="works-still")
        until(lambda: platform.is_in_sync)
        own = ProcrastinateJob.objects.filter(args__scope_id=platform.scope.pk)
        until(lambda: not own.filter(status="doing").exists())  # it says so a moment after its work
        assert not any(crew.is_gone(worker) for worker in crew.alive)

    assert {"kept-on", "works-still"} <= platform.role_names()
