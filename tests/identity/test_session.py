"""A session follows Keycloak: disabled people, changed roles, lost connections, limits, and the sign-out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from console.identity.models import SignIn
from tests.identity.conftest import arrive
from tests.identity.forwarder import Answer, Forwarder
from tests.identity.keycloak_login import KeycloakBrowser
from tests.identity.realm import TestRealm

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/profile/?tab=2"}


@pytest.fixture
def someone(realm: TestRealm) -> Any:
    """A person of this test alone, an administrator."""
    name = f"eve-{timezone.now():%H%M%S%f}"
    realm.add_person(name)
    realm.give_role(name, "gatehouse-admin")
    yield name
    if realm.get("users", username=name, exact=True):
        realm.delete_person(name)


def later(minutes: float) -> None:
    """Let that much time pass for every sign-in: its instants move back."""
    span = timedelta(minutes=minutes)
    SignIn.objects.update(
        checked_at=F("checked_at") - span, seen_at=F("seen_at") - span, signed_in_at=F("signed_in_at") - span
    )


def disable(realm: TestRealm, name: str) -> None:
    realm.edit_person(name, enabled=False)


def delete(realm: TestRealm, name: str) -> None:
    realm.delete_person(name)


def end_at_keycloak(realm: TestRealm, name: str) -> None:
    realm.sign_out_everywhere(name)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("happens", [disable, delete, end_at_keycloak])
def test_who_is_gone_at_keycloak_is_refused_within_five_minutes(
    happens: Callable[[TestRealm, str], None],
    method: str,
    someone: str,
    realm: TestRealm,
    operator: Callable[..., Client],
) -> None:
    console = operator(someone)
    assert getattr(console, method)("/profile/").status_code in (200, 405)

    happens(realm, someone)
    later(minutes=5)
    answer = getattr(console, method)("/profile/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert not SignIn.objects.open().exists()
    assert "Keycloak ended your session" in console.get(answer["Location"]).content.decode()


def test_a_page_part_sends_the_whole_browser_to_the_sign_in_and_back(
    someone: str, realm: TestRealm, operator: Callable[..., Client]
) -> None:
    console = operator(someone)
    disable(realm, someone)
    later(minutes=5)

    host = console.get("/sign-in/").wsgi_request.get_host()
    answer = console.post("/profile/", headers=HTMX | {"HX-Current-URL": f"http://{host}/profile/?tab=2"})

    assert answer.status_code == 401
    target = urlsplit(answer["HX-Redirect"])
    assert (target.path, parse_qs(target.query)["next"]) == ("/sign-in/", ["/profile/?tab=2"])


@pytest.mark.parametrize("page", ["https://evil.example/profile/", "javascript:alert(1)", ""])
def test_the_page_around_a_part_is_trusted_only_on_this_site(page: str, db: None, console: Client) -> None:
    answer = console.get("/profile/", headers={"HX-Request": "true", "HX-Current-URL": page})

    assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"] == ["/"]


def test_roles_are_those_of_the_newest_token(
    someone: str, realm: TestRealm, operator: Callable[..., Client]
) -> None:
    console = operator(someone)
    assert console.get("/admin/").status_code == 403

    realm.give_role(someone, "gatehouse-superuser")
    later(minutes=5)
    assert console.get("/admin/").status_code == 200

    realm.take_role(someone, "gatehouse-superuser")
    later(minutes=5)
    assert console.get("/admin/").status_code == 403


def test_keycloak_is_asked_once_in_five_minutes(
    forwarder: Forwarder, operator: Callable[..., Client]
) -> None:
    console = operator("ada")
    before = forwarder.count("/token")

    for _ in range(5):
        console.get("/profile/")
    later(minutes=4)
    console.get("/profile/")
    assert forwarder.count("/token") == before

    later(minutes=1)
    console.get("/profile/")
    console.get("/profile/")
    assert forwarder.count("/token") == before + 1


def _fail(path: str, answer: Answer) -> Answer:
    return Answer(503, b"<html>gone</html>", {"Content-Type": "text/html"})


def _cut(path: str, answer: Answer) -> Answer:
    return Answer(answer.status, b"", {}, cut=True)


def _empty(path: str, answer: Answer) -> Answer:
    return Answer(200, b"{}", {"Content-Type": "application/json"})


@pytest.mark.parametrize("trouble", [_fail, _cut, _empty])
def test_reading_goes_on_for_ten_minutes_while_keycloak_does_not_answer(
    trouble: Callable[[str, Answer], Answer], forwarder: Forwarder, operator: Callable[..., Client]
) -> None:
    console = operator("ada")
    forwarder.change = trouble

    later(minutes=5)
    assert console.get("/profile/").status_code == 200
    refused = console.post("/profile/")
    assert refused.status_code == 503
    assert "nothing can be changed" in refused.content.decode()

    later(minutes=10)
    assert console.get("/profile/").status_code == 302
    assert not SignIn.objects.open().exists()


def test_the_session_is_whole_again_when_keycloak_answers(
    forwarder: Forwarder, operator: Callable[..., Client]
) -> None:
    console = operator("ada")
    forwarder.change = _fail
    later(minutes=6)
    assert console.post("/profile/").status_code == 503

    forwarder.change = None

    assert console.post("/profile/").status_code == 405  # judged, let through, and no such method there


def test_a_wrong_client_secret_is_the_consoles_trouble_not_the_operators(
    settings: Any, operator: Callable[..., Client]
) -> None:
    console = operator("ada")
    settings.OIDC_RP_CLIENT_SECRET = "rotated elsewhere"
    later(minutes=5)

    assert console.get("/profile/").status_code == 200
    assert console.post("/profile/").status_code == 503


def test_a_foreign_id_token_at_the_recheck_ends_the_session(
    forwarder: Forwarder, realm: TestRealm, operator: Callable[..., Client]
) -> None:
    console = operator("ada")
    swapped = _tokens_of(realm, forwarder, "otto")

    def swap(path: str, answer: Answer) -> Answer:
        return Answer(200, swapped, answer.headers) if path.endswith("/token") else answer

    forwarder.change = swap
    later(minutes=5)

    assert console.get("/profile/").status_code == 302
    assert not SignIn.objects.open().filter(user__shown_name="ada").exists()


@pytest.mark.parametrize(("minutes", "words"), [(61, "without use"), (8 * 60, "8 hours after you signed in")])
def test_a_session_ends_by_itself(minutes: int, words: str, operator: Callable[..., Client]) -> None:
    console = operator("ada")
    later(minutes=minutes)
    if "hours" in words:
        SignIn.objects.update(seen_at=timezone.now(), checked_at=timezone.now())

    answer = console.get("/profile/")

    assert answer.status_code == 302
    assert words in console.get(answer["Location"]).content.decode()


def test_a_browser_session_without_a_sign_in_is_nobodys(operator: Callable[..., Client]) -> None:
    console = operator("ada")
    SignIn.objects.all().delete()

    assert console.get("/profile/").status_code == 302
    assert console.post("/profile/").status_code == 302


def test_nothing_secret_stands_in_the_session_tables(operator: Callable[..., Client]) -> None:
    operator("ada")
    sign_in = SignIn.objects.get()
    session = Session.objects.get()

    stored = f"{session.session_data} {sign_in.sealed_refresh_token} {sign_in.sealed_id_token}"
    assert "eyJ" not in stored  # how every token begins
    assert str(sign_in.pk) not in session.session_data
    assert all(part.startswith("v1.") for part in stored.split())


def test_the_content_of_one_session_does_not_open_in_another(
    operator: Callable[..., Client], console: Client, settings: Any
) -> None:
    operator("ada")
    other = Client(headers={"host": urlsplit(settings.GATEHOUSE_URL).netloc})
    other.get(arrive(other, "vera"))
    mine = Session.objects.get(session_key=other.cookies["sid"].value)
    theirs = Session.objects.get(session_key=console.cookies["sid"].value)

    Session.objects.filter(pk=mine.pk).update(session_data=theirs.session_data)

    assert other.get("/profile/").status_code == 302
    assert console.get("/profile/").status_code == 200


# --- the sign-out -------------------------------------------------------------------------------


def test_signing_out_ends_both_sessions(realm: TestRealm, someone: str, console: Client) -> None:
    browser = KeycloakBrowser()
    console.get(arrive(console, someone, browser=browser))
    assert len(realm.sessions_of(someone)) == 1

    answer = console.post("/sign-out/")
    at_keycloak = browser.get(answer["Location"])

    assert answer["Location"].startswith(f"{realm.issuer}/protocol/openid-connect/logout?")
    assert at_keycloak.status == 302
    assert urlsplit(at_keycloak.location).path == "/"
    assert realm.sessions_of(someone) == []
    assert console.get("/profile/").status_code == 302
    ended = SignIn.objects.get()
    assert (ended.ended_why, ended.sealed_id_token, ended.sealed_refresh_token) == ("Signed out.", "", "")


def test_signing_out_needs_a_post_and_a_token_of_this_page(
    operator: Callable[..., Client], settings: Any
) -> None:
    console = operator("ada")
    assert console.get("/sign-out/").status_code == 405

    strict = Client(headers={"host": urlsplit(settings.GATEHOUSE_URL).netloc}, enforce_csrf_checks=True)
    strict.cookies = console.cookies
    assert strict.post("/sign-out/").status_code == 403
    assert console.get("/profile/").status_code == 200


def _tokens_of(realm: TestRealm, forwarder: Forwarder, username: str) -> bytes:
    """The token endpoint's reply to a real sign-in of another person."""
    kept: list[bytes] = []

    def keep(path: str, answer: Answer) -> Answer:
        if path.endswith("/token"):
            kept.append(answer.body)
        return answer

    forwarder.change = keep
    from django.conf import settings

    other = Client(headers={"host": urlsplit(settings.GATEHOUSE_URL).netloc})
    assert other.get(arrive(other, username)).status_code == 302
    forwarder.change = None
    return kept[0]


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_ask_keycloak_once(
    realm: TestRealm, forwarder: Forwarder, console: Client, settings: Any
) -> None:
    assert console.get(arrive(console, "ada")).status_code == 302
    before = forwarder.count("/token")
    later(minutes=5)

    def visit(number: int) -> int:
        other = Client(headers={"host": urlsplit(settings.GATEHOUSE_URL).netloc})
        other.cookies = console.cookies
        try:
            return other.get("/profile/").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(visit, range(8)))

    assert answers == [200] * 8
    assert forwarder.count("/token") == before + 1
