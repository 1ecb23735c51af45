"""A client scope. Its mappers and its being a default are kinds of their own.

Measured on Keycloak 26.7.5: a PUT keeps absent keys and merges attributes; an empty attribute stays there as
an empty text, which counts as none.
"""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import clients, layout
from console.keycloak.kinds.handler import (
    ObjectHandler,
    free_id_of_ours,
    present,
    resource,
    same_name,
    unchanged,
)
from console.keycloak.kinds.mapper import mappers_of
from console.keycloak.layout import Layout
from console.keycloak.realm import Json, Realm

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#ClientScopeRepresentation
LAYOUT = Layout(
    {
        "description": layout.text("description"),
        "protocol": layout.text("protocol"),
        "in_token": layout.flag_attribute("include.in.token.scope", default=True),
        "on_consent_screen": layout.flag_attribute("display.on.consent.screen", default=True),
        "consent_text": layout.text_attribute("consent.screen.text"),
    }
)


class ClientScopeHandler(ObjectHandler):
    """Reads and writes the managed fields of client scopes; all else about a scope stays."""

    kind = Kind.CLIENT_SCOPE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the scope of that name, and the one that has the known id under another, with mappers."""
        id, found = realm.id_of(address), await clients.scope(realm, address.path[0])
        here = _with_all_inside(found)
        if not id or (found and found["id"] == id):
            return here
        known = (one for one in await clients.all_scopes(realm) if one["id"] == id)
        return here + _with_all_inside(next(known, None))

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all client scopes, Keycloak's own among them."""
        return [_resource(one) for one in await clients.all_scopes(realm)]

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        id = await free_id_of_ours(realm, operation.address, "client-scopes")
        named = {"id": id, "name": operation.address.path[0], "protocol": "openid-connect"}
        await realm.post("client-scopes", json=named | LAYOUT.representation(operation.after or {}))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        found = await _found(realm, operation, operation.address.path[0])
        unchanged(operation, _resource(found))
        await _put(realm, found, operation)

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Rename it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        assert operation.was is not None
        await _put(realm, await _found(realm, operation, operation.was.path[0]), operation)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        found = await _found(realm, operation, operation.address.path[0])
        await realm.delete("client-scopes", found["id"])


async def _put(realm: Realm, found: Json, operation: Operation) -> None:
    named = {"name": operation.address.path[0]}
    await realm.put("client-scopes", found["id"], json=named | LAYOUT.representation(operation.after or {}))


async def _found(realm: Realm, operation: Operation, name: str) -> Json:
    what = f"The client scope “{name}”"
    if operation.id:
        return same_name(present(await realm.find("client-scopes", operation.id), what=what), name, what=what)
    return present(await clients.scope(realm.again(), name), what=what)


def _with_all_inside(found: Json | None) -> list[Resource]:
    return [_resource(found), *mappers_of(Kind.MAPPER, found)] if found else []


def _resource(found: Json) -> Resource:
    return resource(Kind.CLIENT_SCOPE, found["name"], fields=LAYOUT.fields(found), id=found["id"])
