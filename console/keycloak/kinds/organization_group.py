"""A group inside an organization, at its place in the tree.

Measured on Keycloak 26.7.5: calls for groups of the realm refuse these ("Cannot manage organization related
group via non Organization API"). A sub group is made without its description, so that is a second call. A PUT
replaces the description, and keeps attributes that are left out.

Keycloak can rename these groups (PUT with another name) and move them (POST below another one), and they keep
their id, members and roles; the engine has no plan for that yet, so here a rename is refused.
"""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.errors import Changed, Permanent
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, present, unchanged
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
    """Reads and writes the description of groups; attributes, roles and members stay."""

    kind = Kind.ORGANIZATION_GROUP

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the group at that path with all below."""
        alias, path = address.path
        found = await organization(realm, alias)
        if found is None:
            return []
        some = await groups(realm, found)
        here = {path: some.clear[path]} if path in some.clear else {}
        return [group_of(alias, one, group) for one, group in (here | some.below(path)).items()]

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
        kept = {key: whole[key] for key in ("name", "description", "attributes") if key in whole}
        await realm.put(*place, json=kept | dict(operation.after or {}))

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Raise Permanent: no plan asks for it."""
        raise Permanent("A group of an organization is not renamed or moved from here.")

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, unless others would go with it."""
        place, _ = await _found(realm, operation)
        alias, path = operation.address.path
        some = await _groups(realm.again(), alias)
        unclear = [one for one in some.unclear if one.startswith(f"{path}/")]
        if unclear or {one["id"] for one in some.below(path).values()} - realm.known_groups:
            raise Changed("The group has sub groups that nobody has seen: they would be deleted with it.")
        await realm.delete(*place)


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
