"""Processes that we started: a record of each, so that only they are ever stopped."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from console.runtime.layout import Layout

ORDER_OF_STOPPING = ("prepare", "worker", "web", "keycloak", "postgres")  # each before what it leans on
FIRST = {"postgres": signal.SIGINT}  # its "fast" mode: open sessions are ended, data is written
PATIENCE = 30  # seconds until a process that does not end is killed


@dataclass(frozen=True, kw_only=True)
class Record:
    """One process, known by its pid together with the moment of its start: a pid alone is used again."""

    name: str
    pid: int
    started: str

    def is_running(self) -> bool:
        """True if that very process runs."""
        return bool(self.started) and start_of(self.pid) == self.started


def start_of(pid: int) -> str:
    """The moment at which a process started, in the system's own words; empty if it does not run."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]  # proc_pid_stat(5): field 3 is the state, 22 the start
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _file(layout: Layout, name: str) -> Path:
    return layout.records / f"{name}.pid"


def remember(layout: Layout, *, name: str, pid: int) -> Record:
    """Write down that we started this process."""
    record = Record(name=name, pid=pid, started=start_of(pid))
    layout.records.mkdir(parents=True, exist_ok=True)
    part = layout.records / f"{name}.part"
    part.write_text(json.dumps(asdict(record)))
    part.replace(_file(layout, name))
    return record


def running(layout: Layout, name: str) -> Record | None:
    """The process of that name that we started, if it still runs."""
    try:
        record = Record(**json.loads(_file(layout, name).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.is_running() else None


def has_ended(layout: Layout, name: str) -> bool:
    """True if we started a process of that name and it runs no more."""
    return _file(layout, name).exists() and running(layout, name) is None


def forget(layout: Layout, name: str) -> None:
    _file(layout, name).unlink(missing_ok=True)


def start(
    layout: Layout, *, name: str, command: Sequence[str], env: Mapping[str, str], cwd: Path | str
) -> "subprocess.Popen[bytes]":
    """Start a process in a group of its own, so that Ctrl-C reaches us and not it. It writes to its log."""
    with layout.log(name).open("ab") as log:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    remember(layout, name=name, pid=child.pid)
    return child


def stop(layout: Layout, name: str) -> bool:
    """Stop the process of that name and its group, if it is ours and runs. Returns True if it ran."""
    record = running(layout, name)
    if record is not None:
        _signal(record, FIRST.get(name, signal.SIGTERM))
        if not _has_ended(record, PATIENCE):
            _signal(record, signal.SIGKILL)
            _has_ended(record, PATIENCE)
    forget(layout, name)
    return record is not None


def stop_all(layout: Layout) -> list[str]:
    """Stop everything of ours that still runs below this layout, in order. Returns the names."""
    return [name for name in ORDER_OF_STOPPING if stop(layout, name)]


def _signal(record: Record, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
        os.killpg(record.pid, which)


def _has_ended(record: Record, patience: float) -> bool:
    until = time.monotonic() + patience
    while record.is_running():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def last_lines(path: Path, *, count: int = 15) -> str:
    """The end of a log."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
