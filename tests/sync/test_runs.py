"""Runs on the real Keycloak: what was approved is done once, whatever fails on the way."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from console.engine.operation import Action
from console.engine.state import Kind
from console.sync import lease, loaders, runs, sweep, tasks
from console.sync.commands import Gone
from console.sync.journal import RunJournal
from console.sync.models import LedgerEntry, Run, Scope
from console.sync.status import statuses
from tests.factories import Platform, at
from tests.keycloak.forwarder import Fault, Forwarder, forwarding

SYNC_IN_ANOTHER_PROCESS = """
import django
django.setup()
from console.sync import runs
runs.sync({scope})
"""


@pytest.fixture
def forwarder(platform: Platform) -> Iterator[Forwarder]:
    """The console reaches the real Keycloak through it for one test."""
    with forwarding(platform.keycloak.connection.url) as running, platform.reached_at(running.url):
        yield running


def jobs(scope: Scope) -> int:
    return ProcrastinateJob.objects.filter(task_name="sync.scope", args__scope_id=scope.pk).count()


def done(run: Run | None) -> Run:
    assert run is not None
    assert run.state == Run.State.DONE, run.sentence
    return run


def until(holds: Callable[[], Any], *, seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.05)


def in_thread(work: Callable[[], Any]) -> tuple[Thread, list[Any]]:
    """Run in a thread of its own with a database connection of its own; its result or error is kept."""
    ended: list[Any] = []

    def body() -> None:
        try:
            ended.append(work())
        except Exception as error:  # the test looks at it
            ended.append(error)
        finally:
            connection.close()

    thread = Thread(target=body)
    thread.start()
    return thread, ended


def let_lease_run_out(scope: Scope) -> None:
    """Move the end of the lease into the past, as if its time and the longest write were over."""
    past = lease.database_now() - lease.LONGEST_WRITE - timedelta(seconds=1)
    Scope.objects.filter(pk=scope.pk).update(lease_until=past)


# --- a reply is lost, a worker dies ------------------------------------------------------------


def a_role(platform: Platform) -> tuple[str, str]:
    platform.approve("access:role:create", name="cut-role")
    return "POST", "/roles"


def a_group(platform: Platform) -> tuple[str, str]:
    platform.approve("access:group:create", name="cut-group")
    return "POST", "/groups"


def a_person(platform: Platform) -> tuple[str, str]:
    platform.approve("access:person:create", username="cut-person")
    return "POST", "/users"


def a_role_for_a_person(platform: Platform) -> tuple[str, str]:
    platform.approve("access:person-role:give", people=["cut-person"], roles=["cut-role"])
    return "POST", "/role-mappings/realm"


def a_membership(platform: Platform) -> tuple[str, str]:
    platform.approve("access:membership:add", people=["cut-person"], groups=["cut-group"])
    return "PUT", platform.group_id("cut-group")


def a_new_name(platform: Platform) -> tuple[str, str]:
    platform.approve("access:group:edit", **platform.edit_group("cut-group", name="cut-renamed"))
    return "PUT", platform.group_id("cut-group")


def a_deletion(platform: Platform) -> tuple[str, str]:
    platform.approve("access:person:delete", person="cut-person")
    return "DELETE", platform.person_id("cut-person")


WRITES = [a_role, a_group, a_person, a_role_for_a_person, a_membership, a_new_name, a_deletion]


@pytest.mark.parametrize("change", WRITES, ids=lambda change: change.__name__)
def test_a_write_whose_reply_is_lost_is_found_done_and_not_repeated(
    platform: Platform, forwarder: Forwarder, change: Callable[[Platform], tuple[str, str]]
) -> None:
    """F11, F12: Keycloak did it, the answer was cut off."""
    method, ending = change(platform)
    forwarder.seen.clear()
    forwarder.spoil(method, ending, Fault(cut_after=0))

    run = platform.sync()

    assert forwarder.count(method, ending) == 1
    done(run)
    assert platform.is_in_sync


def test_a_gateway_that_answers_for_keycloak_does_not_make_a_write_happen_twice(
    platform: Platform, forwarder: Forwarder
) -> None:
    """F13: the proxy says 502 although Keycloak did it."""
    platform.approve("access:role:create", name="behind-proxy")
    forwarder.spoil("POST", "/roles", Fault(status=502))

    done(platform.sync())

    assert forwarder.count("POST", "/roles") == 1
    assert (
        platform.ledger(at(Kind.ROLE, "behind-proxy")) == platform.keycloak.get("roles", "behind-proxy")["id"]
    )


def test_a_worker_killed_between_its_write_and_its_record_leaves_nothing_doubled(
    platform: Platform, forwarder: Forwarder
) -> None:
    """F14, F25: kill -9 while Keycloak's answer is on its way. The next run ends in the same state."""
    platform.build(("access:role:create", {"name": "kept"}), ("access:person:create", {"username": "kim"}))
    platform.approve("access:person-role:give", people=["kim"], roles=["kept"])
    forwarder.spoil("POST", "/role-mappings/realm", Fault(seconds=30))
    settings = connection.settings_dict
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    worker = subprocess.Popen(
        [sys.executable, "-c", SYNC_IN_ANOTHER_PROCESS.format(scope=platform.scope.pk)],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "console.settings"},
    )
    until(lambda: platform.effective_roles("kim") == {"kept"})
    worker.kill()
    worker.wait(20)
    assert platform.ledger(at(Kind.PERSON_ROLE, "kim", "kept")) is None

    with pytest.raises(lease.Busy):
        runs.sync(platform.scope.pk)
    let_lease_run_out(platform.scope)
    done(platform.sync())

    assert forwarder.count("POST", "/role-mappings/realm") == 1
    assert platform.ledger(at(Kind.PERSON_ROLE, "kim", "kept")) is not None
    assert platform.is_in_sync
    assert not Run.objects.filter(scope=platform.scope, state=Run.State.RUNNING).exists()


