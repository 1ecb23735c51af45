"""That somebody or something has a role directly: one handler for all twelve pairs of holder and role.

A holder is a role, a client role, a group, a person, a service account, a client scope or a client. Roles
included in roles go by `composites`, all others by mappings, which Keycloak keeps apart for the realm and for
each client. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_role_mapper, `#_scope_mappings` and
`#_roles_by_id`
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import clients, holdings
from console.keycloak.errors import NotFound
from console.keycloak.exported import Held, Path
from console.keycloak.holdings import users_with
from console.keycloak.kinds.handler import LinkHandler, Owner, id_at, resource
from console.keycloak.kinds.membership import ids_of_people
from console.keycloak.realm import Json, Realm, gathered

COMPOSITES = "composites"


@dataclass(frozen=True)
class Holder:
    """What roles are given to. Its roles are at `collection`/id/`call`; `held` lists those of all holders."""

    kind: Kind
    collection: str
    call: str
    held: Callable[[Realm, bool], Awaitable[list[Held]]]
    id_of: Callable[[Realm, Kind, Path], Awaitable[str | None]]
    is_service: bool = False

    async def place(self, realm: Realm, path: Path) -> tuple[str, ...] | None:
        """Return where the holder's roles are, None where there is no such holder."""
        id = await self.id_of(realm, self.kind, path)
        return None if id is None else (self.collection, id, self.call)

    async def needed(self, realm: Realm, path: Path) -> tuple[str, ...]:
        """Return where the holder's roles are. Raises NotFound with a sentence that names it."""
        found = await self.place(realm, path)
        if found is None:
            what = "service account of client" if self.is_service else self.kind.replace("-", " ")
            raise NotFound(f"The {what} “{'/'.join(path)}” does not exist in Keycloak.", status=404)
        return found


async def _named(realm: Realm, kind: Kind, path: Path) -> str | None:
    return await clients.id_of(realm, kind, *path)


async def _service(realm: Realm, _kind: Kind, path: Path) -> str | None:
    found = await clients.client(realm, path[0])
    return None if found is None else await clients.service_account(realm, found)


ROLE = Holder(Kind.ROLE, "roles-by-id", COMPOSITES, holdings.of_roles, _named)
CLIENT_ROLE = Holder(Kind.CLIENT_ROLE, "roles-by-id", COMPOSITES, holdings.of_client_roles, _named)
GROUP = Holder(Kind.GROUP, "groups", "role-mappings", holdings.of_groups, _named)
PERSON = Holder(Kind.PERSON, "users", "role-mappings", holdings.of_people, _named)
SERVICE = Holder(
    Kind.CLIENT, "users", "role-mappings", holdings.of_service_accounts, _service, is_service=True
)
SCOPE = Holder(Kind.CLIENT_SCOPE, "client-scopes", "scope-mappings", holdings.of_scopes, _named)
CLIENT = Holder(Kind.CLIENT, "clients", "scope-mappings", holdings.of_clients, _named)

HOLDERS = {
    Kind.COMPOSITE: ROLE,
    Kind.COMPOSITE_CLIENT_ROLE: ROLE,
    Kind.CLIENT_COMPOSITE: CLIENT_ROLE,
    Kind.CLIENT_COMPOSITE_CLIENT_ROLE: CLIENT_ROLE,
    Kind.GROUP_ROLE: GROUP,
    Kind.GROUP_CLIENT_ROLE: GROUP,
    Kind.PERSON_ROLE: PERSON,
    Kind.PERSON_CLIENT_ROLE: PERSON,
    Kind.SERVICE_ROLE: SERVICE,
    Kind.SERVICE_CLIENT_ROLE: SERVICE,
    Kind.SCOPE_ROLE: SCOPE,
    Kind.SCOPE_CLIENT_ROLE: SCOPE,
    Kind.ALLOWED_ROLE: CLIENT,
    Kind.ALLOWED_CLIENT_ROLE: CLIENT,
}
OF_CLIENTS = frozenset(kind for kind in HOLDERS if kind.endswith("client-role"))


