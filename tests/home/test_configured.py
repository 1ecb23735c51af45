"""The jump box finds things of the configuration, of realms that one may know (row U4)."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from console.engine.state import Address, Kind
from console.sync.models import Observed
from tenants.models import Declaration
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of

pytestmark = pytest.mark.django_db


def declare(tenant: DeclaredTenant, kind: Kind, *path: str) -> None:
    Declaration.objects.create(
        realm=tenant.realm, address=Address(kind, path).key, kind=kind.value, created_by="mira"
    )


def read(tenant: DeclaredTenant, kind: Kind, *path: str) -> None:
    Observed.objects.create(
        scope=tenant.realm.scope,
        address=Address(kind, path).key,
        kind=kind.value,
        target=path[-1],
        read_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant("acme")
    declare(acme, Kind.CLIENT, "grafana")
    declare(acme, Kind.CLIENT_MAPPER, "grafana", "audience of 100%")
    declare(acme, Kind.IDENTITY_PROVIDER, "partner-login")
    read(acme, Kind.CLIENT_SCOPE, "grafana-roles")
    read(acme, Kind.CLIENT, "grafana")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def found(client: Client, text: str, **query: str) -> str:
    return client.get("/search/", {"q": text, **query}, headers=HTMX).content.decode()


def test_each_is_named_with_what_it_is_and_leads_to_its_page(acme: DeclaredTenant, auditor: Client) -> None:
    page = found(auditor, "GRAF")

    assert 'href="/t/acme/config/thing/?at=client%3Agrafana"' in page
    assert page.count('href="/t/acme/config/thing/') == 2  # the client once, and the scope that was read
    assert "grafana-roles" in page
    assert "Client grafana, Acme" in page
    assert "partner-login" in found(auditor, "partner")


def test_a_mapper_is_found_by_its_own_name_and_not_by_that_of_its_client(
    acme: DeclaredTenant, auditor: Client
) -> None:
    assert "audience of 100%" in found(auditor, "of 100%")
    assert "audience" not in found(auditor, "grafana")
    assert "audience" not in found(auditor, "of .*")


def test_every_hit_has_a_page(acme: DeclaredTenant, auditor: Client) -> None:
    for text in ("grafana", "grafana-roles", "audience", "partner"):
        page = found(auditor, text, tenant="acme")
        address = page.split('href="/t/acme/config/thing/', 1)[1].split('"', 1)[0]
        assert auditor.get(f"/t/acme/config/thing/{address}").status_code == 200


def test_nobody_finds_what_the_lists_would_not_show(acme: DeclaredTenant, client: Client) -> None:
    """S2."""
    DeclaredTenant("birch")
    share = DeclaredTenant("cedar", share_of=acme)
    share.group("cedar")
    for slug in ("birch", "cedar"):
        sign_in_as(client, groups=(f"/tenants/{slug}/admins",))
        assert "grafana" not in found(client, "grafana").replace("“grafana”", "")
        assert "grafana" not in found(client, "grafana", tenant="acme").replace("“grafana”", "")


def test_many_things_in_many_tenants_cost_no_more_queries(acme: DeclaredTenant, auditor: Client) -> None:
    DeclaredTenant("birch")  # of one tenant alone the page knows more
    few = queries_of(auditor, "/search/?q=graf")
    for number in range(4):
        other = DeclaredTenant(f"t{number}")
        declare(other, Kind.CLIENT, "grafana")
        read(other, Kind.CLIENT_SCOPE, "grafana-roles")

    assert queries_of(auditor, "/search/?q=graf") == few
    assert found(auditor, "graf").count("/config/thing/") == 6
