"""`make run` as a whole: three real runs in a folder of their own. Proves row M1."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.env import Environment
from console.keycloak.client import Client
from console.keycloak.connection import Connection
from console.keycloak.provision import REALM
from console.runtime import processes
from console.runtime.given import Given
from console.runtime.layout import PROJECT, Layout
from console.runtime.ports import free_port, is_free
from console.runtime.services import Services
from console.runtime.steps import Steps
from console.runtime.values import Values
from console.transport import Secret, Transport, run

PATIENCE = 300  # seconds; a first run takes about 40 on an idle machine
PARTS = ("worker", "web", "keycloak", "postgres")
PASSWORD = re.compile(r"changed at first login\): (\S+)")


class Run:
    """One `make run` without `make`, so that a signal reaches exactly that process."""

    def __init__(self, layout: Layout, *, ports: dict[str, str], number: int) -> None:
        self.output = layout.root / f"output-{number}"
        command = [sys.executable, "-m", "console.runtime", "run", "--root", str(layout.root)]
        ours = {name.upper() for name in Environment.model_fields}
        env = {name: value for name, value in os.environ.items() if name not in ours} | ports
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=out, stderr=out)

    @property
    def text(self) -> str:
        return self.output.read_text()

    def until_open(self) -> str:
        """What it printed until it told the address. Fails if it ends before."""
        until = time.monotonic() + PATIENCE
        while "Open      http" not in self.text:
            assert self.process.poll() is None, f"it ended:\n{self.text}"
            assert time.monotonic() < until, f"it is not open after {PATIENCE} s:\n{self.text}"
            time.sleep(0.1)
        return self.text

    def end(self, which: signal.Signals) -> int:
        self.process.send_signal(which)
        return self.process.wait(timeout=90)


@pytest.fixture
def ports() -> dict[str, str]:
    return {"PORT": str(free_port()), "KEYCLOAK_PORT": str(free_port())}


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is none of ours."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as process:
        yield process
        process.kill()


def test_a_run_is_complete_repeatable_and_stops_only_what_it_started(
    layout: Layout, second_layout: Layout, ports: dict[str, str], stranger: "subprocess.Popen[bytes]"
) -> None:
    """M1, and what README promises of `make run`."""
    first = Run(layout, ports=ports, number=1)
    shown = first.until_open()
    assert [f" {number}/7 " in shown for number in range(1, 8)] == [True] * 7
    password = PASSWORD.findall(shown)
    assert len(password) == 1
    assert _answers(ports["PORT"])
    assert _listening_addresses(layout) == {"127.0.0.1"}
    assert _files_that_hold(layout, password[0]) == [first.output]
    before = _realm(layout)

    refused = Run(layout, ports=ports, number=2)
    assert refused.process.wait(timeout=60) == 1
    assert f"Gatehouse runs already (pid {first.process.pid})." in refused.text

    first.end(signal.SIGKILL)
    assert all(processes.running(layout, name) for name in PARTS)

    second = Run(layout, ports=ports, number=3)
    again = second.until_open()
    assert "left by a run that was killed" in again
    assert PASSWORD.findall(again) == []
    assert _realm(layout) == before
    assert second.end(signal.SIGINT) == 0
    assert "Stopped worker, web, keycloak, postgres." in second.text
    _nothing_is_left(layout, ports)

    _a_run_on_given_parts_leaves_them_alone(layout, second_layout, ports)
    assert stranger.poll() is None
    assert _shared_keycloak_is_up()


def _a_run_on_given_parts_leaves_them_alone(
    layout: Layout, second_layout: Layout, ports: dict[str, str]
) -> None:
    """PostgreSQL and Keycloak of the first layout are given to a run in the second; its worker then dies."""
    given = Services(layout, given=Given(port=int(ports["PORT"]), keycloak_port=int(ports["KEYCLOAK_PORT"])))
    given.start(Steps(total=4, out=io.StringIO()))
    before = _realm(layout)
    names = ("DATABASE_URL", "KEYCLOAK_URL", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET")
    settings = {name: given.values[name] for name in names}
    # The same client as before, so that nothing in the realm has to change. The encryption keys are new ones:
    # the stored secret of the server does not open any more, and is replaced by the one that is given.
    Values(second_layout.env_file).put({"OIDC_CLIENT_SECRET": given.values["OIDC_CLIENT_SECRET"]})

    third = Run(second_layout, ports={"PORT": ports["PORT"]} | settings, number=1)
    third.until_open()
    assert "3/7 Starting PostgreSQL       not needed: PostgreSQL 18.4 is given" in third.text
    assert f"5/7 Starting Keycloak         not needed: {settings['KEYCLOAK_URL']} is given" in third.text
    assert _realm(layout) == before
    worker = processes.running(second_layout, "worker")
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)

    assert third.process.wait(timeout=90) == 1
    assert "worker ended by itself, so everything was stopped." in third.text
    assert is_free(int(ports["PORT"]))
    assert [name for name in PARTS if processes.running(layout, name)] == ["keycloak", "postgres"]


def test_a_run_that_is_interrupted_while_it_waits_leaves_nothing(
    layout: Layout, ports: dict[str, str]
) -> None:
    interrupted = Run(layout, ports=ports, number=1)
    until = time.monotonic() + PATIENCE
    while "waiting for /health/ready" not in interrupted.text:
        assert time.monotonic() < until, interrupted.text
        time.sleep(0.05)

    assert interrupted.end(signal.SIGTERM) == 0

    assert "5/7 Starting Keycloak         interrupted" in interrupted.text
    assert re.search(r" Stopped (prepare, )?keycloak, postgres\.", interrupted.text)
    _nothing_is_left(layout, ports)


def _answers(port: str) -> bool:
    web = Transport(f"http://localhost:{port}")
    return run(web.request("GET", ("servers",))).status < 400


def _realm(layout: Layout) -> Any:
    """The console's realm, its people, its clients and every change that Keycloak has recorded."""
    values = Values(layout.env_file)
    client = Client(
        Connection(
            url=values["KEYCLOAK_URL"],
            client_id=values["KEYCLOAK_CLIENT_ID"],
            client_secret=Secret(values["KEYCLOAK_CLIENT_SECRET"]),
        )
    )
    parts = ((), ("users",), ("clients",), ("roles",), ("groups",), ("admin-events",))
    return [run(client.get(("admin", "realms", REALM, *part))).json for part in parts]


