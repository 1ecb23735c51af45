"""A protocol mapper of a client scope or of a client. Its configuration is managed whole: each key counts.

Measured on Keycloak 26.7.5: a PUT replaces type and configuration, drops empty values, and ignores a new
name without a word, so a mapper has no rename.
"""

from uuid import NAMESPACE_URL, uuid5

from console.engine.masked import has_mask
from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import clients
from console.keycloak.errors import Permanent
from console.keycloak.kinds.handler import ObjectHandler, Owner, present, resource, unchanged
from console.keycloak.realm import Json, Realm

_SEGMENT = {Kind.CLIENT_SCOPE: "client-scopes", Kind.CLIENT: "clients"}
_LABEL = {Kind.CLIENT_SCOPE: "client scope", Kind.CLIENT: "client"}


class MapperHandler(ObjectHandler):
    """Reads and writes type and configuration of a mapper; other mappers beside it stay."""

    def __init__(self, kind: Kind, container: Kind) -> None:
        self.kind = kind
        self._container = container

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the mapper of that name in that scope or client."""
        container = await self._of_name(realm, address.path[0])
        return [one for one in mappers_of(self.kind, container) if one.address == address]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the mappers of all scopes or clients, which are listed with them."""
        if self._container is Kind.CLIENT:
            containers = list((await clients.all_clients(realm)).values())
        else:
            containers = await clients.all_scopes(realm)
        return [mapper for one in containers for mapper in mappers_of(self.kind, one)]

    def owner(self, operation: Operation) -> Owner:
        """Return the scope or client, which is read and written with its mappers."""
        return (self._container, operation.address.path[0])

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_protocol_mappers.

        The id is ours, so a repeated creation meets itself. It is made of the container's id: that stays
        when the container is renamed, and another one gets its name.
        """
        container = await self._needed(realm, operation.address)
        named = {
            "id": str(uuid5(NAMESPACE_URL, f"gatehouse:{container['id']}:{operation.address.path[1]}")),
            "name": operation.address.path[1],
            "protocol": container.get("protocol") or "openid-connect",
        }
        await realm.post(*self._models(container), json=named | _representation(operation))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_protocol_mappers."""
        container, whole = await self._found(realm, operation.address)
        unchanged(operation, _mapper_of(self.kind, container, whole))
        await realm.put(*self._models(container), whole["id"], json=whole | _representation(operation))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_protocol_mappers."""
        container, found = await self._found(realm, operation.address)
        await realm.delete(*self._models(container), found["id"])

    async def _of_name(self, realm: Realm, name: str) -> Json | None:
        if self._container is Kind.CLIENT:
            return await clients.client(realm, name)
        return await clients.scope(realm, name)

    async def _needed(self, realm: Realm, address: Address) -> Json:
        what = f"The {_LABEL[self._container]} “{address.path[0]}”"
        return present(await self._of_name(realm.again(), address.path[0]), what=what)

    async def _found(self, realm: Realm, address: Address) -> tuple[Json, Json]:
        container = await self._needed(realm, address)
        mappers = container.get("protocolMappers", [])
        found = next((one for one in mappers if one["name"] == address.path[1]), None)
        return container, present(found, what=f"The mapper “{address.path[1]}”")

    def _models(self, container: Json) -> tuple[str, ...]:
        return (_SEGMENT[self._container], container["id"], "protocol-mappers", "models")


def mappers_of(kind: Kind, container: Json | None) -> list[Resource]:
    """Return the mappers of a client scope or of a client."""
    if container is None:
        return []
    return [_mapper_of(kind, container, one) for one in container.get("protocolMappers", [])]


def _mapper_of(kind: Kind, container: Json, found: Json) -> Resource:
    config = {key: one for key, one in (found.get("config") or {}).items() if one and not has_mask(one)}
    fields = {"type": found["protocolMapper"], "config": config}
    name = container["clientId"] if kind is Kind.CLIENT_MAPPER else container["name"]
    return resource(kind, name, found["name"], fields=fields, id=found["id"])


def _representation(operation: Operation) -> Json:
    """Return what a change writes. Raises Permanent for a value that Keycloak would drop."""
    after = operation.after or {}
    if empty := sorted(key for key, value in after.get("config", {}).items() if not value):
        raise Permanent(f"Keycloak keeps no empty setting of a mapper: {', '.join(empty)}. Leave it out.")
    named = {"type": "protocolMapper", "config": "config"}
    return {key: after[name] for name, key in named.items() if name in after}
