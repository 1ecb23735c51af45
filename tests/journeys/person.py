"""A person of the tenant's realm at a client of that realm: how a platform sees what was granted."""

from dataclasses import dataclass
from typing import Any

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.transport import run
from tests import tokens

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
        login = Login(username, tokens.PASSWORD)
        base = ("admin", "realms", self.realm)
        representation = {"clientId": CLIENT, "publicClient": True, "directAccessGrantsEnabled": True}
        run(self.client.post((*base, "clients"), json=representation))
        people = run(self.client.get((*base, "users"), query={"username": username, "exact": True})).json
        run(self.client.put((*base, "users", people[0]["id"], "reset-password"), json=tokens.new_password()))
        return login

    def token(self, login: Login) -> dict[str, Any]:
        """Sign the person in and return the claims of the access token that Keycloak gives."""
        form = tokens.login(CLIENT, login.username, password=login.password, scope="openid")
        return tokens.claims(self.connection, self.realm, **form)

    @staticmethod
    def roles(claims: dict[str, Any]) -> set[str]:
        return set(claims.get("realm_access", {}).get("roles", []))

    @staticmethod
    def entitlements(claims: dict[str, Any]) -> set[str]:
        return set(claims.get("entitlements", []))
