"""That a group has a realm role directly."""

from collections.abc import Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.kinds.handler import LinkHandler, id_at, resource
from console.keycloak.kinds.role import roles_of
from console.keycloak.realm import Json, Realm


class GroupRoleHandler(LinkHandler):
    """Gives a group realm roles and takes them away, one call for each group; client roles stay."""

    kind = Kind.GROUP_ROLE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the group itself has the role; what parents have does not count."""
        path, role = address.path
        if Kind.GROUP in realm.listed:
            listed = realm.listed[Kind.GROUP].get(path, {}).get("realmRoles", [])
            return [resource(self.kind, path, role)] if role in listed else []
        group_id = await realm.id(Kind.GROUP, path)
        names = {one["name"] for one in await _direct(realm, group_id)} if group_id else set()
        return [resource(self.kind, path, role)] if role in names else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all groups: their list names their own realm roles."""
        return [
            resource(self.kind, path, role)
            for path, group in (await bulk.groups(realm)).clear.items()
            for role in group.get("realmRoles", [])
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Give roles. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_role_mapper."""
        await realm.post(*await _mappings(realm, links[0]), json=await roles_of(realm, list(links)))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take roles away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_role_mapper."""
        await realm.delete(*await _mappings(realm, links[0]), json=await roles_of(realm, list(links)))


async def _direct(realm: Realm, group_id: str) -> list[Json]:
    found: list[Json] = await realm.once(
        ("group roles", group_id), lambda: realm.get("groups", group_id, "role-mappings", "realm")
    )
    return found


async def _mappings(realm: Realm, link: Address) -> tuple[str, ...]:
    return ("groups", await id_at(realm, Kind.GROUP, link.path[0]), "role-mappings", "realm")
