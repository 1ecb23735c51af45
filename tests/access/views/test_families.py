"""The pages of role families: one row for all of a kind, opened to its members; people without theirs."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Role
from access.services import blueprints, families, people
from console.engine.state import Address, Kind
from console.sync.models import KeycloakServer, Observed, Plan
from tenants.models import Tenant
from tenants.services import servers
from tenants.services.blueprints import upload
from tests.factories import MIRA
from tests.operators import sign_in_as
from tests.pages import HTMX, error_of, queries_of, results_of, squeezed
from tests.tenants.platform import FIRST

pytestmark = pytest.mark.django_db
SETS_OFF = "Somebody builds a stall."


@pytest.fixture
def server() -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")


@pytest.fixture
def shop(server: KeycloakServer) -> Tenant:
    upload(actor=MIRA, text=FIRST)
    asked: dict[str, Any] = {"blueprint": "shop", "version": "1", "parameters": {"realm": "shop"}}
    return blueprints.create_from_blueprint(actor=MIRA, slug="shop", name="Shop", server=server.pk, **asked)


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def url(name: str, **more: str) -> str:
    return reverse(f"access:{name}", kwargs={"tenant": "shop", "family": "stall"} | more)


def fill(tenant: Tenant, number: int, start: int = 0) -> None:
    """Declare stalls with all their roles, in one statement."""
    rows = [
        Role(realm=tenant.realm, name=f"stall:{part}p{one:04d}", created_by="test")
        for one in range(start, start + number)
        for part in ("", "edit:", "view:")
    ]
    Role.objects.bulk_create(rows)


def arrive(tenant: Tenant, *usernames: str) -> None:
    rows = [
        Observed(
            scope=tenant.realm.scope,
            address=Address(Kind.PERSON, (one,)).key,
            kind="person",
            fields={"enabled": True},
            read_at=timezone.now(),
        )
        for one in usernames
    ]
    Observed.objects.bulk_create(rows)


def test_the_roles_page_has_one_row_for_each_role_of_a_family(boss: Client, shop: Tenant) -> None:
    fill(shop, 3)

    page = boss.get(reverse("access:role-list", kwargs={"tenant": "shop"})).content.decode()

    assert page.count("stall:&lt;profile&gt;") == 1
    assert "stall:edit:&lt;profile&gt;" in page
    assert "stall:edit:p0001" not in page
    assert "clerk" in page


def test_a_filter_finds_the_members_themselves(boss: Client, shop: Tenant) -> None:
    fill(shop, 3)

    page = boss.get(reverse("access:role-list", kwargs={"tenant": "shop"}), {"q": "p0001"}).content.decode()

    assert "stall:edit:p0001" in page
    assert "stall:&lt;profile&gt;" not in page


def test_a_family_opens_to_its_members(boss: Client, shop: Tenant) -> None:
    people.create(actor=MIRA, tenant="shop", username="ada", families=["stall"])
    families.delete(actor=MIRA, tenant="shop", family="stall", value="ada")
    fill(shop, 1)

    page = boss.get(url("family-detail")).content.decode()

    assert "p0000" in page
    assert "ada" in page
    assert "not there" in page
    assert "Complete…" in page
    assert SETS_OFF in page


def test_members_are_filtered_and_paged(boss: Client, shop: Tenant) -> None:
    fill(shop, 120)

    first = boss.get(url("family-detail")).content.decode()
    found = boss.get(url("family-detail"), {"q": "p0119"}).content.decode()

    assert first.count("plain-head") == 50
    assert found.count("plain-head") == 1
    assert "120 of stall" in first


def test_a_refresh_is_the_same_part_of_the_page(boss: Client, shop: Tenant) -> None:
    fill(shop, 2)
    arrive(shop, "zoe")
    for name in ("family-detail", "family-people"):
        part = boss.get(url(name), headers=HTMX).content.decode()

        whole = results_of(boss.get(url(name)).content.decode())
        assert without_token(squeezed(part)) == without_token(whole)


def without_token(text: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_a_thousand_people_with_five_thousand_roles_need_no_more_queries(boss: Client, shop: Tenant) -> None:
    """Row K3: constant in queries, bounded in rows."""
    pages = [
        reverse("access:role-list", kwargs={"tenant": "shop"}),
        url("family-detail"),
        url("family-people"),
        reverse("access:person-create", kwargs={"tenant": "shop"}),
    ]
    fill(shop, 3)
    arrive(shop, "a-1", "a-2")
    few = [queries_of(boss, one) for one in pages]
    fill(shop, 1700, start=10)
    arrive(shop, *(f"q{number:04d}" for number in range(1000)))

    assert [queries_of(boss, one) for one in pages] == few
    assert Role.objects.count() > 5000
    assert boss.get(url("family-detail")).content.decode().count("plain-head") == 50
    assert boss.get(url("family-people")).content.decode().count("pick-row") == 50


def test_people_without_theirs_are_proposed_wherever_they_came_from(boss: Client, shop: Tenant) -> None:
    people.create(actor=MIRA, tenant="shop", username="ada", families=["stall"])
    people.create(actor=MIRA, tenant="shop", username="ben")
    arrive(shop, "ada", "zoe", "yan")
    Observed.objects.create(
        scope=shop.realm.scope, address="role:stall:yan", kind="role", read_at=timezone.now()
    )

    page = results_of(boss.get(url("family-people")).content.decode())

    assert re.findall(r'name="username" value="([^"]+)"', page) == ["ben", "zoe"]
    assert "In Keycloak only" in page
    assert "2 people without theirs" in boss.get(url("family-detail")).content.decode()


def test_nobody_chosen_is_said(boss: Client, shop: Tenant) -> None:
    arrive(shop, "zoe")

    answer = boss.post(url("family-people"), {"username": ["nobody"]}, follow=True)

    assert "Choose at least one person." in answer.content.decode()
    assert not Plan.objects.exists()


def test_what_it_sets_off_stands_on_the_forms_first(boss: Client, shop: Tenant) -> None:
    fill(shop, 1)
    ada = people.create(actor=MIRA, tenant="shop", username="ada")
    head = Role.objects.get(name="stall:p0000")
    forms = [
        url("family-create"),
        reverse("access:person-create", kwargs={"tenant": "shop"}),
        reverse("access:person-give", kwargs={"tenant": "shop", "pk": ada.pk}),
        reverse("access:role-give", kwargs={"tenant": "shop", "pk": head.pk}),
        reverse("access:role-give-groups", kwargs={"tenant": "shop", "pk": head.pk}),
    ]

    assert all(SETS_OFF in boss.get(one).content.decode() for one in forms)
    plain = reverse("access:role-give", kwargs={"tenant": "shop", "pk": Role.objects.get(name="clerk").pk})
    assert SETS_OFF not in boss.get(plain).content.decode()


def test_the_box_on_the_form_of_a_person_is_on_where_the_blueprint_says_so(
    boss: Client, shop: Tenant
) -> None:
    page = boss.get(reverse("access:person-create", kwargs={"tenant": "shop"})).content.decode()

    box = re.search(r'<input[^>]*name="family_stall"[^>]*>', page)
    assert box
    assert "checked" in box.group()


def test_a_wrong_value_stands_beside_its_field(boss: Client, shop: Tenant) -> None:
    answer = boss.post(url("family-create"), {"value": "a:b"})

    assert answer.status_code == 422
    assert "cannot stand in the name" in error_of(answer.content.decode(), "value")


def test_taking_back_names_the_roles_that_stay(boss: Client, shop: Tenant) -> None:
    fill(shop, 1)

    page = boss.get(url("family-delete"), {"value": "p0000"}).content.decode()

    assert "stall:p0000 goes, stall:edit:p0000, stall:view:p0000 stay" in page
    assert boss.get(url("family-delete"), {"value": "nobody"}).status_code == 404


def test_what_the_blueprint_made_says_so_on_its_page(boss: Client, shop: Tenant) -> None:
    fill(shop, 1)
    made, ours = Role.objects.get(name="clerk"), Role.objects.get(name="stall:p0000")

    assert "Made by the blueprint of this tenant" in boss.get(made.url("shop")).content.decode()
    assert "Made by the blueprint of this tenant" not in boss.get(ours.url("shop")).content.decode()


@pytest.mark.parametrize("name", ["family-detail", "family-create", "family-people"])
def test_another_tenants_administrator_finds_nothing(client: Client, shop: Tenant, name: str) -> None:
    sign_in_as(client, groups=("/tenants/other/admins",))

    assert client.get(url(name)).status_code in (403, 404)


@pytest.mark.parametrize("name", ["family-detail", "family-create", "family-people"])
def test_the_tenants_own_administrator_may(client: Client, shop: Tenant, name: str) -> None:
    sign_in_as(client, groups=("/tenants/shop/admins",))

    assert client.get(url(name)).status_code == 200


@pytest.mark.parametrize("name", ["family-create", "family-delete", "family-people"])
def test_an_auditor_looks_only(client: Client, shop: Tenant, name: str) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert client.get(url("family-detail")).status_code == 200
    assert client.get(url(name)).status_code == 403


def test_a_family_of_another_blueprint_is_not_there(boss: Client, shop: Tenant) -> None:
    assert boss.get(url("family-detail", family="booth")).status_code == 404


def test_a_list_is_not_posted_to(boss: Client, shop: Tenant) -> None:
    assert boss.post(url("family-detail")).status_code == 405
