"""Complete lists of one realm: all people, all groups, all roles. Pages where the realm is large."""

from dataclasses import dataclass
from typing import Any

from console.engine.state import Address, Kind
from console.keycloak.errors import Forbidden, Temporary
from console.keycloak.exported import exported
from console.keycloak.realm import LINKS_PAGE, PAGE, Json, Realm, gathered, is_clear
from console.transport import LONG


async def people(realm: Realm) -> list[Json]:
    """Return all people with attributes, service accounts left out.

    Raises Temporary if people went away while the pages were read, twice in a row: who slipped from one page
    to another would look missing. Raises Forbidden if some are hidden from us.
    """
    return await realm.once("all people", lambda: _people(realm))


async def _people(realm: Realm) -> list[Json]:
    sizes = set()
    for _ in range(2):
        count = await realm.get("users", "count")
        found = await _people_once(realm, count)
        if len(found) >= count:
            saw(realm, Kind.PERSON, {one["username"]: one for one in found.values()})
            return list(found.values())
        sizes.add((count, len(found)))
    if len(sizes) == 1:
        raise Forbidden(f"Keycloak shows our service account {len(found)} of {count} people.", status=200)
    raise Temporary("The people of the realm changed while they were read.")


async def _people_once(realm: Realm, count: int) -> dict[str, Json]:
    """Read the people by pages. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""

    async def page(first: int) -> list[Json]:
        query = {"first": first, "max": PAGE, "briefRepresentation": False}
        found: list[Json] = await realm.get("users", query=query, patience=LONG)
        return found

    pages = await gathered(page(first) for first in range(0, max(count, 1), PAGE))
    return {one["id"]: _slim(one) for some in pages for one in some}


def _slim(person: Json) -> Json:
    """Take out what nobody here asks for: a list of many people would hold it in memory."""
    for key in ("access", "createdTimestamp", "disableableCredentialTypes", "notBefore", "totp"):
        person.pop(key, None)
    return person


@dataclass(frozen=True)
class Listed:
    """A complete list by address, and the names that no address can be made of."""

    clear: dict[str, Json]
    unclear: list[str]


async def groups(realm: Realm) -> Listed:
    """Return all groups by path, parents first, with attributes and the names of their own roles."""
    return await realm.once("all groups", lambda: _groups(realm))


async def _groups(realm: Realm) -> Listed:
    """Take them from an export, or read them level by level."""
    told = await exported(realm)
    listed = await _walked(realm) if told is None else _planted(told.groups)
    saw(realm, Kind.GROUP, listed.clear)
    count = (await realm.get("groups", "count"))["count"]
    # With `query-groups` alone the list is empty: hidden is not absent.
    if not listed.clear and not listed.unclear and count:
        raise Forbidden(f"Keycloak shows our service account none of {count} groups.", status=200)
    return listed


def _planted(tops: list[Json]) -> Listed:
    """Return the groups of a whole tree."""
    found = Listed({}, [])
    levels = [("", tops)]
    while levels:
        prefix, some = levels.pop()
        below = {id: f"{path}/" for path, id in _placed(found, prefix, some)}
        levels += [(below[one["id"]], one.pop("subGroups")) for one in some if one["id"] in below]
    return Listed(dict(sorted(found.clear.items())), found.unclear)


async def _walked(realm: Realm) -> Listed:
    """Read level by level: Keycloak lists sub groups of one parent at a time.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups
    """
    top = Listed({}, [])
    parents = _placed(top, "", await _pages(realm, "groups", populateHierarchy=False))
    found = await _walk(realm, parents)
    return Listed(top.clear | found.clear, top.unclear + found.unclear)


async def _walk(realm: Realm, parents: list[tuple[str, str]]) -> Listed:
    found = Listed({}, [])
    while parents:
        children = await gathered(_pages(realm, "groups", id, "children") for _, id in parents)
        levels = [(f"{path}/", some) for (path, _), some in zip(parents, children, strict=True)]
        parents = [one for prefix, some in levels for one in _placed(found, prefix, some)]
    return found


def _placed(found: Listed, prefix: str, some: list[Json]) -> list[tuple[str, str]]:
    """Put groups where they belong, and return path and id of those that may have sub groups."""
    parents = []
    for one in some:
        path = prefix + one["name"]
        if not is_clear(one["name"]):
            found.unclear.append(path)
            continue
        found.clear[path] = one
        if one.get("subGroupCount", 1):
            parents.append((path, one["id"]))
    return parents


async def below(realm: Realm, path: str, group: Json) -> Listed:
    """Return all groups below one, by path: one call for each that has sub groups, unless all are listed."""
    if Kind.GROUP in realm.listed:
        listed = realm.listed[Kind.GROUP].items()
        return Listed({name: one for name, one in listed if name.startswith(f"{path}/")}, [])
    if not group.get("subGroupCount", 1):
        return Listed({}, [])
    return await realm.once(("below", group["id"]), lambda: _walk(realm, [(path, group["id"])]))


async def roles(realm: Realm) -> Listed:
    """Return all realm roles in full by name, `default-roles-<realm>` among them."""
    return await realm.once("all roles", lambda: _roles(realm))


async def _roles(realm: Realm) -> Listed:
    """Read the roles. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles."""
    told = await exported(realm)
    found = {one["name"]: one for one in (await _pages(realm, "roles") if told is None else told.roles)}
    saw(realm, Kind.ROLE, found)
    unclear = [name for name in found if not is_clear(name)]
    return Listed({name: one for name, one in found.items() if name not in unclear}, unclear)


async def roles_up_to(realm: Realm, most: int) -> None:
    """List all realm roles if there are fewer than so many: one call, whatever the size of the realm."""
    query = {"briefRepresentation": False, "first": 0, "max": most}
    page = await realm.get("roles", query=query, patience=LONG)
    if len(page) < most:
        saw(realm, Kind.ROLE, {one["name"]: one for one in page})


def saw(realm: Realm, kind: Kind, found: dict[str, Json]) -> None:
    """Keep a complete list: what is not in it is not there, whatever was seen before."""
    for gone in [one for one in realm.seen if one.kind is kind and one.path[0] not in found]:
        del realm.seen[gone]
    realm.seen.update((Address(kind, (name,)), one["id"]) for name, one in found.items())
    realm.listed[kind] = found


async def people_with_role(realm: Realm, role: str) -> list[Json]:
    """Return the people that have a role directly, service accounts among them.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles
    """
    return await _pages(realm, "roles", role, "users", size=LINKS_PAGE, briefRepresentation=True)


async def people_with_client_role(realm: Realm, client_id: str, role: str) -> list[Json]:
    """Return the people that have a role of a client directly, service accounts among them.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_roles
    """
    where = ("clients", client_id, "roles", role, "users")
    return await _pages(realm, *where, size=LINKS_PAGE, briefRepresentation=True)


async def members(realm: Realm, group_id: str) -> list[Json]:
    """Return the direct members of a group.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_groups
    """
    return await _pages(realm, "groups", group_id, "members", size=LINKS_PAGE, briefRepresentation=True)


async def _pages(realm: Realm, *parts: str, size: int = PAGE, **query: Any) -> list[Json]:
    asked = {"briefRepresentation": False} | query
    found: dict[str, Json] = {}
    first = 0
    while True:
        page = await realm.get(*parts, query=asked | {"first": first, "max": size}, patience=LONG)
        found |= {one["id"]: one for one in page}
        if len(page) < size:
            return list(found.values())
        first += size
