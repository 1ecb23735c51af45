"""The commands for people who script, on a real realm: what they print, what they do, how they end."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from console.audit.models import AuditEvent
from console.sync.drift.check import check
from console.sync.drift.models import DriftItem, Watch
from tests.factories import Platform

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def scripted(new_platform: Callable[..., Platform]) -> Platform:
    made = new_platform("scripted")
    made.build(("access:role:create", {"name": "viewer", "description": "may look"}))
    check(made.scope.pk)
    return made


def called(*command: str) -> tuple[int, str]:
    """Return how a command ended and what it printed."""
    out = StringIO()
    try:
        call_command(*command, stdout=out)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


def started(*command: str) -> "subprocess.CompletedProcess[str]":
    """Return how the command ended as a program of its own, on the same database."""
    settings = connection.settings_dict
    address = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"{address}/{settings['NAME']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_nothing_waits(scripted: Platform) -> None:
    realm = str(scripted.scope)

    assert called("plan", realm) == (0, f"Nothing waits for {realm}.\n")
    assert called("apply", realm) == (0, f"Nothing waits for {realm}.\n")
    assert called("drift", realm) == (0, f"Nothing differs in {realm}.\n")


def test_what_waits_is_shown_applied_and_recorded(scripted: Platform) -> None:
    realm = str(scripted.scope)
    scripted.approve("access:role:create", name="editor", description="may edit")

    shown, told = called("plan", realm), called("plan", realm, "--json")

    assert shown == (2, "2. Create role editor (description: may edit)\n")
    assert told[0] == 2
    (operation,) = json.loads(told[1])["operations"]
    assert (operation["action"], operation["address"]) == ("create", "role:editor")
    assert "editor" not in scripted.role_names()

    assert called("apply", realm, "--reason", "a script says so", "--actor", "nightly") == (
        2,
        "1 change made.\n",
    )
    assert "editor" in scripted.role_names()
    row = AuditEvent.objects.get(kind="sync:run:ask", scope=realm)
    assert (row.actor_name, row.reason) == ("nightly", "a script says so")
    assert called("plan", realm)[0] == 0


def test_what_is_blocked_ends_with_its_sentence(scripted: Platform) -> None:
    scripted.approve("access:role:create", name="taken", description="ours")
    scripted.keycloak.make_role("taken", description="theirs")

    with pytest.raises(CommandError, match="taken") as caught:
        called("apply", str(scripted.scope))

    assert caught.value.returncode == 1
    assert "not ours" in str(caught.value)
    assert scripted.keycloak.get("roles", "taken")["description"] == "theirs"
    code, text = called("plan", str(scripted.scope))
    assert code == 2
    assert text.startswith("!  ")
    scripted.keycloak.delete("roles", "taken")
    scripted.scope.touched.all().delete()


def test_drift_prints_items_and_ends_with_two(scripted: Platform) -> None:
    role = scripted.keycloak.get("roles", "viewer")
    scripted.keycloak.put("roles", "viewer", json=role | {"description": "may do all"})

    code, text = called("drift", str(scripted.scope))
    told = called("drift", str(scripted.scope), "--json")

    assert code == 2
    assert text.startswith(f"{scripted.scope}  role:viewer  drifted, changed  ")
    (item,) = json.loads(told[1])["items"]
    assert (item["declared"], item["keycloak"]) == (
        {"description": "may look"},
        {"description": "may do all"},
    )
    scripted.keycloak.put("roles", "viewer", json=role)
    assert called("drift", "--all")[0] == 0


def test_a_realm_that_is_not_known_is_an_error_that_helps(scripted: Platform) -> None:
    for command in ("plan", "apply", "drift"):
        with pytest.raises(CommandError, match=str(scripted.scope)) as caught:
            called(command, "nowhere/at-all")
        assert caught.value.returncode == 1


def test_drift_wants_one_realm_or_all(scripted: Platform) -> None:
    for arguments in ((), (str(scripted.scope), "--all")):
        with pytest.raises(CommandError, match="Name one realm"):
            called("drift", *arguments)


def test_a_server_away_is_an_error_and_keeps_the_items(scripted: Platform, keycloak_connection: Any) -> None:
    role = scripted.keycloak.get("roles", "viewer")
    scripted.keycloak.put("roles", "viewer", json=role | {"description": "may do all"})
    assert called("drift", str(scripted.scope))[0] == 2

    with scripted.reached_at("http://127.0.0.1:9"), pytest.raises(CommandError) as caught:
        called("drift", str(scripted.scope))

    assert str(scripted.scope) in str(caught.value)
    item = DriftItem.objects.get(scope=scripted.scope, address="role:viewer", closed_at__isnull=True)
    assert item.theirs == {"description": "may do all"}
    assert Watch.objects.get(scope=scripted.scope).sentence
    scripted.keycloak.put("roles", "viewer", json=role)
    assert called("drift", str(scripted.scope))[0] == 0
    assert Watch.objects.get(scope=scripted.scope).sentence == ""


def test_sweep_takes_up_what_is_due_once(scripted: Platform) -> None:
    called("sweep")
    Watch.objects.filter(scope=scripted.scope).update(due_at="2020-01-01T00:00:00Z", asked_at=None)

    assert called("sweep") == (2, "1 due, and enqueued: a worker does it.\n")
    assert called("sweep") == (0, "Nothing was due.\n")


def test_as_programs_they_end_with_the_same_codes(scripted: Platform) -> None:
    realm = str(scripted.scope)

    nothing, unknown = started("plan", realm), started("drift", "nowhere/at-all")

    assert (nothing.returncode, nothing.stdout) == (0, f"Nothing waits for {realm}.\n"), nothing.stderr
    assert unknown.returncode == 1
    assert "There is no realm nowhere/at-all here." in unknown.stderr
    scripted.approve("access:role:create", name="programmed")
    waits, done = started("plan", realm), started("apply", realm)
    assert waits.returncode == 2
    assert (done.returncode, done.stdout) == (2, "1 change made.\n"), done.stderr
    assert "programmed" in scripted.role_names()
