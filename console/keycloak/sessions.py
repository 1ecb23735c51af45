"""The sessions of people and service accounts: listed, and ended. Access tokens that are out live on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from console.engine.state import Kind
from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import KeycloakError, NotFound, Unknown, understood
from console.keycloak.kinds.service_membership import service_user
from console.keycloak.realm import Json, Realm, gathered
from console.transport import Query, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session of somebody: since when, last used, from where, and through which clients."""

    id: str
    started_at: datetime
    last_used_at: datetime
    address: str
    clients: tuple[str, ...]
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of ending somebody's sessions: `done`, `failed` or `unknown`, with a sentence."""

    username: str  # of a service account the id of its client
    word: str
    sentence: str


def sessions_of(connection: Connection, realm: str, username: str) -> tuple[Session, ...]:
    """Return a person's sessions, the offline ones of each client among them. Raises KeycloakError.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users
    """
    return run(_sessions_of(Realm(client_for(connection), realm), username))


async def _sessions_of(realm: Realm, username: str) -> tuple[Session, ...]:
    with understood():
        id = await realm.id(Kind.PERSON, username)
        return () if id is None else await _sessions(realm, id)


async def _sessions(realm: Realm, id: str) -> tuple[Session, ...]:
    online = [_session(one) for one in await realm.get("users", id, "sessions")]
    consents = await realm.get("users", id, "consents")
    ids = {client["client"]: client["clientId"] for client in _offline(consents)}
    some = await gathered(realm.get("users", id, "offline-sessions", client) for client in ids)
    found = {one["id"]: _session(one, is_offline=True) for sessions in some for one in sessions}
    return tuple(sorted((*online, *found.values()), key=lambda one: one.started_at))


def _offline(consents: Sequence[Json]) -> list[Json]:
    """Return the clients that hold an offline token, which Keycloak tells among the consents."""
    return [
        {"client": grant["client"], "clientId": one.get("clientId", "")}
        for one in consents
        for grant in one.get("additionalGrants", [])
        if "client" in grant
    ]


def _session(found: Json, *, is_offline: bool = False) -> Session:
    return Session(
        id=found["id"],
        started_at=_moment(found["start"]),
        last_used_at=_moment(found["lastAccess"]),
        address=found.get("ipAddress") or "",
        clients=tuple(sorted((found.get("clients") or {}).values())),
        is_offline=is_offline,
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def end_sessions(connection: Connection, realm: str, usernames: Sequence[str]) -> tuple[Ended, ...]:
    """End all sessions of these people and return what came of it, in their order.

    Keycloak also refuses refresh tokens, offline ones too, that were issued to them before.
    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users
    """
    found = Realm(client_for(connection), realm)
    return run(_each(_judged(one, found, _person(found, one), _end_all) for one in usernames))


def end_sessions_within(
    connection: Connection, realm: str, usernames: Sequence[str], *, prefix: str
) -> tuple[Ended, ...]:
    """End those sessions of these people that only clients of this prefix use: `kept` if others go on.

    Keycloak ends a session as a whole, never for one of its clients alone.
    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
    """
    found = Realm(client_for(connection), realm)

    async def end(realm: Realm, id: str) -> tuple[str, str]:
        return await _end_within(realm, id, prefix)

    return run(_each(_judged(one, found, _person(found, one), end) for one in usernames))


def end_sessions_of_accounts(connection: Connection, realm: str, clients: Sequence[str]) -> tuple[Ended, ...]:
    """End the sessions of the service accounts of these clients and return what came of it, in their order.

    Most have none, yet Keycloak itself refuses their tokens from then on. Who knows the secret of the client
    gets a new one. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users
    """
    found = Realm(client_for(connection), realm)
    return run(_each(_judged(one, found, _account(found, one), _end_later) for one in clients))


async def _each(work: Iterable[Awaitable[Ended]]) -> tuple[Ended, ...]:
    return tuple(await gathered(work))


async def _person(realm: Realm, username: str) -> str | None:
    return await realm.id(Kind.PERSON, username)


async def _account(realm: Realm, client: str) -> str | None:
    found = await service_user(realm, client)
    return None if found is None else str(found["id"])


async def _judged(
    name: str,
    realm: Realm,
    looked_up: Awaitable[str | None],
    end: Callable[[Realm, str], Awaitable[tuple[str, str]]],
) -> Ended:
    """Return what came of ending the sessions of one account, whatever Keycloak answers."""
    id = None
    try:
        with understood():
            id = await looked_up
            if id is None:
                return Ended(name, "done", "There is no such account in Keycloak, so no session.")
            return Ended(name, *await end(realm, id))
    except Unknown as error:
        return Ended(name, *await _read_back(realm, id, error.sentence))
    except KeycloakError as error:
        return Ended(name, "failed", error.sentence)


async def _end_all(realm: Realm, id: str) -> tuple[str, str]:
    await realm.post("users", id, "logout", json={})
    for one in await _sessions(realm, id):
        # A logout leaves them in the list, and alive if they are of the same second.
        if one.is_offline:
            await _end(realm, one)
    return "done", "All sessions ended."


async def _end_later(realm: Realm, id: str) -> tuple[str, str]:
    """End them a second later: what is of the same second as the mark that Keycloak sets, it still takes."""
    await asyncio.sleep(1)
    return await _end_all(realm, id)


async def _end_within(realm: Realm, id: str, prefix: str) -> tuple[str, str]:
    found = await _sessions(realm, id)
    inside = [one for one in found if one.clients and all(name.startswith(prefix) for name in one.clients)]
    for one in inside:
        await _end(realm, one)
    if left := len(found) - len(inside):
        those = "1 session goes" if left == 1 else f"{left} sessions go"
        return "kept", f"{those} on: clients outside this tenant take part."
    return "done", "All sessions ended."


async def _end(realm: Realm, session: Session) -> None:
    """End one session, if it has not ended meanwhile."""
    query: Query = {"isOffline": True} if session.is_offline else {}
    with suppress(NotFound):
        await realm.client.delete(realm.path("sessions", session.id), query=query)


async def _read_back(realm: Realm, id: str | None, sentence: str) -> tuple[str, str]:
    """Decide what a lost reply meant: without a session it was done."""
    try:
        left = await _sessions(realm.again(), id) if id else None
    except KeycloakError:
        left = None
    if left is None:
        return "unknown", f"{sentence} Whether the sessions ended is not known."
    if left:
        return "failed", f"{sentence} There are sessions still: try again."
    return "done", "All sessions ended; the reply was lost, so they were listed again."
