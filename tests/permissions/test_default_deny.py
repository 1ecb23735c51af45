"""Every address of the console × who calls it: closed unless a right is declared and held."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from console.audit.models import AuditEvent
from console.permissions.decorators import Access
from console.permissions.foreign import FOREIGN
from console.permissions.vocabulary import Permission
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

OF_SUPERUSERS = {Permission.TOKEN_CREATE, Permission.TOKEN_REVOKE}
SAMPLES = {"slug": "acme", "int": 1, "uuid": UUID(int=1), "str": "x", "path": "x/y"}

PUBLIC = {
    "account_login",
    "api:authzen-configuration",
    "api:schema",
    "identity:backchannel-logout",
    "identity:enrol",
    "identity:sign-in",
    "identity:sign-out",
    "mfa_authenticate",
    "oidc_authentication_callback",
    "oidc_authentication_init",
}
"""All that answers people who have not signed in. A new one must be written down here."""


def patterns(
    resolver: Any = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every (name, address with sample values, pattern) of the console."""
    for one in (resolver or get_resolver("console.urls")).url_patterns:
        path = prefix + _with_samples(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from patterns(one, path, inner)
        else:
            yield f"{space}{one.name}", f"/{path}", one


def _with_samples(pattern: Any) -> str:
    route = str(getattr(pattern, "_route", ""))
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        kind = {"string": "str"}.get(kind, kind)
        route = route.replace(f"<{kind}:{name}>", str(SAMPLES[kind])).replace(f"<{name}>", str(SAMPLES[kind]))
    return route


OWN = [(name, path, one) for name, path, one in patterns() if not name.startswith("admin:")]
DECLARED = [(name, path, one.callback.access) for name, path, one in OWN if hasattr(one.callback, "access")]
GUARDED = [row for row in DECLARED if row[2].permission is not None]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_there_is_something_to_look_at() -> None:
    assert len(GUARDED) > 30
    assert any(access.somewhere for _, _, access in GUARDED)


@pytest.mark.parametrize(("name", "path", "pattern"), OWN, ids=[row[0] for row in OWN])
def test_every_address_declares_who_may_call_it(name: str, path: str, pattern: URLPattern) -> None:
    access = getattr(pattern.callback, "access", None)

    assert isinstance(access, Access) or name in FOREIGN
    is_public = name in PUBLIC
    if isinstance(access, Access):
        assert bool(access.why_public) == is_public
        assert bool(access.by_token) == (name == "api:authzen" or name.startswith("api:v1-"))
        assert (access.permission is None) == (is_public or bool(access.by_token))


BY_TOKEN = [row for row in DECLARED if row[2].by_token]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_programs_get_in_by_a_token_only(method: str, client: Client) -> None:
    """A session opens none of these addresses, so no form of another site can call them."""
    assert len(BY_TOKEN) > 20
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    for name, path, _ in BY_TOKEN:
        address = path.replace("x/y", "evaluation")
        answer = getattr(client, method)(address)
        assert answer.status_code == 401 or (name == "api:authzen" and method != "post"), name
        assert "no-store" in answer["Cache-Control"], name


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_sent_to_the_sign_in_from_every_guarded_address(method: str, client: Client) -> None:
    for name, path, _ in GUARDED:
        answer = getattr(client, method)(path)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/sign-in/?next="), name
        part = getattr(client, method)(path, headers={"HX-Request": "true"})
        assert part.status_code == 401, name
        assert part["HX-Redirect"].startswith("/sign-in/?next="), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_someone_without_a_role_is_refused_everywhere(method: str, client: Client) -> None:
    sign_in_as(client, "vera", roles=("viewer", "offline_access"))
    for name, path, _ in GUARDED:
        answer = getattr(client, method)(path)
        assert answer.status_code == 403, name
        assert "no administrator role" in answer.content.decode(), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_auditor_reaches_views_only(method: str, client: Client) -> None:
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))
    for name, path, access in GUARDED:
        answer = getattr(client, method)(path)
        may = access.permission.verb == "view" or access.permission is Permission.PROFILE_EDIT
        assert (answer.status_code != 403) == may, (name, answer.status_code)


