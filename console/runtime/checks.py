"""Is this machine ready? Each check is one finding; what is missing comes with the exact command.

Only the standard library is used: these checks run before anything is installed.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from console.runtime import distribution
from console.runtime.given import Given
from console.runtime.layout import PROJECT, Layout
from console.runtime.ports import holder_of, is_free
from console.runtime.problem import Problem

OLDEST_JAVA = 17
NEEDED_DISK = (
    2_000_000_000  # bytes: packages 0.4, Keycloak 0.6, PostgreSQL 0.1, Maven's own, and room to work
)
OWN_KEYCLOAK = "make run KEYCLOAK_URL=https://… KEYCLOAK_CLIENT_ID=… KEYCLOAK_CLIENT_SECRET=…"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found: a few words, or a problem and the Debian packages that would solve it."""

    name: str
    said: str = ""
    problem: Problem | None = None
    packages: tuple[str, ...] = ()


def machine(layout: Layout, *, given: Given, needs_browser: bool = False) -> list[Finding]:
    """All findings about this machine, in the order in which they are told."""
    findings = [python(), virtual_environments()]
    if not given.keycloak_url:
        findings += [java(), maven(layout)]
    if needs_browser:
        findings.append(browser())
    findings += [Finding(name="cores", said=f"{os.cpu_count() or 1} cores"), disk(PROJECT)]
    return findings


def ports(*, given: Given) -> list[Finding]:
    """Findings about the ports that browsers will use."""
    wanted = [("PORT", given.port)]
    if not given.keycloak_url:
        wanted.append(("KEYCLOAK_PORT", given.keycloak_port))
    return [port(name=name, number=number) for name, number in wanted if number is not None]


def python() -> Finding:
    """The version of this Python. `console/runtime/__init__.py` has refused an older one than 3.11."""
    return Finding(name="python", said=f"Python {'.'.join(map(str, sys.version_info[:3]))}")


def virtual_environments() -> Finding:
    """Debian leaves `ensurepip` out of its Python."""
    if importlib.util.find_spec("ensurepip"):
        return Finding(name="venv")
    problem = Problem(
        "Python cannot make a virtual environment.",
        "Its module ensurepip is missing; packages go to .venv and never into the system.",
        (_apt("python3-venv"),),
    )
    return Finding(name="venv", problem=problem, packages=("python3-venv",))


def java() -> Finding:
    home = os.environ.get("JAVA_HOME")
    command = [f"{home}/bin/java" if home else "java", "-version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    except OSError:
        said = ""
    found = re.search(r'version "(\d+)', said)
    if found and int(found[1]) >= OLDEST_JAVA:
        return Finding(name="java", said=f"Java {found[1]}")
    what = f"This is Java {found[1]}." if found else "No Java was found."
    problem = Problem(
        f"Java {OLDEST_JAVA} or newer not found.",
        f"{what} Keycloak needs it.",
        (_apt("default-jdk-headless"), OWN_KEYCLOAK),
    )
    return Finding(name="java", problem=problem, packages=("default-jdk-headless",))


def maven(layout: Layout) -> Finding:
    """Maven is needed once, to fetch Keycloak."""
    if shutil.which("mvn") or distribution.is_built(layout) or distribution.archive(layout).exists():
        return Finding(name="maven")
    problem = Problem("Maven (mvn) not found.", "It fetches Keycloak.", (_apt("maven"), OWN_KEYCLOAK))
    return Finding(name="maven", problem=problem, packages=("maven",))


def browser() -> Finding:
    """The tests open real pages."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return Finding(name="browser", said=Path(found).name)
    problem = Problem("Chromium not found.", "The tests open every page in it.", (_apt("chromium"),))
    return Finding(name="browser", problem=problem, packages=("chromium",))


def disk(path: Path, *, needed: int = NEEDED_DISK) -> Finding:
    free = shutil.disk_usage(path).free
    said = f"{free // 1_000_000_000} GB free"
    if free >= needed:
        return Finding(name="disk", said=said)
    why = f"{needed / 1e9:.0f} GB are needed for packages, Keycloak and database, {free / 1e9:.1f} are free."
    return Finding(name="disk", problem=Problem(f"The disk of {path} is full.", why, (f"df -h {path}",)))


def port(*, name: str, number: int) -> Finding:
    if is_free(number):
        return Finding(name=name.lower(), said=f"port {number} free")
    holder = holder_of(number)
    commands = [f"make run {name}={number + 1}"]
    if name == "KEYCLOAK_PORT":
        other = OWN_KEYCLOAK.replace("https://…", f"http://localhost:{number}")
        commands.append(f"{other}   (if it is a Keycloak)")
    why = f"{'Keycloak' if name == 'KEYCLOAK_PORT' else 'The console'} was to listen there."
    return Finding(name=name.lower(), problem=Problem(f"Port {number} is in use by {holder}.", why, commands))


def problems(findings: Iterable[Finding]) -> list[Problem]:
    """The problems among the findings."""
    return [finding.problem for finding in findings if finding.problem]


def summary(findings: Iterable[Finding]) -> str:
    """The findings in one line."""
    return ", ".join(finding.said for finding in findings if finding.said)


def _apt(package: str) -> str:
    """The command that installs a Debian package, as this user has to type it."""
    return f"{'' if os.geteuid() == 0 else 'sudo '}apt-get install {package}"
