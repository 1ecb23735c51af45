"""Real workers, in processes of their own, that are killed, stopped and woken."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

from django.db import connection

FAST = "tests.faults.settings"
REAL = "console.settings"
LOOKS = 5


def until(holds: Callable[[], Any], *, seconds: float = 60, what: str = "it") -> Any:
    """Return what `holds` returned when it was true. Fails after that many seconds."""
    end = monotonic() + seconds
    while not (found := holds()):
        assert monotonic() < end, f"{what} did not happen in time"
        sleep(0.02)
    return found


@dataclass
class Workers:
    """A number of workers on the database of the tests. Their ids are known; nobody else's are touched."""

    nursery: "subprocess.Popen[str]"
    concurrency: int = 1
    alive: set[int] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def start(self) -> int:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        with self._lock:
            self.nursery.stdin.write(f"--concurrency {self.concurrency}\n")
            self.nursery.stdin.flush()
            worker = int(self.nursery.stdout.readline())
            self.alive.add(worker)
        return worker

    def kill(self, worker: int) -> None:
        with self._lock:
            self._send(worker, signal.SIGKILL)
            self.alive.discard(worker)

    def stop(self, worker: int) -> None:
        with self._lock:
            self._send(worker, signal.SIGSTOP)

    def wake(self, worker: int) -> None:
        with self._lock:
            self._send(worker, signal.SIGCONT)

    def _send(self, worker: int, sign: signal.Signals) -> None:
        """Send it a signal, unless it was killed: one that slept may be at work for two realms."""
        if worker in self.alive:
            os.kill(worker, sign)

    def terminate(self, worker: int) -> None:
        os.kill(worker, signal.SIGTERM)

    def is_gone(self, worker: int) -> bool:
        return not Path(f"/proc/{worker}").exists()

    def at_port(self, port: int, *, to: int) -> int | None:
        """Return the worker that speaks from this local port to another, or None when it has hung up.

        The kernel's list leaves some out while others come and go, so that one look is not enough.
        """
        for _ in range(LOOKS):
            if (inode := _inode(port, to)) and (found := self._with(inode)):
                return found
            sleep(0.05)
        return None

    def _with(self, inode: str) -> int | None:
        return next((one for one in sorted(self.alive) if inode in _sockets(one)), None)


def _inode(port: int, to: int) -> str:
    """Return the socket of a connection. The same port may lead elsewhere, too, and from another process."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    ends = (port, to)
    return next((one[9] for one in lines if (_port(one[1]), _port(one[2])) == ends and one[9] != "0"), "")


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _sockets(worker: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{worker}/fd").glob("*"):
        try:
            found.add(os.readlink(link).removeprefix("socket:[").removesuffix("]"))
        except OSError:  # closed meanwhile
            continue
    return found


def database_url() -> str:
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)


@contextmanager
def workers(count: int, *, settings: str = FAST, concurrency: int = 1, url: str = "") -> Iterator[Workers]:
    """Run workers on the database of the tests, and end them."""
    environment = os.environ | {
        "DATABASE_URL": url or database_url(),
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONFAULTHANDLER": "1",
    }
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    made = Workers(nursery, concurrency)
    try:
        for _ in range(count):
            made.start()
        yield made
    finally:
        for worker in list(made.alive):
            if not made.is_gone(worker):
                made.kill(worker)
        assert nursery.stdin is not None
        nursery.stdin.close()
        nursery.wait(30)
