"""That a client's service account is a direct member of a group."""

from collections.abc import Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk, clients
from console.keycloak.kinds.handler import LinkHandler, id_at, present, resource
from console.keycloak.kinds.membership import groups_of
from console.keycloak.realm import Json, Realm, gathered, group_path


class ServiceMembershipHandler(LinkHandler):
    """Adds a service account to a group and takes one out; other memberships stay."""

    kind = Kind.SERVICE_MEMBERSHIP

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the service account is in the group itself."""
        client, path = address.path
        user = await service_user(realm, client)
        paths = {group_path(one) for one in await groups_of(realm, user["id"])} if user else set()
        return [resource(self.kind, client, path)] if path in paths else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all groups that some service account is in."""
        names = {user["id"]: name for name, user in (await clients.service_users(realm)).items()}
        if not names:
            return []
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
            await realm.put(*await _place(realm, link))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Leave. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        for link in links:
            await realm.delete(*await _place(realm, link))


async def service_user(realm: Realm, client: str) -> Json | None:
    """Return the service account of a client in full, None where there is no such client or account."""
    found = await clients.client(realm, client)
    return None if found is None else await clients.service_user(realm, found)


async def needed_service_user(realm: Realm, client: str) -> Json:
    """Return the service account of a client. Raises NotFound with a sentence that names it."""
    return present(await service_user(realm, client), what=f"The service account of client “{client}”")


async def _place(realm: Realm, link: Address) -> tuple[str, ...]:
    client, path = link.path
    user = await needed_service_user(realm, client)
    return ("users", user["id"], "groups", await id_at(realm, Kind.GROUP, path))
