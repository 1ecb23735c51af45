"""A forwarder to the real Keycloak that holds each write twice, before it and its reply, and a first read."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from queue import Empty, SimpleQueue

from tests.keycloak.forwarder import Exchange, Forwarder


class Side(StrEnum):
    READING = "while it reads, before anything is begun"
    BEFORE = "before the write"
    AFTER = "after the write, before its record"


@dataclass(frozen=True)
class Caught:
    """A worker that waits for a write: it is lost with its connection when it is let go."""

    side: Side
    exchange: Exchange
    _over: "asyncio.Future[bool]"
    _loop: asyncio.AbstractEventLoop

    def lose(self, *, again: bool = False) -> None:
        """Lose it. `again`: nobody waited for it any more, so the same write is held once more."""
        self._loop.call_soon_threadsafe(self._over.set_result, again)


@dataclass
class Gate(Forwarder):
    """Each different write is held once on each side, one at a time; of the reads the first of a round.

    `done` counts what Keycloak did.
    """

    caught: "SimpleQueue[Caught]" = field(default_factory=SimpleQueue)
    held: Counter[tuple[Side, str]] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    round: str = ""
    holds_reads: bool = False
    only: str = ""  # how the path ends of what is held
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _era: int = 0  # of workers: each catch ends one

    def next(self, *, seconds: float) -> Caught | None:
        try:
            return self.caught.get(timeout=seconds)
        except Empty:
            return None

    async def coming(self, exchange: Exchange) -> None:
        """Let one write through at a time: it keeps the gate until its reply is sent or lost."""
        if self.holds_reads and _is_read(exchange):
            await self._hold(Side.READING, exchange)
        if not _is_write(exchange):
            return
        era = self._era
        await self._one.acquire()
        try:
            if era != self._era:
                raise ConnectionResetError("its worker was caught meanwhile")
            await self._hold(Side.BEFORE, exchange)
        except BaseException:
            self._one.release()
            raise

    async def going(self, exchange: Exchange, reply: bytes) -> None:
        if not _is_write(exchange):
            return
        try:
            if reply.startswith(b"HTTP/1.1 2"):
                self.done[self._name(exchange)] += 1
                await self._hold(Side.AFTER, exchange)
        finally:
            self._one.release()

    async def _hold(self, side: Side, exchange: Exchange) -> None:
        key = side, self.round if side is Side.READING else self._name(exchange)
        if not self.round or self.held[key] or not exchange.target.endswith(self.only):
            return
        self.held[key] += 1
        over = asyncio.get_running_loop().create_future()
        self.caught.put(Caught(side, exchange, over, asyncio.get_running_loop()))
        if await over:
            self.held[key] = 0
        self._era += 1
        raise ConnectionResetError("lost by the gate")

    def _name(self, exchange: Exchange) -> str:
        return f"{self.round} {exchange.method} {exchange.target} {exchange.body.decode(errors='replace')}"


def _is_read(exchange: Exchange) -> bool:
    return exchange.method == "GET" and exchange.target.startswith("/admin/realms/")


_ONLY_ASKS = ("/protocol/openid-connect/token", "/partial-export")


def _is_write(exchange: Exchange) -> bool:
    return exchange.method != "GET" and not exchange.target.partition("?")[0].endswith(_ONLY_ASKS)
