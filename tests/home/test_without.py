"""The overview leads to people who are without what is made with a person (row K3)."""

from typing import Any

import pytest
from django.test import Client

from access.models import Person, Role
from access.services import blueprints
from console.engine.state import Address, Kind
from console.sync.models import Observed
from tenants.models import Tenant
from tenants.services import servers
from tenants.services.blueprints import upload
from tests.access.declared import READ, DeclaredTenant
from tests.factories import MIRA
from tests.operators import sign_in_as
from tests.pages import queries_of
from tests.tenants.platform import FIRST

pytestmark = pytest.mark.django_db
SAID = "are without a workspace"


def under_blueprint(*slugs: str) -> list[Tenant]:
    """Tenants of the blueprint `shop`: each person is to have a stall."""
    server = servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")
    upload(actor=MIRA, text=FIRST)
    asked: dict[str, Any] = {"blueprint": "shop", "version": "1"}
    return [
        blueprints.create_from_blueprint(
            actor=MIRA,
            slug=slug,
            name=slug.capitalize(),
            server=server.pk,
            parameters={"realm": slug},
            **asked,
        )
        for slug in slugs
    ]


def declare(tenant: Tenant, *usernames: str) -> None:
    for one in usernames:
        Person.objects.create(realm=tenant.realm, username=one, created_by="mira")


def arrive(tenant: Tenant, *usernames: str) -> None:
    for one in usernames:
        Observed.objects.create(
            scope=tenant.realm.scope,
            address=Address(Kind.PERSON, (one,)).key,
            kind="person",
            owner=one,
            target=one,
            read_at=READ,
        )


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def overview(client: Client) -> str:
    return " ".join(client.get("/").content.decode().split())


def test_it_counts_both_sorts_and_leads_to_the_page_that_proposes_them(boss: Client) -> None:
    [shop] = under_blueprint("shop")
    declare(shop, "amy", "bo", "cy")
    arrive(shop, "dee", "cy")
    Role.objects.create(realm=shop.realm, name="stall:amy", created_by="mira")

    page = overview(boss)

    assert f'<b class="strip-count">3</b> {SAID}' in page
    assert 'href="/t/shop/families/stall/people/"' in page
    proposed = boss.get("/t/shop/families/stall/people/").content.decode()
    assert [name in proposed for name in (">amy<", ">bo<", ">cy<", ">dee<")] == [False, True, True, True]


def test_the_tenant_with_most_of_them_stands_first(boss: Client) -> None:
    shop, mall = under_blueprint("shop", "mall")
    declare(shop, "ada")
    declare(mall, "bo", "cy")

    page = overview(boss)

    assert f'<b class="strip-count">3</b> {SAID}' in page
    assert page.index("Mall: stall") < page.index("Shop: stall")


def test_nothing_is_said_where_nothing_is_made_with_a_person(boss: Client) -> None:
    DeclaredTenant().person("ann")

    assert "without a workspace" not in overview(boss)


def test_everybody_having_theirs_is_said(boss: Client) -> None:
    under_blueprint("shop")

    assert "Everybody has what is made with a person." in overview(boss)


def test_only_who_may_make_them_is_led_there(client: Client) -> None:
    """S2."""
    shop, mall = under_blueprint("shop", "mall")
    declare(shop, "ada")
    declare(mall, "bo", "cy")
    sign_in_as(client, groups=("/tenants/shop/admins",))
    assert '<b class="strip-count">1</b> is without a workspace' in overview(client)
    assert "all: stall" not in overview(client)
    sign_in_as(client, roles=("gatehouse-auditor",))
    assert "without a workspace" not in overview(client)


def test_more_tenants_cost_no_more_queries(boss: Client) -> None:
    declare(under_blueprint("shop")[0], "ada")
    few = queries_of(boss, "/")
    server = servers.create(actor=MIRA, name="two", url="http://127.0.0.1:8", client_id="c", secret="s")
    for number in range(6):
        made = blueprints.create_from_blueprint(
            actor=MIRA,
            slug=f"s{number}",
            name=f"S{number}",
            server=server.pk,
            blueprint="shop",
            version="1",
            parameters={"realm": f"s{number}"},
        )
        declare(made, "ada")

    assert queries_of(boss, "/") == few
