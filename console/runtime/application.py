"""The console's own processes: what is done before they start, web and worker, and watching over them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from console.env import Environment
from console.runtime import processes
from console.runtime.layout import PROJECT, Layout
from console.runtime.problem import Problem, Stopped
from console.runtime.steps import Step
from console.runtime.values import Values
from console.transport import Transport, TransportError, run

PATIENCE = 120  # seconds for the first page
WATCHED = ("web", "worker", "keycloak", "postgres")


class Application:
    """Web and worker on the services of one layout."""

    def __init__(self, *, layout: Layout, values: Values) -> None:
        self.layout, self.values = layout, values
        self._preparing: subprocess.Popen[bytes] | None = None

    def begin_preparing(self) -> None:
        """Begin to bring database and static files up to date, beside whatever else is waited for."""
        url, client_id = self.values["KEYCLOAK_URL"], self.values["KEYCLOAK_CLIENT_ID"]
        self._preparing = self._start("prepare", [sys.executable, "-m", "console.prepare", url, client_id])

    def end_preparing(self, step: Step) -> None:
        """Wait until that is done. Raises Stopped."""
        step.waits_for("the database's tables, the static files and the entry of this Keycloak")
        code = self._preparing.wait() if self._preparing else 0
        processes.forget(self.layout, "prepare")
        if code:
            raise Stopped(self._problem("prepare", "The database could not be prepared."))

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

    def _start(self, name: str, command: list[str]) -> "subprocess.Popen[bytes]":
        return processes.start(self.layout, name=name, command=command, env=self._environment(), cwd=PROJECT)

    def _environment(self) -> Mapping[str, str]:
        """The settings, and nothing else that this run knows: the database owner's password stays here."""
        names = {name.upper() for name in Environment.model_fields}
        return dict(os.environ) | {name: text for name, text in self.values.all().items() if name in names}

    def _problem(self, name: str, what: str) -> Problem:
        log = self.layout.log(name)
        return Problem(what, processes.last_lines(log), (f"less {os.path.relpath(log)}",))
