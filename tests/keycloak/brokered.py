"""Somebody signs in through an identity provider of an organization, as a browser would: by real calls."""

import html
import re
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from tests.keycloak.world import World, fresh

BACK = "http://127.0.0.1:9/back"  # nobody listens: a login that ends there has gone all the way
PASSWORD = "Pass-word-1"


def make_managed_member(world: World, home: World, *, organization_id: str, domain: str) -> str:
    """Let somebody of the realm `home` sign in to the world through an identity provider. Return the name."""
    username, alias = fresh("managed"), fresh("idp")
    person = home.make_person(username, email=f"{username}@{domain}", emailVerified=True)
    home.put("users", person, "reset-password", json={"type": "password", "value": PASSWORD})
    _make_provider(world, home, alias, domain)
    world.post("organizations", organization_id, "identity-providers", json=alias)
    client = fresh("app")
    world.make("clients", clientId=client, publicClient=True, redirectUris=[BACK])
    sign_in(world, client=client, alias=alias, username=username)
    return username


def _make_provider(world: World, home: World, alias: str, domain: str) -> None:
    base = f"{home.connection.url}/realms/{home.name}"
    client, back = fresh("broker"), f"{world.connection.url}/realms/{world.name}/broker/{alias}/endpoint"
    home.make("clients", clientId=client, secret="geheim", redirectUris=[back])
    config = {
        "clientId": client,
        "clientSecret": "geheim",
        "clientAuthMethod": "client_secret_post",
        "issuer": base,
        "authorizationUrl": f"{base}/protocol/openid-connect/auth",
        "tokenUrl": f"{base}/protocol/openid-connect/token",
        "userInfoUrl": f"{base}/protocol/openid-connect/userinfo",
        "defaultScope": "openid profile email",
        "kc.org.domain": domain,
    }
    provider: dict[str, Any] = {"alias": alias, "providerId": "oidc", "trustEmail": True, "config": config}
    world.post("identity-provider", "instances", json=provider)


def sign_in(world: World, *, client: str, alias: str, username: str) -> None:
    """Go from the world's login through the identity provider and back. Fails with the page that it met."""
    jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))  # as browsers do for localhost
    browser = build_opener(HTTPCookieProcessor(jar))
    asked = urlencode({"client_id": client, "response_type": "code", "scope": "openid", "redirect_uri": BACK})
    start = f"{world.connection.url}/realms/{world.name}/protocol/openid-connect/auth?{asked}"
    page = _open(browser, f"{start}&kc_idp_hint={quote(alias)}")
    form = re.search(r'<form[^>]+action="([^"]+)"', page)
    assert form, page
    credentials = urlencode({"username": username, "password": PASSWORD}).encode()
    ended = _open(browser, html.unescape(form[1]), credentials)
    assert ended == BACK, ended


def _open(browser: OpenerDirector, url: str, data: bytes | None = None) -> str:
    """Return a page, or where the login ended."""
    try:
        with browser.open(url, data, timeout=30) as reply:
            return str(reply.read().decode())
    except URLError as error:
        if "refused" in str(error.reason):
            return BACK
        raise
