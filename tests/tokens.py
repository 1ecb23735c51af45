"""Real logins of people, and what stands in their tokens."""

import base64
import json
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.factories import Platform

PASSWORD = "correct horse battery staple 7"


def make_client(platform: Platform, client_id: str) -> None:
    """Make a client that takes names and passwords, as any platform makes one beside the console."""
    platform.keycloak.make("clients", clientId=client_id, publicClient=True, directAccessGrantsEnabled=True)


def claims(platform: Platform, username: str, *, client_id: str, scope: str = "openid") -> dict[str, Any]:
    """Sign in for real and return what stands in the access token."""
    credential = {"type": "password", "value": PASSWORD, "temporary": False}
    platform.keycloak.put("users", platform.person_id(username), "reset-password", json=credential)
    form = {
        "grant_type": "password",
        "client_id": client_id,
        "username": username,
        "password": PASSWORD,
        "scope": scope,
    }
    address = f"{platform.keycloak.connection.url}/realms/{platform.realm}/protocol/openid-connect/token"
    asked = Request(address, data=urlencode(form).encode())
    with build_opener(ProxyHandler({})).open(asked, timeout=20) as answer:
        return payload(json.load(answer)["access_token"])


def payload(token: str) -> dict[str, Any]:
    """Return the claims of a token, unverified: Keycloak itself has just given it."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
