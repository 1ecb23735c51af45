"""The pages of tenants and of their realms' settings."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from console.sync.models import KeycloakServer, Plan
from tenants.models import Realm, Tenant
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import BAD_NAMES, HTMX, error_of, queries_of, results_of, sent, squeezed

__all__ = ["sent"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


@pytest.fixture
def acme() -> DeclaredTenant:
    return DeclaredTenant()


LIST = "tenants:tenant-list"
NEW = "tenants:tenant-create"


def values(acme: DeclaredTenant, **changed: object) -> dict[str, object]:
    return {
        "name": "Birch",
        "slug": "birch",
        "served_by": "realm",
        "server": acme.realm.scope.server_id,
        "realm": "birch",
    } | changed


def settings(**changed: object) -> dict[str, object]:
    return {
        "revision": "1",
        "display_name": "Acme",
        "access_token_lifespan": "300",
        "sso_session_idle": "1800",
        "sso_session_max": "36000",
        "enabled": "on",
    } | changed


def test_tenants_are_listed_with_their_status(boss: Client, acme: DeclaredTenant) -> None:
    DeclaredTenant("birch", share_of=acme)

    page = boss.get(reverse(LIST)).content.decode()

    assert "Acme" in page
    assert "Share of a realm" in page
    assert page.count("In sync") == 2


def test_a_refresh_is_the_same_part_of_the_page(boss: Client, acme: DeclaredTenant) -> None:
    part = boss.get(reverse(LIST), headers=HTMX).content.decode()

    assert squeezed(part) == results_of(boss.get(reverse(LIST)).content.decode())


def test_only_ones_own_tenants_are_listed(client: Client, acme: DeclaredTenant) -> None:
    """Row S2."""
    DeclaredTenant("birch")
    sign_in_as(client, groups=("/tenants/birch/admins",))

    page = results_of(client.get(reverse(LIST)).content.decode())

    assert "Birch" in page
    assert "Acme" not in page
    assert client.get(reverse(NEW)).status_code == 403


def test_more_tenants_need_no_more_queries(boss: Client) -> None:
    def fail(number: int) -> None:
        scope = DeclaredTenant(f"t{number}").realm.scope
        scope.touched.create(address="realm:", generation=2, sentence="It failed.")
        type(scope).objects.filter(pk=scope.pk).update(generation=2)

    for number in range(3):
        fail(number)
    few = queries_of(boss, reverse(LIST))
    for number in range(3, 30):
        fail(number)

    assert queries_of(boss, reverse(LIST)) == few
    assert boss.get(reverse(LIST)).content.decode().count("It failed.") == 30


@pytest.mark.parametrize("field", ["slug", "realm"])
@pytest.mark.parametrize("kind", [one for one in BAD_NAMES if one not in ("nothing", "spaces only")])
def test_a_bad_name_is_refused_beside_its_field(
    boss: Client, acme: DeclaredTenant, sent: list[str], field: str, kind: str
) -> None:
    """Row S1."""
    answer = boss.post(reverse(NEW), values(acme, **{field: BAD_NAMES[kind]}))

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), field)
    assert "<script>alert" not in answer.content.decode()
    assert Tenant.objects.count() == 1
    assert sent == []


@pytest.mark.parametrize(
    ("changed", "field", "word"),
    [
        ({"slug": ""}, "slug", "required"),
        ({"slug": "acme"}, "slug", "exists"),
        ({"name": ""}, "name", "required"),
        ({"name": "a" * 10_000}, "name", "120"),
        ({"realm": "master"}, "realm", "Keycloak's own"),
        ({"realm": "gatehouse"}, "realm", "the console's own: its operators sign in there"),
        ({"realm": "acme"}, "realm", "managed here already"),
        ({"server": ""}, "server", "Choose a server"),
        ({"server": "999999"}, "server", "valid choice"),
        ({"served_by": "share"}, "share_of", "Choose the realm"),
        ({"served_by": "nothing"}, "served_by", "valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    boss: Client, acme: DeclaredTenant, sent: list[str], changed: dict[str, str], field: str, word: str
) -> None:
    answer = boss.post(reverse(NEW), values(acme, **changed))

    assert answer.status_code == 422
    assert word in error_of(answer.content.decode(), field)
    assert Tenant.objects.count() == 1
    assert not Plan.objects.exists()
    assert sent == []


def test_the_side_says_what_will_be_made_while_one_types(boss: Client, acme: DeclaredTenant) -> None:
    own = side_of(boss.get(reverse(NEW), {"slug": "birch", "served_by": "realm"}, headers=HTMX))
    share = side_of(boss.get(reverse(NEW), {"slug": "birch", "served_by": "share"}, headers=HTMX))

    assert "Realm" in own
    assert 'data-total="5"' in own
    assert "Top" not in share
    assert "birch, at the top of the shared realm" in share
    assert "<code>birch:</code>" in share


def side_of(answer: HttpResponse) -> str:
    """Return what the refresh takes out of the page: the fields themselves stay as they are typed."""
    page = answer.content.decode()
    assert 'hx-select="#made" hx-select-oob="#happens"' in page
    return page.partition('<div id="made">')[2].partition("</aside>")[0]


def test_without_a_server_the_page_leads_to_one(boss: Client) -> None:
    assert not KeycloakServer.objects.exists()

    assert "No Keycloak server is listed yet" in boss.get(reverse(NEW)).content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "word"),
    [
        ({"display_name": "<b>Acme</b>"}, "display_name", "HTML"),
        ({"display_name": "a" * 10_000}, "display_name", "255"),
        ({"access_token_lifespan": "1"}, "access_token_lifespan", "30"),
        ({"access_token_lifespan": "x"}, "access_token_lifespan", "whole number"),
        ({"sso_session_idle": "-5"}, "sso_session_idle", "30"),
        ({"access_token_lifespan": "900", "sso_session_max": "600"}, "sso_session_max", "raise it"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    boss: Client, acme: DeclaredTenant, sent: list[str], changed: dict[str, str], field: str, word: str
) -> None:
    answer = boss.post(reverse("tenants:realm-edit", args=["acme"]), settings(**changed))

    assert answer.status_code == 422
    assert word in error_of(answer.content.decode(), field)
    assert sent == []


def test_two_editors_of_a_realm_see_both_values(boss: Client, acme: DeclaredTenant, sent: list[str]) -> None:
    Realm.objects.update(display_name="Theirs", revision=2, enabled=False)

    answer = boss.post(reverse("tenants:realm-edit", args=["acme"]), settings())

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Now: Theirs" in error_of(page, "display_name")
    assert "Now: off" in error_of(page, "enabled")
    assert 'name="revision" value="2"' in page
    assert sent == []


def test_a_shared_realm_warns_whom_its_settings_concern(boss: Client, acme: DeclaredTenant) -> None:
    DeclaredTenant("birch", share_of=acme)

    assert "Its settings hold for every tenant" in boss.get("/t/birch/realm/").content.decode()
    assert "Its settings hold for every tenant" not in boss.get("/t/acme/realm/").content.decode()


def test_who_may_edit_a_realm(client: Client, acme: DeclaredTenant) -> None:
    address = reverse("tenants:realm-edit", args=["acme"])
    for groups in (("/tenants/acme/admins",), ("/tenants/birch/admins",)):
        sign_in_as(client, groups[0], groups=groups)
        assert client.get(address).status_code == 403
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))
    assert client.get(address).status_code == 403
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    assert client.get(address).status_code == 200
    assert client.get(reverse("tenants:realm-edit", args=["nowhere"])).status_code == 404
    assert client.put(address).status_code == 405
    assert client.post(reverse(LIST)).status_code == 405
