"""A role of a client. A PUT replaces name and description, so the whole role is read first."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import clients
from console.keycloak.kinds.handler import (
    UNCLEAR,
    ObjectHandler,
    id_at,
    present,
    resource,
    same_name,
    text,
    unchanged,
)
from console.keycloak.realm import Json, Realm


class ClientRoleHandler(ObjectHandler):
    """Reads and writes the description of client roles; attributes and composites stay."""

    kind = Kind.CLIENT_ROLE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the role of that name, and the one that has the known id under another name now."""
        id, found = realm.id_of(address), await clients.role(realm, *address.path)
        here = [role_of(address.path[0], found)] if found else []
        if not id or (found and found["id"] == id):
            return here
        return here + await _renamed(realm, id)

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the roles of all clients: one call for each client."""
        roles = (await clients.all_roles(realm)).clear
        return [role_of(name, one) for (name, _), one in roles.items()]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the roles whose names no call could hold."""
        return {Address(self.kind, path): UNCLEAR for path in (await clients.all_roles(realm)).unclear}

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles."""
        name, role = operation.address.path
        json = {"name": role} | dict(operation.after or {})
        await realm.post("clients", await id_at(realm, Kind.CLIENT, name), "roles", json=json)

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
        whole = await _found(realm, operation, operation.address)
        unchanged(operation, role_of(operation.address.path[0], whole))
        await realm.put("roles-by-id", whole["id"], json=whole | dict(operation.after or {}))

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Rename it: its id and all that was granted stay.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id
        """
        assert operation.was is not None
        whole = await _found(realm, operation, operation.was)
        named = {"name": operation.address.path[1]}
        await realm.put("roles-by-id", whole["id"], json=whole | dict(operation.after or {}) | named)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it by id. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
        found = await _found(realm, operation, operation.address)
        await realm.delete("roles-by-id", found["id"])


async def _found(realm: Realm, operation: Operation, address: Address) -> Json:
    """Return a role as it is now. Raises NotFound, or Changed when it was renamed meanwhile."""
    name, role = address.path
    what = f"The role “{role}” of client “{name}”"
    if not operation.id:
        return present(await clients.role(realm.again(), name, role), what=what)
    return same_name(present(await realm.find("roles-by-id", operation.id), what=what), role, what=what)


async def _renamed(realm: Realm, id: str) -> list[Resource]:
    """Return the client role of an id, under the names that it and its client have now."""
    found = await realm.find("roles-by-id", id)
    if found is None or not found.get("clientRole"):
        return []
    its_client = await clients.client_of_id(realm, found["containerId"])
    return [role_of(its_client["clientId"], found)] if its_client else []


def role_of(name: str, found: Json) -> Resource:
    """Return a role of the client of that name."""
    fields = {"description": text(found.get("description"))}
    return resource(Kind.CLIENT_ROLE, name, found["name"], fields=fields, id=found["id"])
