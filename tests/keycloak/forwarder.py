"""A forwarder to the real Keycloak that spoils chosen replies: late, cut off, or replaced by another answer.

It imitates nothing: what it does not spoil is Keycloak's own.
"""

import asyncio
import http.client
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

HTML = b"<html><body><h1>Bad gateway</h1><p>password=secret</p></body></html>"


@dataclass(frozen=True)
class Fault:
    """What is done to one exchange. `forwarded` says whether Keycloak gets the request at all."""

    forwarded: bool = True
    seconds: float = 0
    cut_after: int | None = None  # bytes of the reply, then the connection is closed
    status: int | None = None
    content_type: str = "text/html"
    body: bytes = HTML
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Exchange:
    """One request, and the port that its sender speaks from."""

    method: str
    target: str
    body: bytes
    port: int


@dataclass
class Rule:
    method: str
    ending: str
    fault: Fault
    skip: int
    times: int

    def takes(self, method: str, path: str) -> bool:
        if method != self.method or not path.partition("?")[0].endswith(self.ending) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Forwarder:
    """Listens on `url`. `seen` are the requests that came in, as `PUT /admin/realms/acme`."""

    upstream: str
    rules: list[Rule] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spoil(self, method: str, ending: str, fault: Fault, *, skip: int = 0, times: int = 1) -> None:
        """Spoil the next `times` calls of a method to a path with this ending, after `skip` good ones."""
        self.rules.append(Rule(method, ending, fault, skip, times))

    def count(self, method: str, ending: str) -> int:
        return sum(one.startswith(method + " ") and one.endswith(ending) for one in self.seen)

    async def coming(self, exchange: Exchange) -> None:
        """Called before a request is forwarded. Raises ConnectionError to lose it."""

    async def going(self, exchange: Exchange, reply: bytes) -> None:
        """Called before a reply is sent. Raises ConnectionError to lose it."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _request(reader):
                method, target, headers, body = request
                self.seen.append(f"{method} {target.partition('?')[0]}")
                self.targets.append(target)
                exchange = Exchange(method, target, body, writer.get_extra_info("peername")[1])
                await self.coming(exchange)
                fault = next((one.fault for one in self.rules if one.takes(method, target)), Fault())
                reply = (
                    await asyncio.to_thread(self._ask, method, target, headers, body)
                    if fault.forwarded
                    else b""
                )
                await self.going(exchange, reply)
                await asyncio.sleep(fault.seconds)
                if fault.status is not None:
                    reply = _reply(
                        fault.status, [("content-type", fault.content_type), *fault.headers], fault.body
                    )
                writer.write(reply if fault.cut_after is None else reply[: fault.cut_after])
                await writer.drain()
                if fault.cut_after is not None:
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    def _ask(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        parts = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=60)
        try:
            connection.request(method, target, body=body or None, headers=headers | {"host": parts.netloc})
            answer = connection.getresponse()
            kept = [(key, value) for key, value in answer.getheaders() if key.lower() not in _HOP]
            return _reply(answer.status, kept, answer.read())
        finally:
            connection.close()


_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes] | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    headers = {key.lower(): value.strip() for key, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    headers.pop("connection", None)
    return method, target, headers, body


def _reply(status: int, headers: list[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Spoken", *(f"{key}: {value}" for key, value in headers)]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body


@contextmanager
def forwarding(upstream: str) -> Iterator[Forwarder]:
    """Run a forwarder in a thread of its own."""
    with serving(Forwarder(upstream)) as forwarder:
        yield forwarder


F = TypeVar("F", bound=Forwarder)


@contextmanager
def serving(forwarder: F) -> Iterator[F]:
    """Run this forwarder in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=10)

    server = wait(asyncio.start_server(forwarder.serve, "127.0.0.1", 0))
    forwarder.port = server.sockets[0].getsockname()[1]
    try:
        yield forwarder
    finally:
        loop.call_soon_threadsafe(server.close)
        wait(_end_tasks())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
