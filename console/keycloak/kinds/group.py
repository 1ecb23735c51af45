"""A group at its place in the tree. A PUT replaces attributes and description, so all is read first."""

from functools import partial

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.errors import Changed
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, Owner, present, resource, text, unchanged
from console.keycloak.kinds.moving import half_way, moved_and_named, split
from console.keycloak.realm import Json, Realm, group_path


class GroupHandler(ObjectHandler):
    """Reads and writes the description of groups, their name and place; attributes and roles stay."""

    kind = Kind.GROUP

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the group at that path with all below, and the one that has the known id elsewhere now."""
        id, found = realm.id_of(address), await realm.group(address.path[0])
        if not id or (found and found["id"] == id):
            return await _with_all_below(realm, found)
        return await _with_all_below(realm, found, await realm.find("groups", id))

    async def read_alone(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the group without what stands below it, which is a call for each parent."""
        found = await realm.group(address.path[0])
        return [_resource(address.path[0], found)] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all groups whose path is clear."""
        return [_resource(path, one) for path, one in (await bulk.groups(realm)).clear.items()]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the groups whose names no call could hold."""
        return {Address(self.kind, (path,)): UNCLEAR for path in (await bulk.groups(realm)).unclear}

    def owner(self, operation: Operation) -> Owner:
        """Return the group, which its entitlements are written with."""
        return owner_of(operation.address.path[0])

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it below its parent. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups."""
        parent, name = split(operation.address.path[0])
        await realm.post(*await _children(realm, parent), json={"name": name} | dict(operation.after or {}))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups."""
        path = operation.address.path[0]
        whole = await whole_group(realm, path, id=operation.id)
        unchanged(operation, _resource(path, whole))
        await put_group(realm, whole | dict(operation.after or {}))

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Move it below another parent if need be, and give it its name: id, members and roles stay.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups
        """
        parent, name = split(operation.address.path[0])
        whole = await _moved_on(realm, operation) | dict(operation.after or {})
        put = partial(_put_named, realm, whole)
        if split(group_path(whole) or "")[0] == parent:
            return await put(name)
        await moved_and_named(old=whole["name"], new=name, move=partial(_move, realm, whole, parent), put=put)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, unless others would go with it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups
        """
        path = operation.address.path[0]
        found = await whole_group(realm, path, id=operation.id)
        below = await bulk.below(realm.again(), path, found)
        if below.unclear or {one["id"] for one in below.clear.values()} - realm.known_groups:
            raise Changed("The group has sub groups that nobody has seen: they would be deleted with it.")
        await realm.delete("groups", found["id"])


async def whole_group(realm: Realm, path: str, *, id: str | None = None) -> Json:
    """Return a group as it is now. Raises NotFound, or Conflict when it is at another place meanwhile."""
    found = await realm.find("groups", id) if id else await realm.again().group(path)
    whole = present(found, what=f"The group “{path}”")
    if group_path(whole) != path:
        raise Changed(f"The group “{path}” was moved or renamed in Keycloak meanwhile.", status=409)
    return whole


async def put_group(realm: Realm, whole: Json) -> None:
    """Write a whole group. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups."""
    kept = {key: value for key, value in whole.items() if key in {"id", "name", "description", "attributes"}}
    await realm.put("groups", whole["id"], json=kept)


def owner_of(path: str) -> Owner:
    """Return the owner of writes that replace the group's representation."""
    return (Kind.GROUP, path)


async def _move(realm: Realm, whole: Json, parent: str, name: str) -> None:
    """Move a group; Keycloak ignores a new name in this call."""
    await realm.post(*await _children(realm, parent), json={"id": whole["id"], "name": name})


async def _put_named(realm: Realm, whole: Json, name: str) -> None:
    await put_group(realm, whole | {"name": name})


async def _moved_on(realm: Realm, operation: Operation) -> Json:
    """Return the group at its former place, or half-way, where a rename that was cut off has left it."""
    assert operation.was is not None
    was = operation.was.path[0]
    if operation.id is None:
        return await whole_group(realm, was)
    found = await realm.find("groups", operation.id)
    if found and group_path(found) in half_way(was, operation.address.path[0]):
        return dict(found)
    return await whole_group(realm, was, id=operation.id)


async def _children(realm: Realm, parent: str) -> tuple[str, ...]:
    if not parent:
        return ("groups",)
    found = present(await realm.group(parent), what=f"The group “{parent}”")
    return ("groups", found["id"], "children")


async def _with_all_below(realm: Realm, *groups: Json | None) -> list[Resource]:
    found = []
    for group in groups:
        path = group_path(group) if group else None
        if group is not None and path is not None:
            below = (await bulk.below(realm, path, group)).clear
            found += [_resource(path, group), *(_resource(path, one) for path, one in below.items())]
    return found


def _resource(path: str, group: Json) -> Resource:
    return resource(Kind.GROUP, path, fields={"description": text(group.get("description"))}, id=group["id"])
