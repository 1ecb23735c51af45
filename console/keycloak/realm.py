"""Calls inside one realm, six at once, with what was looked up kept for one read or one execution."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from typing import Any, TypeVar

from console.engine.state import Address, Kind
from console.keycloak.client import BeforeSend, Client, at_any_time
from console.keycloak.errors import Forbidden, NotFound
from console.transport import LONG, USUAL, Patience, Query, Refused, Reply, Secret, path_of

T = TypeVar("T")
Json = dict[str, Any]
Secrets = Callable[[Address], Awaitable[Mapping[str, Secret]]]


async def no_secrets(_address: Address) -> Mapping[str, Secret]:
    """Return that no secret is known: for reads, and for targets of callers who keep none."""
    return {}


AT_ONCE = 6  # 4 to 8 were measured as best, 16 as worse
PAGE = 1_000  # people with their attributes: about 400 kB a page
LINKS_PAGE = 10_000  # people in brief: about 2.5 MB a page


class Realm:
    """One realm of one server, for one read or one execution.

    `ids` are Keycloak's ids as the ledger has them; each is checked against its name before it is used.
    `known_groups` are the ids of the groups that were read when it was decided what to write. `seen` are the
    ids of roles, groups and people whose names were just read; writes of links go by them. `secrets` answers
    with what is written and never read, for one address at a time.
    Every write waits for `before_write`, which raises to forbid it.
    """

    def __init__(
        self,
        client: Client,
        name: str,
        *,
        ids: Mapping[Address, str] | None = None,
        before_write: BeforeSend = at_any_time,
        known_groups: Set[str] = frozenset(),
        seen: dict[Address, str] | None = None,
        secrets: Secrets = no_secrets,
    ) -> None:
        self.client = client
        self.name = name
        self.known_groups = known_groups
        self._ledger: Mapping[Address, str] = ids or {}
        self.seen: dict[Address, str] = {} if seen is None else seen
        # Complete lists of this read, by kind and name: what is not in them is not there.
        self.listed: dict[Kind, Mapping[str, Json]] = {}
        self._before_write = before_write
        self._secrets = secrets
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._kept: dict[Any, asyncio.Future[Any]] = {}

    def again(self) -> "Realm":
        """Return the same realm with nothing kept but ids, to read what a write has made of it."""
        other = Realm(self.client, self.name, ids=self._ledger, before_write=self._before_write)
        other._gate, other.seen = self._gate, self.seen
        return other

    async def secret(self, address: Address, name: str) -> Secret | None:
        """Return a secret that shall stand at an address, by the registry's name for it, or None."""
        return (await self._secrets(address)).get(name)

    def id_of(self, address: Address) -> str | None:
        """Return the id that the ledger has for an address."""
        return self._ledger.get(address)

    # --- calls ---

    def path(self, *parts: str) -> tuple[str, ...]:
        """Return the segments of a path below the realm."""
        return ("admin", "realms", self.name, *parts)

    async def get(self, *parts: str, query: Query | None = None, patience: Patience = USUAL) -> Any:
        """Return the JSON of a read."""
        async with self._gate:
            return (await self.client.get(self.path(*parts), query=query, patience=patience)).json

    async def find(self, *parts: str, query: Query | None = None) -> Any | None:
        """Return the JSON of a read, or None for 404."""
        try:
            return await self.get(*parts, query=query)
        except NotFound:
            return None

    async def post(self, *parts: str, json: Any, patience: Patience = USUAL) -> Reply:
        """Send one write, if it is still allowed."""
        async with self._gate:
            return await self.client.post(
                self.path(*parts), json=json, patience=patience, before_send=self._before_write
            )

    async def put(self, *parts: str, json: Any = None) -> Reply:
        """Send one write, if it is still allowed."""
        async with self._gate:
            return await self.client.put(self.path(*parts), json=json, before_send=self._before_write)

    async def delete(self, *parts: str, json: Any = None, patience: Patience = USUAL) -> Reply:
        """Send one write, if it is still allowed."""
        async with self._gate:
            return await self.client.delete(
                self.path(*parts), json=json, patience=patience, before_send=self._before_write
            )

    async def import_people(self, people: list[Json]) -> list[Json]:
        """Make people who are not there, all or none, and return what became of each. Others are skipped.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
        """
        return await self._import({"users": people})

    async def import_groups(self, groups: list[Json]) -> list[Json]:
        """Make groups that are not there with all inside of them, all or none, as people are made."""
        return await self._import({"groups": groups})

    async def _import(self, content: Json) -> list[Json]:
        async with self._gate:
            reply = await self.client.post(
                self.path("partialImport"),
                json={"ifResourceExists": "SKIP"} | content,
                before_send=self._before_write,
            )
        found: list[Json] = (reply.json or {})["results"]
        return found

    async def export(self) -> Json:
        """Return roles, groups and clients in one reply. It only reads, so nothing has to allow it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
        """
        query = {"exportClients": True, "exportGroupsAndRoles": True}
        async with self._gate:
            reply = await self.client.post(self.path("partial-export"), query=query, patience=LONG)
        found: Json = reply.json
        return found

    async def create_itself(self, json: Json) -> Reply:
        """Send the creation of the realm, if it is still allowed."""
        async with self._gate:
            return await self.client.post(
                ("admin", "realms"), json=json, patience=LONG, before_send=self._before_write
            )

    # --- what is looked up once ---

    async def once(self, key: Any, make: Callable[[], Awaitable[T]]) -> T:
        """Return what `make` gives, made once for all that ask."""
        if key not in self._kept:
            self._kept[key] = asyncio.ensure_future(make())
        found: T = await asyncio.shield(self._kept[key])
        return found

    async def representation(self) -> Json | None:
        """Return the realm, or None when there is none. Raises Forbidden for a stub."""
        return await self.once("realm", self._representation)

    async def _representation(self) -> Json | None:
        """Read the realm. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        found = await self.find()
        # Of a realm without rights Keycloak shows a stub with 200: that is no content.
        if found is not None and ("accessTokenLifespan" not in found or "id" not in found):
            raise Forbidden("Our service account has no access to this realm.", status=200)
        return found

    async def role(self, name: str) -> Json | None:
        """Return a realm role in full, or None."""
        if Kind.ROLE in self.listed:
            return self.listed[Kind.ROLE].get(name)
        return await self.once(("role", name), lambda: self._role(name))

    async def _role(self, name: str) -> Json | None:
        """Read a role. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles."""
        address = Address(Kind.ROLE, (name,))
        found = await self._by_id(address, "roles-by-id")
        if found is None or found.get("name") != name or found.get("clientRole"):
            found = await self.find("roles", name)
        return self._learned(address, found)

    async def group(self, path: str) -> Json | None:
        """Return a group in full by its names joined with `/`, or None."""
        if Kind.GROUP in self.listed:
            return self.listed[Kind.GROUP].get(path)
        return await self.once(("group", path), lambda: self._group(path))

    async def _group(self, path: str) -> Json | None:
        """Read a group. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups."""
        address = Address(Kind.GROUP, (path,))
        found = await self._by_id(address, "groups")
        if found is None or group_path(found) != path:
            found = await self.find("group-by-path", *path.split("/"))
        if found is not None and group_path(found) != path:
            return None
        return self._learned(address, found)

    async def person(self, username: str) -> Json | None:
        """Return a person in full, with attributes, or None."""
        if Kind.PERSON in self.listed:
            return self.listed[Kind.PERSON].get(username)
        return await self.once(("person", username), lambda: self._person(username))

    async def _person(self, username: str) -> Json | None:
        """Read a person. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        address = Address(Kind.PERSON, (username,))
        found = await self._by_id(address, "users")
        if found is None or found.get("username") != username:
            query: Query = {"username": username, "exact": True, "briefRepresentation": False}
            shown = await self.get("users", query=query)
            found = next((one for one in shown if one["username"] == username), None)
        if found is None:
            await self.once("sees people", self._see_people)
        return self._learned(address, found)

    async def _see_people(self) -> None:
        """Raise Forbidden if people are hidden from us: with `query-users` alone every search finds nobody.

        https://www.keycloak.org/docs/latest/server_admin/index.html#_per_realm_admin_permissions
        """
        shown = await self.get("users", query={"max": 1, "briefRepresentation": True})
        if not shown and await self.get("users", "count"):
            raise Forbidden("Our service account may not see the people of this realm.", status=200)

    async def id(self, kind: Kind, name: str) -> str | None:
        """Return the id of a role, group or person: as seen a moment ago, or looked up."""
        looked_up = {Kind.ROLE: self.role, Kind.GROUP: self.group, Kind.PERSON: self.person}[kind]
        if kind not in self.listed and (seen := self.seen.get(Address(kind, (name,)))) is not None:
            return seen
        found = await looked_up(name)
        return None if found is None else str(found["id"])

    async def scopes(self) -> list[Json]:
        """Return all client scopes with their mappers.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_client_scopes
        """
        return await self.once("scopes", lambda: self.get("client-scopes"))

    async def scope(self, name: str) -> Json | None:
        """Return a client scope, or None."""
        return next((one for one in await self.scopes() if one["name"] == name), None)

    async def _by_id(self, address: Address, *where: str) -> Json | None:
        id = self.seen.get(address) or self._ledger.get(address)
        return await self.find(*where, id) if id else None

    def _learned(self, address: Address, found: Json | None) -> Json | None:
        if found is None:
            self.seen.pop(address, None)
        else:
            self.seen[address] = found["id"]
        return found


def is_clear(name: str) -> bool:
    """Return whether a name can stand in a path: one with a slash would be ambiguous, and is never sent."""
    try:
        path_of((name,))
    except Refused:
        return False
    return True


def group_path(group: Json) -> str | None:
    """Return the address of a group, or None where its name is not clear."""
    return str(group["path"]).removeprefix("/") if is_clear(group["name"]) else None


async def gathered(work: Iterable[Awaitable[T]]) -> list[T]:
    """Return all results in order. The first error is raised after all have ended, so no write is cut off."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [one for one in results if not isinstance(one, BaseException)]
