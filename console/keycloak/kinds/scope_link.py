"""That a client scope is a default or an optional one: of one client, or of every client made later.

Measured on Keycloak 26.7.5: a scope that is a default already is made optional neither for a client (which
answers 204) nor for the realm (409), and a scope of another protocol is left out with 204.
"""

from collections.abc import Sequence

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import clients
from console.keycloak.errors import Permanent
from console.keycloak.kinds.handler import LinkHandler, Owner, id_at, resource
from console.keycloak.realm import Json, Realm

_OTHER = {"default": "optional", "optional": "default"}


class RealmScopeHandler(LinkHandler):
    """Adds scopes to the defaults or the optional ones of new clients, and takes them away."""

    def __init__(self, kind: Kind, word: str) -> None:
        self.kind = kind
        self._word = word

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the scope stands in the list."""
        return [one for one in await self.read_all(realm) if one.address == address]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all of the list."""
        return [resource(self.kind, one["name"]) for one in await self._listed(realm, self._word)]

    def owner(self, operation: Operation) -> Owner:
        """Return the realm: the lists are its own."""
        return (Kind.REALM, "scopes")

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Add each. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        others = {one["name"] for one in await self._listed(realm.again(), _OTHER[self._word])}
        for link in links:
            _refuse_both(link.path[0], others, self._word, "new clients")
            await realm.put(_where(self._word), await id_at(realm, Kind.CLIENT_SCOPE, link.path[0]))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take each away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        for link in links:
            await realm.delete(_where(self._word), await id_at(realm, Kind.CLIENT_SCOPE, link.path[0]))

    async def _listed(self, realm: Realm, word: str) -> list[Json]:
        where = _where(word)
        found: list[Json] = await realm.once(where, lambda: realm.get(where))
        return found


class ClientScopeLinkHandler(LinkHandler):
    """Adds scopes to the defaults or the optional ones of a client, and takes them away."""

    def __init__(self, kind: Kind, word: str) -> None:
        self.kind = kind
        self._word = word

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the client has the scope."""
        found = await clients.client(realm, address.path[0])
        return [resource(self.kind, *address.path)] if address.path[1] in _names(found, self._word) else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all clients, which are listed with them."""
        return [
            resource(self.kind, name, scope)
            for name, one in (await clients.all_clients(realm)).items()
            for scope in _names(one, self._word)
        ]

    def owner(self, operation: Operation) -> Owner:
        """Return the client."""
        return (Kind.CLIENT, operation.address.path[0])

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Add each. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients."""
        name = links[0].path[0]
        others = _names(await clients.client(realm.again(), name), _OTHER[self._word])
        for link in links:
            _refuse_both(link.path[1], others, self._word, f"the client “{name}”")
            await realm.put(*await self._place(realm, link))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take each away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients."""
        for link in links:
            await realm.delete(*await self._place(realm, link))

    async def _place(self, realm: Realm, link: Address) -> tuple[str, ...]:
        id = await id_at(realm, Kind.CLIENT, link.path[0])
        return (
            "clients",
            id,
            f"{self._word}-client-scopes",
            await id_at(realm, Kind.CLIENT_SCOPE, link.path[1]),
        )


def _where(word: str) -> str:
    return f"default-{word}-client-scopes"


def _names(found: Json | None, word: str) -> list[str]:
    return list((found or {}).get(f"{word}ClientScopes") or [])


def _refuse_both(scope: str, others: set[str] | list[str], word: str, whose: str) -> None:
    if scope in others:
        raise Permanent(f"“{scope}” is one of the {_OTHER[word]} scopes of {whose}: it cannot be both.")
