"""Processor time of the three that take part: this process, Keycloak and PostgreSQL with all its backends.

Seconds by the clock depend on what else the machine does, processor time hardly: so both are shown.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from console.runtime.ports import holder_of

_TICKS = os.sysconf("SC_CLK_TCK")
_OWN, _WITH_THE_DEAD = slice(11, 13), slice(11, 15)  # fields of proc_pid_stat(5) after the name


@dataclass
class Work:
    """What a block took: by the clock, of this process, and of both servers. None: not ours to see."""

    seconds: float = 0.0
    own: float = 0.0
    servers: float | None = None

    @property
    def words(self) -> str:
        servers = "" if self.servers is None else f" + {self.servers:.1f}"
        return f"{self.own:.1f}{servers}"


@dataclass
class Servers:
    """Keycloak and PostgreSQL of the settings, as processes of this machine."""

    pids: list[int] = field(default_factory=list)

    @classmethod
    def of_settings(cls) -> "Servers":
        ports = [urlsplit(os.environ[name]).port for name in ("KEYCLOAK_URL", "DATABASE_URL")]
        holders = [holder_of(port).pid if port else None for port in ports]
        return cls([pid for pid in holders if pid is not None] if all(holders) else [])

    def spent(self) -> float | None:
        """Return the seconds that they spent so far, those of backends that ended among them."""
        if not self.pids:
            return None
        ticks = [_ticks(pid, _WITH_THE_DEAD) for pid in self.pids]
        ticks += [_ticks(child, _OWN) for pid in self.pids for child in _children(pid)]
        return sum(ticks) / _TICKS

    @contextmanager
    def watched(self) -> Iterator[Work]:
        """Measure a block."""
        work, before = Work(), self.spent()
        start, own = time.perf_counter(), time.process_time()
        yield work
        work.seconds, work.own = time.perf_counter() - start, time.process_time() - own
        after = self.spent()
        work.servers = None if before is None or after is None else after - before


def ticks_of(pid: int) -> int:
    """Return the ticks that one process spent so far, 0 for one that has ended."""
    return _ticks(pid, _OWN)


def _ticks(pid: int, which: slice) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended, and is counted with its parent
        return 0
    return sum(map(int, fields[which]))


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, path.read_text().split())
    return found
