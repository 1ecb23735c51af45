"""Keycloak's admin events: who changed something in a realm, by which client, when and from where."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from console.keycloak.client import Client, client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import Forbidden, NotFound, understood
from console.keycloak.realm import Json, Realm, gathered
from console.transport import Query, run

PAGE = 500
MOST_PAGES = 20
EXPIRATION = "adminEventsExpiration"


@dataclass(frozen=True, slots=True)
class Author:
    """Who sent a change, by Keycloak's ids. `realm` is the id of the realm that the account lives in."""

    realm: str
    user: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminEvent:
    """One change that came through the admin API. `content` is what was sent, where Keycloak keeps it."""

    at: datetime
    operation: str
    resource: str
    path: tuple[str, ...]
    author: Author
    address: str
    content: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminEvents:
    """The events of others since a moment, newest first.

    `reach_back` is until when Keycloak keeps them (None: for ever). `is_cut`: there are more.
    """

    is_on: bool
    has_details: bool = False
    reach_back: datetime | None = None
    is_cut: bool = False
    events: tuple[AdminEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """What an author is called: both "" where Keycloak does not let us read that."""

    user: str = ""
    client: str = ""


def admin_events(connection: Connection, realm: str, *, since: datetime) -> AdminEvents:
    """Return what others did in a realm since then. Raises Forbidden, Temporary, Permanent.

    Events of our own service account are left out.
    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
    """
    return run(_admin_events(client_for(connection), realm, since))


async def _admin_events(client: Client, name: str, since: datetime) -> AdminEvents:
    realm = Realm(client, name)
    with understood():
        settings = await realm.representation() or {}
        if not settings.get("adminEventsEnabled"):
            return AdminEvents(is_on=False)
        found, is_cut = await _pages(realm, since)
    ours = await _our_user(client)
    return AdminEvents(
        is_on=True,
        has_details=bool(settings.get("adminEventsDetailsEnabled")),
        reach_back=_reach_back(settings),
        is_cut=is_cut,
        events=tuple(one for one in map(_event, found) if one.author.user != ours),
    )


async def _pages(realm: Realm, since: datetime) -> tuple[list[Json], bool]:
    found: dict[str, Json] = {}
    start = str(int(since.timestamp() * 1000))
    for number in range(MOST_PAGES):
        query: Query = {"dateFrom": start, "first": number * PAGE, "max": PAGE}
        page: list[Json] = await realm.get("admin-events", query=query)
        found |= {one["id"]: one for one in page}
        if len(page) < PAGE:
            return list(found.values()), False
    return list(found.values()), True


def _reach_back(settings: Json) -> datetime | None:
    """Return from when on Keycloak still has events. 0 or nothing: it never drops them."""
    seconds = int((settings.get("attributes") or {}).get(EXPIRATION) or 0)
    return datetime.now(UTC) - timedelta(seconds=seconds) if seconds else None


def _event(found: Json) -> AdminEvent:
    by: Mapping[str, str] = found.get("authDetails") or {}
    return AdminEvent(
        at=datetime.fromtimestamp(found["time"] / 1000, UTC),
        operation=found.get("operationType", ""),
        resource=found.get("resourceType", ""),
        path=tuple(part for part in (found.get("resourcePath") or "").split("/") if part),
        author=Author(by.get("realmId", ""), by.get("userId", ""), by.get("clientId", "")),
        address=by.get("ipAddress", ""),
        content=_content(found.get("representation")),
    )


def _content(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None  # an event may hold plain text


async def _our_user(client: Client) -> str | None:
    """Return the id of our service account: the subject of our own token."""
    payload = (await client.token()).reveal().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    subject: str | None = claims.get("sub")
    return subject


def names_of(connection: Connection, realm: str, authors: Iterable[Author]) -> dict[Author, Named]:
    """Return what these authors are called, so far as we may read that."""
    return run(_names_of(client_for(connection), realm, sorted(set(authors), key=repr)))


async def _names_of(client: Client, name: str, authors: list[Author]) -> dict[Author, Named]:
    realm = Realm(client, name)
    own = (await realm.representation() or {}).get("id")
    elsewhere = Realm(client, client.connection.realm)
    named = await gathered(_named(realm if one.realm == own else elsewhere, one) for one in authors)
    return dict(zip(authors, named, strict=True))


async def _named(realm: Realm, author: Author) -> Named:
    user = await _one(realm, "users", author.user)
    client = await _one(realm, "clients", author.client)
    return Named(user.get("username", ""), client.get("clientId", ""))


async def _one(realm: Realm, *parts: str) -> Json:
    if not all(parts):
        return {}
    try:
        with understood():
            found: Json = await realm.get(*parts)
            return found
    except (Forbidden, NotFound):
        return {}
