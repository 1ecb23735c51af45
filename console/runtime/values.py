"""The values that a run generates once and keeps: one `NAME=value` file, readable by its owner only."""

import os
import secrets
import shlex
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path


class Values:
    """What one env file holds. A change is on disk before it is used, so a killed run can be repeated."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._values = _read(path)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def ensure(self, name: str, make: Callable[[], str]) -> str:
        """The value, made and kept if there was none."""
        if not self._values.get(name):
            self.put({name: make()})
        return self._values[name]

    def put(self, values: Mapping[str, str]) -> None:
        """Keep these values. The file is written only if one of them is new."""
        if all(self._values.get(name) == value for name, value in values.items()):
            return
        self._values |= values
        self._write()

    def drop(self, *names: str) -> None:
        """Forget these values."""
        if self._values.keys() & set(names):
            self._values = {name: value for name, value in self._values.items() if name not in names}
            self._write()

    def all(self) -> Mapping[str, str]:
        return dict(self._values)

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(self.path.name + ".part")
        part.unlink(missing_ok=True)
        # Made with its mode, so that there is no moment in which others can read it.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{name}={shlex.quote(value)}\n" for name, value in sorted(self._values.items()))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name: "".join(shlex.split(value)) for name, value in pairs}


def password() -> str:
    """A new password of 32 random bytes that needs no quoting in a shell or an address."""
    return secrets.token_urlsafe(32)


def encryption_key() -> str:
    """A first encryption key in the form of ENCRYPTION_KEYS."""
    return "first:" + b64encode(secrets.token_bytes(32)).decode()
