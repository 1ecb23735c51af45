"""The overview: what needs a look, and only what one may see."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.audit.models import AuditEvent
from console.sync.models import Plan, Touched
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    return client


def text(client: Client, **query: str) -> str:
    answer = client.get("/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def failing(tenant: DeclaredTenant, sentence: str) -> None:
    scope = tenant.realm.scope
    scope.generation = 2
    scope.save()
    Touched.objects.create(scope=scope, address="role:x", generation=2, sentence=sentence)


def test_an_empty_console_says_what_to_begin_with(administrator: Client) -> None:
    page = text(administrator)

    assert "No tenants yet" in page
    assert "No server yet" in page


def test_every_tenant_stands_with_its_status(administrator: Client) -> None:
    DeclaredTenant("acme").was_read()
    failing(DeclaredTenant("birch"), "Keycloak answered 409: a group of this name exists.")

    page = text(administrator)

    assert "In sync" in page
    assert "Keycloak answered 409" in page
    assert "Failed" in page


def test_the_list_is_narrowed_by_what_needs_a_look_and_by_name(administrator: Client) -> None:
    DeclaredTenant("acme").was_read()
    failing(DeclaredTenant("birch"), "It failed.")
    headers = {"HX-Request": "true"}

    looks = administrator.get("/", {"only": "look"}, headers=headers).content.decode()
    named = administrator.get("/", {"q": "acm"}, headers=headers).content.decode()

    assert ("Birch" in looks, "Acme" in looks) == (True, False)
    assert ("Birch" in named, "Acme" in named) == (False, True)
    assert "Clear filters" in administrator.get("/", {"q": "zzz"}, headers=headers).content.decode()


def test_a_tenants_administrator_sees_only_that_tenant_and_no_servers(client: Client) -> None:
    DeclaredTenant("acme")
    DeclaredTenant("birch")
    sign_in_as(client, "own", groups=("/tenants/acme/admins",))

    page = text(client)

    assert "Acme" in page
    assert "Birch" not in page
    assert "server-of-acme" not in page.replace("<td>server-of-acme</td>", "")


def test_open_previews_are_those_of_the_person(administrator: Client) -> None:
    from console.identity.models import User

    key = User.objects.get(shown_name="ada").username
    for actor, title in ((key, "Give 12 people the role"), ("sso:somebody", "Not mine")):
        Plan.objects.create(
            scope_name="x",
            title=title,
            command="x",
            values={},
            actor_key=actor,
            actor_name="x",
            read_at=timezone.now(),
            digest="d",
        )

    page = text(administrator)

    assert "Give 12 people the role" in page
    assert "Not mine" not in page


def test_changes_of_the_last_thirty_days_are_counted_by_day(administrator: Client) -> None:
    now = timezone.now()
    for kind, age in (
        ("access:membership:add", 1),
        ("access:role:edit", 1),
        ("sync:write:end", 1),
        ("access:role:edit", 40),
    ):
        AuditEvent.objects.create(
            kind=kind, at=now - timedelta(days=age), actor_key="x", actor_name="x", tenant="acme", subject="x"
        )
    day = now - timedelta(days=1)

    assert f"{day.day} {day:%b}: 2 by people, 1 by syncs" in text(administrator)


def test_people_of_a_share_are_those_in_its_group(administrator: Client) -> None:
    whole = DeclaredTenant("whole")
    share = DeclaredTenant("share", share_of=whole)
    for username, path in (
        ("ann", "share"),
        ("ann", "share/team"),
        ("bob", "share/team"),
        ("cas", "elsewhere"),
    ):
        whole.member(username, path)

    page = text(administrator)

    people = dict(re.findall(r"</svg>(Whole|Share)</a>.*?<td class=\"num\">(\d+)</td>", page, re.DOTALL))
    assert people == {"Whole": "3", "Share": "2"}
    assert share.tenant.is_share


def test_more_tenants_ask_no_more_queries(administrator: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            text(administrator)
        return len(caught)

    DeclaredTenant("s0", share_of=DeclaredTenant("t0"))
    text(administrator)
    few = count()
    for number in range(1, 12):
        tenant = DeclaredTenant(f"t{number}")
        tenant.person("ann")
        DeclaredTenant(f"s{number}", share_of=tenant)

    assert count() == few


def test_it_only_reads(administrator: Client) -> None:
    assert administrator.post("/").status_code == 405
