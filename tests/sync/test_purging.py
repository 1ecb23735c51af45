"""What is deleted when it is old enough, and what stays: the record, the newest sign-in, what was applied."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from access.models import PersonRole
from console.api.models import KeptAnswer
from console.audit.models import AuditEvent
from console.identity.models import ApiToken, SignIn
from console.sync import purging, queue, work
from console.sync.models import Plan, Scope
from console.timed import Term
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLDEST = NOW - timedelta(days=9_999)


def days(number: float) -> Any:
    return NOW - timedelta(days=number)


def plan(state: str, age: float) -> Plan:
    applied = {"applied_at": days(age), "applied_by": "Mira"} if state == "applied" else {}
    return Plan.objects.create(
        title=state,
        command="",
        values={},
        actor_key="x",
        actor_name="x",
        read_at=days(age),
        created_at=days(age),
        state=state,
        **applied,
    )


def test_plans_that_nobody_applied_go_and_others_stay() -> None:
    for state in ("open", "stale", "discarded", "applied"):
        plan(state, 31)
        plan(state, 29)

    assert purging.plans(NOW) == 3

    left = Plan.objects.values_list("state", "created_at").order_by("created_at")
    assert [state for state, at in left if at < days(30)] == ["applied"]
    assert len(left) == 5


def test_sign_ins_go_save_the_newest_of_each_account(client: Client) -> None:
    for name, ages in {"ada": (200, 100, 95), "ben": (120,), "cleo": (100, 1)}.items():
        for age in ages:
            sign_in_as(client, name)
            newest = SignIn.objects.order_by("-seen_at").first()
            assert newest is not None
            SignIn.objects.filter(pk=newest.pk).update(
                **dict.fromkeys(("signed_in_at", "checked_at", "seen_at"), days(age))
            )

    assert purging.sign_ins(NOW) == 3

    left = SignIn.objects.values_list("user__shown_name", "signed_in_at").order_by("user__shown_name")
    assert list(left) == [("ada", days(95)), ("ben", days(120)), ("cleo", days(1))]


def test_ended_grants_go_after_a_year_and_what_is_in_force_or_planned_stays() -> None:
    acme = DeclaredTenant()
    rows = {name: acme.person_role(f"ann-{name}", "reader") for name in ("old", "young", "active", "planned")}
    every = PersonRole.every
    old = {"starts_at": days(500), "ends_at": days(400)}
    every.filter(pk=rows["old"].pk).update(**old, state=Term.ENDED, turned_at=days(366))
    every.filter(pk=rows["young"].pk).update(**old, state=Term.ENDED, turned_at=days(364))
    every.filter(pk=rows["active"].pk).update(turned_at=days(900))
    every.filter(pk=rows["planned"].pk).update(starts_at=days(900), state=Term.PLANNED)
    AuditEvent.objects.create(kind="access:term:end", actor_key="x", actor_name="x", subject="old", at=OLDEST)

    assert work.purge(NOW) >= 1

    assert set(every.values_list("pk", flat=True)) == {rows[one].pk for one in ("young", "active", "planned")}
    assert AuditEvent.objects.filter(subject="old", at=OLDEST).exists()


def test_answers_to_keys_that_nobody_repeats_go(client: Client) -> None:
    token = ApiToken.objects.create(
        name="ci", prefix="gate_x", digest="d", maker=sign_in_as(client), created_at=days(9), expires_at=NOW
    )
    for key, age in (("old", 1.1), ("young", 0.9)):
        KeptAnswer.objects.create(token=token, key=key, fingerprint="f", created_at=days(age))

    work.purge(NOW)

    assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["young"]


def test_sessions_of_browsers_go_when_they_are_over() -> None:
    for key, age in (("old", 1), ("young", -1)):
        Session.objects.create(session_key=key, session_data="", expire_date=days(age))

    purging.browser_sessions(NOW)

    assert list(Session.objects.values_list("session_key", flat=True)) == ["young"]


def test_jobs_that_ended_go_in_portions_and_what_waits_or_runs_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    scope = DeclaredTenant().realm.scope
    assert isinstance(scope, Scope)
    for _ in range(9):
        queue.enqueue(scope)
    pks = sorted(ProcrastinateJob.objects.values_list("pk", flat=True))
    states = [
        "succeeded",
        "failed",
        "cancelled",
        "succeeded",
        "failed",
        "todo",
        "doing",
        "succeeded",
        "succeeded",
    ]
    with connection.cursor() as cursor:
        for pk, state in zip(pks, states, strict=True):
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [state, pk])
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id <= %s", [days(15), pks[6]])
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id > %s", [days(13), pks[6]])

    assert purging.jobs(NOW) == 5

    assert sorted(ProcrastinateJob.objects.values_list("pk", flat=True)) == pks[5:]


def test_a_portion_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    monkeypatch.setattr(purging, "PORTIONS", 3)
    for _ in range(8):
        plan("open", 99)

    assert [purging.plans(NOW), purging.plans(NOW), purging.plans(NOW)] == [6, 2, 0]
