"""C1: the matrix with an account that may read what `matrix-viewer` may, and nothing else.

It has view-users, query-users and view-realm of the provider's realm. What it may not read is said to be so,
and never shown as if there were nothing.
"""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.keycloak.connection import Connection
from console.sync.drift.check import check
from console.sync.models import KeycloakServer, Observed
from console.transport import Secret
from tenants.models import Tenant
from tenants.services import servers
from tenants.services.observing import observe
from tests.access.reading import table_at
from tests.factories import MIRA, Platform
from tests.keycloak.world import fresh
from tests.operators import sign_in_as
from tests.pages import squeezed
from tests.platforms import tables


@pytest.fixture(scope="module")
def looked_at(cdm: Platform) -> Tenant:
    """The provider's realm as a tenant that is only observed, read once by the narrow account."""
    name, secret = fresh("looker"), "looker-secret-7"
    id = cdm.keycloak.make("clients", clientId=name, secret=secret, serviceAccountsEnabled=True)
    account = cdm.keycloak.get("clients", id, "service-account-user")["id"]
    cdm.keycloak.post(
        "users", account, "role-mappings", "realm", json=[cdm.keycloak.get("roles", "matrix-viewer")]
    )
    narrow = Connection(url=cdm.server.url, client_id=name, client_secret=Secret(secret), realm=cdm.realm)
    server = servers.create(actor=MIRA, name=fresh("narrow"), url=narrow.url, client_id=name, secret=secret)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KeycloakServer, "connection", lambda _server: narrow)
        made = observe(actor=MIRA, server=server.pk, realm=cdm.realm, slug=fresh("seen"), name="Seen")
        assert check(made.realm.scope_id) is not None
    return Tenant.objects.with_realm().get(pk=made.pk)


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def text(client: Client, name: str, tenant: Tenant, *more: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=[tenant.slug, *more]), query)
    assert answer.status_code == 200
    body = re.sub(r"<(script|style).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return squeezed(html.unescape(re.sub(r"<[^>]+>", " ", body)))


# What Keycloak refuses an account with these three rights, as it was measured (docs/platforms/cdm.md).
REFUSED = {
    "client",
    "client-role",
    "client-scope",
    "scope-role",
    "person-client-role",
    "identity-provider",
    "client-default-scope",
}


def test_what_it_may_read_is_there_and_the_rest_is_named(looked_at: Tenant) -> None:
    seen = Observed.objects.filter(scope=looked_at.realm.scope)

    assert {f"role:{one}" for one in tables.CDM} <= set(seen.values_list("address", flat=True))
    assert set(looked_at.realm.scope.unreadable) >= REFUSED
    assert not {"role", "person", "person-role", "group", "membership", "composite"} & set(
        looked_at.realm.scope.unreadable
    )
    assert not seen.filter(kind__in=REFUSED).exists()


def test_what_it_may_read_is_enough_for_the_matrix_of_roles(boss: Client, looked_at: Tenant) -> None:
    """Each role of the realm is known; what might still come by a client role is named beside them."""
    url = reverse("access:matrix", args=[looked_at.slug])

    cells = table_at(boss, url).cells

    for role, username in tables.by_name(tables.CDM).items():
        row = cells[f"{username} Example"]
        assert row[f"Role {role}"] == "yes"
        assert {row[f"Role {one}"] for one in tables.CDM if one != role} == {"no"}
    assert "kinds could not be read" in text(boss, "access:matrix", looked_at)


@pytest.mark.parametrize("kind", ["client", "client-scope", "identity-provider", "client-role"])
def test_a_list_of_what_it_may_not_read_is_not_empty_but_unreadable(
    boss: Client, looked_at: Tenant, kind: str
) -> None:
    page = text(boss, "tenants:declaration-list", looked_at, kind)

    assert "Not readable No access: Our service account may not do this." in page
    assert " None " not in page


def test_service_accounts_are_not_said_to_be_none(boss: Client, looked_at: Tenant) -> None:
    page = text(boss, "access:service-account-list", looked_at)
    rows = text(boss, "access:matrix", looked_at, view="accounts")

    assert "Not readable" in page
    assert "No service accounts" not in page
    assert "kinds could not be read" in rows
