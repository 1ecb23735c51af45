"""Ports: which are free, and which process holds the others."""

import os
import random
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    """The process that listens on a port; without a name and pid where the system does not tell us."""

    name: str = ""
    pid: int | None = None

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})" if self.pid else "another process"


def free_port() -> int:
    """A port that nobody listens on now, nor gets by chance for a connection to somebody else."""
    return next(port for port in iter(_below_chance, None) if is_free(port))


def _below_chance() -> int:
    return random.randrange(10_000, _first_by_chance())


def _first_by_chance() -> int:
    """The first port that the system itself gives away: ip(7), ip_local_port_range; RFC 6335 for others."""
    try:
        first = int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 49_152
    return first if first > 10_000 else 65_536


def is_free(port: int) -> bool:
    """True if we could listen on this port of the loopback addresses."""
    return all(_can_bind(family, address, port) for family, address in _LOOPBACKS)


_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def _can_bind(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family) as listener:
            # A port whose last connections linger in TIME_WAIT is free for a server.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen()
    except OSError as error:
        return error.errno not in (
            98,
            48,
        )  # EADDRINUSE on Linux, macOS; a machine without IPv6 says something else
    return True


def holder_of(port: int) -> Holder:
    """Who listens on this port."""
    for inode in _listening_inodes(port):
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            if _target(link) == f"socket:[{inode}]":
                pid = int(link.parts[2])
                return Holder(name=Path(f"/proc/{pid}/comm").read_text().strip(), pid=pid)
    return Holder() if Path("/proc/net/tcp").exists() else _holder_by_lsof(port)


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                found.append(columns[9])
    return found


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:  # the process ended, or belongs to somebody else
        return ""


def _holder_by_lsof(port: int) -> Holder:
    command = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    try:
        lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    except OSError:
        return Holder()
    fields = {line[0]: line[1:] for line in reversed(lines) if line}
    return Holder(name=fields.get("c", ""), pid=int(fields["p"])) if "p" in fields else Holder()