def _listening_addresses(layout: Layout) -> set[str]:
    """The addresses on which the processes of our four parts listen, as the system tells."""
    ours = _process_groups(layout)
    said = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    rows = [line for line in said.splitlines() if {int(pid) for pid in re.findall(r"pid=(\d+)", line)} & ours]
    assert len(rows) >= 4
    return {row.split()[3].rpartition(":")[0].strip("[]").removeprefix("::ffff:") for row in rows}


def _process_groups(layout: Layout) -> set[int]:
    leaders = {record.pid for name in PARTS if (record := processes.running(layout, name))}
    said = subprocess.run(["ps", "-e", "-o", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in said.splitlines() if int(line.split()[1]) in leaders}


def _files_that_hold(layout: Layout, secret: str) -> list[Path]:
    files = [
        path for path in layout.root.rglob("*") if path.is_file() and layout.keycloak not in path.parents
    ]
    return [path for path in files if secret.encode() in path.read_bytes()]


def _nothing_is_left(layout: Layout, ports: dict[str, str]) -> None:
    assert [name for name in PARTS if processes.running(layout, name)] == []
    assert all(is_free(int(port)) for port in ports.values())
    leaders = [json.loads(path.read_text()) for path in layout.records.glob("*.pid")]
    assert leaders == []


def _shared_keycloak_is_up() -> bool:
    keycloak = Transport(os.environ["KEYCLOAK_URL"])
    return run(keycloak.request("GET", ("realms", "master"))).status == 200
