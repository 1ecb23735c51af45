"""Clients and their roles: looked up one by one, or listed whole. Hidden is never taken for absent.

With `query-clients` alone every list and every search is empty, though each realm has clients of Keycloak's
own: so an empty list of clients means that they are hidden from us.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients
"""

from dataclasses import dataclass

from console.engine.state import Address, Kind
from console.keycloak import bulk
from console.keycloak.errors import Forbidden
from console.keycloak.exported import Path, exported
from console.keycloak.realm import Json, Realm, gathered, is_clear
from console.transport import LONG

HIDDEN = "Our service account may not see the clients of this realm."


async def client(realm: Realm, name: str) -> Json | None:
    """Return a client in full by its client id, or None."""
    if Kind.CLIENT in realm.listed:
        return realm.listed[Kind.CLIENT].get(name)
    return await realm.once(("client", name), lambda: _client(realm, name))


async def _client(realm: Realm, name: str) -> Json | None:
    address = Address(Kind.CLIENT, (name,))
    id = realm.seen.get(address) or realm.id_of(address)
    found: Json | None = await client_of_id(realm, id) if id else None
    if found is None or found["clientId"] != name:
        shown = await realm.get("clients", query={"clientId": name})
        found = next((one for one in shown if one["clientId"] == name), None)
    if found is None:
        await realm.once("sees clients", lambda: _see_clients(realm))
        realm.seen.pop(address, None)
    else:
        realm.seen[address] = found["id"]
    return found


async def client_of_id(realm: Realm, id: str) -> Json | None:
    """Return a client in full by Keycloak's id, or None."""
    return await realm.once(("client of id", id), lambda: realm.find("clients", id))


async def _see_clients(realm: Realm) -> None:
    """Raise Forbidden if clients are hidden from us."""
    if not await realm.get("clients", query={"first": 0, "max": 1}):
        raise Forbidden(HIDDEN, status=200)


async def all_clients(realm: Realm) -> dict[str, Json]:
    """Return all clients in full by client id, Keycloak's own among them. Raises Forbidden."""
    return await realm.once("all clients", lambda: _all_clients(realm))


async def _all_clients(realm: Realm) -> dict[str, Json]:
    found = {one["clientId"]: one for one in await realm.get("clients", patience=LONG)}
    if not found:
        raise Forbidden(HIDDEN, status=200)
    realm.seen.update((Address(Kind.CLIENT, (name,)), one["id"]) for name, one in found.items())
    return found


async def all_up_to(realm: Realm, most: int) -> None:
    """List all clients if there are fewer than so many: one call, whatever the size of the realm.

    An empty list says nothing: each realm has clients, so they are hidden from us.
    """
    page = await realm.get("clients", query={"first": 0, "max": most}, patience=LONG)
    if 0 < len(page) < most:
        bulk.saw(realm, Kind.CLIENT, {one["clientId"]: one for one in page})


async def all_scopes(realm: Realm) -> list[Json]:
    """Return all client scopes. Raises Forbidden where they are hidden, as clients are."""
    found = await realm.scopes()
    if not found:
        await realm.once("sees clients", lambda: _see_clients(realm))
    realm.seen.update((Address(Kind.CLIENT_SCOPE, (one["name"],)), one["id"]) for one in found)
    return found


async def scope(realm: Realm, name: str) -> Json | None:
    """Return a client scope in full by its name, or None. Raises Forbidden where they are hidden."""
    return next((one for one in await all_scopes(realm) if one["name"] == name), None)


async def roles_of(realm: Realm, id: str) -> dict[str, Json]:
    """Return the roles of one client in full by name.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles
    """

    async def read() -> dict[str, Json]:
        found = await realm.get("clients", id, "roles", query={"briefRepresentation": False})
        return {one["name"]: one for one in found}

    return await realm.once(("roles of client", id), read)


async def role(realm: Realm, name: str, role_name: str) -> Json | None:
    """Return a role of a client in full, or None."""
    return await realm.once(("client role", name, role_name), lambda: _role(realm, name, role_name))


async def _role(realm: Realm, name: str, role_name: str) -> Json | None:
    address = Address(Kind.CLIENT_ROLE, (name, role_name))
    its_client = await client(realm, name)
    found = None if its_client is None else (await roles_of(realm, its_client["id"])).get(role_name)
    if found is None:
        realm.seen.pop(address, None)
    else:
        realm.seen[address] = found["id"]
    return found


@dataclass(frozen=True)
class Roles:
    """All client roles by client and name, and those whose names no call could hold."""

    clear: dict[tuple[str, ...], Json]
    unclear: list[tuple[str, ...]]


async def all_roles(realm: Realm) -> Roles:
    """Return the roles of all clients in full: from an export, or by one call for each client."""
    return await realm.once("all client roles", lambda: _all_roles(realm))


async def _all_roles(realm: Realm) -> Roles:
    told = await exported(realm)
    found = await _roles_by_client(realm) if told is None else told.client_roles_by_path()
    realm.seen.update((Address(Kind.CLIENT_ROLE, path), one["id"]) for path, one in found.items())
    unclear = [path for path in found if not is_clear(path[1])]
    return Roles({path: one for path, one in found.items() if path not in unclear}, unclear)


async def _roles_by_client(realm: Realm) -> dict[Path, Json]:
    clients = await all_clients(realm)
    several = await gathered(roles_of(realm, one["id"]) for one in clients.values())
    return {
        (name, one["name"]): one
        for name, roles in zip(clients, several, strict=True)
        for one in roles.values()
    }


async def service_account(realm: Realm, its_client: Json) -> str | None:
    """Return the id of a client's service account, None for a client that has none."""
    found = await service_user(realm, its_client)
    return None if found is None else str(found["id"])


async def service_user(realm: Realm, its_client: Json) -> Json | None:
    """Return a client's service account in full, None for a client that has none.

    https://www.keycloak.org/docs/latest/server_admin/index.html#_service_accounts
    """
    if not its_client.get("serviceAccountsEnabled"):
        return None

    async def read() -> Json:
        found: Json = await realm.get("clients", its_client["id"], "service-account-user")
        return found

    return await realm.once(("service account", its_client["id"]), read)


async def service_users(realm: Realm) -> dict[str, Json]:
    """Return all service accounts in full by client id: one call for each client that has one."""
    having = [one for one in (await all_clients(realm)).values() if one.get("serviceAccountsEnabled")]
    found = await gathered(service_user(realm, one) for one in having)
    return {one["clientId"]: user for one, user in zip(having, found, strict=True) if user is not None}


async def id_of(realm: Realm, kind: Kind, *path: str) -> str | None:
    """Return the id of a thing that has roles or is one: as seen a moment ago, or looked up."""
    if kind in (Kind.ROLE, Kind.GROUP, Kind.PERSON):
        return await realm.id(kind, path[0])
    seen = realm.seen.get(Address(kind, path))
    if seen is not None:
        return seen
    found = await _looked_up(realm, kind, path)
    return None if found is None else str(found["id"])


async def _looked_up(realm: Realm, kind: Kind, path: tuple[str, ...]) -> Json | None:
    if kind is Kind.CLIENT_ROLE:
        return await role(realm, path[0], path[1])
    return await (scope if kind is Kind.CLIENT_SCOPE else client)(realm, path[0])
