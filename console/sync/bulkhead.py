"""Places for one server in a worker: a server that hangs never takes them all.

A run that finds no place ends at once and leaves its scope due. The run that frees a place asks for the next.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from console.sync.models import KeycloakServer


class Full(Exception):
    """All places of this server are taken in this worker."""


_lock = Lock()
_taken: Counter[int] = Counter()
_concurrency = 4


def made_for(concurrency: int) -> None:
    """Say how many jobs this worker does at once."""
    global _concurrency
    _concurrency = concurrency


def places() -> int:
    """Return the places of one server: half of the worker's, or all where there is no other server."""
    if KeycloakServer.objects.count() < 2:
        return _concurrency
    return max(1, _concurrency // 2)


@contextmanager
def place(server_id: int) -> Iterator[None]:
    """Hold a place of this server. Raises Full."""
    most = places()
    with _lock:
        if _taken[server_id] >= most:
            raise Full
        _taken[server_id] += 1
    try:
        yield
    finally:
        with _lock:
            _taken[server_id] -= 1
