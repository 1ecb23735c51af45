"""That one realm role includes another. Client roles inside are left alone, and not seen."""

from collections.abc import Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.kinds.handler import LinkHandler, id_at, resource
from console.keycloak.kinds.role import roles_of
from console.keycloak.realm import Json, Realm, gathered


class CompositeHandler(LinkHandler):
    """Adds included roles and takes them away, one call for each including role."""

    kind = Kind.COMPOSITE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the first role includes the second directly."""
        including, included = address.path
        role_id = await realm.id(Kind.ROLE, including)
        names = {one["name"] for one in await _included(realm, role_id)} if role_id else set()
        return [resource(self.kind, including, included)] if included in names else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links between all realm roles."""
        roles = (await bulk.roles(realm)).clear
        including = [one for one in roles.values() if one.get("composite")]
        included = await gathered(_included(realm, one["id"]) for one in including)
        return [
            resource(self.kind, role["name"], one["name"])
            for role, some in zip(including, included, strict=True)
            for one in some
            if one["name"] in roles
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Include roles. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
        await realm.post(*await _composites(realm, links[0]), json=await roles_of(realm, list(links)))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Include roles no more. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
        await realm.delete(*await _composites(realm, links[0]), json=await roles_of(realm, list(links)))


async def _included(realm: Realm, role_id: str) -> list[Json]:
    """Return the realm roles that a role includes directly."""
    key = ("included", role_id)
    found: list[Json] = await realm.once(
        key, lambda: realm.get("roles-by-id", role_id, "composites", "realm")
    )
    return found


async def _composites(realm: Realm, link: Address) -> tuple[str, ...]:
    return ("roles-by-id", await id_at(realm, Kind.ROLE, link.path[0]), "composites")
