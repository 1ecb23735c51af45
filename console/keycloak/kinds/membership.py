"""That a person is a direct member of a group."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.kinds.handler import LinkHandler, id_at, resource
from console.keycloak.realm import PAGE, Json, Realm, gathered, group_path


class MemberHandler(LinkHandler):
    """Adds somebody to a group and takes one out; other memberships stay."""

    @abstractmethod
    async def known(self, realm: Realm, name: str) -> str | None:
        """Return the id of the user that a name stands for, None where there is none."""

    @abstractmethod
    async def needed(self, realm: Realm, name: str) -> str:
        """Return the id of the user that a name stands for. Raises NotFound with a sentence that names it."""

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the user is in the group itself."""
        name, path = address.path
        id = await self.known(realm, name)
        paths = {group_path(one) for one in await groups_of(realm, id)} if id else set()
        return [resource(self.kind, name, path)] if path in paths else []

    async def of_users(self, realm: Realm, names: Mapping[str, str]) -> list[Resource]:
        """Return the links to all groups of these users, named by their ids."""
        groups = (await bulk.groups(realm)).clear
        members = await gathered(bulk.members(realm, one["id"]) for one in groups.values())
        return [
            resource(self.kind, names[one["id"]], path)
            for path, some in zip(groups, members, strict=True)
            for one in some
            if one["id"] in names
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Join. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        for link in links:  # Keycloak takes each by a call of its own
            await realm.put(*await self._place(realm, link))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Leave. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        for link in links:
            await realm.delete(*await self._place(realm, link))

    async def _place(self, realm: Realm, link: Address) -> tuple[str, ...]:
        name, path = link.path
        return ("users", await self.needed(realm, name), "groups", await id_at(realm, Kind.GROUP, path))


class MembershipHandler(MemberHandler):
    """Memberships of people."""

    kind = Kind.MEMBERSHIP

    async def known(self, realm: Realm, name: str) -> str | None:
        return await realm.id(Kind.PERSON, name)

    async def needed(self, realm: Realm, name: str) -> str:
        return await id_at(realm, Kind.PERSON, name)

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all groups; service accounts are no people."""
        return await self.of_users(realm, {one["id"]: one["username"] for one in await bulk.people(realm)})

    async def read_many(self, realm: Realm, addresses: Sequence[Address]) -> list[Resource]:
        """Return the links by the lists of members, one for each group that a known person may be in."""
        ids = await ids_of_people(realm, addresses)
        paths = sorted({one.path[1] for one in ids})
        members = await gathered(_ids_in(realm, path) for path in paths)
        inside = dict(zip(paths, members, strict=True))
        return [Resource(one) for one, id in ids.items() if id in inside[one.path[1]]]


async def ids_of_people(realm: Realm, links: Sequence[Address]) -> dict[Address, str]:
    """Return, for each link of a person who is there, her id."""
    people = {one["username"]: one["id"] for one in await bulk.people(realm)}
    return {one: people[one.path[0]] for one in links if one.path[0] in people}


async def _ids_in(realm: Realm, path: str) -> set[str]:
    group_id = await realm.id(Kind.GROUP, path)
    return {one["id"] for one in await bulk.members(realm, group_id)} if group_id else set()


async def groups_of(realm: Realm, person_id: str) -> list[Json]:
    """Return the groups that a person or service account is in itself."""
    return await realm.once(("groups of", person_id), lambda: _pages(realm, person_id))


async def _pages(realm: Realm, person_id: str) -> list[Json]:
    found: list[Json] = []
    while True:
        page = await realm.get("users", person_id, "groups", query={"first": len(found), "max": PAGE})
        found += page
        if len(page) < PAGE:
            return found
