"""How long transactions stay open, and how long a realm's row stays locked, as seen from beside."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

EVERY = 0.05  # seconds between two looks

_OPEN = """
SELECT extract(epoch FROM clock_timestamp() - xact_start), state = 'idle in transaction',
       extract(epoch FROM clock_timestamp() - state_change)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""


@dataclass
class Held:
    """The longest of each, in seconds."""

    transaction: float = 0.0
    idle: float = 0.0
    locked: float = 0.0

    @property
    def words(self) -> str:
        return (
            f"longest transaction {self.transaction:.1f} s, idle in one {self.idle:.1f} s, "
            f"realm's row locked {self.locked:.1f} s"
        )


@contextmanager
def watched(url: str, *, table: str, scope: int) -> Iterator[Held]:
    """Look again and again while the block goes on."""
    found, over = Held(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(url, table, scope, found, over), daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def _watch(url: str, table: str, scope: int, found: Held, over: threading.Event) -> None:
    probe = f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"
    locked_since: float | None = None
    with psycopg.connect(url, autocommit=True) as connection:
        while not over.wait(EVERY):
            for age, is_idle, idle in connection.execute(_OPEN).fetchall():
                found.transaction = max(found.transaction, float(age))
                found.idle = max(found.idle, float(idle) if is_idle else 0.0)
            is_free = connection.execute(probe, [scope]).fetchone() is not None
            now = time.monotonic()
            locked_since = None if is_free else locked_since or now
            found.locked = max(found.locked, now - locked_since if locked_since else 0.0)
