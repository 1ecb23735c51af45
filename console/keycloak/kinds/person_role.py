"""That a person has a realm role directly."""

from collections.abc import Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.kinds.handler import LinkHandler, id_at, resource
from console.keycloak.kinds.membership import ids_of_people
from console.keycloak.kinds.role import roles_of
from console.keycloak.realm import Json, Realm, gathered


class PersonRoleHandler(LinkHandler):
    """Gives a person realm roles and takes them away, one call for each person; client roles stay."""

    kind = Kind.PERSON_ROLE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the person has the role directly, not through a group or a composite."""
        username, role = address.path
        person_id = await realm.id(Kind.PERSON, username)
        names = {one["name"] for one in await _direct(realm, person_id)} if person_id else set()
        return [resource(self.kind, username, role)] if role in names else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all roles; service accounts are no people."""
        names = {one["id"]: one["username"] for one in await bulk.people(realm)}
        roles = list((await bulk.roles(realm)).clear)
        having = await gathered(bulk.people_with_role(realm, one) for one in roles)
        return [
            resource(self.kind, names[one["id"]], role)
            for role, some in zip(roles, having, strict=True)
            for one in some
            if one["id"] in names
        ]

    async def read_many(self, realm: Realm, addresses: Sequence[Address]) -> list[Resource]:
        """Return the links by the lists of who has a role, one for each role that a known person may have."""
        ids = await ids_of_people(realm, addresses)
        asked = {one.path[1] for one in ids}
        names = [name for name in (await bulk.roles(realm)).clear if name in asked]
        having = await gathered(bulk.people_with_role(realm, one) for one in names)
        by_role = {name: {one["id"] for one in some} for name, some in zip(names, having, strict=True)}
        return [Resource(one) for one, id in ids.items() if id in by_role.get(one.path[1], ())]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Give roles. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_role_mapper."""
        await realm.post(*await _mappings(realm, links[0]), json=await roles_of(realm, list(links)))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take roles away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_role_mapper."""
        await realm.delete(*await _mappings(realm, links[0]), json=await roles_of(realm, list(links)))


async def _direct(realm: Realm, person_id: str) -> list[Json]:
    found: list[Json] = await realm.once(
        ("person roles", person_id), lambda: realm.get("users", person_id, "role-mappings", "realm")
    )
    return found


async def _mappings(realm: Realm, link: Address) -> tuple[str, ...]:
    return ("users", await id_at(realm, Kind.PERSON, link.path[0]), "role-mappings", "realm")