def test_a_refusal_names_the_right_and_who_can_give_it(client: Client) -> None:
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))

    answer = client.get("/servers/new/")

    text = answer.content.decode()
    assert answer.status_code == 403
    assert "tenants:server:create" in text
    assert "These people can grant it: ada" in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_administrators_of_another_tenant_are_refused(method: str, client: Client) -> None:
    sign_in_as(client, "tina", groups=("/tenants/globex/admins",))
    in_acme = [row for row in GUARDED if row[1].startswith("/t/acme/")]
    assert len(in_acme) > 20
    for name, path, _ in in_acme:
        assert getattr(client, method)(path).status_code in (403, 404), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_administrator_is_refused_nowhere(method: str, client: Client) -> None:
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    for name, path, access in GUARDED:
        answer = getattr(client, method)(path)
        if access.permission in OF_SUPERUSERS:
            assert answer.status_code == 403, name
            continue
        assert answer.status_code in (200, 204, 302, 400, 404, 405, 422), (name, answer.status_code)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_superuser_reaches_the_pages_of_tokens(method: str, client: Client) -> None:
    sign_in_as(client, "sue", roles=("gatehouse-superuser",), is_superuser=True)
    of_tokens = [row for row in GUARDED if row[2].permission in OF_SUPERUSERS]
    assert len(of_tokens) == 2
    for name, path, _ in of_tokens:
        assert getattr(client, method)(path).status_code in (200, 302, 404, 405, 422), name


ADMIN_PATHS = [
    "/admin/",
    "/admin/login/",
    "/admin/identity/user/",
    "/admin/identity/signin/",
    "/admin/jsi18n/",
]


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_the_django_admin_is_for_superusers(path: str, client: Client) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/")

    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    assert client.get(path).status_code == 403

    sign_in_as(client, "sue", roles=("gatehouse-superuser",), is_superuser=True)
    assert client.get(path).status_code in (200, 302)


def test_closing_an_account_in_the_django_admin_is_recorded_and_works_at_once() -> None:
    otto, superuser = Client(), Client()
    closed = sign_in_as(otto, "otto", roles=("gatehouse-auditor",))
    sign_in_as(superuser, "sue", roles=("gatehouse-superuser",), is_superuser=True)
    assert otto.get("/profile/").status_code == 200

    answer = superuser.post(f"/admin/identity/user/{closed.pk}/change/", {"username": "taken-over"})

    assert answer.status_code == 302
    closed.refresh_from_db()
    assert (closed.is_active, closed.username) == (False, "sso:otto")
    assert otto.get("/profile/").status_code == 302
    row = AuditEvent.objects.get(kind="identity:account:close")
    assert (row.actor_name, row.reason) == ("sue", "otto (sso:otto), 127.0.0.1")


# --- how declarations are kept ------------------------------------------------------------------


@pytest.fixture
def with_examples(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.permissions.urls"


@pytest.mark.usefixtures("with_examples")
def test_a_view_that_declares_nothing_stays_closed_for_everyone(client: Client) -> None:
    assert client.get("/undeclared/").status_code == 302

    sign_in_as(client, "sue", roles=("gatehouse-admin", "gatehouse-superuser"), is_superuser=True)
    answer = client.get("/undeclared/")

    assert answer.status_code == 403
    assert "declares no right" in answer.content.decode()


@pytest.mark.usefixtures("with_examples")
def test_the_tenant_of_the_address_is_the_tenant_of_the_decision(client: Client) -> None:
    sign_in_as(client, "tina", groups=("/tenants/acme/admins",))

    assert client.get("/in/acme/roles/").content == b"tina in acme"
    assert client.get("/in/globex/roles/").status_code == 403


@pytest.mark.usefixtures("with_examples")
def test_a_public_view_knows_who_is_there(client: Client) -> None:
    assert client.get("/open/").content == b"nobody"

    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    assert client.get("/open/").content == b"ada"


# --- headers ------------------------------------------------------------------------------------


def test_every_page_carries_the_security_headers(client: Client) -> None:
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    for path in ("/sign-in/", "/profile/", "/admin/", "/nowhere/"):
        headers = client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert "no-store" in headers["Cache-Control"], path


def test_cookies_are_closed_to_scripts_and_to_other_sites(client: Client, settings: Any) -> None:
    host = {"host": urlsplit(settings.GATEHOUSE_URL).netloc}
    begun = client.get("/oidc/authenticate/", headers=host)
    given = begun.cookies | client.get("/sign-in/", headers=host).cookies

    assert set(given) == {"sid", "csrftoken"}
    for name, cookie in given.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name


def test_a_post_from_elsewhere_is_refused(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    sign_in_as(strict, "ada", roles=("gatehouse-admin",))

    for name, path, _ in GUARDED:
        answer = strict.post(path, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403, name
