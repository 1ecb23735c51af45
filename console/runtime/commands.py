"""`run`, `services` and `test`, once `.venv` is there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from console.keycloak.provision import FIRST_ADMINISTRATOR, issue_first_password
from console.runtime import processes
from console.runtime.application import Application
from console.runtime.given import Given, given_for_run
from console.runtime.layout import PROJECT, Layout
from console.runtime.services import Services
from console.runtime.steps import Steps
from console.transport import run as run_calls


class Interrupted(Exception):
    """Ctrl-C, or the request of the system to end."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the signals that end a run into Interrupted, once: stopping itself is not interrupted."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for one in _ENDING:
            signal.signal(one, signal.SIG_IGN)
        raise Interrupted

    before = {one: signal.signal(one, interrupt) for one in _ENDING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(*, layout: Layout, steps: Steps) -> int:
    """Run everything until it is interrupted or a part of it ends. The exit code. Raises Stopped."""
    processes.remember(layout, name="runner", pid=os.getpid())
    try:
        with interruptible():
            _run_until_the_end(layout, steps)
    except Interrupted:
        print("\n Stopping, in order …", flush=True)
    finally:
        stopped = processes.stop_all(layout)
        processes.forget(layout, "runner")
        print(f" Stopped {', '.join(stopped)}." if stopped else " Nothing was running.", flush=True)
    return 0


def _run_until_the_end(layout: Layout, steps: Steps) -> None:
    services = Services(layout, given=given_for_run(os.environ))
    application = Application(layout=layout, values=services.values)
    client = services.start(steps, meanwhile=application.begin_preparing)
    with steps.step("Starting console + worker") as step:
        application.end_preparing(step)
        application.start(step)
        step.says("ready")
    _welcome(url=services.values["GATEHOUSE_URL"], password=run_calls(issue_first_password(client)))
    while True:
        application.check()
        time.sleep(0.5)


def _welcome(*, url: str, password: str | None) -> None:
    """The only place where the first password is ever seen."""
    shown = f", password (shown only now, changed at first login): {password}" if password else ""
    print(f"\n Open      {url}      sign in as {FIRST_ADMINISTRATOR}{shown}")
    print(" Stop      Ctrl-C      Again  make run      Remove all  make clean\n", flush=True)


def services(*, layout: Layout, steps: Steps) -> int:
    """Start the services for developers and leave them running."""
    Services(layout, given=Given(), for_tests=True).start(steps)
    print(f"\n They keep running. Settings for a shell: set -a; . {os.path.relpath(layout.env_file)}; set +a")
    print(f" Stop them: python -m console.runtime stop --root {os.path.relpath(layout.root)}")
    return 0


def test(*, layout: Layout, steps: Steps, module: str, arguments: Sequence[str]) -> int:
    """Run a module (pytest, the benchmarks) on the services, and stop what was started. Its exit code."""
    ran_before = processes.running(layout, "keycloak") is not None
    try:
        with interruptible():
            # What is measured is measured with data that lasts.
            parts = Services(layout, given=Given(), for_tests=True, lasts=module != "pytest")
            parts.start(steps)
            with steps.step(f"Running {module}") as step:
                step.waits_for(module)
                command = [sys.executable, "-m", module, *arguments]
                done = subprocess.run(command, env=_environment(parts), cwd=PROJECT, check=False)
                step.says("passed" if done.returncode == 0 else f"failed, exit code {done.returncode}")
                return done.returncode
    except Interrupted:
        return 130
    finally:
        if not ran_before:
            processes.stop_all(layout)


def _environment(parts: Services) -> dict[str, str]:
    return dict(os.environ) | dict(parts.environment())
