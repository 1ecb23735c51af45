"""A client scope. Its mappers and its being a default are kinds of their own."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.kinds.handler import (
    ObjectHandler,
    id_of_ours,
    present,
    resource,
    same_name,
    text,
    unchanged,
)
from console.keycloak.realm import Json, Realm

ENTITLEMENTS_SCOPE = "gatehouse-entitlements"  # the client scope whose mapper puts entitlements into tokens


class ClientScopeHandler(ObjectHandler):
    """Reads and writes description and protocol; attributes and mappers of a scope stay."""

    kind = Kind.CLIENT_SCOPE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the scope of that name, and its mappers."""
        found = await realm.scope(address.path[0])
        return [_resource(found), *mappers_of(found)] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the scope that carries entitlements; the others belong to the realm."""
        return await self.read(realm, Address(self.kind, (ENTITLEMENTS_SCOPE,)))

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        id = await id_of_ours(realm, operation.address)
        named = {"id": id, "name": operation.address.path[0]}
        attributes = {"include.in.token.scope": "false", "display.on.consent.screen": "false"}
        await realm.post(
            "client-scopes", json=named | dict(operation.after or {}) | {"attributes": attributes}
        )

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        whole = await _found(realm, operation, operation.address.path[0])
        unchanged(operation, _resource(whole))
        await _put(realm, whole, operation)

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Rename it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        assert operation.was is not None
        await _put(realm, await _found(realm, operation, operation.was.path[0]), operation)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes."""
        found = await _found(realm, operation, operation.address.path[0])
        await realm.delete("client-scopes", found["id"])


async def _put(realm: Realm, whole: Json, operation: Operation) -> None:
    whole = {key: value for key, value in whole.items() if key != "protocolMappers"}
    named = {"name": operation.address.path[0]}
    await realm.put("client-scopes", whole["id"], json=whole | dict(operation.after or {}) | named)


async def _found(realm: Realm, operation: Operation, name: str) -> Json:
    what = f"The client scope “{name}”"
    if operation.id:
        return same_name(present(await realm.find("client-scopes", operation.id), what=what), name, what=what)
    return present(await realm.again().scope(name), what=what)


def mappers_of(scope: Json) -> list[Resource]:
    """Return the mappers of a client scope."""
    return [mapper_of(scope, one) for one in scope.get("protocolMappers", [])]


def mapper_of(scope: Json, found: Json) -> Resource:
    """Return one mapper of a client scope."""
    fields = {"type": found["protocolMapper"], "config": dict(found.get("config") or {})}
    return resource(Kind.MAPPER, scope["name"], found["name"], fields=fields, id=found["id"])


def _resource(found: Json) -> Resource:
    fields = {"description": text(found.get("description")), "protocol": text(found.get("protocol"))}
    return resource(Kind.CLIENT_SCOPE, found["name"], fields=fields, id=found["id"])
