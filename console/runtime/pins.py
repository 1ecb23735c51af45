"""Put what each direct dependency is for above its pin: `make lock` does it after locking.

The purposes stand in the `.in` file as comments; the tool that locks drops them.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class NoPurpose(Exception):
    """A direct dependency has no comment that says what it is for."""


def purposes(lines: Iterable[str]) -> dict[str, str]:
    """Package name to purpose, from the lines of an `.in` file. Raises NoPurpose that names the line."""
    found = {}
    for line in lines:
        requirement, _, purpose = line.partition("#")
        name = NAME.match(requirement)
        if name is None:  # a comment, an empty line, an option such as -r
            continue
        if not purpose.strip():
            raise NoPurpose(f"'{requirement.strip()}' has no comment that says what it is for.")
        found[_normal(name[0])] = purpose.strip()
    return found


def explained(lines: Iterable[str], purposes: Mapping[str, str]) -> Iterator[str]:
    """The lines of a locked file, each pin of a direct dependency below its purpose."""
    for line in lines:
        pin = re.match(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?==", line)
        if pin and _normal(pin[1]) in purposes:
            yield f"# {purposes[_normal(pin[1])]}"
        yield line


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(source: Path, locked: Path) -> None:
    """Rewrite the locked file."""
    known = purposes(source.read_text().splitlines())
    text = "\n".join(explained(locked.read_text().splitlines(), known)) + "\n"
    locked.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
