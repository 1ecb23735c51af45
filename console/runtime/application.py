"""The console's own processes: what is done before they start, web and worker, and watching over them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from console.env import Environment
from console.runtime import processes
from console.runtime.layout import PROJECT, Layout
from console.runtime.problem import Problem, Stopped
from console.runtime.steps import Step
from console.runtime.values import Values
from console.transport import Transport, TransportError, run

PATIENCE = 60  # seconds for the first page
PREPARATIONS = {
    "the database's tables": ("migrate", "--no-input", "--verbosity=0"),
    "the table of the cache": ("createcachetable",),
    "the static files": ("collectstatic", "--no-input", "--verbosity=0"),
}
WATCHED = ("web", "worker", "keycloak", "postgres")


@dataclass(frozen=True, kw_only=True)
class Application:
    """Web and worker on the services of one layout."""

    layout: Layout
    values: Values

    def prepare(self, step: Step) -> None:
        """Bring database and static files up to date, and make the first server known. Raises Stopped."""
        for what, command in PREPARATIONS.items():
            step.waits_for(what)
            self._manage(*command)
        step.waits_for("the console to know its Keycloak")
        url, client_id = self.values["KEYCLOAK_URL"], self.values["KEYCLOAK_CLIENT_ID"]
        self._manage("register_server", "--name", "local", "--url", url, "--client-id", client_id)

    def start(self, step: Step) -> None:
        """Start web and worker, and wait for the first page. Raises Stopped."""
        self._start("web", self._web())
        self._start("worker", [sys.executable, "manage.py", "worker"])
        step.waits_for(f"the first page at {self.values['GATEHOUSE_URL']}")
        until = time.monotonic() + PATIENCE
        while not self._answers():
            self.check()
            if time.monotonic() > until:
                raise Stopped(self._problem("web", f"The console did not answer in {PATIENCE} s."))
            time.sleep(0.1)
        self.check()

    def check(self) -> None:
        """Raises Stopped that names the process, if one that we started has ended."""
        for name in WATCHED:
            if processes.has_ended(self.layout, name):
                raise Stopped(self._problem(name, f"{name} ended by itself, so everything was stopped."))

    def _web(self) -> list[str]:
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "console.wsgi:application"]
        address = ["--host", "127.0.0.1", "--port", self.values["PORT"]]
        return [*granian, *address, "--no-ws", "--workers", "2", "--blocking-threads", "4"]

    def _answers(self) -> bool:
        """True once the console answers, with whatever page: signing in is a redirect."""
        web = Transport(f"http://127.0.0.1:{self.values['PORT']}")
        try:
            return run(web.request("GET", ("local", "login"))).status < 500
        except TransportError:
            return False

    def _start(self, name: str, command: list[str]) -> None:
        processes.start(self.layout, name=name, command=command, env=self._environment(), cwd=PROJECT)

    def _manage(self, *command: str) -> None:
        log = self.layout.log("manage")
        with log.open("ab") as file:
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                env=self._environment(),
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                check=False,
            )
        if done.returncode:
            raise Stopped(self._problem("manage", f"manage.py {command[0]} failed."))

    def _environment(self) -> Mapping[str, str]:
        """The settings, and nothing else that this run knows: the database owner's password stays here."""
        names = {name.upper() for name in Environment.model_fields}
        return dict(os.environ) | {name: text for name, text in self.values.all().items() if name in names}

    def _problem(self, name: str, what: str) -> Problem:
        log = self.layout.log(name)
        return Problem(what, processes.last_lines(log), (f"less {os.path.relpath(log)}",))
