"""A group inside an organization, at its place in the tree.

Measured on Keycloak 26.7.5: calls for groups of the realm refuse these ("Cannot manage organization related
group via non Organization API"). A sub group is made without its description, so that is a second call. A PUT
replaces the description, and keeps attributes that are left out. Renamed (PUT with another name) and moved
(POST below another one), they keep their id, members and roles.
"""

from functools import partial

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.errors import Changed, NotFound
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, present, unchanged
from console.keycloak.kinds.moving import half_way, moved_and_named, split
from console.keycloak.kinds.organization import group_of, groups_of
from console.keycloak.organizations import (
    Groups,
    groups,
    organization,
    organization_at,
    organizations,
    place_of_group,
)
from console.keycloak.realm import Json, Realm, gathered


class OrganizationGroupHandler(ObjectHandler):
    """Reads and writes description, name and place of groups; attributes, roles and members stay."""

    kind = Kind.ORGANIZATION_GROUP

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the group at that path with all below, and the one that has the known id elsewhere now."""
        alias, path = address.path
        found = await organization(realm, alias)
        if found is None:
            return []
        some, id = await groups(realm, found), realm.id_of(address)
        tops = {path, *(one for one, group in some.clear.items() if group["id"] == id)}
        wanted = {one: group for top in tops for one, group in some.with_all_below(top).items()}
        return [group_of(alias, one, group) for one, group in wanted.items()]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the groups of all organizations: one call for each."""
        some = list((await organizations(realm)).values())
        several = await gathered(groups(realm, one) for one in some)
        return [group for one, inside in zip(some, several, strict=True) for group in groups_of(one, inside)]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the groups whose names could stand in no path."""
        some = list((await organizations(realm)).values())
        several = await gathered(groups(realm, one) for one in some)
        found = [
            (one["alias"], path) for one, in_it in zip(some, several, strict=True) for path in in_it.unclear
        ]
        return {Address(self.kind, path): UNCLEAR for path in found}

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        alias, path = operation.address.path
        above, _, name = path.rpartition("/")
        described = {"name": name} | dict(operation.after or {})
        if not above:
            its_organization = await organization_at(realm, alias)
            await realm.post("organizations", its_organization["id"], "groups", json=described)
            return
        place = await place_of_group(realm, alias, above)
        made = await realm.post(*place, "children", json={"name": name})
        if described.get("description"):
            await realm.put(*place[:-1], made.json["id"], json=described)

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        place, whole = await _found(realm, operation)
        alias, path = operation.address.path
        unchanged(operation, group_of(alias, path, whole))
        await _put(realm, place, whole | dict(operation.after or {}), whole["name"])

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Move it below another group if need be, and give it its name.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations
        """
        alias, path = operation.address.path
        above, name = split(path)
        stands_at, whole = await _moved_on(realm, operation)
        place = ("organizations", (await organization_at(realm, alias))["id"], "groups")
        put = partial(_put, realm, (*place, whole["id"]), whole | dict(operation.after or {}))
        if split(stands_at)[0] == above:
            return await put(name)
        there = (*await place_of_group(realm.again(), alias, above), "children") if above else place
        move = partial(_move, realm, there, whole["id"])
        await moved_and_named(old=whole["name"], new=name, move=move, put=put)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, unless others would go with it."""
        place, _ = await _found(realm, operation)
        alias, path = operation.address.path
        some = await _groups(realm.again(), alias)
        unclear = [one for one in some.unclear if one.startswith(f"{path}/")]
        if unclear or {one["id"] for one in some.below(path).values()} - realm.known_groups:
            raise Changed("The group has sub groups that nobody has seen: they would be deleted with it.")
        await realm.delete(*place)


async def _put(realm: Realm, place: tuple[str, ...], whole: Json, name: str) -> None:
    kept = {key: whole[key] for key in ("description", "attributes") if key in whole}
    await realm.put(*place, json=kept | {"name": name})


async def _move(realm: Realm, there: tuple[str, ...], id: str, name: str) -> None:
    """Move a group; Keycloak ignores a new name in this call."""
    await realm.post(*there, json={"id": id, "name": name})


async def _moved_on(realm: Realm, operation: Operation) -> tuple[str, Json]:
    """Return where the group stands, and its whole: at its former place, or half-way, after a rename that
    was cut off. Raises NotFound, or Changed when it is anywhere else.
    """
    assert operation.was is not None
    (alias, was), now = operation.was.path, operation.address.path[-1]
    some = await _groups(realm.again(), alias)
    ways = {was, *half_way(was, now)} if operation.id else {was}
    for path, found in some.clear.items():
        if path in ways and operation.id in (None, found["id"]):
            return path, found
    if was in some.clear or operation.id in {one["id"] for one in some.clear.values()}:
        raise Changed(f"The group “{was}” was moved or renamed in Keycloak meanwhile.", status=409)
    raise NotFound(f"The group “{was}” of organization “{alias}” does not exist in Keycloak.", status=404)


async def _groups(realm: Realm, alias: str) -> Groups:
    return await groups(realm, await organization_at(realm, alias))


async def _found(realm: Realm, operation: Operation) -> tuple[tuple[str, ...], Json]:
    """Return the place and the whole of a group as it is now. Raises NotFound, or Changed for another one."""
    alias, path = operation.address.path
    place = await place_of_group(realm, alias, path)
    whole = present(await realm.find(*place), what=f"The group “{path}”")
    if whole["path"] != f"/{path}" or (operation.id and whole["id"] != operation.id):
        raise Changed(f"The group “{path}” was moved or renamed in Keycloak meanwhile.", status=409)
    return place, whole
