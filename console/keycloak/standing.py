"""Whether an account still stands in its realm, and what it effectively has: asked by id."""

from dataclasses import dataclass

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import NotFound, understood
from console.keycloak.realm import Realm
from console.transport import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What Keycloak says of an account now: nothing of who is disabled or gone."""

    gone: bool = False
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def standing_of(connection: Connection, realm: str, id: str) -> Standing:
    """Return what an account has: effective realm roles, and the full paths of its groups.

    Raises KeycloakError, also where the realm itself is not there or may not be read: that says nothing.
    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users
    """
    return run(_standing_of(Realm(client_for(connection), realm), id))


async def _standing_of(realm: Realm, id: str) -> Standing:
    with understood():
        account = await realm.find("users", id)
        if account is None and await realm.representation() is None:
            raise NotFound("The realm is not in Keycloak.")
        if account is None or not account["enabled"]:
            return Standing(gone=True)
        roles = await realm.get("users", id, "role-mappings", "realm", "composite")
        groups = await realm.get("users", id, "groups", query={"briefRepresentation": True})
        return Standing(
            roles=tuple(sorted(one["name"] for one in roles)),
            groups=tuple(sorted(one["path"] for one in groups)),
        )
