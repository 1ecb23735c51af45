"""What the administrator of a share reads on its pages: nothing of the rest of the realm."""

import pytest
from django.test import Client
from django.urls import reverse

from access.queries import people_with_counts
from tenants.models import Tenant
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

SECRET = ("cellar", "stranger", "owner", "vault")


@pytest.fixture
def birch() -> DeclaredTenant:
    """A share whose person ann and whose role are also part of what the realm's own tenant made."""
    acme = DeclaredTenant()
    birch = DeclaredTenant("birch", share_of=acme)
    birch.member("ann", "birch/team")
    birch.group_role("birch/team", "birch.dev")
    birch.role("birch.dev", "birch.view")
    acme.role("owner", "birch.dev")
    acme.person_role("stranger", "owner")
    acme.member("ann", "cellar")
    acme.group_role("cellar", "owner")
    acme.entitle(acme.person("ann"), "vault:gold:READ")
    acme.group_role("birch/team", "owner")
    return birch


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, groups=("/tenants/birch/admins",))
    return client


@pytest.mark.parametrize("name", ["role-detail", "group-detail", "person-detail"])
def test_a_detail_page_names_nothing_from_outside(birch: DeclaredTenant, admin: Client, name: str) -> None:
    """S2: what lies outside of the share is told as such, or not at all."""
    one = {
        "role-detail": birch.role("birch.dev"),
        "group-detail": birch.group("birch/team"),
        "person-detail": birch.person("ann"),
    }[name]

    page = admin.get(reverse(f"access:{name}", args=["birch", one.pk])).content.decode()

    assert "birch.dev" in page
    assert [word for word in SECRET if word in page] == []


def test_the_list_counts_what_the_page_of_a_person_shows(birch: DeclaredTenant, admin: Client) -> None:
    """Ann is in two groups of the realm and in one of the share."""
    row = people_with_counts(birch.tenant).get(username="ann")

    assert (row.group_count, row.role_count, row.entitlement_count) == (1, 0, 0)
    whole = Tenant.objects.get(slug="acme")
    assert people_with_counts(whole).get(username="ann").group_count == 2
    assert people_with_counts(whole).get(username="ann").entitlement_count == 1


def test_nobody_can_ask_the_panel_about_a_right_outside(birch: DeclaredTenant, admin: Client) -> None:
    """S2: the panel would tell whether a person has it."""
    ann = birch.person("ann").pk
    address = reverse("access:matrix", args=["birch"])
    headers = {"HX-Request": "true", "HX-Target": "why"}

    def panel(column: str) -> str:
        return admin.get(address, {"row": f"p{ann}", "column": column}, headers=headers).content.decode()

    assert "birch.view" in panel("role:birch.view")
    assert panel("role:owner") == panel("role:no-such-role")
    assert panel("entitlement:vault:gold:READ") == panel("role:no-such-role")


def test_the_realms_own_tenant_reads_all_of_it(birch: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, groups=("/tenants/acme/admins",))

    page = client.get(reverse("access:person-detail", args=["acme", birch.person("ann").pk])).content.decode()

    assert all(word in page for word in ("cellar", "owner", "vault"))
