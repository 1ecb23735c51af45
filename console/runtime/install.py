"""What a run installs: Debian packages where it may, Python packages into `.venv`, by their hashes."""

import hashlib
import os
import shutil
import subprocess
import venv
from collections.abc import Iterable, Sequence
from pathlib import Path

from console.runtime.checks import Finding
from console.runtime.layout import PROJECT, Layout
from console.runtime.problem import Problem, Stopped
from console.runtime.processes import last_lines
from console.runtime.steps import Step

ENVIRONMENT = PROJECT / ".venv"
RUN = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"  # holds all of requirements.txt


def python() -> Path:
    """The Python of `.venv`."""
    return ENVIRONMENT / "bin" / "python"


def may_install_packages() -> bool:
    """True as root on Debian and its relatives."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def debian_packages(findings: Iterable[Finding], *, layout: Layout, step: Step) -> bool:
    """Install what the findings miss, where we may. Returns True if something was installed."""
    names = sorted({name for finding in findings for name in finding.packages})
    if not names or not may_install_packages():
        return False
    step.waits_for(f"apt-get to install {' '.join(names)}")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    for command in (["apt-get", "update"], install):
        _run(command, log=layout.log("apt-get"), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return True


def python_packages(requirements: str, *, layout: Layout, step: Step) -> None:
    """Make `.venv` hold what the file pins. Nothing is done if it did so before."""
    wanted = _stamps(requirements)
    count = (PROJECT / requirements).read_text().count("==")
    if python().exists() and all(path.exists() and path.read_text() == text for path, text in wanted.items()):
        return step.says(f"{count} packages, unchanged")
    if not python().exists():
        step.waits_for("a virtual environment in .venv")
        venv.create(ENVIRONMENT, with_pip=True, clear=ENVIRONMENT.exists())
    step.waits_for(f"pip to install {count} packages")
    options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", requirements)
    command = [python(), "-m", "pip", "install", *options]
    _run([str(part) for part in command], log=layout.log("pip"), env=dict(os.environ))
    for path, text in wanted.items():
        path.write_text(text)
    return step.says(f"{count} packages, hashes checked")


def _stamps(requirements: str) -> dict[Path, str]:
    """What says in `.venv` that a file was installed: its hash."""
    return {ENVIRONMENT / f"installed-{name}": f"{_hash(name)}\n" for name in {RUN, requirements}}


def _hash(name: str) -> str:
    return hashlib.sha256((PROJECT / name).read_bytes()).hexdigest()


def _run(command: Sequence[str], *, log: Path, env: dict[str, str]) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=env, cwd=PROJECT, check=False
        )
    if done.returncode:
        line = " ".join(command)
        raise Stopped(Problem(f"{Path(command[0]).name} failed.", last_lines(log, count=6), (line,)))
