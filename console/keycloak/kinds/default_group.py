"""That everybody who is new becomes a member of a group."""

from collections.abc import Sequence

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.kinds.handler import LinkHandler, Owner, id_at, resource
from console.keycloak.realm import Json, Realm, group_path

_WHERE = "default-groups"


class DefaultGroupHandler(LinkHandler):
    """Adds groups to the realm's default groups and takes them away; the others stay."""

    kind = Kind.DEFAULT_GROUP

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the group is a default one."""
        return [one for one in await self.read_all(realm) if one.address == address]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all default groups whose path is clear."""
        found: list[Json] = await realm.once(_WHERE, lambda: realm.get(_WHERE))
        return [resource(self.kind, path) for one in found if (path := group_path(one)) is not None]

    def owner(self, operation: Operation) -> Owner:
        """Return the realm: the list is its own."""
        return (Kind.REALM, "groups")

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Add each. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        for link in links:
            await realm.put(_WHERE, await id_at(realm, Kind.GROUP, link.path[0]))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take each away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        for link in links:
            await realm.delete(_WHERE, await id_at(realm, Kind.GROUP, link.path[0]))
