"""The pages of one role and of one group: all ways, each person once, and the link that each action needs."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from console.engine.state import Address, Kind
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("maintainer", "developer", "owner")
    acme.role("developer", "viewer")
    acme.role("owner", "viewer")
    acme.role("admin", "maintainer")
    acme.group_role("data", "viewer")
    acme.group_role("data/eng", "maintainer")
    acme.member("ann", "data/eng")
    acme.member("bob", "data")
    acme.person_role("cem", "maintainer")
    acme.person_role("dora", "admin")
    acme.entitle(acme.group("data"), "package:demo:READ")
    return acme


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def role_page(client: Client, acme: DeclaredTenant, name: str) -> str:
    answer = client.get(reverse("access:role-detail", args=["acme", acme.role(name).pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def group_page(client: Client, acme: DeclaredTenant, path: str) -> str:
    answer = client.get(reverse("access:group-detail", args=["acme", acme.group(path).pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_role_counts_who_has_it_by_the_kind_of_way(acme: DeclaredTenant, admin: Client) -> None:
    """Row M4: ann through a group, cem directly, dora through another role."""
    page = role_page(admin, acme, "maintainer")

    assert re.search(r'id="who-title">Who has it</h2>\s*<span class="section-count">3</span>', page)
    assert "<b>1</b> through groups" in page
    assert "<b>1</b> through other roles" in page
    assert "<b>1</b> direct" in page


def test_a_role_met_twice_is_followed_once(acme: DeclaredTenant, admin: Client) -> None:
    page = role_page(admin, acme, "maintainer")

    assert page.count("viewer, shown above") == 1
    assert "it includes 3" in page


def test_the_picture_names_the_role_and_those_around_it(acme: DeclaredTenant, admin: Client) -> None:
    picture = role_page(admin, acme, "maintainer").partition('<svg class="picture"')[2].partition("</svg>")[0]

    boxes = re.findall(r'class="box-name">([^<]+)<', picture)
    assert sorted(boxes) == ["admin", "developer", "maintainer", "owner", "viewer"]
    assert picture.count('class="box box-this"') == 1
    assert picture.count('class="arrow"') == 5  # one for each composite


def test_roles_that_include_each_other_in_keycloak_still_have_a_page(
    acme: DeclaredTenant, admin: Client
) -> None:
    acme.was_read(beside=[Address(Kind.COMPOSITE, ("viewer", "maintainer"))])

    assert "shown above" in role_page(admin, acme, "maintainer")


def test_every_link_of_a_role_can_be_taken_back(acme: DeclaredTenant, admin: Client) -> None:
    page = role_page(admin, acme, "maintainer")
    role = acme.role("maintainer").pk

    assert reverse("access:group-take", args=["acme", acme.group("data/eng").pk, role]) in page
    assert reverse("access:person-take", args=["acme", acme.person("cem").pk, role]) in page
    assert reverse("access:role-exclude", args=["acme", role, acme.role("developer").pk]) in page
    assert reverse("access:role-exclude", args=["acme", acme.role("admin").pk, role]) in page


def test_a_group_gives_what_those_above_it_give(acme: DeclaredTenant, admin: Client) -> None:
    page = group_page(admin, acme, "data/eng")

    for right in ("viewer", "maintainer", "developer", "package:demo:READ"):
        assert right in page
    take = reverse("access:group-take", args=["acme", acme.group("data/eng").pk, acme.role("maintainer").pk])
    assert page.count(take) == 1
    assert page.count("Take…") == 1  # what comes from above is taken there


def test_a_group_counts_its_members_and_those_below(acme: DeclaredTenant, admin: Client) -> None:
    page = group_page(admin, acme, "data")

    assert "and 2 with the groups below" in page
    assert reverse("access:group-remove", args=["acme", acme.group("data").pk, acme.person("bob").pk]) in page
    assert "Revoke…" in page


def test_more_people_need_no_more_queries(acme: DeclaredTenant, admin: Client) -> None:
    pages = [
        reverse("access:role-detail", args=["acme", acme.role("maintainer").pk]),
        reverse("access:group-detail", args=["acme", acme.group("data/eng").pk]),
    ]
    few = [queries_of(admin, page) for page in pages]
    for number in range(30):
        acme.member(f"n{number}", "data/eng")
        acme.person_role(f"n{number}", "maintainer")
        acme.group_role(f"data/eng/g{number}", f"r{number}")

    assert [queries_of(admin, page) for page in pages] == few


def test_names_are_text_on_the_page_of_a_role(acme: DeclaredTenant, admin: Client) -> None:
    """Keycloak may hold names that no form here accepts."""
    acme.was_read(beside=[Address(Kind.COMPOSITE, ("viewer", "<img src=x onerror=alert(1)>"))])

    page = role_page(admin, acme, "viewer")

    assert "<img" not in page
    assert "&lt;img" in page