class RoleLinkHandler(LinkHandler):
    """Gives roles to a holder and takes them away; its other roles stay."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.holder = HOLDERS[kind]
        self.of_clients = kind in OF_CLIENTS

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the holder itself has the role; what it has through others does not count."""
        holder, role = self.halves(address)
        if self.holder is GROUP and Kind.GROUP in realm.listed:
            listed = holdings.of_group(realm.listed[Kind.GROUP].get(holder[0], {}), self.of_clients)
            return [resource(self.kind, *address.path)] if role in listed else []
        place = await self.holder.place(realm, holder)
        if place is None:
            return []
        found = await realm.once(place, lambda: realm.get(*place))
        names = {one["name"] for one in await self._own(realm, found, role)}
        return [resource(self.kind, *address.path)] if role[-1] in names else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all holders, by complete lists."""
        held = await self.holder.held(realm, self.of_clients)
        return [resource(self.kind, *holder, *role) for holder, role in held]

    async def read_many(self, realm: Realm, addresses: Sequence[Address]) -> list[Resource]:
        """Return links of people by the lists of who has a role, one for each role that is asked for.

        Those of all other holders stand in an export.
        """
        if self.holder is not PERSON:
            wanted = set(addresses)
            return [one for one in await self.read_all(realm) if one.address in wanted]
        ids = await ids_of_people(realm, addresses)
        asked = {self.halves(one)[1] for one in ids}
        kind = Kind.CLIENT_ROLE if self.of_clients else Kind.ROLE
        there = [role for role in asked if await clients.id_of(realm, kind, *role)]
        having = dict(zip(there, await gathered(users_with(realm, one) for one in there), strict=True))
        return [Resource(one) for one, id in ids.items() if id in having.get(self.halves(one)[1], ())]

    def owner(self, operation: Operation) -> Owner:
        """Return the holder: what it has of the realm and of clients is written one after the other."""
        return (self.holder.collection, self.holder.kind, *self.halves(operation.address)[0])

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Give roles, one call for those of the realm or of one client."""
        for place, roles in await self._calls(realm, links):
            await realm.post(*place, json=roles)

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take roles away, one call for those of the realm or of one client."""
        for place, roles in await self._calls(realm, links):
            await realm.delete(*place, json=roles)

    def halves(self, address: Address) -> tuple[Path, Path]:
        """Return the paths of holder and role."""
        split = len(address.path) - (2 if self.of_clients else 1)
        return address.path[:split], address.path[split:]

    async def _own(self, realm: Realm, found: object, role: Path) -> list[Json]:
        """Return the roles of the realm, or of the role's client, in what the holder has."""
        if isinstance(found, dict):
            return holdings.mapped(found, role[0] if self.of_clients else None)
        assert isinstance(found, list)
        if not self.of_clients:
            return [one for one in found if not one["clientRole"]]
        id = await clients.id_of(realm, Kind.CLIENT, role[0])
        return [one for one in found if one["containerId"] == id]

    async def _calls(
        self, realm: Realm, links: Sequence[Address]
    ) -> list[tuple[tuple[str, ...], list[Json]]]:
        place = await self.holder.needed(realm, self.halves(links[0])[0])
        by_place: dict[tuple[str, ...], list[Json]] = defaultdict(list)
        for link in links:
            role = self.halves(link)[1]
            kind = Kind.CLIENT_ROLE if self.of_clients else Kind.ROLE
            json = {"id": await id_at(realm, kind, *role), "name": role[-1]}
            by_place[await self._below(realm, place, role)].append(json)
        return list(by_place.items())

    async def _below(self, realm: Realm, place: tuple[str, ...], role: Path) -> tuple[str, ...]:
        if place[-1] == COMPOSITES:
            return place
        if not self.of_clients:
            return (*place, "realm")
        return (*place, "clients", await id_at(realm, Kind.CLIENT, role[0]))
