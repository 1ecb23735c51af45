"""An organization. A PUT replaces all but attributes that are left out, so the whole is sent back.

Measured on Keycloak 26.7.5: the alias cannot be changed ("Cannot change the alias", 400), the name can, and
an id that we choose is ignored: a repeated creation is answered by 409 for name or alias.
"""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.errors import Changed, Permanent
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, present, resource, unchanged
from console.keycloak.organizations import (
    OFF,
    Groups,
    are_on,
    groups,
    organization,
    organization_at,
    organizations,
)
from console.keycloak.realm import Json, Realm, is_clear
from console.keycloak.representing import filled, read_fields, several, shown, written
from console.transport import Query

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#OrganizationRepresentation
NAMES = {"name": "name", "enabled": "enabled", "description": "description", "redirect_url": "redirectUrl"}


class OrganizationHandler(ObjectHandler):
    """Reads and writes organizations; attributes that are not declared, and what is verified, stay."""

    kind = Kind.ORGANIZATION

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the organization of that alias, with its groups."""
        found = await organization(realm, address.path[0])
        return [_resource(found), *groups_of(found, await groups(realm, found))] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all organizations; none where they are switched off."""
        return [_resource(one) for alias, one in (await organizations(realm)).items() if is_clear(alias)]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the organizations whose aliases are no names for us."""
        unclear = [alias for alias in await organizations(realm) if not is_clear(alias)]
        return {Address(self.kind, (alias,)): UNCLEAR for alias in unclear}

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        if not await are_on(realm):
            raise Permanent(OFF)
        alias = operation.address.path[0]
        named = {"name": alias, "alias": alias}
        await realm.post("organizations", json=named | _representation({}, operation))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        whole = await _found(realm, operation)
        unchanged(operation, _resource(whole))
        await realm.put("organizations", whole["id"], json=whole | _representation(whole, operation))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, unless groups that nobody has seen, or accounts of people, would go with it.

        https://www.keycloak.org/docs/latest/server_admin/index.html#_managing_members_ (managed members)
        """
        found = await _found(realm, operation)
        inside = await groups(realm.again(), found)
        if inside.unclear or {one["id"] for one in inside.clear.values()} - realm.known_groups:
            raise Changed("The organization has groups that nobody has seen: they would be deleted with it.")
        query: Query = {"membershipType": "MANAGED", "first": 0, "max": 1}
        if await realm.get("organizations", found["id"], "members", query=query):
            raise Permanent(
                "Accounts of people belong to this organization, and Keycloak would delete them with it. "
                "Nothing was deleted."
            )
        await realm.delete("organizations", found["id"])


async def _found(realm: Realm, operation: Operation) -> Json:
    """Return it as it is now. Raises NotFound, or Changed if it was made anew by somebody else."""
    its_organization = await organization_at(realm, operation.address.path[0])
    what = f"The organization “{operation.address.path[0]}”"
    found = present(await realm.find("organizations", its_organization["id"]), what=what)
    if operation.id and found["id"] != operation.id:
        raise Changed("Keycloak has another organization of this alias now. Nothing was changed.", status=409)
    return found


def _representation(whole: Json, operation: Operation) -> Json:
    after = operation.after or {}
    changed = written(NAMES, after)
    if "domains" in after:
        there = {one["name"]: one for one in whole.get("domains") or []}
        changed["domains"] = [there.get(name, {"name": name}) for name in sorted(after["domains"])]
    if "attributes" in after:
        wanted = {key: several(value) for key, value in after["attributes"].items()}
        changed["attributes"] = filled(whole.get("attributes"), wanted)
    return changed


def groups_of(found: Json, some: Groups) -> list[Resource]:
    """Return the groups of an organization."""
    return [group_of(found["alias"], path, one) for path, one in some.clear.items()]


def group_of(alias: str, path: str, found: Json) -> Resource:
    """Return one group of an organization."""
    fields = {"description": found.get("description") or ""}
    return resource(Kind.ORGANIZATION_GROUP, alias, path, fields=fields, id=found["id"])


def _resource(found: Json) -> Resource:
    fields = read_fields(Kind.ORGANIZATION, NAMES, found) | {
        "domains": sorted(one["name"] for one in found.get("domains") or []),
        "attributes": shown(found.get("attributes")),
    }
    return resource(Kind.ORGANIZATION, found["alias"], fields=fields, id=found["id"])
