"""Keycloak's distribution: fetched through Maven, compared with its pinned checksum, built once."""

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from console.runtime import processes
from console.runtime.layout import Layout
from console.runtime.problem import Problem, Stopped

VERSION = "26.7.5"
SHA256 = "30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
BUILD = ("--db=postgres", "--health-enabled=true")
"""What is fixed at build time."""


def archive(layout: Layout) -> Path:
    """Where the archive is kept."""
    return layout.cache / f"keycloak-quarkus-dist-{VERSION}.zip"


def fetch(layout: Layout) -> Path:
    """The archive, checked. Raises Stopped if Maven fails or the checksum differs; then no file is left."""
    path = archive(layout)
    if not path.exists():
        _fetch_by_maven(layout)
    check(path, expected=SHA256)
    return path


def _fetch_by_maven(layout: Layout) -> None:
    part = layout.cache / "maven.part"
    shutil.rmtree(part, ignore_errors=True)
    command = [
        "mvn",
        "-Dstyle.color=never",
        "-q",
        "-B",
        "-C",
        "dependency:copy",
        f"-Dartifact={ARTIFACT}",
        f"-DoutputDirectory={part}",
    ]
    with layout.log("maven").open("wb") as log:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        ).returncode
    found = next(iter(part.glob("*.zip")), None) if part.exists() else None
    if code or found is None:
        raise Stopped(_not_fetched(layout))
    found.replace(archive(layout))
    shutil.rmtree(part)


def _not_fetched(layout: Layout) -> Problem:
    """Maven says what failed in its first lines, and where to read on in its last."""
    lines = layout.log("maven").read_text(errors="replace").splitlines()
    why = "\n".join(lines[:3]) or "Maven said nothing."
    return Problem(
        f"Maven could not fetch Keycloak {VERSION}.", why, ("make run", "make run KEYCLOAK_URL=https://…")
    )


def check(path: Path, *, expected: str) -> None:
    """Compare the file with its checksum. Raises Stopped, the file deleted, if they differ."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found == expected:
        return
    path.unlink()
    raise Stopped(
        Problem(
            f"The checksum of {path.name} differs. The file was deleted; nothing else was changed.",
            f"Expected SHA-256 {expected}, found {found}: the download was cut short or is another file.",
            ("make run",),
        )
    )


def is_built(layout: Layout) -> bool:
    """True if the built distribution is there."""
    return _home(layout).exists()


def _home(layout: Layout) -> Path:
    return layout.cache / f"keycloak-{VERSION}"


def build(layout: Layout) -> Path:
    """The folder of the distribution, built for PostgreSQL. Made beside its place, then moved there."""
    home = _home(layout)
    if home.exists():
        return home
    part = layout.cache / "keycloak.part"
    shutil.rmtree(part, ignore_errors=True)
    with zipfile.ZipFile(fetch(layout)) as file:
        file.extractall(part)
    unpacked = part / f"keycloak-{VERSION}"
    with layout.log("keycloak-build").open("wb") as log:
        command = ["sh", str(unpacked / "bin" / "kc.sh"), "build", *BUILD]
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        ).returncode
    if code:
        raise Stopped(
            Problem(
                "Keycloak could not be built.",
                processes.last_lines(layout.log("keycloak-build")),
                ("make run",),
            )
        )
    shutil.rmtree(unpacked / "data", ignore_errors=True)
    unpacked.rename(home)
    shutil.rmtree(part)
    return home


def install(layout: Layout) -> Path:
    """The folder of this layout's own server. Its files are links to the built ones, so it costs no space."""
    if layout.keycloak.exists():
        return layout.keycloak
    part = layout.root / "keycloak.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(build(layout), part, copy_function=os.link)
    part.rename(layout.keycloak)
    return layout.keycloak
