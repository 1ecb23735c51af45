"""Where things lie. Everything that the runtime writes is below `var/`."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
VAR = PROJECT / "var"


@dataclass(frozen=True)
class Layout:
    """The folders of one set of services: `var` for `make run`, `var/test` for the tests."""

    root: Path
    cache: Path = VAR / "cache"

    @property
    def env_file(self) -> Path:
        """The generated values, 0600. `console.env` reads the one of `make run` by itself."""
        return self.root / "run" / "env" if self.root == VAR else self.root / "env"

    @property
    def records(self) -> Path:
        """One file for each process that we started."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def keycloak(self) -> Path:
        return self.root / "keycloak"

    @property
    def static(self) -> Path:
        return self.root / "static"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the folders. Everybody may pass them; what is secret in them is not readable."""
        for folder in (self.root, self.cache, self.records, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
