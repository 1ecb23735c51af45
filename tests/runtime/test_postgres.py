"""`console.runtime.postgres`: the embedded server, as it really runs."""

import os
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from console.runtime import processes
from console.runtime.postgres import Postgres


def owner(postgres: Postgres) -> str:
    """The address of the server's own database for its owner."""
    secret = postgres.values["POSTGRES_PASSWORD"]
    return f"postgresql://postgres:{secret}@127.0.0.1:{postgres.port}/postgres"


def setting(postgres: Postgres, name: str) -> str:
    """One setting of the running server."""
    with psycopg.connect(owner(postgres)) as connection:
        return str(connection.execute("SELECT current_setting(%s)", (name,)).fetchall()[0][0])


def test_every_connection_needs_a_scram_password(postgres: Postgres) -> None:
    postgres.start()

    with psycopg.connect(owner(postgres)) as connection:
        rules = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()

    assert rules == [("scram-sha-256",)]
    assert [row[0][:14] for row in stored] == ["SCRAM-SHA-256$"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(make_conninfo(owner(postgres), password="wrong"))


def test_only_loopback_is_listened_to_and_no_socket_file_is_made(postgres: Postgres) -> None:
    postgres.start()

    assert setting(postgres, "listen_addresses") == "127.0.0.1"
    assert setting(postgres, "unix_socket_directories") == ""


def test_only_a_server_whose_data_need_not_last_is_in_a_hurry(postgres: Postgres) -> None:
    postgres.start()
    assert [setting(postgres, name) for name in ("fsync", "synchronous_commit")] == ["on", "on"]
    postgres.stop()

    replace(postgres, lasts=False).start()

    assert [setting(postgres, name) for name in ("fsync", "synchronous_commit")] == ["off", "off"]


def test_it_runs_as_the_unprivileged_user(postgres: Postgres) -> None:
    postgres.start()

    record = processes.running(postgres.layout, "postgres")

    assert record is not None
    assert Path(f"/proc/{record.pid}").stat().st_uid == postgres.account.uid != 0


def test_its_folder_is_its_own_and_the_password_file_is_gone(postgres: Postgres) -> None:
    postgres.start()

    folder = postgres.layout.postgres.stat()
    assert (folder.st_uid, folder.st_mode & 0o777) == (postgres.account.uid, 0o700)
    assert not (postgres.layout.root / "postgres.password").exists()


def test_a_second_start_changes_nothing(postgres: Postgres) -> None:
    postgres.start()
    before = processes.running(postgres.layout, "postgres")

    assert postgres.start() is False

    assert processes.running(postgres.layout, "postgres") == before


def test_a_server_whose_record_was_lost_is_taken_up_again(postgres: Postgres) -> None:
    """A run that was killed after it started PostgreSQL and before it wrote that down."""
    postgres.start()
    before = processes.running(postgres.layout, "postgres")
    processes.forget(postgres.layout, "postgres")

    postgres.start()

    assert processes.running(postgres.layout, "postgres") == before


def test_a_half_made_folder_of_a_killed_run_is_made_anew(postgres: Postgres) -> None:
    (postgres.layout.root / "postgres.part").mkdir()
    (postgres.layout.root / "postgres.part" / "PG_VERSION").write_text("18")

    assert postgres.start()


def test_data_is_kept_over_a_restart_on_the_same_port(postgres: Postgres) -> None:
    postgres.start()
    postgres.ensure_database("gatehouse")
    port = postgres.port
    with psycopg.connect(postgres.url(database="gatehouse")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    postgres.stop()

    postgres.start()

    assert postgres.port == port
    with psycopg.connect(postgres.url(database="gatehouse")) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_each_role_opens_its_own_database_only(postgres: Postgres) -> None:
    postgres.start()
    postgres.ensure_database("gatehouse")
    postgres.ensure_database("keycloak")

    foreign = make_conninfo(postgres.url(database="gatehouse"), dbname="keycloak")

    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(foreign)


def test_a_role_is_mended_when_its_password_is_not_ours(postgres: Postgres) -> None:
    """A run that was killed between making the role and keeping its password."""
    postgres.start()
    postgres.ensure_database("gatehouse")
    postgres.values.put({"POSTGRES_PASSWORD_GATEHOUSE": "another-password"})

    postgres.ensure_database("gatehouse")

    psycopg.connect(postgres.url(database="gatehouse")).close()


def test_stopping_ends_open_sessions_and_this_server_only(postgres: Postgres) -> None:
    postgres.start()
    with psycopg.connect(owner(postgres)) as connection:
        assert postgres.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        assert other.execute("SELECT 1").fetchall() == [(1,)]
