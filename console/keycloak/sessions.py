"""The sessions of people: listed, and ended. Access tokens that are out live on until they end themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from console.engine.state import Kind
from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import KeycloakError, Unknown, understood
from console.keycloak.realm import Json, Realm, gathered
from console.transport import run


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

    username: str
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
        if id is None:
            return ()
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
    return run(_end_sessions(Realm(client_for(connection), realm), usernames))


async def _end_sessions(realm: Realm, usernames: Sequence[str]) -> tuple[Ended, ...]:
    return tuple(await gathered(_end(realm, one) for one in usernames))


async def _end(realm: Realm, username: str) -> Ended:
    try:
        with understood():
            id = await realm.id(Kind.PERSON, username)
            if id is None:
                return Ended(username, "done", "There is no such account in Keycloak, so no session.")
            await realm.post("users", id, "logout", json={})
            await _end_offline(realm, username)
            return Ended(username, "done", "All sessions ended.")
    except Unknown as error:
        return await _read_back(realm, username, error.sentence)
    except KeycloakError as error:
        return Ended(username, "failed", error.sentence)


async def _end_offline(realm: Realm, username: str) -> None:
    """End offline sessions, which a logout leaves in the list, and alive if they are of the same second."""
    for one in await _sessions_of(realm.again(), username):
        if one.is_offline:
            await realm.client.delete(realm.path("sessions", one.id), query={"isOffline": True})


async def _read_back(realm: Realm, username: str, sentence: str) -> Ended:
    """Decide what a lost reply meant: without a session it was done."""
    try:
        left = await _sessions_of(realm.again(), username)
    except KeycloakError:
        return Ended(username, "unknown", f"{sentence} Whether the sessions ended is not known.")
    if left:
        return Ended(username, "failed", f"{sentence} There are sessions still: try again.")
    return Ended(username, "done", "All sessions ended; the reply was lost, so they were listed again.")
