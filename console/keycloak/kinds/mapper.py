"""A protocol mapper of a client scope. Its configuration is managed whole: each key changes what it does."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.kinds.client_scope import ENTITLEMENTS_SCOPE, mapper_of, mappers_of
from console.keycloak.kinds.handler import ObjectHandler, Owner, id_of_ours, present, unchanged
from console.keycloak.realm import Json, Realm


class MapperHandler(ObjectHandler):
    """Reads and writes type and configuration of a mapper; other mappers of the scope stay.

    Keycloak ignores a new name without a word, so a rename is refused here.
    """

    kind = Kind.MAPPER

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the mapper of that name in that scope."""
        scope = await realm.scope(address.path[0])
        return [one for one in mappers_of(scope) if one.address == address] if scope else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the mappers of the scope that carries entitlements."""
        scope = await realm.scope(ENTITLEMENTS_SCOPE)
        return mappers_of(scope) if scope else []

    def owner(self, operation: Operation) -> Owner:
        """Return the client scope, which is read and written with its mappers."""
        return (Kind.CLIENT_SCOPE, operation.address.path[0])

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_protocol_mappers."""
        scope_name, name = operation.address.path
        scope = present(await realm.scope(scope_name), what=f"The client scope “{scope_name}”")
        named = {
            "id": await id_of_ours(realm, operation.address),
            "name": name,
            "protocol": scope["protocol"],
        }
        await realm.post(*_models(scope), json=named | _representation(operation))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_protocol_mappers."""
        scope, whole = await _found(realm, operation.address)
        unchanged(operation, mapper_of(scope, whole))
        await realm.put(*_models(scope), whole["id"], json=whole | _representation(operation))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_protocol_mappers."""
        scope, found = await _found(realm, operation.address)
        await realm.delete(*_models(scope), found["id"])


def _models(scope: Json) -> tuple[str, ...]:
    return ("client-scopes", scope["id"], "protocol-mappers", "models")


async def _found(realm: Realm, address: Address) -> tuple[Json, Json]:
    scope_name, name = address.path
    scope = present(await realm.again().scope(scope_name), what=f"The client scope “{scope_name}”")
    mappers = scope.get("protocolMappers", [])
    found = next((one for one in mappers if one["name"] == name), None)
    return scope, present(found, what=f"The mapper “{name}”")


def _representation(operation: Operation) -> Json:
    after = operation.after or {}
    return {"protocolMapper": after["type"], "config": dict(after["config"])} if after else {}
