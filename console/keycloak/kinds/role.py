"""A realm role. A PUT replaces name and description, so the whole role is read first."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.kinds.handler import (
    UNCLEAR,
    ObjectHandler,
    present,
    resource,
    same_name,
    text,
    unchanged,
)
from console.keycloak.realm import Json, Realm


class RoleHandler(ObjectHandler):
    """Reads and writes the description of realm roles; attributes and composites stay."""

    kind = Kind.ROLE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the role of that name, and the one that has the known id under another name now."""
        id, found = realm.id_of(address), await realm.role(address.path[0])
        here = [_resource(found)] if found else []
        if not id or (found and found["id"] == id):
            return here
        renamed = await realm.find("roles-by-id", id)
        return here + ([_resource(renamed)] if renamed else [])

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all realm roles."""
        return [_resource(one) for one in (await bulk.roles(realm)).clear.values()]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the roles whose names no call could hold."""
        return {Address(self.kind, (name,)): UNCLEAR for name in (await bulk.roles(realm)).unclear}

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles."""
        await realm.post("roles", json={"name": operation.address.path[0]} | dict(operation.after or {}))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
        whole = await _found(realm, operation, operation.address.path[0])
        unchanged(operation, _resource(whole))
        await realm.put("roles-by-id", whole["id"], json=whole | dict(operation.after or {}))

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Rename it: its id and all that was granted stay.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id
        """
        assert operation.was is not None
        whole = await _found(realm, operation, operation.was.path[0])
        named = {"name": operation.address.path[0]}
        await realm.put("roles-by-id", whole["id"], json=whole | dict(operation.after or {}) | named)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it by id. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
        found = await _found(realm, operation, operation.address.path[0])
        await realm.delete("roles-by-id", found["id"])


async def _found(realm: Realm, operation: Operation, name: str) -> Json:
    what = f"The role “{name}”"
    if operation.id:
        return same_name(present(await realm.find("roles-by-id", operation.id), what=what), name, what=what)
    return present(await realm.again().role(name), what=what)


def _resource(found: Json) -> Resource:
    return resource(
        Kind.ROLE, found["name"], fields={"description": text(found.get("description"))}, id=found["id"]
    )
