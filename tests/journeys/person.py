"""A person of the tenant's realm at a client of that realm: how a platform sees what was granted."""

import base64
import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.transport import run

CLIENT = "platform-app"


@dataclass(frozen=True)
class Login:
    username: str
    password: str


class RealmOfTenant:
    """What the platform itself has in the realm: a client, and people with passwords."""

    def __init__(self, connection: Connection, realm: str) -> None:
        self.connection = connection
        self.realm = realm
        self.client = client_for(connection)

    def prepare_login(self, username: str) -> Login:
        """Make the platform's client and a password for the person, as the platform would."""
        login = Login(username, "correct horse battery staple 7")
        base = ("admin", "realms", self.realm)
        representation = {"clientId": CLIENT, "publicClient": True, "directAccessGrantsEnabled": True}
        run(self.client.post((*base, "clients"), json=representation))
        people = run(self.client.get((*base, "users"), query={"username": username, "exact": True})).json
        credential = {"type": "password", "value": login.password, "temporary": False}
        run(self.client.put((*base, "users", people[0]["id"], "reset-password"), json=credential))
        return login

    def token(self, login: Login) -> dict[str, Any]:
        """Sign the person in and return the claims of the access token that Keycloak gives."""
        form = {
            "grant_type": "password",
            "client_id": CLIENT,
            "username": login.username,
            "password": login.password,
            "scope": "openid",
        }
        url = f"{self.connection.url}/realms/{self.realm}/protocol/openid-connect/token"
        data = urllib.parse.urlencode(form).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(url, data=data), timeout=20) as reply:
            token = json.load(reply)["access_token"]
        body = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return claims

    @staticmethod
    def roles(claims: dict[str, Any]) -> set[str]:
        return set(claims.get("realm_access", {}).get("roles", []))

    @staticmethod
    def entitlements(claims: dict[str, Any]) -> set[str]:
        return set(claims.get("entitlements", []))
