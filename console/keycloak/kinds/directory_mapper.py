"""A mapper of a user directory. Some are Keycloak's own making, with the directory."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.components import (
    TWINS,
    directories,
    directory,
    id_of_new,
    inside,
    only,
    settings,
    twins,
)
from console.keycloak.errors import Conflict
from console.keycloak.kinds.directory import mapper_of
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, present, unchanged
from console.keycloak.realm import Json, Realm, is_clear
from console.keycloak.representing import several

MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"


class DirectoryMapperHandler(ObjectHandler):
    """Reads and writes type and settings of mappers; settings that are not declared stay."""

    kind = Kind.DIRECTORY_MAPPER

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the mapper of that name in that directory."""
        parent = await directory(realm, address.path[0])
        found = (
            only(await inside(realm, parent), address.path[1], id=realm.id_of(address)) if parent else None
        )
        return [mapper_of(parent, found)] if parent and found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the mappers of all directories that have a name of their own."""
        some = await directories(realm)
        parents = [one for one in some if one["name"] not in twins(some) and is_clear(one["name"])]
        found = [(parent, await inside(realm, parent)) for parent in parents]
        return [
            mapper_of(parent, one)
            for parent, mappers in found
            for one in mappers
            if one["name"] not in twins(mappers) and is_clear(one["name"])
        ]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the names that several in one directory have, and those that are no names for us."""
        found: dict[Address, str] = {}
        for parent in await directories(realm):
            some = await inside(realm, parent)
            unclear = {one["name"]: UNCLEAR for one in some if not is_clear(one["name"])}
            whys = unclear | dict.fromkeys(twins(some), TWINS)
            found |= {Address(self.kind, (parent["name"], name)): why for name, why in whys.items()}
        return found

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component."""
        (above, name), fresh, after = operation.address.path, realm.again(), operation.after or {}
        parent = present(await directory(fresh, above), what=f"The directory “{above}”")
        if any(one["name"] == name for one in await inside(fresh, parent)):
            raise Conflict(f"A mapper “{name}” exists already in “{above}”.", status=409)
        named = {"id": await id_of_new(fresh, parent["id"], name), "name": name}
        placed = {"providerId": after["type"], "providerType": MAPPER, "parentId": parent["id"]}
        config = {key: several(value) for key, value in after.get("config", {}).items() if value}
        await realm.post("components", json=named | placed | {"config": config})

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component."""
        parent, whole = await _found(realm, operation.address, operation.id)
        after = operation.after or {}
        unchanged(operation, mapper_of(parent, whole))
        config = settings(whole.get("config") or {}, after.get("config", {}))
        typed = {"providerId": after.get("type", whole["providerId"])}
        await realm.put("components", whole["id"], json=whole | typed | {"config": config})

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component."""
        _, found = await _found(realm, operation.address, operation.id)
        await realm.delete("components", found["id"])


async def _found(realm: Realm, address: Address, id: str | None) -> tuple[Json, Json]:
    (above, name), fresh = address.path, realm.again()
    parent = present(await directory(fresh, above), what=f"The directory “{above}”")
    found = only(await inside(fresh, parent), name, id=id)
    return parent, present(found, what=f"The mapper “{name}”")
