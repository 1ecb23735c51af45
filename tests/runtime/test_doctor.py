"""`console.runtime doctor`: what, why and the next command, as text and for support."""

import json
import os
import subprocess
import sys
from typing import Any

from console.runtime.layout import PROJECT, Layout
from console.runtime.ports import free_port


def doctor(layout: Layout, *options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """The doctor on ports that are free, with these settings."""
    env = {**os.environ, "PORT": str(free_port()), "KEYCLOAK_PORT": str(free_port()), **settings}
    command = [sys.executable, "-m", "console.runtime", "doctor", "--root", str(layout.root), *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env=env, check=False)


def rows(layout: Layout, **settings: str) -> dict[str, Any]:
    return {row["check"]: row for row in json.loads(doctor(layout, "--json", **settings).stdout)}


def test_a_healthy_installation_has_nothing_in_the_way(layout: Layout) -> None:
    said = doctor(layout)

    assert said.returncode == 0, said.stdout
    assert "ok  PostgreSQL 18.4" in said.stdout
    assert f"ok  Keycloak at {os.environ['KEYCLOAK_URL']}, client gatehouse-service" in said.stdout
    assert said.stdout.rstrip().endswith("Nothing stands in the way.")


def test_all_wrong_settings_are_told_at_once(layout: Layout) -> None:
    said = doctor(layout, GATEHOUSE_URL="gatehouse", SECRET_KEY="short")

    assert said.returncode == 1
    assert "2 settings are wrong." in said.stdout
    assert "GATEHOUSE_URL must start with http:// or https:// (got 'gatehouse')." in said.stdout
    assert "SECRET_KEY has 5 characters" in said.stdout
    assert "1 to solve." in said.stdout


def test_a_refused_service_client_is_told_without_its_secret(layout: Layout) -> None:
    found = rows(layout, KEYCLOAK_CLIENT_SECRET="not-the-secret")

    assert found["keycloak"]["ok"] is False
    assert found["keycloak"]["problem"]["why"] == "Keycloak refuses our client id or secret."
    assert "not-the-secret" not in json.dumps(found)


def test_a_database_that_does_not_answer_is_told_without_its_password(layout: Layout) -> None:
    found = rows(layout, DATABASE_URL=f"postgresql://someone:hidden@127.0.0.1:{free_port()}/gatehouse")

    assert found["database"]["problem"]["what"] == "The database does not answer."
    assert "refused" in found["database"]["problem"]["why"]
    assert "hidden" not in json.dumps(found)
