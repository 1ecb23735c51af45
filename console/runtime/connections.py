"""Do the settings lead anywhere? The database, Keycloak and the service client, each asked once."""

from pathlib import Path

import psycopg

from console.env import Environment, WrongSettings, read_environment
from console.keycloak.client import Client
from console.keycloak.connection import Connection
from console.keycloak.errors import KeycloakError
from console.runtime.checks import Finding
from console.runtime.problem import Problem
from console.transport import Secret, run


def findings(*, env_file: Path) -> list[Finding]:
    """Findings about the settings, and about what they name if they are right."""
    try:
        environment = read_environment(env_file=env_file)
    except WrongSettings as error:
        head, *rest = str(error).splitlines()
        problem = Problem(
            head.rstrip(":") + ".", "\n        ".join(line.strip() for line in rest), ("make run",)
        )
        return [Finding(name="settings", problem=problem)]
    return [
        Finding(name="settings", said="settings"),
        database(environment.database_url),
        *_keycloak(environment),
    ]


def database(url: str) -> Finding:
    """One connection to PostgreSQL. The address stays out of the message: it holds a password."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        why = str(error).splitlines()[0]
        commands = ("make run", "make run DATABASE_URL=postgresql://user:password@host:5432/gatehouse")
        return Finding(name="database", problem=Problem("The database does not answer.", why, commands))
    return Finding(name="database", said=f"PostgreSQL {version // 10000}.{version % 10000}")


def _keycloak(environment: Environment) -> list[Finding]:
    url, client_id, secret = (
        environment.keycloak_url,
        environment.keycloak_client_id,
        environment.keycloak_client_secret,
    )
    if not url or not client_id or secret is None:
        return []
    client = Client(Connection(url=url, client_id=client_id, client_secret=Secret(secret.get_secret_value())))
    try:
        run(client.token())
    except KeycloakError as error:
        problem = Problem(f"Keycloak at {url} gives no token.", error.sentence, ("make run",))
        return [Finding(name="keycloak", problem=problem)]
    return [Finding(name="keycloak", said=f"Keycloak at {url}, client {client_id}")]
