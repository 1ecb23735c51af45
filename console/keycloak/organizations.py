"""Organizations, their groups and their members: complete lists, and what is looked up in them.

Measured on Keycloak 26.7.5: the groups of organizations are hidden from all calls for groups of the realm,
and `search=*` lists those of one organization on all levels, with the names of their roles.
"""

from dataclasses import dataclass

from console.keycloak.errors import NotFound, Permanent
from console.keycloak.realm import LINKS_PAGE, PAGE, Json, Realm, is_clear
from console.transport import LONG, Query

OFF = "Organizations are switched off in this realm: switch them on in the realm settings."


async def are_on(realm: Realm) -> bool:
    """Tell whether the realm has organizations: where they are off, Keycloak answers 404 to everything."""
    whole = await realm.representation()
    return bool(whole and whole.get("organizationsEnabled"))


async def organizations(realm: Realm) -> dict[str, Json]:
    """Return all organizations in full by alias, none where they are switched off."""
    return await realm.once("organizations", lambda: _organizations(realm))


async def _organizations(realm: Realm) -> dict[str, Json]:
    """Read them. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
    if not await are_on(realm):
        return {}
    found = await _pages(realm, "organizations", size=PAGE, query={"briefRepresentation": False})
    return {one["alias"]: one for one in found}


async def organization(realm: Realm, alias: str) -> Json | None:
    """Return an organization in full, or None: Keycloak has no search by alias."""
    return (await organizations(realm)).get(alias)


async def organization_at(realm: Realm, alias: str) -> Json:
    """Return an organization in full. Raises NotFound, naming it, or saying that they are switched off."""
    found = await organization(realm, alias)
    if found is None:
        if not await are_on(realm):
            raise Permanent(OFF)
        raise NotFound(f"The organization “{alias}” does not exist in Keycloak.", status=404)
    return found


@dataclass(frozen=True)
class Groups:
    """All groups of an organization by path, and the paths that no address can be made of."""

    clear: dict[str, Json]
    unclear: list[str]

    def below(self, path: str) -> dict[str, Json]:
        """Return the groups below one."""
        return {one: group for one, group in self.clear.items() if one.startswith(f"{path}/")}

    def with_all_below(self, path: str) -> dict[str, Json]:
        """Return a group with those below it; none where none stands at this path."""
        here = {path: self.clear[path]} if path in self.clear else {}
        return here | self.below(path)


async def groups(realm: Realm, its_organization: Json) -> Groups:
    """Return all groups of an organization, with attributes and the names of their own roles.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations
    """
    id = its_organization["id"]
    return await realm.once(("groups of organization", id), lambda: _groups(realm, id))


async def _groups(realm: Realm, id: str) -> Groups:
    query: Query = {"search": "*", "briefRepresentation": False}
    found = {
        one["id"]: one for one in await _pages(realm, "organizations", id, "groups", size=PAGE, query=query)
    }
    placed = Groups({}, [])
    for one in found.values():
        names = _names(found, one)
        path = "/".join(names)
        if all(map(is_clear, names)):
            placed.clear[path] = one
        else:
            placed.unclear.append(path)
    return placed


def _names(found: dict[str, Json], group: Json) -> list[str]:
    """Return the names from the top down to a group; its own path would not tell a slash in a name."""
    above = found.get(group.get("parentId", ""))
    return [*(_names(found, above) if above else []), group["name"]]


async def group(realm: Realm, alias: str, path: str) -> Json | None:
    """Return a group of an organization in full, or None."""
    found = await organization(realm, alias)
    return (await groups(realm, found)).clear.get(path) if found else None


async def place_of_group(realm: Realm, alias: str, path: str) -> tuple[str, ...]:
    """Return the segments of a group's own path. Raises NotFound, naming what is missing."""
    its_organization = await organization_at(realm, alias)
    found = (await groups(realm, its_organization)).clear.get(path)
    if found is None:
        raise NotFound(
            f"The group “{path}” of organization “{alias}” does not exist in Keycloak.", status=404
        )
    return ("organizations", its_organization["id"], "groups", found["id"])


async def members(realm: Realm, *place: str) -> list[Json]:
    """Return the members of an organization, or of a group of one, whose place this is."""
    query: Query = {"briefRepresentation": True}
    return await realm.once(
        ("members", *place), lambda: _pages(realm, *place, "members", size=LINKS_PAGE, query=query)
    )


async def groups_of_member(realm: Realm, id: str, person_id: str) -> set[str]:
    """Return the ids of the groups of an organization that a person is in; none for who is no member."""

    async def read() -> set[str]:
        place = ("organizations", id, "members", person_id, "groups")
        try:
            return {one["id"] for one in await _pages(realm, *place, size=PAGE, query={})}
        except NotFound:
            return set()

    return await realm.once(("groups of member", id, person_id), read)


async def _pages(realm: Realm, *parts: str, size: int, query: Query) -> list[Json]:
    found: dict[str, Json] = {}
    first = 0
    while True:
        page = await realm.get(*parts, query={**query, "first": first, "max": size}, patience=LONG)
        found |= {one["id"]: one for one in page}
        if len(page) < size:
            return list(found.values())
        first += size
