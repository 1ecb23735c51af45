"""The page of the record: who, what, why, before and after, and only what one may know of (row M5)."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.audit.models import AuditEvent, EventKind
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, results_of, squeezed

pytestmark = pytest.mark.django_db
URL = "/audit/"


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def event(subject: str = "Role viewer", **changed: Any) -> AuditEvent:
    return AuditEvent.objects.create(
        **{
            "kind": EventKind.ACCESS_ROLE_EDITED,
            "actor_key": "sso:ada",
            "actor_name": "Ada",
            "tenant": "acme",
            "scope": "eu-1/acme",
            "subject": subject,
            "address": "role:viewer",
            **changed,
        }
    )


def text(client: Client, **query: str) -> str:
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_tells_who_did_what_why_and_what_was_before(auditor: Client) -> None:
    plan = uuid.uuid4()
    event(
        old={"description": "Reads", "enabled": True},
        new={"description": "Reads and exports", "enabled": False},
        reason="The team asked",
        ticket="CHG-1",
        plan_id=plan,
    )

    page = text(auditor)

    for words in ("Ada", "Role edited", "Role viewer", "The team asked", "CHG-1"):
        assert words in page
    assert '<span class="diff-old">Reads</span>' in page
    assert '<span class="diff-new">Reads and exports</span>' in page
    assert '<span class="diff-old">on</span>' in page
    assert '<span class="diff-new">off</span>' in page
    assert reverse("sync:plan-detail", args=[plan]) in page


def test_only_what_differs_is_told(auditor: Client) -> None:
    event(old={"name": "same", "level": "READ"}, new={"name": "same", "level": "WRITE"})

    page = text(auditor)

    assert "same" not in results_of(page)
    assert "WRITE" in page


def test_more_than_four_fields_fold(auditor: Client) -> None:
    event(new={f"field_{number}": number for number in range(6)})

    assert "<summary>2 more</summary>" in text(auditor)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "viewer"}, {"one"}),
        ({"q": "because"}, {"two"}),
        ({"kind": "access:group:create"}, {"two"}),
        ({"tenant": "birch"}, {"three"}),
        ({"address": "role:viewer"}, {"one"}),
        ({"q": "nothing-like-this"}, set()),
    ],
)
def test_the_filter_stands_in_the_address(auditor: Client, query: dict[str, str], found: set[str]) -> None:
    event("subject-one viewer")
    event("subject-two", kind=EventKind.ACCESS_GROUP_CREATED, address="group:data", reason="because")
    event("subject-three", tenant="birch", address="role:other")

    page = results_of(text(auditor, **query))

    assert {one for one in ("one", "two", "three") if f"subject-{one}" in page} == found
    assert ("Clear filters" in page) == (not found)


def test_a_plan_narrows_the_record_to_itself(auditor: Client) -> None:
    plan = uuid.uuid4()
    event("subject-one", plan_id=plan)
    event("subject-two", plan_id=uuid.uuid4())

    page = results_of(text(auditor, plan=str(plan)))

    assert "subject-one" in page
    assert "subject-two" not in page
    assert text(auditor, plan="nonsense")


def test_a_tenants_administrator_reads_the_rows_of_her_tenant(client: Client) -> None:
    """Row S2."""
    event("subject-one")
    event("subject-two", tenant="birch")
    event("subject-three", tenant="")
    sign_in_as(client, groups=("/tenants/acme/admins",))

    page = text(client)

    assert "subject-one" in page
    assert "subject-two" not in page
    assert "subject-three" not in page
    assert "birch" not in text(client, tenant="birch").replace('value="birch"', "")


def test_nobody_and_strangers_read_nothing(client: Client) -> None:
    assert client.get(URL).status_code == 302
    sign_in_as(client, roles=("viewer",))
    assert client.get(URL).status_code == 403


def test_it_only_reads(auditor: Client) -> None:
    assert auditor.post(URL).status_code == 405


def test_a_refresh_is_the_same_part_of_the_page(auditor: Client) -> None:
    event()

    part = auditor.get(URL, headers=HTMX).content.decode()

    assert squeezed(part) == results_of(text(auditor))


def test_more_rows_need_no_more_queries_and_have_pages(auditor: Client) -> None:
    for number in range(3):
        event(f"subject-{number}")
    few = queries_of(auditor, URL)
    for number in range(3, 60):
        event(f"subject-{number}")

    assert queries_of(auditor, URL) == few
    assert "of 60" in text(auditor)
    assert "subject-0" in text(auditor, page="2")
    assert "subject-59" in text(auditor, page="nonsense")


def test_what_was_recorded_is_text_and_no_markup(auditor: Client) -> None:
    event("<script>alert(1)</script>", new={"name": "<img src=x>"}, reason="<b>x</b>")

    page = text(auditor, q="<script>")

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>x" not in page


def test_an_empty_record_says_what_it_is_for(auditor: Client) -> None:
    assert "Nothing has happened yet" in text(auditor)