class Killed(BaseException):
    """Stands for a process that ends here: nothing of ours catches it."""


class Stumbled(Exception):
    """Stands for a mistake of ours."""


def test_a_run_cut_at_every_write_arrives_and_never_gives_more_than_before_or_after(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F14, F25: after every single write the worker dies before it can record it."""
    platform.build(
        *(("access:role:create", {"name": f"cut-{name}"}) for name in ("a", "b", "c")),
        ("access:group:create", {"name": "cut-old"}),
        ("access:group:create", {"name": "cut-place"}),
        ("access:person:create", {"username": "cutter"}),
        ("access:membership:add", {"people": ["cutter"], "groups": ["cut-old"]}),
        ("access:group-role:give", {"groups": ["cut-old"], "roles": ["cut-a"]}),
        ("access:group-role:give", {"groups": ["cut-place"], "roles": ["cut-b"]}),
    )
    place = platform.edit_group("cut-place")["group"]
    platform.approve("access:group-role:take", groups=["cut-old"], roles=["cut-a"])
    platform.approve("access:group:edit", **platform.edit_group("cut-old", name="cut-new", parent=place))
    platform.approve("access:role:edit", **platform.edit_role("cut-c", name="cut-d"))
    platform.approve("access:person-role:give", people=["cutter"], roles=["cut-d"])
    platform.approve("access:role:delete", role="cut-a")
    record, seen = RunJournal.record, [platform.effective_roles("cutter")]

    def dies(self: RunJournal, operations: Any, outcomes: Any) -> None:
        if any(one.action is not Action.ADOPT for one in operations):
            raise Killed
        record(self, operations, outcomes)

    monkeypatch.setattr(RunJournal, "record", dies)
    cuts = 0
    while platform.scope.is_pending and cuts < 20:
        try:
            platform.sync()
        except Killed:
            cuts += 1
        seen.append(platform.effective_roles("cutter"))

    assert cuts >= 4
    assert seen[-1] == {"cut-b", "cut-d"}
    assert all(roles <= {"cut-a", "cut-b", "cut-c", "cut-d"} for roles in seen)
    assert [roles for roles in seen if "cut-a" in roles and "cut-b" in roles] == []
    assert platform.groups_of("cutter") == {"cut-place/cut-new"}
    assert platform.is_in_sync
    rows = LedgerEntry.objects.filter(scope=platform.scope, address__contains="cut-old")
    assert list(rows.values_list("address", flat=True)) == []


# --- what was not approved is not done ---------------------------------------------------------


def test_a_value_that_somebody_put_into_keycloak_after_apply_is_not_overwritten(platform: Platform) -> None:
    platform.build(("access:role:create", {"name": "held", "description": "Ours"}))
    platform.approve("access:role:edit", **platform.edit_role("held", description="New"))
    representation = platform.keycloak.get("roles", "held")
    platform.keycloak.put("roles", "held", json=representation | {"description": "Theirs"})

    run = platform.sync()

    assert run.state == Run.State.BLOCKED
    assert "was not approved" in run.sentence
    assert platform.keycloak.get("roles", "held")["description"] == "Theirs"
    address = at(Kind.ROLE, "held")
    status = statuses(platform.scope, [address])[address]
    assert (status.word, status.sentence) == ("blocked", run.sentence)


def test_what_is_blocked_goes_through_after_a_new_approval(platform: Platform) -> None:
    platform.build(("access:role:create", {"name": "asked-again", "description": "Ours"}))
    platform.approve("access:role:edit", **platform.edit_role("asked-again", description="New"))
    representation = platform.keycloak.get("roles", "asked-again")
    platform.keycloak.put("roles", "asked-again", json=representation | {"description": "Theirs"})
    assert platform.sync().state == Run.State.BLOCKED

    loaders.retry(platform.scope)
    assert platform.sync().state == Run.State.BLOCKED
    platform.do("access:role:edit", **platform.edit_role("asked-again", description="New, seen"))

    assert platform.keycloak.get("roles", "asked-again")["description"] == "New, seen"


def test_a_stopped_deletion_can_be_approved_as_it_is_now(platform: Platform) -> None:
    """Its form is gone with the role, so what waits is asked for anew."""
    platform.build(("access:role:create", {"name": "ended", "description": "Ours"}))
    stopped = platform.approve("access:role:delete", role="ended")
    representation = platform.keycloak.get("roles", "ended")
    platform.keycloak.put("roles", "ended", json=representation | {"description": "Theirs"})
    assert platform.sync().state == Run.State.BLOCKED

    plan = platform.preview("tenants:plan:renew", plan=str(stopped.pk))
    assert [(one["action"], one["before"]) for one in plan.operations] == [
        ("delete", {"description": "Theirs"})
    ]
    platform.apply(plan)
    done(platform.sync())

    assert "ended" not in platform.role_names()
    assert platform.is_in_sync
    with pytest.raises(Gone):
        platform.preview("tenants:plan:renew", plan=str(stopped.pk))


def test_what_blocks_one_plan_does_not_stop_another(platform: Platform) -> None:
    platform.build(("access:role:create", {"name": "stopped", "description": "Ours"}))
    platform.approve("access:role:edit", **platform.edit_role("stopped", description="New"))
    representation = platform.keycloak.get("roles", "stopped")
    platform.keycloak.put("roles", "stopped", json=representation | {"description": "Theirs"})
    platform.approve("access:role:create", name="not-stopped")

    run = platform.sync()

    assert run.state == Run.State.BLOCKED
    assert "not-stopped" in platform.role_names()
    assert platform.scope.is_pending


def test_a_foreign_twin_made_after_apply_is_left_alone(platform: Platform) -> None:
    platform.approve("access:role:create", name="late-twin", description="Ours")
    platform.keycloak.make_role("late-twin", description="Theirs")

    run = platform.sync()

    assert run.state == Run.State.BLOCKED
    assert "not ours" in run.sentence
    assert platform.keycloak.get("roles", "late-twin")["description"] == "Theirs"


def test_an_object_made_anew_under_the_name_of_ours_is_not_deleted(platform: Platform) -> None:
    """The ledger knows ids: a role of the same name that somebody made again is not the one we made."""
    platform.build(("access:role:create", {"name": "reborn"}))
    platform.approve("access:role:delete", role="reborn")
    platform.keycloak.delete("roles", "reborn")
    platform.keycloak.make_role("reborn")

    run = platform.sync()

    assert run.state == Run.State.BLOCKED
    assert "reborn" in platform.role_names()


# --- one writer at a time ----------------------------------------------------------------------


def test_a_second_run_of_a_realm_is_told_that_it_is_busy(platform: Platform, forwarder: Forwarder) -> None:
    platform.approve("access:role:create", name="slow")
    forwarder.spoil("POST", "/roles", Fault(seconds=3))
    first, ended = in_thread(lambda: runs.sync(platform.scope.pk))
    until(lambda: forwarder.count("POST", "/roles"))

    with pytest.raises(lease.Busy):
        runs.sync(platform.scope.pk)
    tasks.sync_scope(scope_id=platform.scope.pk)
    assert platform.scope.next_attempt_at is not None

    first.join(30)
    done(ended[0])
    assert forwarder.count("POST", "/roles") == 1


def test_a_writer_that_lost_its_lease_writes_nothing_more(platform: Platform, forwarder: Forwarder) -> None:
    """F16: the lease is looked at right before each write."""
    platform.build(("access:person:create", {"username": "lea"}))
    platform.approve("access:role:create", name="first-write")
    platform.approve("access:person-role:give", people=["lea"], roles=["first-write"])
    forwarder.spoil("POST", "/roles", Fault(seconds=3))
    paused, ended = in_thread(lambda: runs.sync(platform.scope.pk))
    until(lambda: forwarder.count("POST", "/roles"))
    let_lease_run_out(platform.scope)
    token = lease.take(platform.scope)

    paused.join(30)

    assert ended[0].state == Run.State.LOST
    assert forwarder.count("POST", "/role-mappings/realm") == 0
    assert platform.effective_roles("lea") == set()
    assert platform.scope.lease_token == token
    lease.release(platform.scope, token)
    done(platform.sync())
    assert platform.effective_roles("lea") == {"first-write"}


# --- Keycloak is away --------------------------------------------------------------------------


def test_without_keycloak_a_run_fails_with_a_sentence_and_is_tried_again_later(platform: Platform) -> None:
    platform.approve("access:role:create", name="patient")
    with platform.reached_at("http://127.0.0.1:9"):
        run = platform.sync()

    scope = platform.scope
    assert run.state == Run.State.FAILED
    assert run.sentence
    assert platform.touched(at(Kind.ROLE, "patient")).sentence == run.sentence
    assert scope.next_attempt_at is not None
    assert scope.next_attempt_at > timezone.now()
    assert sweep.enqueue_due() == 0

    asked = jobs(scope)
    ProcrastinateJob.objects.filter(args__scope_id=scope.pk).update(status="succeeded")
    Scope.objects.filter(pk=scope.pk).update(next_attempt_at=timezone.now())
    assert sweep.enqueue_due() == 1
    assert jobs(scope) == asked + 1
    tasks.sync_scope(scope_id=scope.pk)
    assert platform.is_in_sync
    assert "patient" in platform.role_names()


def test_each_failed_attempt_waits_longer(platform: Platform, forwarder: Forwarder) -> None:
    platform.approve("access:role:create", name="longer")
    waits = []
    forwarder.spoil("GET", platform.realm, Fault(status=500), times=4)
    for _ in range(4):
        start = timezone.now()
        platform.sync()
        due = platform.scope.next_attempt_at
        assert due is not None
        waits.append(due - start)

    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    done(platform.sync())


def test_a_fault_of_the_console_is_tried_again_too(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.approve("access:role:create", name="stumbled")

    def stumble(*_: Any) -> None:
        raise Stumbled

    with monkeypatch.context() as patch:
        patch.setattr(RunJournal, "intend", stumble)
        with pytest.raises(Stumbled):
            platform.sync()

    assert platform.scope.next_attempt_at is not None
    assert not Run.objects.filter(scope=platform.scope, state=Run.State.RUNNING).exists()
    done(platform.sync())


def test_two_changes_of_one_field_before_a_run_end_in_the_last(platform: Platform) -> None:
    platform.build(("access:role:create", {"name": "worded", "description": "A"}))
    platform.approve("access:role:edit", **platform.edit_role("worded", description="B"))
    platform.approve("access:role:edit", **platform.edit_role("worded", description="C"))

    done(platform.sync())

    assert platform.keycloak.get("roles", "worded")["description"] == "C"


def test_two_changes_of_one_field_with_a_run_between_apply_and_apply_end_in_the_last(
    platform: Platform,
) -> None:
    platform.build(("access:role:create", {"name": "stepped", "description": "A"}))
    platform.approve("access:role:edit", **platform.edit_role("stepped", description="B"))
    later = platform.preview("access:role:edit", **platform.edit_role("stepped", description="C"))
    done(platform.sync())
    try:
        platform.apply(later)
    except Exception as changed:
        platform.apply(changed.plan)  # type: ignore[attr-defined]

    done(platform.sync())

    assert platform.keycloak.get("roles", "stepped")["description"] == "C"
