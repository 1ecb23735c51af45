"""`make clean`: what is left of ours is stopped, and `var/` is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.runtime import cleaning, processes
from console.runtime.layout import Layout

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_everything_of_ours_below_var_is_stopped_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    var = tmp_path / "var"
    monkeypatch.setattr(cleaning, "VAR", var)
    layouts = [Layout(root=root, cache=var / "cache") for root in (var, var / "test")]
    for layout in layouts:
        layout.make()
        processes.start(layout, name="web", command=SLEEP, env=os.environ, cwd="/")
    records = [processes.running(layout, "web") for layout in layouts]

    with subprocess.Popen(SLEEP) as stranger:
        assert cleaning.clean() == 0
        assert stranger.poll() is None
        stranger.kill()

    assert [record.is_running() for record in records if record] == [False, False]
    assert not var.exists()
    assert capsys.readouterr().out == "Stopped web, web. Removed var/.\n"


def test_cleaning_twice_is_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "VAR", tmp_path / "var")

    assert (cleaning.clean(), cleaning.clean()) == (0, 0)
