"""Several tenants are taken to a newer version of their blueprint: one plan each, by one click."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.services import blueprints
from console.keycloak.connection import Connection
from console.sync.models import KeycloakServer, Plan, Scope
from tenants.models import BlueprintUse, Tenant
from tenants.services import servers
from tenants.services.blueprints import upload
from tests.factories import MIRA, add_server
from tests.operators import sign_in_as
from tests.pages import queries_of, squeezed
from tests.tenants.platform import FIRST, SECOND

pytestmark = pytest.mark.django_db
NEEDS_MORE = SECOND.replace('version: "2"', 'version: "3"').replace(
    "  - name: mail_password",
    "  - {name: till_name, label: Name of the till, required: true, example: one}\n  - name: mail_password",
)


@pytest.fixture
def server(keycloak_connection: Connection) -> KeycloakServer:
    for text in (FIRST, SECOND, NEEDS_MORE):
        upload(actor=MIRA, text=text)
    return add_server(keycloak_connection)


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def create(server: KeycloakServer, *slugs: str, version: str = "1") -> list[Tenant]:
    return [
        blueprints.create_from_blueprint(
            actor=MIRA,
            slug=slug,
            name=slug.title(),
            server=server.pk,
            blueprint="shop",
            version=version,
            parameters={"realm": slug},
        )
        for slug in slugs
    ]


def url(version: str = "2") -> str:
    return reverse("tenants:blueprint-move", args=["shop", version])


def text(answer: Any) -> str:
    return html.unescape(squeezed(answer.content.decode()))


def test_the_page_of_a_version_leads_to_it_where_tenants_are_behind(
    boss: Client, server: KeycloakServer
) -> None:
    detail = reverse("tenants:blueprint-detail", args=["shop", "2"])
    assert url() not in text(boss.get(detail))
    create(server, "moved-a")

    assert f'href="{url()}"' in text(boss.get(detail))
    older = reverse("tenants:blueprint-detail", args=["shop", "1"])
    assert "Move tenants here" not in text(boss.get(older))


def test_one_click_makes_a_plan_for_each_and_the_page_leads_to_them(
    boss: Client, server: KeycloakServer
) -> None:
    create(server, "moved-a", "moved-b", "moved-c")
    create(server, "moved-d", version="2")

    page = text(boss.post(url(), {"tenant": ["moved-a", "moved-b", "moved-d"]}, follow=True))

    plans = {one.tenant: one for one in Plan.objects.all()}
    assert sorted(plans) == ["moved-a", "moved-b"]
    assert plans["moved-a"].title == "Move Moved-A from 1 to Shop 2"
    assert all(one.is_open and one.size for one in plans.values())
    assert all(f'href="{one.get_absolute_url()}"' in page for one in plans.values())
    assert page.count('name="tenant"') == 1  # the third can still be chosen
    assert "Each realm has a plan of its own" in page
    assert set(BlueprintUse.objects.values_list("tenant__slug", "blueprint__version")) == {
        ("moved-a", "1"),
        ("moved-b", "1"),
        ("moved-c", "1"),
        ("moved-d", "2"),
    }


def test_who_cannot_move_is_listed_with_the_reason(boss: Client, server: KeycloakServer) -> None:
    create(server, "moved-a", "moved-b")
    Scope.objects.filter(realm="moved-b").update(mode=Scope.Mode.OBSERVED)

    page = text(boss.get(url()))
    assert "Its realm is observed only" in page
    assert page.count('name="tenant"') == 1
    page = text(boss.get(url("3")))
    assert "The version asks for more. Name of the till: This must be given." in page
    boss.post(url("3"), {"tenant": ["moved-a"]})
    assert not Plan.objects.exists()


def test_one_that_is_refused_does_not_hold_up_the_others(boss: Client, server: KeycloakServer) -> None:
    silent = servers.create(actor=MIRA, name="silent", url="http://127.0.0.1:9", client_id="c", secret="s")
    create(silent, "moved-a")
    create(server, "moved-b")

    page = text(boss.post(url(), {"tenant": ["moved-a", "moved-b"]}, follow=True))

    assert [one.tenant for one in Plan.objects.all()] == ["moved-b"]
    assert "Moved-A: silent could not be read." in page


def test_nothing_chosen_is_said(boss: Client, server: KeycloakServer) -> None:
    create(server, "moved-a")

    assert "Choose at least one tenant." in text(boss.post(url(), follow=True))


def test_a_tenants_administrator_does_not_come_here(client: Client, server: KeycloakServer) -> None:
    create(server, "moved-a")
    for who in ({"groups": ("/tenants/moved-a/admins",)}, {"roles": ("gatehouse-auditor",)}):
        sign_in_as(client, **who)
        assert client.get(url()).status_code == 403
        assert client.post(url(), {"tenant": ["moved-a"]}).status_code == 403


def test_more_tenants_cost_no_more_queries(boss: Client, server: KeycloakServer) -> None:
    create(server, "moved-a", "moved-b")
    few = queries_of(boss, url())
    create(server, *(f"moved-{number}" for number in range(6)))

    assert queries_of(boss, url()) == few
