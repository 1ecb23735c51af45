"""A real realm of operators, a forwarder before it, and operators who sign in."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from console.identity import keys
from console.keycloak.client import client_for
from console.transport import LONG, run
from tests.identity.forwarder import Forwarder, RunningForwarder
from tests.identity.keycloak_login import KeycloakBrowser, path_of
from tests.identity.realm import CLIENT_ID, CLIENT_SECRET, TestRealm, make_realm


@pytest.fixture(scope="session")
def operators_realm(keycloak_connection: Any) -> Iterator[TestRealm]:
    """One realm for all tests of sign-in. Tests that change people make their own."""
    from django.conf import settings

    admin = client_for(keycloak_connection)
    realm = make_realm(
        admin=admin,
        url=keycloak_connection.url,
        name=f"operators-{uuid.uuid4().hex[:8]}",
        console_url=settings.GATEHOUSE_URL,
    )
    yield realm
    run(admin.delete(("admin", "realms", realm.name), patience=LONG))


@pytest.fixture
def realm(operators_realm: TestRealm, settings: Any) -> TestRealm:
    """The realm, with the console pointed at it."""
    issuer = operators_realm.issuer
    settings.OIDC_ISSUER = settings.OIDC_INTERNAL_URL = issuer
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{issuer}/protocol/openid-connect/auth"
    settings.OIDC_RP_CLIENT_ID = CLIENT_ID
    settings.OIDC_RP_CLIENT_SECRET = CLIENT_SECRET
    keys.ring.forget()
    return operators_realm


@pytest.fixture
def forwarder(realm: TestRealm, settings: Any) -> Iterator[Forwarder]:
    """The console's own calls go through it; browsers go to Keycloak."""
    with RunningForwarder(realm.issuer) as running:
        settings.OIDC_INTERNAL_URL = f"{running.url}{urlsplit(realm.issuer).path}"
        yield running


@pytest.fixture
def console(settings: Any) -> Client:
    """A browser at the console, by the address that Keycloak knows. Errors become pages, as in production."""
    return Client(headers={"host": urlsplit(settings.GATEHOUSE_URL).netloc}, raise_request_exception=False)


@pytest.fixture
def operator(db: None, realm: TestRealm, console: Client) -> Callable[..., Client]:
    """`operator("ada")`: the console's browser after a real sign-in at Keycloak."""

    def sign_in(username: str, *, next: str = "/") -> Client:
        answer = console.get(arrive(console, username, next=next))
        assert answer.status_code == 302, answer.content.decode()[:600]
        assert answer["Location"] == next
        return console

    return sign_in


def arrive(console: Client, username: str, *, next: str = "/", browser: KeycloakBrowser | None = None) -> str:
    """Begin a sign-in at the console, log in at Keycloak, and return the callback's path with its code."""
    start = console.get(reverse("oidc_authentication_init"), {"next": next})
    assert start.status_code == 302, start.content.decode()[:600]
    return path_of((browser or KeycloakBrowser()).sign_in(start["Location"], username=username))
