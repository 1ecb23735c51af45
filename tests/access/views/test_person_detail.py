"""The page of a person: all access by all ways, and what happened (row M4)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.audit.models import AuditEvent
from console.engine.state import Address, Kind
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data", "developer")
    acme.group_role("data", "viewer")
    acme.person("ann", "Ann Lee", email="ann@example.org")
    acme.member("ann", "data/eng")
    acme.person_role("ann", "clerk")
    acme.entitle(acme.person("ann"), "package:demo:READ")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def url(acme: DeclaredTenant, username: str = "ann") -> str:
    return reverse("access:person-detail", args=["acme", acme.person(username).pk])


def text(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_lists_every_right_with_its_way(acme: DeclaredTenant, auditor: Client) -> None:
    page = text(auditor, url(acme))

    assert "4 roles" in page  # developer, viewer, clerk, default-roles-acme
    assert "and 1 entitlement" in page
    assert "data / eng" in page
    assert page.count("not through a group") == 2  # clerk and demo
    assert "+1 path" in page  # viewer: by the composite, too


def test_each_right_leads_to_its_cell_in_the_matrix(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(60):
        acme.person(f"other{number}", f"Aa {number}")
    page = text(auditor, url(acme))
    link = re.search(r'href="([^"]*/matrix/[^"]*column=role%3Aviewer)"', page)
    assert link is not None

    matrix = text(auditor, link[1].replace("&amp;", "&"))

    assert "Allowed by 2 paths" in matrix
    assert matrix.count('aria-selected="true"') == 1


def test_pending_and_differing_access_says_so(acme: DeclaredTenant, auditor: Client) -> None:
    acme.was_read(without=[Address(Kind.PERSON_ROLE, ("ann", "clerk"))])

    assert text(auditor, url(acme)).count("not in Keycloak yet") == 1


def test_groups_that_only_keycloak_knows_are_shown_as_such(acme: DeclaredTenant, auditor: Client) -> None:
    acme.was_read(beside=[Address(Kind.MEMBERSHIP, ("ann", "elsewhere"))])

    page = text(auditor, url(acme))

    assert "elsewhere" in page
    assert "in Keycloak only" in page


def test_the_list_is_narrowed_by_kind_and_text(acme: DeclaredTenant, auditor: Client) -> None:
    assert ">clerk<" not in text(auditor, url(acme), kind="entitlements").replace(
        "</svg>clerk</a>", ">clerk<"
    )
    assert ">clerk<" in text(auditor, url(acme), q="cle").replace("</svg>clerk</a>", ">clerk<")
    assert "Clear filters" in text(auditor, url(acme), q="nothing of this name")


def test_its_activity_is_hers_alone(acme: DeclaredTenant, auditor: Client) -> None:
    for username in ("ann", "anna"):
        AuditEvent.objects.create(
            kind="access:membership:add",
            actor_key="x",
            actor_name="Julia Stein",
            tenant="acme",
            subject=f"{username} in data",
            address=Address(Kind.MEMBERSHIP, (username, "data")).key,
            new={"group": "data"},
            reason=f"because of {username}.",
        )

    page = text(auditor, url(acme))

    assert "because of ann." in page
    assert "because of anna." not in page


@pytest.mark.parametrize(
    ("old", "new", "mark"), [(None, {}, "gained"), ({}, None, "lost"), ({"a": 1}, {"a": 2}, "")]
)
def test_what_was_given_and_what_was_taken_are_told_apart(
    acme: DeclaredTenant, auditor: Client, old: object, new: object, mark: str
) -> None:
    AuditEvent.objects.create(
        kind="access:membership:add",
        actor_key="x",
        actor_name="Julia Stein",
        tenant="acme",
        subject="Ann Lee in data",
        address=Address(Kind.MEMBERSHIP, ("ann", "data")).key,
        old=old,
        new=new,
    )

    assert f'<li class="{mark}">' in text(auditor, url(acme))


def test_a_person_of_another_tenant_is_not_there(acme: DeclaredTenant, auditor: Client) -> None:
    birch = DeclaredTenant("birch")
    other = birch.person("bea", "Bea Ray")

    assert auditor.get(reverse("access:person-detail", args=["acme", other.pk])).status_code == 404


def test_without_the_right_it_is_closed(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, "other", groups=("/tenants/birch/admins",))

    assert client.get(url(acme)).status_code in (403, 404)


def test_it_only_reads(acme: DeclaredTenant, auditor: Client) -> None:
    assert auditor.post(url(acme)).status_code == 405


def test_the_part_is_the_same_as_in_the_page(acme: DeclaredTenant, auditor: Client) -> None:
    whole = text(auditor, url(acme))
    part = auditor.get(url(acme), headers={"HX-Request": "true"}).content.decode()

    table = part[part.index("<table") : part.index("</table>")]
    assert table in whole


def test_what_one_may_not_do_is_not_offered(acme: DeclaredTenant, auditor: Client) -> None:
    assert "/give/" not in text(auditor, url(acme))
    assert "/delete/" not in text(auditor, url(acme))

    sign_in_as(auditor, "own", groups=("/tenants/acme/admins",))

    assert "/give/" in text(auditor, url(acme))
    assert "/delete/" in text(auditor, url(acme))


def test_a_person_without_anything_is_told_what_to_do(acme: DeclaredTenant, auditor: Client) -> None:
    acme.person("new", "New One")

    assert "In no group." in text(auditor, url(acme, "new"))


def test_more_access_asks_no_more_queries(acme: DeclaredTenant, auditor: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            text(auditor, url(acme))
        return len(caught)

    text(auditor, url(acme))
    few = count()
    for number in range(25):
        acme.group_role(f"g{number}", f"role{number}")
        acme.member("ann", f"g{number}")
        acme.entitle(acme.person("ann"), f"package:thing{number}:READ")

    count()  # the structure of the realm moved: it is read anew, once
    assert count() == few
