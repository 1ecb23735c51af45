"""Real logins at the real Keycloak, and what stands in the tokens that it gives."""

import base64
import json
from typing import Any

from console.keycloak.connection import Connection
from console.transport import Transport, run
from tests.factories import Platform

PASSWORD = "correct horse battery staple 7"


def new_password(password: str = PASSWORD) -> dict[str, Any]:
    """Return what sets a password that need not be changed at the first login."""
    return {"type": "password", "value": password, "temporary": False}


def asked(connection: Connection, realm: str, **form: str) -> dict[str, Any]:
    """Return the answer of a realm's token endpoint; a refusal of its own stands in it as `error`."""
    path = ("realms", realm, "protocol", "openid-connect", "token")
    reply = run(Transport(connection.url).request("POST", path, form=form))
    return dict(reply.json)


def claims(connection: Connection, realm: str, **form: str) -> dict[str, Any]:
    """Return what stands in the access token that this form gets."""
    answer = asked(connection, realm, **form)
    assert "access_token" in answer, answer
    return payload(answer["access_token"])


def claims_of(platform: Platform, username: str, *, client: str) -> dict[str, Any]:
    """Give a person of a tenant a password, sign in for real and return what stands in the access token."""
    id = platform.person_id(username)
    platform.keycloak.put("users", id, "reset-password", json=new_password())
    return claims(platform.keycloak.connection, platform.realm, **login(client, username))


def login(client: str, username: str, *, password: str = PASSWORD, **more: str) -> dict[str, str]:
    """Return the form of a login by password."""
    name = {"client_id": client, "username": username, "password": password}
    return {"grant_type": "password", **name, **more}


def payload(token: str) -> dict[str, Any]:
    """Return the claims of a token, unverified: Keycloak itself has just given it."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
