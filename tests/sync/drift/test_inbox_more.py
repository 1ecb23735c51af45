"""What the inbox says of many differences at once, what leaves it as a file, and what taking theirs shows."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Person
from console.sync.drift.check import check
from console.sync.drift.models import DriftItem
from console.sync.models import Plan, Run, Scope
from tests.factories import Platform
from tests.operators import sign_in_as
from tests.pages import results_of

LIST = "/drift/"
NAMES = ("ann", "ben", "cleo")


@pytest.fixture(scope="module")
def drifted(new_platform: Callable[..., Platform]) -> Platform:
    """Three people, checked; then their e-mails change in Keycloak, and a role comes that nobody made."""
    made = new_platform("masses")
    people = ({"username": name, "email": f"{name}@example.org"} for name in NAMES)
    made.build(*(("access:person:create", one) for one in people))
    check(made.scope.pk)
    for name in NAMES:
        person = made.keycloak.get("users", made.person_id(name))
        made.keycloak.put("users", person["id"], json=person | {"email": f"{name}@elsewhere.example"})
    made.keycloak.make_role("=cmd", description="made there")
    check(made.scope.pk)
    return made


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    return client


@pytest.fixture
def strict(settings: Any) -> None:
    """Let three differences be very many."""
    settings.GUARD_DELETIONS, settings.GUARD_DELETION_SHARE = 2, 0.2


def test_totals_stand_in_the_group_and_on_the_filters(drifted: Platform, boss: Client) -> None:
    page = boss.get(LIST).content.decode()

    assert f"{drifted.scope}, 4" in page
    assert "<b>Not ours</b> 1</a>" in page
    assert "Mass drift" not in page


def test_mass_drift_is_said_and_writing_is_paused_and_let_go_on(
    drifted: Platform, boss: Client, strict: None
) -> None:
    part = results_of(boss.get(LIST).content.decode())
    assert f"Mass drift in {drifted.scope}: 3 people are changed" in part
    assert "Pause writing" in part
    where = reverse("sync:drift-pause", args=[drifted.scope.pk])

    boss.post(where, {"go": "no"})
    assert Scope.objects.get(pk=drifted.scope.pk).is_paused
    assert "Release the brake" in boss.get(LIST).content.decode()
    boss.post(where, {"go": "on"})
    assert not Scope.objects.get(pk=drifted.scope.pk).is_paused


def test_who_may_not_retry_may_not_pause(drifted: Platform, client: Client, strict: None) -> None:
    where = reverse("sync:drift-pause", args=[drifted.scope.pk])
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))

    assert "Pause writing" not in client.get(LIST).content.decode()
    assert client.post(where, {"go": "no"}).status_code == 403
    sign_in_as(client, "other", groups=("/tenants/nobody/admins",))
    assert client.post(where, {"go": "no"}).status_code == 404
    assert "Mass drift" not in client.get(LIST).content.decode()
    assert not Scope.objects.get(pk=drifted.scope.pk).is_paused


def rows_of(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get(reverse("sync:drift-export"), query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))


def test_an_export_holds_what_the_page_shows_and_no_formula(drifted: Platform, boss: Client) -> None:
    found = {one["What"]: one for one in rows_of(boss, realm=str(drifted.scope.pk))}

    assert set(found) == {*NAMES, "'=cmd"}
    assert found["ann"]["Declared here"] == "ann@example.org"
    assert found["ann"]["In Keycloak"] == "ann@elsewhere.example"
    assert found["'=cmd"]["In Keycloak"] == "exists"
    assert [one["What"] for one in rows_of(boss, only="foreign", realm=str(drifted.scope.pk))] == ["'=cmd"]
    assert {one["What"] for one in rows_of(boss, only="ours", realm=str(drifted.scope.pk))} == set(NAMES)


def test_an_export_holds_nothing_of_other_tenants(drifted: Platform, client: Client) -> None:
    sign_in_as(client, "other", groups=("/tenants/nobody/admins",))

    assert rows_of(client) == []


def test_taking_theirs_shows_before_and_after_and_speaks_of_no_change_of_keycloak(
    drifted: Platform, boss: Client
) -> None:
    item = DriftItem.objects.get(scope=drifted.scope, address="person:ben", closed_at__isnull=True)

    asked = boss.post(reverse("sync:drift-take"), {"item": str(item.pk)})

    page = boss.get(asked["Location"]).content.decode()
    assert "ben@example.org" in page
    assert "ben@elsewhere.example" in page
    assert "There is nothing to do" not in page
    assert "Change 1 here" in page
    plan = Plan.objects.latest("created_at")
    boss.post(reverse("sync:plan-apply", args=[plan.pk]), {"reason": "theirs is right"})
    run = drifted.sync()
    assert (run.state, run.sentence) == (Run.State.DONE, "Nothing was left to do.")
    assert Person.objects.get(realm__scope=drifted.scope, username="ben").email == "ben@elsewhere.example"


def test_a_run_says_what_was_taken_over_and_that_nothing_was_written(drifted: Platform, boss: Client) -> None:
    drifted.keycloak.make_role("left-there", description="made there")
    check(drifted.scope.pk)
    item = DriftItem.objects.get(scope=drifted.scope, address="role:left-there", closed_at__isnull=True)
    asked = boss.post(reverse("sync:drift-take"), {"item": str(item.pk)})
    plan = Plan.objects.latest("created_at")
    assert asked["Location"] == plan.get_absolute_url()

    boss.post(reverse("sync:plan-apply", args=[plan.pk]), {"reason": "it is ours from now on"})

    assert drifted.sync().sentence == "1 thing taken over, nothing written."
