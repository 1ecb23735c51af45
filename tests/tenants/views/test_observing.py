"""Realms of a server that were there before us, on the real Keycloak: seen, closed to us, observed."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from console.keycloak.connection import Connection
from console.keycloak.visible import visible_realms
from console.sync.models import KeycloakServer, Scope
from console.transport import Secret
from tenants.models import Tenant
from tests.factories import add_server
from tests.keycloak.world import World, fresh
from tests.operators import sign_in_as
from tests.pages import HTMX, error_of, results_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


@pytest.fixture
def world(keycloak_connection: Connection) -> Iterator[World]:
    made = World(keycloak_connection, fresh("There_Before"))
    made.make_realm(displayName="Old platform")
    yield made
    made.delete()


@pytest.fixture
def server(keycloak_connection: Connection) -> KeycloakServer:
    return add_server(keycloak_connection)


def row_of(page: str, realm: str) -> str:
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    return next(row for row in rows if f"{realm}</td>" in row)


def listed(server: KeycloakServer) -> str:
    return reverse("tenants:realm-list", args=[server.pk])


def observing(server: KeycloakServer) -> str:
    return reverse("tenants:realm-observe", args=[server.pk])


def test_a_realm_is_seen_and_observed(boss: Client, world: World, server: KeycloakServer) -> None:
    seen = row_of(boss.get(listed(server)).content.decode(), world.name)
    assert "Old platform" in seen
    assert "Readable" in seen
    assert "Observe…" in seen
    opened = boss.get(observing(server) + f"?realm={world.name}").content.decode()
    assert f'value="{world.name}"' in opened

    answer = boss.post(observing(server), {"realm": world.name, "name": "Old", "slug": "old"})

    assert answer.status_code == 302
    assert Tenant.objects.get(slug="old").realm.scope.is_observed
    row = row_of(boss.get(listed(server)).content.decode(), world.name)
    assert "Observed" in row
    assert "Observe…" not in row
    whole, part = boss.get(listed(server)), boss.get(listed(server), headers=HTMX)
    assert results_of(whole.content.decode()) == results_of(part.content.decode())


def test_a_stub_is_no_access_never_content(keycloak_connection: Connection) -> None:
    """A client with some role in a realm that may not see the realm: Keycloak lists the name alone."""
    name = fresh("half")
    made = World(keycloak_connection, name)
    made.make_realm()
    client = made.make("clients", clientId="looker", serviceAccountsEnabled=True, secret="looker-secret")
    account = made.get("clients", client, "service-account-user")["id"]
    (own,) = made.get("clients", clientId="realm-management")
    role = made.get("clients", own["id"], "roles", "query-groups")
    made.post("users", account, "role-mappings", "clients", own["id"], json=[role])
    try:
        looker = Connection(
            url=keycloak_connection.url,
            client_id="looker",
            client_secret=Secret("looker-secret"),
            realm=name,
        )
        (stub,) = visible_realms(looker)
        assert (stub.name, stub.is_open, stub.display_name) == (name, False, "")
    finally:
        made.delete()


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"realm": "nobody-made-this"}, "realm", "sees no realm"),
        ({"realm": "a/b"}, "realm", "must not contain a slash"),
        ({"realm": "master"}, "realm", "sees no realm master"),
        ({"slug": "No Slug"}, "slug", "Use a-z"),
        ({"name": ""}, "name", "required"),
    ],
)
def test_what_cannot_be_observed_is_said_and_nothing_is_lost(
    boss: Client,
    world: World,
    server: KeycloakServer,
    typed: dict[str, str],
    field: str,
    sentence: str,
) -> None:
    data = {"realm": world.name, "name": "Old", "slug": "old"} | typed

    answer = boss.post(observing(server), data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in (error_of(page, field) or page)
    assert f'value="{data["slug"]}"' in page
    assert not Scope.objects.exists()


def test_a_server_that_does_not_answer_says_so(boss: Client, server: KeycloakServer) -> None:
    server.url = "http://127.0.0.1:9"
    server.keep_secret("x")
    server.save()

    page = boss.get(listed(server)).content.decode()
    answer = boss.post(observing(server), {"realm": "x", "name": "X", "slug": "x"})

    assert "could not be read" in page
    assert f'href="{listed(server)}">Try again' in page
    assert answer.status_code == 422
    assert "could not be read" in answer.content.decode()


def test_the_name_of_the_realm_is_proposed(boss: Client, server: KeycloakServer) -> None:
    named = boss.get(observing(server), {"realm": "Retail", "name": "Retail bank"}).content.decode()
    unnamed = boss.get(observing(server), {"realm": "Retail", "name": ""}).content.decode()

    assert 'value="Retail bank"' in named
    assert 'value="retail"' in named
    assert unnamed.count('value="Retail"') == 2


def test_who_may_look_and_observe(client: Client, server: KeycloakServer) -> None:
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))
    assert client.get(listed(server)).status_code == 403
    assert client.post(observing(server), {}).status_code == 403
