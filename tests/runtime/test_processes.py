"""`console.runtime.processes`: only what we started is stopped."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.runtime import processes
from console.runtime.layout import Layout

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print(1, flush=True); time.sleep(60)",
]
PARENT = [
    sys.executable,
    "-c",
    f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)",
]


def test_a_process_is_stopped_with_its_children(layout: Layout) -> None:
    processes.start(layout, name="web", command=PARENT, env=os.environ, cwd="/")
    child = int(_first_line(layout.log("web")))

    assert processes.stop(layout, "web")

    assert processes.start_of(child) == ""
    assert not processes.stop(layout, "web")


def test_a_process_that_ignores_the_request_is_killed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.5)
    started = processes.start(layout, name="worker", command=STUBBORN, env=os.environ, cwd="/")
    _first_line(layout.log("worker"))

    assert processes.stop(layout, "worker")

    assert started.wait() == -9


def test_a_stranger_with_the_pid_of_our_record_is_left_alone(layout: Layout) -> None:
    """A pid is given again after a restart of the machine; only pid and start together are ours."""
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        processes.remember(layout, name="web", pid=stranger.pid)
        record = layout.records / "web.pid"
        record.write_text(json.dumps(json.loads(record.read_text()) | {"started": "1"}))

        assert not processes.stop(layout, "web")

        assert stranger.poll() is None
        stranger.kill()


def test_a_process_that_ended_by_itself_is_known_to_have_ended(layout: Layout) -> None:
    assert not processes.has_ended(layout, "web")
    processes.start(layout, name="web", command=["true"], env=os.environ, cwd="/").wait()

    assert processes.has_ended(layout, "web")


def test_everything_is_stopped_before_what_it_leans_on(layout: Layout) -> None:
    for name in ("postgres", "keycloak", "worker"):
        processes.start(layout, name=name, command=SLEEP, env=os.environ, cwd="/")

    assert processes.stop_all(layout) == ["worker", "keycloak", "postgres"]


def _first_line(log: Path) -> str:
    until = time.monotonic() + 20
    while not log.exists() or "\n" not in log.read_text():
        assert time.monotonic() < until, f"nothing was written to {log}"
        time.sleep(0.02)
    return log.read_text().splitlines()[0]
