"""Who or what has which roles directly, by complete lists.

The number of calls depends on composite roles, clients, client roles, scopes and service accounts; that of
people only makes the lists longer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from console.engine.state import Kind
from console.keycloak import bulk, clients
from console.keycloak.exported import Held, Path, exported
from console.keycloak.realm import Json, Realm, gathered, is_clear


def mapped(found: Mapping[str, Any], client: str | None) -> list[Json]:
    """Return the roles of the realm, or of a client, in what a holder is mapped to."""
    if client is None:
        return list(found.get("realmMappings", []))
    return list(found.get("clientMappings", {}).get(client, {}).get("mappings", []))


async def of_roles(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles that realm roles include: from an export, or by one call for each composite role."""
    if (told := await exported(realm)) is not None:
        return _clear(told.included(in_clients=False, of_clients=of_clients))
    roles: dict[Path, Json] = {(name,): one for name, one in (await bulk.roles(realm)).clear.items()}
    return await _included(realm, roles, of_clients)


async def of_client_roles(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles that client roles include: from an export, or by one call for each composite role."""
    if (told := await exported(realm)) is not None:
        return _clear(told.included(in_clients=True, of_clients=of_clients))
    return await _included(realm, (await clients.all_roles(realm)).clear, of_clients)


def _clear(held: list[Held]) -> list[Held]:
    return [(path, role) for path, role in held if is_clear(path[-1]) and is_clear(role[-1])]


async def _included(realm: Realm, roles: Mapping[Path, Json], of_clients: bool) -> list[Held]:
    including = {path: one for path, one in roles.items() if one.get("composite")}
    some = await gathered(_composites(realm, one["id"]) for one in including.values())
    paths = await _paths(realm, of_clients)
    return [
        (path, paths[one["id"]])
        for path, included in zip(including, some, strict=True)
        for one in included
        if one["id"] in paths
    ]


async def _composites(realm: Realm, id: str) -> list[Json]:
    """Return all roles that one includes. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles_by_id."""
    place = ("roles-by-id", id, "composites")
    found: list[Json] = await realm.once(place, lambda: realm.get(*place))
    return found


async def _paths(realm: Realm, of_clients: bool) -> dict[str, Path]:
    """Return the path of each role whose name is clear, by id."""
    if of_clients:
        return {one["id"]: path for path, one in (await clients.all_roles(realm)).clear.items()}
    return {one["id"]: (name,) for name, one in (await bulk.roles(realm)).clear.items()}


async def of_groups(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles of groups, whose list names them: no call of its own."""
    groups = (await bulk.groups(realm)).clear
    return [((path,), role) for path, one in groups.items() for role in of_group(one, of_clients)]


def of_group(group: Json, of_clients: bool) -> list[Path]:
    """Return the roles of a listed group."""
    if not of_clients:
        return [(name,) for name in group.get("realmRoles", []) if is_clear(name)]
    by_client = group.get("clientRoles", {}).items()
    return [(client, name) for client, names in by_client for name in names if is_clear(name)]


async def of_people(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles of people, service accounts left out: one call for each role."""
    names = {one["id"]: (one["username"],) for one in await bulk.people(realm)}
    return await _of_users(realm, names, of_clients)


async def of_service_accounts(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles of service accounts: one call for each account, and the lists of who has a role."""
    names = {user["id"]: (name,) for name, user in (await clients.service_users(realm)).items()}
    return await _of_users(realm, names, of_clients) if names else []


async def _of_users(realm: Realm, names: Mapping[str, Path], of_clients: bool) -> list[Held]:
    having = await (users_by_client_role(realm) if of_clients else users_by_role(realm))
    return [(names[id], role) for role, ids in having.items() for id in ids if id in names]


async def users_by_role(realm: Realm) -> dict[Path, frozenset[str]]:
    """Return the ids of all who have each realm role, service accounts among them."""
    return await _having(realm, [(name,) for name in (await bulk.roles(realm)).clear])


async def users_by_client_role(realm: Realm) -> dict[Path, frozenset[str]]:
    """Return the ids of all who have each client role, service accounts among them."""
    return await _having(realm, list((await clients.all_roles(realm)).clear))


async def _having(realm: Realm, roles: Sequence[Path]) -> dict[Path, frozenset[str]]:
    having = await gathered(users_with(realm, role) for role in roles)
    return dict(zip(roles, having, strict=True))


async def users_with(realm: Realm, role: Path) -> frozenset[str]:
    """Return the ids of all who have a role that is there, service accounts among them."""
    return await realm.once(("users with", role), lambda: _users_with(realm, role))


async def _users_with(realm: Realm, role: Path) -> frozenset[str]:
    if len(role) == 1:
        found = await bulk.people_with_role(realm, role[0])
    else:
        id = await clients.id_of(realm, Kind.CLIENT, role[0])
        found = [] if id is None else await bulk.people_with_client_role(realm, id, role[1])
    return frozenset(one["id"] for one in found)


async def of_scopes(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles that client scopes are limited to: from an export, or by one call for each scope."""
    if (told := await exported(realm)) is not None:
        return _limits(told.limited("clientScope", of_clients=of_clients))
    scopes = {one["name"]: one["id"] for one in await clients.all_scopes(realm)}
    return await _of_mappings(realm, "client-scopes", scopes, of_clients)


async def of_clients(realm: Realm, of_clients: bool) -> list[Held]:
    """Return the roles that clients may carry: from an export, or by one call for each client."""
    if (told := await exported(realm)) is not None:
        return _limits(told.limited("client", of_clients=of_clients))
    ids = {name: one["id"] for name, one in (await clients.all_clients(realm)).items()}
    return await _of_mappings(realm, "clients", ids, of_clients)


def _limits(held: list[Held]) -> list[Held]:
    return [(path, role) for path, role in held if is_clear(role[-1])]


async def _of_mappings(realm: Realm, where: str, ids: Mapping[str, str], of_clients: bool) -> list[Held]:
    some = await gathered(_mappings(realm, where, id) for id in ids.values())
    return [
        ((name,), role)
        for name, found in zip(ids, some, strict=True)
        for role in _roles_in(found, of_clients)
        if is_clear(role[-1])
    ]


async def _mappings(realm: Realm, where: str, id: str) -> Json:
    """Return what one is limited to. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_scope_mappings."""
    place = (where, id, "scope-mappings")
    found: Json = await realm.once(place, lambda: realm.get(*place))
    return found


def _roles_in(found: Json, of_clients: bool) -> list[Path]:
    if not of_clients:
        return [(one["name"],) for one in mapped(found, None)]
    return [(name, one["name"]) for name in found.get("clientMappings", {}) for one in mapped(found, name)]
