"""As whom the services run. PostgreSQL refuses root, so as root we give up our rights for it."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.runtime.layout import PROJECT
from console.runtime.problem import Problem, Stopped

UNPRIVILEGED = ("postgres", "nobody")
DOOR = Path("/mnt")
"""Where a service that cannot pass the folders above the project finds it. Only that service sees it."""


@dataclass(frozen=True)
class Account:
    """The user of the services. `hidden` means that it cannot pass the folders above the project."""

    name: str
    uid: int
    gid: int
    is_other: bool
    hidden: bool = False

    def command(self, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` as this user, in the same process."""
        if not self.is_other:
            return list(command)
        drop = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--no-new-privs"]
        if not self.hidden:
            return [*drop, *command]
        # A mount of its own: nothing outside var/ is changed, and it ends with the process.
        show = 'mount --bind "$1" "$2" && shift 2 && cd / && exec "$@"'
        return [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            show,
            "sh",
            str(PROJECT),
            str(DOOR),
            *drop,
            *command,
        ]

    def path(self, path: Path) -> str:
        """The path under which this user sees `path`."""
        if self.hidden and path.is_relative_to(PROJECT):
            return str(DOOR / path.relative_to(PROJECT))
        return str(path)

    def own(self, *paths: Path) -> None:
        """Give these files and folders to this user."""
        for path in paths if self.is_other else ():
            os.chown(path, self.uid, self.gid)

    def can(self, command: Sequence[str]) -> bool:
        """True if the command, run as this user, ends well."""
        try:
            return (
                subprocess.run(self.command(command), capture_output=True, check=False, cwd="/").returncode
                == 0
            )
        except OSError:
            return False


def service_account(*, root: Path) -> Account:
    """The user for services whose files lie below `root`. Raises Stopped if there is none."""
    if os.geteuid() != 0:
        own = pwd.getpwuid(os.geteuid())
        return Account(name=own.pw_name, uid=own.pw_uid, gid=own.pw_gid, is_other=False)
    plain = _unprivileged()
    if plain.can(["test", "-x", str(root)]):
        return plain
    hidden = Account(name=plain.name, uid=plain.uid, gid=plain.gid, is_other=True, hidden=True)
    if root.is_relative_to(PROJECT) and hidden.can(["test", "-x", hidden.path(root)]):
        return hidden
    raise Stopped(
        Problem(
            f"User {plain.name} cannot enter {root}.",
            "PostgreSQL refuses to run as root, a folder above lets only root pass, and no mount is allowed.",
            (
                f"mv {PROJECT} /srv/ && cd /srv/{PROJECT.name} && make run",
                "make run DATABASE_URL=postgresql://…",
            ),
        )
    )


def _unprivileged() -> Account:
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, is_other=True)
    raise Stopped(
        Problem(
            f"None of the users {', '.join(UNPRIVILEGED)} exists.",
            "PostgreSQL refuses to run as root.",
            ("useradd --system postgres", "make run DATABASE_URL=postgresql://…"),
        )
    )
