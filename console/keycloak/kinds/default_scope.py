"""That a client scope is a default of every client made later in the realm."""

from collections.abc import Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak.kinds.client_scope import ENTITLEMENTS_SCOPE
from console.keycloak.kinds.handler import LinkHandler, present, resource
from console.keycloak.realm import Json, Realm

_DEFAULTS = "default-default-client-scopes"


class DefaultScopeHandler(LinkHandler):
    """Adds one scope to the defaults and takes one away; the other defaults stay."""

    kind = Kind.DEFAULT_SCOPE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the scope is a default."""
        defaults: list[Json] = await realm.once(_DEFAULTS, lambda: realm.get(_DEFAULTS))
        return [resource(self.kind, one["name"]) for one in defaults if one["name"] == address.path[0]]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the link of the scope that carries entitlements; the others belong to the realm."""
        return await self.read(realm, Address(self.kind, (ENTITLEMENTS_SCOPE,)))

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Make it a default. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        await realm.put(_DEFAULTS, await _id(realm, links[0]))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Make it no default. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        await realm.delete(_DEFAULTS, await _id(realm, links[0]))


async def _id(realm: Realm, link: Address) -> str:
    name = link.path[0]
    return str(present(await realm.scope(name), what=f"The client scope “{name}”")["id"])
