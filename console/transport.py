"""The one module that speaks HTTP: exact paths, time-outs, size limits, writes sent once, no secret shown.

Coroutines run on one background event loop thread per process; `run` is the bridge from ordinary code.
"""

import asyncio
import atexit
import json as json_text
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from console.exact_url import LONGEST_URL, Query, Refused, TransportError, origin_of, path_of, url_of
from console.patience import LONG, LONGEST_CALL_SECONDS, USUAL, Patience, left_of_caller, within

__all__ = [
    "LARGEST_REPLY",
    "LONG",
    "LONGEST_CALL_SECONDS",
    "LONGEST_URL",
    "USUAL",
    "Caller",
    "Calls",
    "Form",
    "Lost",
    "NotSent",
    "OutOfTime",
    "Patience",
    "Query",
    "Refused",
    "Reply",
    "Secret",
    "Transport",
    "TransportError",
    "calls",
    "origin_of",
    "path_of",
    "run",
    "within",
]

T = TypeVar("T")
Form = Mapping[str, "str | Secret"]

LARGEST_REPLY = 20 * 1024 * 1024  # bytes
CONNECT_SECONDS = 3.0
FAIR_SECONDS = 3.0
SLOW = "The server did not answer in time."


class Secret:
    """A text that never shows by accident: not by `repr`, `str`, `format`, logs or JSON."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text. Called where it is sent, and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: Any) -> "Secret":
        return self

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled.")


class NotSent(TransportError):
    """Nothing was sent: no connection to the server."""


class Lost(TransportError):
    """It was sent and the reply was lost: the server may have done it."""


class OutOfTime(Lost):
    """The caller's own time was over before the server had a fair chance to answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply. `json` is None unless the body was JSON."""

    status: int
    json: Any = None
    text: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


# --- counting ----------------------------------------------------------------------------------


@dataclass
class Calls:
    """The calls that this process made while it was open, as `GET /admin/realms/acme`."""

    made: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """The number of calls, those for a token left out: they depend on the time of day only."""
        return sum(1 for one in self.made if not one.endswith("/protocol/openid-connect/token"))


_open_counters: list[Calls] = []


@contextmanager
def calls() -> Iterator[Calls]:
    """Count the calls of this process inside the block, for benchmarks and tests."""
    counter = Calls()
    _open_counters.append(counter)
    try:
        yield counter
    finally:
        _open_counters[:] = [one for one in _open_counters if one is not counter]


# --- how long the caller can wait ----------------------------------------------------------------


def _timeout(patience: Patience) -> aiohttp.ClientTimeout:
    """Return the limits of a call. Raises OutOfTime when the caller's time is over."""
    total, left = CONNECT_SECONDS + patience.total, left_of_caller()
    if left is not None and left <= 0:
        raise OutOfTime(SLOW)
    return aiohttp.ClientTimeout(
        total=total if left is None else min(total, left),
        sock_connect=CONNECT_SECONDS,
        sock_read=patience.read,
    )


# --- the background loop -----------------------------------------------------------------------


class _Background:
    """An event loop in a thread of its own, with one session per origin."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.sessions: dict[str, aiohttp.ClientSession] = {}
        self.thread = threading.Thread(target=self.loop.run_forever, name="transport", daemon=True)
        self.thread.start()

    def session(self, origin: str) -> aiohttp.ClientSession:
        if origin not in self.sessions:
            self.sessions[origin] = _new_session()
        return self.sessions[origin]

    async def close_sessions(self) -> None:
        while self.sessions:
            await self.sessions.popitem()[1].close()


def _new_session() -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=16, keepalive_timeout=15),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=True,
    )
    # aiohttp repeats PUT and DELETE once on a connection that the server closed. We send a write once.
    if not hasattr(session, "_retry_connection"):
        raise RuntimeError("This version of aiohttp cannot be told not to repeat a write.")
    session._retry_connection = False
    return session


_background: _Background | None = None
_of_parents: list[_Background | None] = []  # kept, so that nothing tidies up what the parent still uses
_starting = threading.Lock()


def _current() -> _Background:
    global _background
    with _starting:
        if _background is None:
            _background = _Background()
        return _background


def _forget() -> None:
    """In a forked child: the parent's thread and connections are not ours, nor ours to close."""
    global _background, _starting
    _of_parents.append(_background)
    _background, _starting = None, threading.Lock()


def _stop() -> None:
    if _background is None:
        return
    closing = asyncio.run_coroutine_threadsafe(_background.close_sessions(), _background.loop)
    with suppress(TimeoutError):  # the process ends now, whether the servers take part or not
        closing.result(timeout=5)
    _background.loop.call_soon_threadsafe(_background.loop.stop)


