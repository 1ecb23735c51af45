"""Components: user directories and what is inside them. Keycloak takes two of one name without a word.

Measured on Keycloak 26.7.5: a PUT keeps settings that are absent, the bind password among them, and takes
away those that are sent as [""]. It drops settings that the provider does not know, and a PUT without a type
is written half and answered by an internal error. So all but the settings is sent whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from console.keycloak.errors import Permanent
from console.keycloak.realm import Json, Realm
from console.keycloak.representing import several

STORAGE = "org.keycloak.storage.UserStorageProvider"
TWINS = "Keycloak has several of this name here: rename or delete all but one there."


async def components(realm: Realm) -> list[Json]:
    """Return all components of the realm. Keycloak itself makes some without a name.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component
    """
    found: list[Json] = await realm.once("components", lambda: realm.get("components"))
    return [{"name": ""} | one for one in found]


async def directories(realm: Realm) -> list[Json]:
    """Return all user directories."""
    return [one for one in await components(realm) if one["providerType"] == STORAGE]


async def directory(realm: Realm, name: str, *, id: str | None = None) -> Json | None:
    """Return a directory, or None. Raises Permanent where several have that name and none that id."""
    return only(await directories(realm), name, id=id)


async def inside(realm: Realm, parent: Json) -> list[Json]:
    """Return the components inside one."""
    return [one for one in await components(realm) if one.get("parentId") == parent["id"]]


def only(some: Iterable[Json], name: str, *, id: str | None = None) -> Json | None:
    """Return the one of that name, or None. Raises Permanent where several have it and none that id."""
    named = [one for one in some if one["name"] == name]
    if len(named) > 1:
        named = [one for one in named if one["id"] == id]
        if not named:
            raise Permanent(TWINS)
    return named[0] if named else None


def twins(some: Iterable[Json]) -> set[str]:
    """Return the names that several have."""
    return {name for name, count in Counter(one["name"] for one in some).items() if count > 1}


async def id_of_new(realm: Realm, parent_id: str, name: str) -> str:
    """Return the id of a component of ours: a repeated creation meets itself, not a twin.

    It hangs on what it stands inside, not on that one's name. One that was renamed keeps its id, so there
    may have to be another for its old name.
    """
    taken = {one["id"] for one in await components(realm)}
    count = 1
    while (id := str(uuid5(NAMESPACE_URL, f"gatehouse:component:{parent_id}:{count}:{name}"))) in taken:
        count += 1
    return id


def settings(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the settings that change, as Keycloak takes them: an empty one is sent so that it goes."""
    return {key: several(value) or ([""] if key in there else []) for key, value in wanted.items()}
