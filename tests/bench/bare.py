"""Bare calls at the same rate as ours, without anything around them: what Keycloak itself can do."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from console.keycloak.client import Client
from console.transport import LONG, run
from tests.bench.work import Somebody, Work

CHUNK, AT_ONCE, PAGE = 25, 6, 1000
Json = dict[str, Any]


def make_realm(client: Client, realm: str, work: Work) -> None:
    """Make a realm with all of the work but its people, in one call."""
    top = [path for path in work.groups if "/" not in path]
    content = {
        "realm": realm,
        "enabled": True,
        "roles": {"realm": [_role(name, work) for name in work.roles]},
        "groups": [_group(path, work) for path in top],
    }
    run(client.post(("admin", "realms"), json=content, patience=LONG))


def _role(name: str, work: Work) -> Json:
    included = list(work.composites.get(name, ()))
    return {"name": name, "composite": bool(included), "composites": {"realm": included}}


def _group(path: str, work: Work) -> Json:
    below = [one for one in work.groups if one.rpartition("/")[0] == path]
    return {
        "name": path.rpartition("/")[2],
        "path": f"/{path}",
        "realmRoles": [work.groups[path]],
        "subGroups": [_group(one, work) for one in below],
    }


def import_people(client: Client, realm: str, people: Sequence[Somebody], *, at_once: int = AT_ONCE) -> None:
    """Make the people by partial imports and nothing else, so many at once."""
    chunks = [people[first : first + CHUNK] for first in range(0, len(people), CHUNK)]

    async def some(chunk: Sequence[Somebody]) -> None:
        users = [_user(one, realm) for one in chunk]
        body = {"ifResourceExists": "SKIP", "users": users}
        await client.post(("admin", "realms", realm, "partialImport"), json=body, patience=LONG)

    run(_at_once((some(chunk) for chunk in chunks), at_once))


def _user(one: Somebody, realm: str) -> Json:
    return {
        "username": one.username,
        "email": one.email,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "enabled": True,
        "groups": [f"/{path}" for path in one.groups],
        "realmRoles": [f"default-roles-{realm}", *one.roles],
    }


def read_lists(client: Client, realm: str) -> int:
    """Ask for the complete lists of who is there, in what and with what, and return how much came."""
    return run(_read_lists(client, realm))


async def _read_lists(client: Client, realm: str) -> int:
    async def ask(*parts: str, **query: Any) -> list[Json]:
        path = ("admin", "realms", realm, *parts)
        found: list[Json] = (await client.get(path, query=query, patience=LONG)).json
        return found

    count = (await client.get(("admin", "realms", realm, "users", "count"))).json
    roles, tops = await ask("roles", max=PAGE), await ask("groups", max=PAGE)
    below = await _at_once(ask("groups", one["id"], "children", max=PAGE) for one in tops)
    groups = [*tops, *(one for some in below for one in some)]
    pages = [
        ask("users", first=first, max=PAGE, briefRepresentation=False) for first in range(0, count, PAGE)
    ]
    members = [ask("groups", one["id"], "members", max=count + 1, briefRepresentation=True) for one in groups]
    having = [ask("roles", one["name"], "users", max=count + 1, briefRepresentation=True) for one in roles]
    return sum(map(len, await _at_once([*pages, *members, *having])))


async def _at_once(work: Iterable[Awaitable[Any]], most: int = AT_ONCE) -> list[Any]:
    gate = asyncio.Semaphore(most)

    async def gated(one: Awaitable[Any]) -> Any:
        async with gate:
            return await one

    return await asyncio.gather(*(gated(one) for one in work))
