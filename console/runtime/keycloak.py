"""The local Keycloak: production mode, on the embedded PostgreSQL, loopback only."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from console.runtime import distribution, processes
from console.runtime.account import Account
from console.runtime.layout import Layout
from console.runtime.ports import free_port, holder_of, is_free
from console.runtime.postgres import Postgres
from console.runtime.problem import Problem, Stopped
from console.runtime.values import Values, password
from console.transport import Transport, TransportError, run

NAME = "keycloak"
PATIENCE = 300  # seconds; a first start takes 16 on two idle cores and took 133 on very busy ones
BOOTSTRAP_CLIENT = "gatehouse-bootstrap"
BOOTSTRAP_SECRET = "KEYCLOAK_BOOTSTRAP_SECRET"  # name of a value: the secret, or REMOVED
REMOVED = "removed"  # that client is no more, and never comes again
OWN_SECRET = "KEYCLOAK_OWN_SECRET"  # name of a value: the secret of the service client of this server
LOG_LEVEL = "info,io.smallrye.health:error"  # "not yet ready" four times a second is no news


@dataclass(frozen=True, kw_only=True)
class Keycloak:
    """One local server."""

    layout: Layout
    account: Account
    values: Values
    postgres: Postgres
    port: int

    @property
    def url(self) -> str:
        """The address for browsers and for us: issuers are compared as text, so there is only one."""
        return f"http://localhost:{self.port}"

    def start(self) -> bool:
        """Start the server; it answers once `wait` returned. Returns False if it ran already."""
        if processes.running(self.layout, NAME):
            return False
        self._refuse_taken_port()
        self.values.put({"KEYCLOAK_MANAGEMENT_PORT": str(free_port())})
        home = distribution.install(self.layout)
        data = home / "data"
        data.mkdir(exist_ok=True)
        self.account.own(data)
        command = self.account.command(
            ["sh", self.account.path(home / "bin" / "kc.sh"), "start", "--optimized"]
        )
        processes.start(self.layout, name=NAME, command=command, env=self._environment(), cwd="/")
        return True

    def wait(self) -> None:
        """Wait until /health/ready says UP. Raises Stopped if the process ends or the patience does."""
        until = time.monotonic() + PATIENCE
        while not self.is_ready():
            if not processes.running(self.layout, NAME):
                raise Stopped(self._problem("Keycloak ended while it started."))
            if time.monotonic() > until:
                raise Stopped(self._problem(f"Keycloak was not ready after {PATIENCE} s."))
            time.sleep(0.25)

    def is_ready(self) -> bool:
        """True if the server says that it and its database are ready."""
        management = Transport(f"http://localhost:{self.values['KEYCLOAK_MANAGEMENT_PORT']}")
        try:
            return run(management.request("GET", ("health", "ready"))).status == 200
        except TransportError:
            return False

    def stop(self) -> bool:
        """Stop the server if it is ours and runs. Returns True if it ran."""
        return processes.stop(self.layout, NAME)

    def _refuse_taken_port(self) -> None:
        if is_free(self.port):
            return
        raise Stopped(
            Problem(
                f"Port {self.port} is in use by {holder_of(self.port)}.",
                "Keycloak was to listen there.",
                (
                    f"make run KEYCLOAK_PORT={self.port + 1}",
                    f"make run KEYCLOAK_URL=http://localhost:{self.port}",
                ),
            )
        )

    def _environment(self) -> Mapping[str, str]:
        """Settings by environment: arguments could be read by everybody on the machine."""
        inherited = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "LANG") if name in os.environ}
        return (
            inherited | self._database() | self._addresses() | self._bootstrap() | {"KC_LOG_LEVEL": LOG_LEVEL}
        )

    def _database(self) -> dict[str, str]:
        return {
            "KC_DB_URL": f"jdbc:postgresql://127.0.0.1:{self.postgres.port}/keycloak",
            "KC_DB_USERNAME": "keycloak",
            "KC_DB_PASSWORD": self.values["POSTGRES_PASSWORD_KEYCLOAK"],
            "KC_DB_POOL_MAX_SIZE": "40",
        }

    def _addresses(self) -> dict[str, str]:
        return {
            "KC_CACHE": "local",  # otherwise a cluster is looked for, by a port on every address
            "KC_HTTP_ENABLED": "true",
            "KC_HTTP_HOST": "127.0.0.1",
            "KC_HTTP_PORT": str(self.port),
            "KC_HTTP_MANAGEMENT_PORT": self.values["KEYCLOAK_MANAGEMENT_PORT"],
            "KC_HOSTNAME": self.url,
        }

    def _bootstrap(self) -> dict[str, str]:
        """Keycloak makes this account while it makes its database, and ignores it later."""
        if self.values.get(BOOTSTRAP_SECRET) == REMOVED:
            return {}
        return {
            "KC_BOOTSTRAP_ADMIN_CLIENT_ID": BOOTSTRAP_CLIENT,
            "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET": self.values.ensure(BOOTSTRAP_SECRET, password),
        }

    def _problem(self, what: str) -> Problem:
        log = self.layout.log(NAME)
        return Problem(what, processes.last_lines(log), (f"less {log}", "make run KEYCLOAK_URL=https://…"))
