"""Calls with a token: one renewal for all who need it at once, one more after a 401, errors as ours."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from console.keycloak.connection import Connection
from console.keycloak.errors import (
    NOT_KEYCLOAK,
    KeycloakError,
    Permanent,
    Strange,
    Temporary,
    failed,
    lost,
    wait_of,
)
from console.keycloak.secrets import refuse_masks
from console.transport import (
    USUAL,
    OutOfTime,
    Patience,
    Query,
    Refused,
    Reply,
    Secret,
    Transport,
    TransportError,
)

TOKEN_MARGIN_SECONDS = 15.0


Segments = tuple[str, ...]
BeforeSend = Callable[[], Awaitable[None]]


async def at_any_time() -> None:
    """Let a call be sent: for reads, and for callers without a lease."""


@dataclass(slots=True)
class News:
    """What the calls since the last look said of the server. `silent` were not answered since one was."""

    silent: int = 0
    answered: bool = False
    sentence: str = ""
    wait: float | None = None  # what the server asked for, in seconds

    def hear(self, reply: Reply) -> None:
        if reply.status in _AWAY:
            self.miss(f"A server in front of Keycloak says that it is away ({reply.status}).")
        else:
            self.silent, self.answered = 0, True
        if reply.status in _BUSY and (wait := wait_of(reply)) is not None:
            self.wait = max(self.wait or 0, wait)

    def lose(self, error: TransportError) -> None:
        if not isinstance(error, OutOfTime | Refused):
            self.miss(error.sentence)

    def miss(self, sentence: str) -> None:
        self.silent += 1
        self.sentence = sentence


_AWAY = frozenset({502, 503, 504})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class _Call:
    """One call. `before_send` is awaited right before it is sent, the token in hand; raising forbids it."""

    method: str
    segments: Segments
    query: Query | None = None
    json: Any = None
    patience: Patience = USUAL
    before_send: BeforeSend = at_any_time


class Client:
    """One service client on one server. Coroutines: call them through `console.transport.run`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        try:
            self._transport = Transport(connection.url)
        except TransportError as error:
            raise Permanent(error.sentence) from error
        self._token: Secret | None = None
        self._good_until = 0.0
        self._renewing: asyncio.Task[Secret] | None = None
        self._news = News()

    @property
    def is_silent(self) -> bool:
        """Tell whether the last call was not answered."""
        return self._news.silent > 0

    def take_news(self) -> News:
        """Return what was heard of the server since this was asked last."""
        news, self._news = self._news, News()
        return news

    def __repr__(self) -> str:
        return f"Client({self.connection.client_id} at {self._transport.origin})"

    async def get(
        self, segments: Segments, *, query: Query | None = None, patience: Patience = USUAL
    ) -> Reply:
        """Return a reply with JSON. Raises Temporary or Permanent (NotFound, Forbidden)."""
        reply = await self._answer(_Call("GET", segments, query=query, patience=patience))
        if reply.json is None:
            raise Strange(NOT_KEYCLOAK, status=reply.status)
        return reply

    async def post(
        self,
        segments: Segments,
        *,
        query: Query | None = None,
        json: Any = None,
        patience: Patience = USUAL,
        before_send: BeforeSend = at_any_time,
    ) -> Reply:
        """Send it once. Raises Temporary, Permanent (Conflict, BadRequest, ...) or Unknown."""
        return await self._answer(_Call("POST", segments, query, json, patience, before_send))

    async def put(
        self,
        segments: Segments,
        *,
        query: Query | None = None,
        json: Any = None,
        patience: Patience = USUAL,
        before_send: BeforeSend = at_any_time,
    ) -> Reply:
        """Send it once. Raises Temporary, Permanent or Unknown."""
        return await self._answer(_Call("PUT", segments, query, json, patience, before_send))

    async def delete(
        self,
        segments: Segments,
        *,
        query: Query | None = None,
        json: Any = None,
        patience: Patience = USUAL,
        before_send: BeforeSend = at_any_time,
    ) -> Reply:
        """Send it once. Raises Temporary, Permanent (NotFound when it is gone already) or Unknown."""
        return await self._answer(_Call("DELETE", segments, query, json, patience, before_send))

    async def token(self) -> Secret:
        """Return an access token that is good for a while. Raises Temporary or Permanent."""
        if self._token is not None and time.monotonic() < self._good_until:
            return self._token
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.ensure_future(self._renew())
        # Shielded: a caller that gives up must not take the token from the others.
        return await asyncio.shield(self._renewing)

    def forget_token(self, token: Secret) -> None:
        """Ask for a new one at the next call, unless somebody has already renewed this one."""
        if self._token == token:
            self._token = None

    async def _answer(self, call: _Call) -> Reply:
        self._refuse(call)
        token = await self.token()
        reply = await self._send(call, token)
        if reply.status == 401:
            self.forget_token(token)
            reply = await self._send(call, await self.token())
        if reply.status >= 300:
            raise self._redacted(failed(reply, method=call.method))
        return reply

    def _refuse(self, call: _Call) -> None:
        """Raise Permanent before anything, even the request for a token, is sent."""
        refuse_masks(call.json)
        try:
            self._transport.url(call.segments, call.query)
        except TransportError as error:
            raise Permanent(error.sentence) from error

    async def _send(self, call: _Call, token: Secret) -> Reply:
        await call.before_send()
        try:
            reply = await self._transport.request(
                call.method,
                call.segments,
                query=call.query,
                json=call.json,
                bearer=token,
                patience=call.patience,
            )
        except TransportError as error:
            self._news.lose(error)
            raise lost(error, method=call.method) from error
        self._news.hear(reply)
        return reply

    async def _renew(self) -> Secret:
        """Ask for a token by client credentials.

        https://www.keycloak.org/docs/latest/server_admin/index.html#_service_accounts
        """
        reply = await self._ask_for_token()
        if reply.status >= 300:
            raise self._redacted(_token_error(reply))
        answer = reply.json if isinstance(reply.json, dict) else {}
        text, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(text, str) or not isinstance(life, int | float):
            raise Permanent(
                "The server gave no token: check the server's address.",
                status=reply.status,
            )
        self._token = Secret(text)
        self._good_until = time.monotonic() + max(life - TOKEN_MARGIN_SECONDS, life / 2)
        return self._token

    async def _ask_for_token(self) -> Reply:
        connection = self.connection
        segments = ("realms", connection.realm, "protocol", "openid-connect", "token")
        form: dict[str, str | Secret] = {
            "grant_type": "client_credentials",
            "client_id": connection.client_id,
            "client_secret": connection.client_secret,
        }
        try:
            reply = await self._transport.request("POST", segments, form=form)
        except TransportError as error:
            self._news.lose(error)
            # A token more or less changes nothing, so a lost reply is only a delay.
            raise lost(error, method="GET") from error
        self._news.hear(reply)
        return reply

    def _redacted(self, error: KeycloakError) -> KeycloakError:
        """Take our secrets out of words that a hostile server may have put there."""
        for secret in (self.connection.client_secret, self._token):
            if secret and secret.reveal() in error.sentence:
                error.sentence = error.sentence.replace(secret.reveal(), "…")
                error.args = (error.sentence,)
        return error


def _token_error(reply: Reply) -> KeycloakError:
    if reply.status in {400, 401}:
        return Permanent("Keycloak refuses our client id or secret.", status=reply.status)
    if reply.status == 404:
        return Permanent("The realm of our service client does not exist there.", status=404)
    error = failed(reply, method="GET")
    return error if isinstance(error, Temporary) else Permanent(error.sentence, status=reply.status)


@lru_cache(maxsize=64)
def client_for(connection: Connection) -> Client:
    """Return this process's client of a connection, with its token."""
    return Client(connection)


# A forked child has no background loop yet, so it must not wait for the parent's renewal.
os.register_at_fork(after_in_child=client_for.cache_clear)
