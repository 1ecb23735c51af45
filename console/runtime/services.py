"""PostgreSQL and Keycloak of one layout, embedded or given by address, provisioned, and their env file."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from console.keycloak.client import Client
from console.keycloak.connection import Connection
from console.keycloak.errors import KeycloakError
from console.keycloak.provision import (
    CONSOLE_CLIENT,
    REALM,
    SERVICE_CLIENT,
    Console,
    ensure_console,
    ensure_service_client,
)
from console.runtime import connections, distribution
from console.runtime.account import service_account
from console.runtime.given import Given
from console.runtime.keycloak import BOOTSTRAP_CLIENT, BOOTSTRAP_SECRET, OWN_SECRET, REMOVED, Keycloak
from console.runtime.layout import Layout
from console.runtime.ports import free_port
from console.runtime.postgres import Postgres
from console.runtime.problem import Problem, Stopped
from console.runtime.steps import Step, Steps
from console.runtime.values import Values, encryption_key, password
from console.transport import Secret, Transport, TransportError, run

DATABASE = "gatehouse"


class Services:
    """The services below one `var/` folder."""

    def __init__(self, layout: Layout, *, given: Given, for_tests: bool = False, lasts: bool = True) -> None:
        self.layout, self.given, self._for_tests = layout, given, for_tests
        layout.make()
        self.values = Values(layout.env_file)
        self.account = service_account(root=layout.root)
        self.postgres = Postgres(layout=layout, account=self.account, values=self.values, lasts=lasts)
        self.keycloak = Keycloak(
            layout=layout,
            account=self.account,
            values=self.values,
            postgres=self.postgres,
            port=given.keycloak_port or self._kept_port("KEYCLOAK_PORT"),
        )

    def start(self, steps: Steps, *, meanwhile: Callable[[], None] = lambda: None) -> Client:
        """Start and provision everything. Returns the service client. Raises Stopped.

        `meanwhile` is called once while Keycloak starts: settings and database are there by then.
        """
        self._start_postgres(steps)
        self._settle_values()
        self._fetch_keycloak(steps)
        self._start_keycloak(steps, meanwhile)
        return self._provision(steps)

    def environment(self) -> Mapping[str, str]:
        """The settings of the console, for its processes and for the tests."""
        return self.values.all()

    def _start_postgres(self, steps: Steps) -> None:
        with steps.step("Starting PostgreSQL") as step:
            given = self._given_database(step)
            if given and self.given.keycloak_url:
                return step.says(f"not needed: {given} is given")
            step.waits_for("PostgreSQL to take connections")
            started = self.postgres.start()
            if not self.given.keycloak_url:
                self.postgres.ensure_database("keycloak")
            if not self.given.database_url:
                self.postgres.ensure_database(DATABASE, may_create_databases=self._for_tests)
                self.values.put({"DATABASE_URL": self.postgres.url(database=DATABASE)})
            where = _shown(self.layout.postgres)
            step.says(f"{self.postgres.version()}, embedded, {where}{'' if started else ', ran already'}")

    def _given_database(self, step: Step) -> str:
        """The version of the given database, empty if none is given. Raises Stopped if it does not answer."""
        if not self.given.database_url:
            return ""
        step.waits_for("the given database to answer")
        finding = connections.database(self.given.database_url)
        if finding.problem:
            raise Stopped(finding.problem)
        self.values.put({"DATABASE_URL": self.given.database_url})
        return finding.said

    def _fetch_keycloak(self, steps: Steps) -> None:
        with steps.step("Fetching Keycloak") as step:
            if self.given.keycloak_url:
                return step.says("not needed: KEYCLOAK_URL is given")
            if distribution.is_built(self.layout):
                return step.says(f"{distribution.VERSION}, kept in {_shown(self.layout.cache)}")
            step.waits_for("Maven to fetch 174 MB")
            size = distribution.fetch(self.layout).stat().st_size // 1_000_000
            step.waits_for("Keycloak to be built, once")
            distribution.build(self.layout)
            step.says(f"{distribution.VERSION}, {size} MB, checksum ok, kept in {_shown(self.layout.cache)}")

    def _start_keycloak(self, steps: Steps, meanwhile: Callable[[], None]) -> None:
        with steps.step("Starting Keycloak") as step:
            started = False if self.given.keycloak_url else self.keycloak.start()
            meanwhile()
            if self.given.keycloak_url:
                return step.says(f"not needed: {self.given.keycloak_url} is given")
            step.waits_for("/health/ready of Keycloak on PostgreSQL")
            self.keycloak.wait()
            step.says(f"{self.keycloak.url}, on PostgreSQL{'' if started else ', ran already'}")

    def _provision(self, steps: Steps) -> Client:
        with steps.step("Provisioning") as step:
            step.waits_for("Keycloak to accept our service client")
            try:
                client = self._service_client()
                console = Console(
                    url=self.values["GATEHOUSE_URL"], client_secret=self._secret("OIDC_CLIENT_SECRET")
                )
                run(
                    ensure_console(
                        client,
                        console=console,
                        say=lambda what: step.waits_for(f"Keycloak to have the {what}"),
                    )
                )
            except (KeycloakError, TransportError) as error:
                raise Stopped(self._refused(error)) from error
            self.values.put({"OIDC_ISSUER": self._issuer()})
            step.says(f"realm {REALM}, client, service client, first administrator")
            return client

    def _issuer(self) -> str:
        """The issuer as Keycloak names itself: behind a proxy it is not the address at which we reach it."""
        keycloak = Transport(self.values["KEYCLOAK_URL"])
        path = ("realms", REALM, ".well-known", "openid-configuration")
        return str(run(keycloak.request("GET", path)).json["issuer"])

    def _settle_values(self) -> None:
        """The settings that are generated once, and those that follow from the addresses."""
        self.values.ensure("SECRET_KEY", password)
        self.values.ensure("ENCRYPTION_KEYS", encryption_key)
        self.values.ensure("OIDC_CLIENT_SECRET", password)
        # Under a name of its own too, so that a run on another Keycloak does not lose it.
        own_secret = self.values.ensure(OWN_SECRET, password)
        port = self.given.port or self._kept_port("PORT")
        keycloak_url = self.given.keycloak_url or self.keycloak.url
        self.values.put(
            {
                "KEYCLOAK_URL": keycloak_url,
                "PORT": str(port),
                "GATEHOUSE_URL": self.given.gatehouse_url or f"http://localhost:{port}",
                "OIDC_CLIENT_ID": CONSOLE_CLIENT,
                "OIDC_ISSUER": f"{keycloak_url}/realms/{REALM}",
                "KEYCLOAK_CLIENT_ID": self.given.keycloak_client_id or SERVICE_CLIENT,
                "KEYCLOAK_CLIENT_SECRET": self.given.keycloak_client_secret or own_secret,
                "STATIC_ROOT": str(self.layout.static),
                # All of it runs on this machine. Where it does not, no server may be there.
                "SERVER_NETWORKS": "127.0.0.0/8,::1/128",
            }
        )

    def _service_client(self) -> Client:
        service = self._connection(self.values["KEYCLOAK_CLIENT_ID"], "KEYCLOAK_CLIENT_SECRET")
        if self.given.keycloak_url or self.values.get(BOOTSTRAP_SECRET) in (None, REMOVED):
            return Client(service)
        bootstrap = Client(self._connection(BOOTSTRAP_CLIENT, BOOTSTRAP_SECRET))
        client = run(ensure_service_client(bootstrap=bootstrap, service=service))
        self.values.put({BOOTSTRAP_SECRET: REMOVED})
        return client

    def _connection(self, client_id: str, secret: str) -> Connection:
        return Connection(
            url=self.values["KEYCLOAK_URL"], client_id=client_id, client_secret=self._secret(secret)
        )

    def _secret(self, name: str) -> Secret:
        return Secret(self.values[name])

    def _kept_port(self, name: str) -> int:
        return int(self.values.ensure(name, lambda: str(free_port())))

    def _refused(self, error: KeycloakError | TransportError) -> Problem:
        if self.given.keycloak_url:
            line = "make run KEYCLOAK_URL=… KEYCLOAK_CLIENT_ID=… KEYCLOAK_CLIENT_SECRET=…"
            return Problem(
                f"Keycloak at {self.given.keycloak_url} did not let us in.", error.sentence, (line,)
            )
        why = f"{error.sentence} var/ and Keycloak's database may be of different runs."
        return Problem(
            "Provisioning Keycloak failed.",
            why,
            (f"less {self.layout.log('keycloak')}", "make clean && make run"),
        )


def _shown(path: Path) -> str:
    """The path as it is typed in the project's folder."""
    return os.path.relpath(path)
