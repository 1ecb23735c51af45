"""How long a call may take, and how long its caller can wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds without a byte, and seconds for the whole call with its connection, until we stop waiting."""

    read: float
    total: float


USUAL = Patience(read=10, total=10)  # the writer's lease counts on it
LONG = Patience(read=60, total=60)  # realm creation and deletion, imports, complete lists
LONGEST_CALL_SECONDS = LONG.total

_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give all calls inside the block this long together: a page must answer, whatever a server does."""
    outer = _ends.get()
    end = time.monotonic() + seconds
    token = _ends.set(end if outer is None else min(outer, end))
    try:
        yield
    finally:
        _ends.reset(token)


def left_of_caller() -> float | None:
    """Return the seconds that the caller can still wait, or None where nobody set an end."""
    end = _ends.get()
    return None if end is None else end - time.monotonic()
