"""A PostgreSQL of our own for faults of the database that others on the same server would feel."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from access.models import Role
from console.runtime import processes
from console.runtime.account import service_account
from console.runtime.postgres import Postgres
from console.runtime.values import Values
from console.sync import preview
from tests.factories import Platform, platforms
from tests.faults.hanging import Switch
from tests.faults.workers import REAL, until, workers
from tests.keycloak.forwarder import Fault, serving
from tests.runtime.conftest import own_layout

NAME = "gatehouse"


@pytest.fixture(scope="module")
def postgres(django_db_setup: None, django_db_blocker: object) -> Iterator[Postgres]:
    """A server of its own with the console's tables, where `connection` leads while the module runs."""
    with own_layout() as layout:
        account = service_account(root=layout.root)
        server = Postgres(layout=layout, account=account, values=Values(layout.env_file), lasts=False)
        server.start()
        server.ensure_database(NAME)
        with django_db_blocker.unblock(), _leading_to(server):  # type: ignore[attr-defined]
            call_command("migrate", verbosity=0)
            yield server


@contextmanager
def _leading_to(server: Postgres) -> Iterator[None]:
    settings = connection.settings_dict
    before = dict(settings)
    connection.close()
    secret = server.values[f"POSTGRES_PASSWORD_{NAME.upper()}"]
    settings |= {
        "HOST": "127.0.0.1",
        "PORT": str(server.port),
        "NAME": NAME,
        "USER": NAME,
        "PASSWORD": secret,
    }
    try:
        yield
    finally:
        connection.close()
        settings |= before


@pytest.fixture(scope="module", name="transactional_db")
def database(postgres: Postgres) -> None:
    """What pytest-django would give is the server of the other tests."""


@pytest.fixture(scope="module")
def platform(postgres: Postgres, keycloak_connection: object) -> Iterator[Platform]:
    with platforms(keycloak_connection) as make:  # type: ignore[arg-type]
        yield make()


@pytest.fixture
def switch(platform: Platform) -> Iterator[Switch]:
    with serving(Switch(platform.keycloak.connection.url)) as running, platform.reached_at(running.url):
        yield running


def owner_of(server: Postgres) -> "psycopg.Connection[tuple[object, ...]]":
    secret = server.values["POSTGRES_PASSWORD"]
    return psycopg.connect(f"postgresql://postgres:{secret}@127.0.0.1:{server.port}/{NAME}", autocommit=True)


def restart(server: Postgres, *, meanwhile: "Meanwhile") -> None:
    """Stop the server as a crash does, look what happens without it, and start it again."""
    folder = server.account.path(server.layout.postgres)
    server._run("pg_ctl", ["stop", "--mode", "immediate", "--silent", "--pgdata", folder])
    processes.forget(server.layout, "postgres")
    meanwhile.look()
    server.start()


class Meanwhile:
    """What a page answers while the database is away."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.cookies["sid"] = "some-session"
        self.statuses: list[int] = []

    def look(self) -> None:
        self.statuses.append(self.client.get(reverse("home")).status_code)


def test_a_restart_of_the_database_in_a_job_loses_and_repeats_nothing(
    postgres: Postgres, platform: Platform, switch: Switch
) -> None:
    """F22: while Keycloak writes, while a worker listens, and while a page is asked for."""
    meanwhile = Meanwhile()
    with workers(1, settings=REAL) as crew:
        switch.spoil("POST", "/roles", Fault(seconds=3))
        platform.approve("access:role:create", name="through-a-restart")
        until(lambda: switch.count("POST", "/roles"))

        restart(postgres, meanwhile=meanwhile)
        connection.close()

        until(lambda: platform.is_in_sync)
        assert meanwhile.statuses == [503]
        assert switch.count("POST", "/roles") == 1
        platform.approve("access:role:create", name="after-a-restart")
        until(lambda: platform.is_in_sync, seconds=30)
        assert not any(crew.is_gone(worker) for worker in crew.alive)

    assert {"through-a-restart", "after-a-restart"} <= platform.role_names()


def test_without_a_free_connection_pages_ask_again_and_work_waits(
    postgres: Postgres, platform: Platform
) -> None:
    """F23: all connections are taken by others; with the first free one everything goes on."""
    with workers(1, settings=REAL) as crew:
        platform.approve("access:role:create", name="before-the-rush")
        until(lambda: platform.is_in_sync)
        with owner_of(postgres) as owner:
            owner.execute(f"ALTER ROLE {NAME} CONNECTION LIMIT 1")
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (NAME,)
            )
            secret = postgres.url(database=NAME)
            taken = until(lambda: _connected(secret), what="taking the only connection")
            connection.close()

            meanwhile = Meanwhile()
            meanwhile.look()
            taken.close()
            owner.execute(f"ALTER ROLE {NAME} CONNECTION LIMIT -1")

        connection.close()
        assert meanwhile.statuses == [503]
        platform.approve("access:role:create", name="after-the-rush")
        until(lambda: platform.is_in_sync, seconds=30)
        assert not any(crew.is_gone(worker) for worker in crew.alive)


def _connected(url: str) -> "psycopg.Connection[tuple[object, ...]] | None":
    """Take the connection before a worker does."""
    try:
        return psycopg.connect(url)
    except psycopg.OperationalError:
        return None


def test_who_is_chosen_in_a_deadlock_begins_again(postgres: Postgres, platform: Platform) -> None:
    """F23: the change waits for a name that another transaction holds, which waits for the realm.

    Only what stands in the end locks the realm; the look before it does not.
    """
    plan = platform.preview("access:role:create", name="contested")
    with owner_of(postgres) as other:
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        before = other.execute(deadlocks).fetchone()
        other.execute("SET deadlock_timeout = '60s'")  # so that the change is the one that gives way
        blocker = threading.Thread(target=_cross, args=(other, postgres))
        other.execute("BEGIN")
        _hold_the_name(other, platform, "contested")
        blocker.start()

        preview._stand(plan, actor=platform.actor, reason="of a test", ticket="")
        blocker.join(30)

        until(lambda: other.execute(deadlocks).fetchone() != before, what="the deadlock")
    assert Role.objects.filter(realm__scope=platform.scope, name="contested").count() == 1


def _hold_the_name(other: "psycopg.Connection[tuple[object, ...]]", platform: Platform, name: str) -> None:
    other.execute(
        "INSERT INTO access_role (realm_id, name, description, revision, created_at, created_by)"
        " VALUES (%s, %s, '', 1, now(), 'another')",
        (platform.row.realm_id, name),
    )


def _cross(other: "psycopg.Connection[tuple[object, ...]]", server: Postgres) -> None:
    """Ask for the realm once the change holds it and waits for the name; then let go of everything."""
    with owner_of(server) as watch:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
        until(lambda: watch.execute(waits, (NAME,)).fetchone() != (0,), what="the change waiting")
    other.execute("SELECT 1 FROM sync_scope FOR UPDATE")
    other.execute("ROLLBACK")
