"""From and until stand where a grant is shown: on the pages of groups and roles (row I4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import GroupRole, PersonRole
from console.timed import Term
from console.web.templatetags.ui import on_day
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

SOON = timedelta(days=20, hours=1)


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.member("ann", "data/eng")
    acme.group_role("data", "viewer")
    return acme


@pytest.fixture
def admin(client: Client, acme: DeclaredTenant) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def group_page(admin: Client, acme: DeclaredTenant) -> str:
    return page(admin, "group-detail", acme.group("data/eng").pk)


def page(admin: Client, name: str, pk: int) -> str:
    return admin.get(reverse(f"access:{name}", args=["acme", pk])).content.decode()


def ends(row: Any) -> str:
    """Let a grant end, and return how a page says so."""
    row.ends_at = timezone.now() + SOON
    row.save(update_fields=["ends_at"])
    return f"20 days · {on_day(row.ends_at)}"


def later(row: Any) -> str:
    """Let a grant begin later and end after that, and return how a page says when it begins."""
    row.state, row.starts_at, row.ends_at = Term.PLANNED, timezone.now() + SOON, timezone.now() + 2 * SOON
    row.save(update_fields=["state", "starts_at", "ends_at"])
    return f"from {on_day(row.starts_at)}"


def test_a_membership_says_until_when(acme: DeclaredTenant, admin: Client) -> None:
    words = ends(acme.member("bob", "data/eng"))

    assert group_page(admin, acme).count(words) == 1


def test_a_group_says_until_when_it_gives_a_role_by_whichever_way(
    acme: DeclaredTenant, admin: Client
) -> None:
    words = ends(GroupRole.objects.get(role__name="viewer"))
    assert group_page(admin, acme).count(words) == 1

    acme.group_role("data/eng", "viewer")
    assert group_page(admin, acme).count(words) == 0  # it stays by a way without an end


def test_what_begins_later_stands_on_the_pages_of_both_and_counts_for_nothing(
    acme: DeclaredTenant, admin: Client
) -> None:
    row = acme.group_role("data/eng", "developer")
    words = later(row)

    group, role = group_page(admin, acme), page(admin, "role-detail", row.role_id)

    assert words in group
    assert words in role
    assert f"40 days · {on_day(row.ends_at)}" in group
    assert "<dd>1 <span" in group.partition("<dt>Gives</dt>")[2]
    assert "Nobody has this role yet" in role


def test_a_role_says_until_when_people_have_it_directly(acme: DeclaredTenant, admin: Client) -> None:
    row = acme.person_role("ann", "developer")
    words = ends(row)
    assert page(admin, "role-detail", row.role_id).count(words) == 1

    assert later(row) in page(admin, "role-detail", row.role_id)


def test_planned_grants_of_others_are_not_shown_in_a_share(admin: Client, client: Client) -> None:
    birch = DeclaredTenant("birch")
    share = DeclaredTenant("cedar", share_of=birch)
    share.group("cedar")
    role = share.role("cedar.viewer")
    words = later(PersonRole.objects.get(pk=birch.person_role("zoe", "cedar.viewer").pk))
    sign_in_as(client, groups=("/tenants/cedar/admins",))

    shown = client.get(reverse("access:role-detail", args=["cedar", role.pk])).content.decode()

    assert "zoe" not in shown
    assert words not in shown


def test_many_timed_grants_cost_no_more_queries_than_one(acme: DeclaredTenant, admin: Client) -> None:
    ends(acme.member("bob", "data/eng"))
    later(acme.group_role("data/eng", "role-0"))
    pages = [("group-detail", acme.group("data/eng").pk), ("role-detail", acme.role("viewer").pk)]
    addresses = [reverse(f"access:{name}", args=["acme", pk]) for name, pk in pages]
    few = [queries_of(admin, one) for one in addresses]

    for number in range(1, 20):
        ends(acme.member(f"p{number}", "data/eng"))
        later(acme.group_role("data/eng", f"role-{number}"))
        ends(acme.person_role(f"p{number}", "viewer"))

    assert [queries_of(admin, one) for one in addresses] == few
