"""The record as writes meet it: all are told to the caller before they begin, and some as they end."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from console.engine.operation import Operation
from console.engine.target import After, Before, Outcome, Paused
from console.transport import Caller

Ended = tuple[Operation, Outcome]


class Record:
    """Speaks in the caller's thread, one thing at a time. After a refusal nothing is begun any more."""

    def __init__(self, before: Before | None, after: After | None, caller: Caller) -> None:
        self._before = before
        self._after = after
        self._caller = caller
        self._is_paused = False
        self._refusal: Exception | None = None
        self._one_at_a_time = asyncio.Lock()

    async def begin(self, operations: Sequence[Operation]) -> bool:
        """Return whether these may be written. Raises what the caller raised, for all later ones too."""
        if self._before is None or not operations:
            return True
        async with self._one_at_a_time:
            if self._refusal is None and self._is_paused:
                return False
            try:
                await self._tell(partial(self._before, operations))
            except Paused:
                self._is_paused = True
            return not self._is_paused

    async def end(self, ended: Sequence[Ended]) -> None:
        """Tell what came to its end. Raises what the caller raised, for all later ones too."""
        if self._after is None or not ended:
            return
        async with self._one_at_a_time:
            await self._tell(partial(self._after, ended))

    async def _tell(self, tell: Callable[[], None]) -> None:
        if self._refusal is not None:
            raise self._refusal
        try:
            await self._caller.call(tell)
        except Paused:
            raise
        except Exception as error:
            self._refusal = error
            raise
