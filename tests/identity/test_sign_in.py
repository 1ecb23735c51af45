"""Signing in through a real Keycloak, and every way in which it must not work."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from console.audit.models import AuditEvent
from console.identity.actor import ActorKind
from console.identity.models import OidcIdentity, SignIn, User
from tests.identity.conftest import arrive
from tests.identity.realm import TestRealm

pytestmark = pytest.mark.django_db


def test_the_request_to_keycloak_carries_state_nonce_and_an_s256_challenge(
    realm: TestRealm, console: Client
) -> None:
    query = parse_qs(urlsplit(console.get(reverse("oidc_authentication_init"))["Location"]).query)

    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert query["state"][0]
    assert query["nonce"][0]
    assert query["scope"] == ["openid email profile"]


def test_an_administrator_becomes_an_actor_with_the_roles_of_the_token(
    operator: Callable[..., Client], realm: TestRealm
) -> None:
    answer = operator("ada", next="/profile/").get("/profile/")

    assert answer.status_code == 200
    actor = answer.wsgi_request.actor
    assert (actor.name, actor.kind) == ("ada", ActorKind.SSO)
    assert "gatehouse-admin" in actor.roles
    assert not actor.is_superuser


def test_the_account_is_keyed_on_issuer_and_subject(
    operator: Callable[..., Client], realm: TestRealm
) -> None:
    operator("ada")
    operator("ada")

    identity = OidcIdentity.objects.get(issuer=realm.issuer, subject=realm.person("ada")["id"])
    assert identity.user.shown_name == "ada"
    assert identity.user.username.startswith("sso:")
    assert not identity.user.has_usable_password()
    assert SignIn.objects.open().filter(user=identity.user).count() == 1


def test_full_group_paths_arrive_and_make_a_tenant_administrator(operator: Callable[..., Client]) -> None:
    actor = operator("tina").get("/profile/").wsgi_request.actor

    assert actor.groups == {"/tenants/acme/admins"}


def test_someone_without_a_console_role_is_told_what_is_missing(operator: Callable[..., Client]) -> None:
    answer = operator("vera").get("/")

    text = answer.content.decode()
    assert answer.status_code == 403
    assert "Signed in, but your account has no administrator role" in text
    assert "viewer" in text
    assert "gatehouse-admin" in text


def test_the_django_admin_opens_by_the_superuser_role_and_closes_with_it(
    operator: Callable[..., Client], realm: TestRealm
) -> None:
    assert operator("sue").get("/admin/").status_code == 200
    assert User.objects.get(shown_name="sue").is_staff

    refused = operator("ada").get("/admin/")
    assert refused.status_code == 403
    assert "gatehouse-superuser" in refused.content.decode()


@pytest.mark.parametrize("is_verified", [False, True])
def test_nobody_from_keycloak_becomes_a_local_superuser_by_an_equal_address(
    is_verified: bool, realm: TestRealm, operator: Callable[..., Client]
) -> None:
    root = User.objects.create_superuser("root", email="root@corp.example", password="a local password")
    name = f"mallory-{is_verified}".lower()
    realm.add_person(name, email="root@corp.example", emailVerified=is_verified)

    answer = operator(name).get("/admin/")

    realm.delete_person(name)
    assert answer.status_code == 403
    assert answer.wsgi_request.user.pk != root.pk
    assert not answer.wsgi_request.actor.is_superuser
    assert not OidcIdentity.objects.filter(user=root).exists()


def test_a_name_equal_to_a_local_superusers_gives_another_account(
    realm: TestRealm, operator: Callable[..., Client]
) -> None:
    root = User.objects.create_superuser("ada", password="a local password")

    answer = operator("ada").get("/admin/")

    assert answer.status_code == 403
    assert answer.wsgi_request.user.pk != root.pk


# --- the callback -------------------------------------------------------------------------------


def test_an_error_without_a_known_state_signs_nobody_out(operator: Callable[..., Client]) -> None:
    console = operator("ada")

    answer = console.get(reverse("oidc_authentication_callback"), {"error": "x"})

    assert answer.status_code == 400
    assert console.get("/profile/").status_code == 200


def test_an_error_with_a_known_state_is_a_page_with_a_retry(realm: TestRealm, console: Client) -> None:
    state = _begun(console)

    answer = console.get(
        reverse("oidc_authentication_callback"),
        {"error": "access_denied", "state": state, "iss": realm.issuer},
    )

    assert answer.status_code == 403
    assert "access was denied" in answer.content.decode()
    assert reverse("oidc_authentication_init") in answer.content.decode()


@pytest.mark.parametrize("issuer", [None, "https://elsewhere.example/realms/gatehouse"])
def test_an_answer_of_another_issuer_is_refused(
    issuer: str | None, realm: TestRealm, console: Client
) -> None:
    callback = arrive(console, "ada")
    query = {name: value[0] for name, value in parse_qs(urlsplit(callback).query).items()}
    assert query.pop("iss") == realm.issuer

    answer = console.get(reverse("oidc_authentication_callback"), query | ({"iss": issuer} if issuer else {}))

    assert answer.status_code == 400
    assert not SignIn.objects.exists()


def test_an_answer_counts_once(realm: TestRealm, console: Client) -> None:
    callback = arrive(console, "ada")

    assert console.get(callback).status_code == 302
    assert console.get(callback).status_code == 400


def test_an_answer_in_another_browser_is_refused(realm: TestRealm, console: Client) -> None:
    callback = arrive(console, "ada")

    answer = Client(headers={"host": "localhost"}).get(callback)

    assert answer.status_code == 400
    assert "not begun in this browser" in answer.content.decode()


def test_a_code_that_keycloak_does_not_know_is_a_page_not_an_error(realm: TestRealm, console: Client) -> None:
    recorded = AuditEvent.objects.count()

    answer = console.get(
        reverse("oidc_authentication_callback"),
        {"code": "made-up", "state": _begun(console), "iss": realm.issuer},
    )

    assert answer.status_code == 403
    assert "Code not valid" in answer.content.decode()
    assert AuditEvent.objects.count() == recorded  # anybody could fill the record with them


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_way_back_never_leaves_the_console(target: str, realm: TestRealm, console: Client) -> None:
    answer = console.get(arrive(console, "ada", next=target))

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_session_key_changes_at_the_sign_in(realm: TestRealm, console: Client) -> None:
    callback = arrive(console, "ada")
    before = console.session.session_key

    console.get(callback)

    assert console.session.session_key != before


def test_a_closed_account_does_not_come_in(
    realm: TestRealm, operator: Callable[..., Client], console: Client
) -> None:
    operator("otto")
    User.objects.filter(shown_name="otto").update(is_active=False)

    assert console.get("/profile/").status_code == 302
    answer = console.get(arrive(console, "otto"))

    assert answer.status_code == 403
    assert "closed" in answer.content.decode()


def _begun(console: Client) -> str:
    location = console.get(reverse("oidc_authentication_init"))["Location"]
    return parse_qs(urlsplit(location).query)["state"][0]
