"""What the operator gives on the command line: `make run PORT=8001 KEYCLOAK_URL=…`."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.runtime.problem import Problem, Stopped

SERVICE_CLIENT_SETTINGS = ("KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET")


@dataclass(frozen=True, kw_only=True)
class Given:
    """Addresses instead of the embedded parts, and ports. A port of None is chosen among the free ones."""

    database_url: str | None = None
    keycloak_url: str | None = None
    keycloak_client_id: str | None = None
    keycloak_client_secret: str | None = None
    gatehouse_url: str | None = None
    port: int | None = None
    keycloak_port: int | None = None

    @property
    def is_all_embedded(self) -> bool:
        return not (self.database_url or self.keycloak_url)


def given_for_run(env: Mapping[str, str]) -> Given:
    """What the environment gives. Raises Stopped for a wrong port, or a Keycloak without its client."""
    keycloak_url = env.get("KEYCLOAK_URL", "").rstrip("/") or None
    missing = [name for name in SERVICE_CLIENT_SETTINGS if not env.get(name)]
    if keycloak_url and missing:
        raise Stopped(
            Problem(
                f"KEYCLOAK_URL is given, and {' and '.join(missing)} is missing.",
                "Gatehouse is a service client of your realm master with the role create-realm.",
                (f"make run KEYCLOAK_URL={keycloak_url} KEYCLOAK_CLIENT_ID=… KEYCLOAK_CLIENT_SECRET=…",),
            )
        )
    return Given(
        database_url=env.get("DATABASE_URL") or None,
        keycloak_url=keycloak_url,
        keycloak_client_id=env.get("KEYCLOAK_CLIENT_ID") or None,
        keycloak_client_secret=env.get("KEYCLOAK_CLIENT_SECRET") or None,
        gatehouse_url=env.get("GATEHOUSE_URL", "").rstrip("/") or None,
        port=_port(env, "PORT", usual=8000),
        keycloak_port=_port(env, "KEYCLOAK_PORT", usual=8080),
    )


def _port(env: Mapping[str, str], name: str, *, usual: int) -> int:
    text = env.get(name) or str(usual)
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    why = "A port is a number from 1 to 65535."
    raise Stopped(Problem(f"{name}={text} is no port.", why, (f"make run {name}={usual}",)))
