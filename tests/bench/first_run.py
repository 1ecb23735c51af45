"""`make run` for the first time and again, in a fresh clone with its own ports; then `make clean`.

Fresh are `.venv` and `var/`. What the machine keeps for everybody stays: the caches of pip and of Maven,
and Debian packages.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from console.env import Environment
from console.runtime.layout import PROJECT
from console.runtime.ports import free_port
from console.runtime.steps import TITLE
from tests.bench import figures

PATIENCE = 900  # seconds
READY = "Open      http"
_STEP = re.compile(rf"^ \d/\d (.{{{TITLE}}}).* (\d+) s$", re.MULTILINE)
_OURS = {"PORT", "KEYCLOAK_PORT", "DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "VIRTUAL_ENV"}


class NotReady(Exception):
    """A run ended or did not get ready, so there is no figure."""


def measure() -> None:
    """Print the seconds of both runs, and their ratio."""
    figures.head("make run in a fresh clone, until it is open and its first page answers")
    figures.line("kept from before", _kept())
    with _clone() as folder:
        ports = {"PORT": str(free_port()), "KEYCLOAK_PORT": str(free_port())}
        first = _run(folder, ports, number=1)
        figures.line("the first time", f"{first:6.1f} s ({_steps(folder, 1)})")
        again = _run(folder, ports, number=2)
        figures.line("again", f"{again:6.1f} s ({_steps(folder, 2)}), {again / first:.0%} of the first")
        figures.line("make clean", _clean(folder))


def _kept() -> str:
    caches = {"pip": Path.home() / ".cache" / "pip", "Maven": Path.home() / ".m2" / "repository"}
    told = [f"{name}'s cache {'filled' if path.is_dir() else 'empty'}" for name, path in caches.items()]
    return ", ".join([*told, "Debian packages installed"])


@dataclass(frozen=True)
class _Make:
    """A `make run` in a group of its own, as a terminal has it, and what it printed."""

    process: "subprocess.Popen[bytes]"
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal tells the whole group."""
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=120)


def _run(folder: Path, ports: Mapping[str, str], *, number: int) -> float:
    output = _output(folder, number)
    start = time.monotonic()
    with output.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run", *(f"{name}={value}" for name, value in ports.items())],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    make = _Make(process, output)
    try:
        _wait(make, f"http://127.0.0.1:{ports['PORT']}/", start)
        return time.monotonic() - start
    finally:
        make.interrupt()


def _output(folder: Path, number: int) -> Path:
    return folder.parent / f"output-{number}"


def _steps(folder: Path, number: int) -> str:
    """Return the steps that took a second or more, in the words of the run."""
    return ", ".join(
        f"{words.strip()} {seconds} s"
        for words, seconds in _STEP.findall(_output(folder, number).read_text())
    )


def _wait(make: _Make, address: str, start: float) -> None:
    while READY not in make.text or not _answers(address):
        if make.process.poll() is not None or time.monotonic() - start > PATIENCE:
            raise NotReady(make.text)
        time.sleep(0.1)


def _answers(address: str) -> bool:
    """Return whether a GET gives a page, the sign-in page among them."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=10) as reply:
            return bool(reply.status == 200)
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    except OSError:
        return False


@contextmanager
def _clone() -> Iterator[Path]:
    """A clone of what is committed, in a folder that the services' user can pass."""
    base = Path(mkdtemp(prefix="gatehouse-bench-"))
    base.chmod(0o755)
    folder = base / "gatehouse"
    try:
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(folder)], check=True)
        yield folder
    finally:
        if (folder / "var").exists():
            _clean(folder)
        shutil.rmtree(base)


def _clean(folder: Path) -> str:
    done = subprocess.run(
        ["make", "clean"], cwd=folder, env=_environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    """Our environment without the settings of this console and without the `make` that called us."""
    names = {name.upper() for name in Environment.model_fields} | _OURS
    return {name: value for name, value in os.environ.items() if name not in names}
