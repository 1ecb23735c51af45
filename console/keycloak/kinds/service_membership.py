"""That a client's service account is a direct member of a group."""

from console.engine.state import Kind, Resource
from console.keycloak import clients
from console.keycloak.kinds.handler import present
from console.keycloak.kinds.membership import MemberHandler
from console.keycloak.realm import Json, Realm


class ServiceMembershipHandler(MemberHandler):
    """Memberships of service accounts, which are called by their clients."""

    kind = Kind.SERVICE_MEMBERSHIP

    async def known(self, realm: Realm, name: str) -> str | None:
        user = await service_user(realm, name)
        return user["id"] if user else None

    async def needed(self, realm: Realm, name: str) -> str:
        return str((await needed_service_user(realm, name))["id"])

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all groups that some service account is in."""
        names = {user["id"]: name for name, user in (await clients.service_users(realm)).items()}
        return await self.of_users(realm, names) if names else []


async def service_user(realm: Realm, client: str) -> Json | None:
    """Return the service account of a client in full, None where there is no such client or account."""
    found = await clients.client(realm, client)
    return None if found is None else await clients.service_user(realm, found)


async def needed_service_user(realm: Realm, client: str) -> Json:
    """Return the service account of a client. Raises NotFound with a sentence that names it."""
    return present(await service_user(realm, client), what=f"The service account of client “{client}”")
