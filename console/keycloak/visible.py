"""Which realms a service client can see on a server. A name without content is no access, never content."""

from dataclasses import dataclass

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import Forbidden, understood
from console.transport import LONG, run


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleRealm:
    """One realm. `is_open`: Keycloak shows more of it to our client than the name."""

    name: str
    display_name: str
    enabled: bool
    is_open: bool


def visible_realms(connection: Connection) -> list[VisibleRealm]:
    """Return the realms by name, with one call. Raises KeycloakError.

    Of a realm in which our client has some role, but may not see the realm, Keycloak lists a stub without id.
    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
    """
    return run(_visible_realms(connection))


async def _visible_realms(connection: Connection) -> list[VisibleRealm]:
    client = client_for(connection)
    try:
        with understood():
            reply = await client.get(("admin", "realms"), query={"briefRepresentation": True}, patience=LONG)
    except Forbidden:  # Keycloak's answer to a client that has rights in no realm yet
        return []
    return sorted((_realm(one) for one in reply.json), key=lambda one: one.name)


def _realm(found: dict[str, object]) -> VisibleRealm:
    is_open = "id" in found
    return VisibleRealm(
        name=str(found["realm"]),
        display_name=str(found.get("displayName") or "") if is_open else "",
        enabled=bool(found.get("enabled")) if is_open else False,
        is_open=is_open,
    )
