"""The lease as writes meet it: a look right before each of them, one for all that wait at the same moment."""

import asyncio
from collections.abc import Callable

from console.engine.target import LostLease
from console.transport import Caller


class Lease:
    """Asks right before writes, and never again after a refusal.

    One look answers all writes that wait as it begins; who comes while it is under way waits for the next.
    """

    def __init__(self, ask: Callable[[], None] | None, caller: Caller) -> None:
        self._ask = ask
        self._caller = caller
        self._lost: LostLease | None = None
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Future[None] | None = None  # a look that has not begun

    async def __call__(self) -> None:
        if self._ask is None:
            return
        if self._next is None:
            self._next = asyncio.ensure_future(self._look(self._ask))
        # Shielded: a write that is given up must not take the look from the others.
        await asyncio.shield(self._next)

    async def _look(self, ask: Callable[[], None]) -> None:
        async with self._one_at_a_time:
            self._next = None
            if self._lost is not None:
                raise self._lost
            try:
                await self._caller.call(ask)
            except LostLease as error:
                self._lost = error
                raise