os.register_at_fork(after_in_child=_forget)
atexit.register(_stop)


class Caller:
    """Lets a coroutine on the background loop call a function in the thread that waits for it.

    Database connections belong to their thread, so a lease is checked there.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    async def call(self, function: Callable[[], T]) -> T:
        """Return what `function` returned in the waiting thread, or raise what it raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def answer_it() -> None:
            try:
                value = function()
            except Exception as error:
                loop.call_soon_threadsafe(_settle, answer, None, error)
            else:
                loop.call_soon_threadsafe(_settle, answer, value, None)

        self._asked.put(answer_it)
        return await answer

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what the coroutine returns, and serve its calls meanwhile."""
        try:
            loop = _not_inside().loop
        except RuntimeError:
            coroutine.close()
            raise
        future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        future.add_done_callback(lambda _: self._asked.put(None))
        try:
            while (asked := self._asked.get()) is not None:
                asked()
            return future.result()
        except BaseException:
            future.cancel()
            raise


def _settle(answer: "asyncio.Future[Any]", value: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(value)
    else:
        answer.set_exception(error)


def _not_inside() -> _Background:
    background = _current()
    if threading.current_thread() is background.thread:
        raise RuntimeError("`run` was called on the background loop, which would wait for itself.")
    return background


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns, run on the background loop; the calling thread waits."""
    return Caller().wait(coroutine)


# --- calls -------------------------------------------------------------------------------------


class Transport:
    """Calls to one origin. No redirects, no proxies from the environment, no cookies."""

    def __init__(self, base_url: str) -> None:
        self.origin = origin_of(base_url)

    def url(self, segments: Sequence[str], query: Query | None = None) -> URL:
        """Return the exact URL of a call. Raises Refused."""
        return url_of(self.origin, segments, query)

    async def request(
        self,
        method: str,
        segments: Sequence[str],
        *,
        query: Query | None = None,
        json: Any = None,
        form: Form | None = None,
        bearer: Secret | None = None,
        patience: Patience = USUAL,
    ) -> Reply:
        """Return the reply, whatever its status. Raises Refused, NotSent or Lost.

        A read is repeated once if the connection failed; a write is sent once.
        """
        url = self.url(segments, query)
        body, headers = _body(json, form)
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer.reveal()}"
        try:
            return await self._send(method, url, body, headers, patience)
        except (NotSent, Lost) as error:
            if method != "GET" or isinstance(error.__cause__, TimeoutError):
                raise
            return await self._send(method, url, body, headers, patience)

    async def _send(
        self,
        method: str,
        url: URL,
        body: bytes | None,
        headers: Mapping[str, str],
        patience: Patience,
    ) -> Reply:
        for counter in _open_counters:
            counter.made.append(f"{method} {url.raw_path}")
        timeout = _timeout(patience)
        late = OutOfTime if (timeout.total or FAIR_SECONDS) < FAIR_SECONDS else Lost
        session = _current().session(self.origin)
        try:
            async with session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return await _reply(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent("The server cannot be reached.") from error
        except TimeoutError as error:
            raise late(SLOW) from error
        except (aiohttp.ClientError, ConnectionError, ValueError) as error:
            raise Lost("The server's answer was cut off or not HTTP.") from error


def _body(json: Any, form: Form | None) -> tuple[bytes | None, dict[str, str]]:
    headers = {"Accept": "application/json"}
    if form is not None:
        plain = {key: one.reveal() if isinstance(one, Secret) else one for key, one in form.items()}
        text = "&".join(f"{quote(key, safe='')}={quote(one, safe='')}" for key, one in plain.items())
        return text.encode(), headers | {"Content-Type": "application/x-www-form-urlencoded"}
    if json is None:
        return None, headers
    # ensure_ascii also makes a lone surrogate sendable; Keycloak then says what it thinks of it.
    return json_text.dumps(json, ensure_ascii=True, allow_nan=False).encode(), headers | {
        "Content-Type": "application/json"
    }


async def _reply(response: aiohttp.ClientResponse) -> Reply:
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_REPLY:
            raise Lost(f"The server's answer is larger than {LARGEST_REPLY // 2**20} MB.")
    text = b"".join(chunks).decode("utf-8", errors="replace")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, _parsed(text, headers), text, headers)


def _parsed(text: str, headers: Mapping[str, str]) -> Any:
    if "json" not in headers.get("content-type", "") or not text:
        return None
    try:
        return orjson.loads(text)
    except ValueError:
        return None
