"""The logout that Keycloak announces: real ones end sessions, everything else answers 400."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client

from console.identity.models import SignIn
from tests.identity.conftest import arrive
from tests.identity.keycloak_login import HttpBrowser, KeycloakBrowser
from tests.identity.realm import CLIENT_ID, TestRealm

PATH = "/oidc/backchannel-logout/"
EVENT = "http://schemas.openid.net/event/backchannel-logout"

Claims = dict[str, Any]


def logout_token(realm: TestRealm, sign_in: SignIn, *, typ: str = "logout+jwt", **changed: Any) -> str:
    """A logout token as Keycloak makes it, signed by its key; claims of None are left out."""
    claims: Claims = {
        "iss": realm.issuer,
        "aud": CLIENT_ID,
        "iat": int(time.time()),
        "exp": int(time.time()) + 120,
        "jti": str(uuid.uuid4()),
        "sid": sign_in.sid,
        "sub": sign_in.subject,
        "events": {EVENT: {}},
        "typ": "Logout",
    }
    wanted = {name: value for name, value in (claims | changed).items() if value is not None}
    kid = next(key["kid"] for key in realm.get("keys")["keys"] if key["providerPriority"] == 900)
    return jwt.encode(wanted, realm.key, algorithm="RS256", headers={"kid": kid, "typ": typ})


@pytest.mark.django_db
def test_a_logout_token_ends_the_session_it_names(operator: Callable[..., Client], realm: TestRealm) -> None:
    console = operator("ada")
    other = _another_browser(console, "ada")

    answer = Client().post(
        PATH, {"logout_token": logout_token(realm, SignIn.objects.earliest("signed_in_at"))}
    )

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert console.get("/profile/").status_code == 302
    assert other.get("/profile/").status_code == 200


@pytest.mark.django_db
def test_a_logout_token_without_a_session_ends_all_of_the_person(
    operator: Callable[..., Client], realm: TestRealm
) -> None:
    console = operator("ada")
    other = _another_browser(console, "ada")
    stranger = _another_browser(console, "otto")
    of_ada = SignIn.objects.filter(user__shown_name="ada").first()
    assert of_ada is not None

    assert Client().post(PATH, {"logout_token": logout_token(realm, of_ada, sid=None)}).status_code == 200

    assert console.get("/profile/").status_code == 302
    assert other.get("/profile/").status_code == 302
    assert stranger.get("/profile/").status_code == 200


REFUSED: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://elsewhere.example/realms/x"},
    "for another client": {"aud": "account"},
    "without an audience": {"aud": None},
    "with a nonce": {"nonce": "n"},
    "without events": {"events": None},
    "with another event": {"events": {"http://example.org/event": {}}},
    "with a list of events": {"events": [EVENT]},
    "of an ID token's type": {"typ": "JWT"},
    "older than two minutes": {"iat": timedelta(minutes=-3)},
    "from the future": {"iat": timedelta(seconds=90)},
    "expired": {"exp": timedelta(minutes=-1)},
    "without an id": {"jti": None},
    "without a time of issue": {"iat": None},
    "naming nobody": {"sid": None, "sub": None},
}


@pytest.mark.django_db
@pytest.mark.parametrize("changed", REFUSED.values(), ids=REFUSED.keys())
def test_a_logout_token_is_refused(
    changed: dict[str, Any], operator: Callable[..., Client], realm: TestRealm
) -> None:
    console = operator("ada")
    now = int(time.time())  # of this test: the table is as old as the run
    claims = {
        name: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in changed.items()
    }
    raw = logout_token(realm, SignIn.objects.get(), **claims)

    answer = Client().post(PATH, {"logout_token": raw})

    assert answer.status_code == 400
    assert console.get("/profile/").status_code == 200


@pytest.mark.django_db
def test_a_logout_token_counts_once(operator: Callable[..., Client], realm: TestRealm) -> None:
    operator("ada")
    raw = logout_token(realm, SignIn.objects.get())

    assert Client().post(PATH, {"logout_token": raw}).status_code == 200
    again = Client().post(PATH, {"logout_token": raw})

    assert again.status_code == 400
    assert "used before" in again.json()["error_description"]


@pytest.mark.django_db
@pytest.mark.parametrize("raw", ["", "nonsense", "a.b.c", "x" * 20_000])
def test_anything_else_is_refused(raw: str, realm: TestRealm) -> None:
    assert Client().post(PATH, {"logout_token": raw}).status_code == 400


@pytest.mark.django_db
def test_an_id_token_is_no_logout_token(operator: Callable[..., Client], realm: TestRealm) -> None:
    from console.identity.sign_ins import id_token_of

    console = operator("ada")
    raw = id_token_of(SignIn.objects.get()).reveal()

    assert Client().post(PATH, {"logout_token": raw}).status_code == 400
    assert console.get("/profile/").status_code == 200


@pytest.mark.django_db
def test_the_address_takes_posts_only(realm: TestRealm) -> None:
    assert Client().get(PATH).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_keycloak_itself_ends_the_session_in_two_seconds(
    live_server: Any, realm: TestRealm, settings: Any
) -> None:
    assert live_server.url == settings.GATEHOUSE_URL
    browser, console = KeycloakBrowser(), HttpBrowser()
    start = console.get(f"{settings.GATEHOUSE_URL}/oidc/authenticate/?next=/profile/")
    arrived = console.get(browser.sign_in(start.location, username="otto"))
    assert (arrived.status, arrived.location) == (302, "/profile/")
    assert console.get(f"{settings.GATEHOUSE_URL}/profile/").status == 200

    realm.sign_out_everywhere("otto")
    deadline = time.monotonic() + 2
    while SignIn.objects.open().exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert SignIn.objects.get().ended_why == "Keycloak ended the session."
    assert console.get(f"{settings.GATEHOUSE_URL}/profile/").status == 302


def _another_browser(console: Client, username: str) -> Client:
    host = console.get("/sign-in/").wsgi_request.get_host()
    other = Client(headers={"host": host})
    assert other.get(arrive(other, username)).status_code == 302
    return other
