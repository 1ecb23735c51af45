"""`console.runtime.install`: packages go into `.venv` by their hashes, once."""

import io
import re
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from console.runtime import install
from console.runtime.layout import PROJECT, Layout
from console.runtime.problem import Stopped
from console.runtime.steps import Steps

PACKAGE = "sqlparse"  # small, pure Python, needs nothing


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one package, pinned as ours is, and no `.venv` yet."""
    monkeypatch.setattr(install, "PROJECT", tmp_path)
    monkeypatch.setattr(install, "ENVIRONMENT", tmp_path / ".venv")
    (tmp_path / install.RUN).write_text("\n".join(_pin()) + "\n")
    return tmp_path


def _pin() -> Iterator[str]:
    lines = iter((PROJECT / install.RUN).read_text().splitlines())
    head = next(line for line in lines if line.startswith(f"{PACKAGE}=="))
    yield head
    yield from takewhile(lambda line: "--hash=" in line, lines)


def said(project: Path) -> str:
    """What installing printed."""
    out = io.StringIO()
    with Steps(total=1, out=out).step("Installing") as step:
        install.python_packages(install.RUN, layout=Layout(root=project / "var"), step=step)
    return out.getvalue()


def _spoil_the_hashes(path: Path) -> None:
    path.write_text(re.sub(r"sha256:[0-9a-f]{4}", "sha256:0000", path.read_text()))


def _uninstall() -> None:
    """Without this pip would find the package there and look no further."""
    command = [str(install.python()), "-m", "pip", "uninstall", "--quiet", "--yes", PACKAGE]
    subprocess.run(command, check=True)


def test_packages_are_installed_once_and_a_changed_hash_is_refused(project: Path) -> None:
    first = said(project)
    command = [str(install.python()), "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"]
    where = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    second = said(project)
    _spoil_the_hashes(project / install.RUN)
    _uninstall()

    with pytest.raises(Stopped) as refused:
        said(project)

    assert "waiting for pip to install 1 packages" in first
    assert "1 packages, hashes checked" in first
    assert where.startswith(str(project / ".venv"))
    assert "waiting" not in second
    assert "1 packages, unchanged" in second
    assert "HASH" in refused.value.problems[0].why.upper()
    assert "--require-hashes" in refused.value.problems[0].commands[0]
