"""That a group of an organization has a role directly: of the realm, or of a client."""

from collections.abc import Sequence

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.kinds.handler import LinkHandler, Owner, id_at, resource
from console.keycloak.organizations import group, groups, organizations, place_of_group
from console.keycloak.realm import Json, Realm, gathered


class OrganizationGroupRoleHandler(LinkHandler):
    """Gives groups of organizations roles and takes them away, one call for each group."""

    kind = Kind.ORGANIZATION_GROUP_ROLE

    def owner(self, operation: Operation) -> Owner:
        """Return the group whose roles are written."""
        return (self.kind, *operation.address.path[:2])

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the group itself has the role."""
        alias, path, role = address.path
        found = await group(realm, alias, path)
        return [Resource(address)] if found and role in (found.get("realmRoles") or []) else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all groups: their lists name their own roles."""
        return [
            resource(self.kind, alias, path, role)
            for alias, path, found in await _all_groups(realm)
            for role in found.get("realmRoles") or []
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Give roles. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        await realm.post(*await _mappings(realm, links[0]), "realm", json=await _roles(realm, links))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take roles away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        await realm.delete(*await _mappings(realm, links[0]), "realm", json=await _roles(realm, links))


class OrganizationGroupClientRoleHandler(LinkHandler):
    """Gives groups of organizations roles of clients and takes them away, one call for group and client."""

    kind = Kind.ORGANIZATION_GROUP_CLIENT_ROLE

    def owner(self, operation: Operation) -> Owner:
        """Return the group and the client whose roles are written."""
        return (self.kind, *operation.address.path[:3])

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the group itself has the role."""
        alias, path, client, role = address.path
        found = await group(realm, alias, path)
        held = (found or {}).get("clientRoles") or {}
        return [Resource(address)] if role in held.get(client, []) else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all groups: their lists name their own roles."""
        return [
            resource(self.kind, alias, path, client, role)
            for alias, path, found in await _all_groups(realm)
            for client, some in (found.get("clientRoles") or {}).items()
            for role in some
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Give roles. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        place, roles = await _of_client(realm, links)
        await realm.post(*place, json=roles)

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take roles away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        place, roles = await _of_client(realm, links)
        await realm.delete(*place, json=roles)


async def _all_groups(realm: Realm) -> list[tuple[str, str, Json]]:
    """Return alias and path of every group, with it: one call for each organization."""
    some = await organizations(realm)
    inside = await gathered(groups(realm, one) for one in some.values())
    return [
        (alias, path, one)
        for alias, found in zip(some, inside, strict=True)
        for path, one in found.clear.items()
    ]


async def _mappings(realm: Realm, link: Address) -> tuple[str, ...]:
    return (*await place_of_group(realm, link.path[0], link.path[1]), "role-mappings")


async def _roles(realm: Realm, links: Sequence[Address]) -> list[Json]:
    names = [link.path[2] for link in links]
    return [{"id": await id_at(realm, Kind.ROLE, name), "name": name} for name in names]


async def _of_client(realm: Realm, links: Sequence[Address]) -> tuple[tuple[str, ...], list[Json]]:
    """Return where the roles of the client of these links are mapped, and the roles."""
    client = links[0].path[2]
    id = await id_at(realm, Kind.CLIENT, client)
    names = [link.path[3] for link in links]
    roles = [{"id": await id_at(realm, Kind.CLIENT_ROLE, client, one), "name": one} for one in names]
    return (*await _mappings(realm, links[0]), "clients", id), roles
