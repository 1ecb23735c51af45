"""What Keycloak really keeps of a secret: its own database says so, its answers show asterisks only."""

import os
from typing import Any

import psycopg

from tests.keycloak.world import World

_MAIL = """
    select value from realm_smtp_config c join realm r on r.id = c.realm_id
    where r.name = %s and c.name = 'password'
"""
_PROVIDER = """
    select c.value from identity_provider_config c
    join identity_provider i on i.internal_id = c.identity_provider_id join realm r on r.id = i.realm_id
    where r.name = %s and i.provider_alias = %s and c.name = 'clientSecret'
"""
_DIRECTORY = """
    select c.value from component_config c
    join component o on o.id = c.component_id join realm r on r.id = o.realm_id
    where r.name = %s and o.name = %s and c.name = 'bindCredential'
"""


def mail_password(world: World) -> str | None:
    return _only(_MAIL, world.name)


def client_secret(world: World, alias: str) -> str | None:
    return _only(_PROVIDER, world.name, alias)


def bind_credential(world: World, directory: str) -> str | None:
    return _only(_DIRECTORY, world.name, directory)


def _only(query: Any, *values: str) -> str | None:
    settings = {
        "host": "127.0.0.1",
        "port": os.environ["POSTGRES_PORT"],
        "user": "keycloak",
        "password": os.environ["POSTGRES_PASSWORD_KEYCLOAK"],
        "dbname": "keycloak",
    }
    with psycopg.connect(**settings) as connection:  # type: ignore[arg-type]
        found = connection.execute(query, values).fetchall()
    assert len(found) < 2, found
    return found[0][0] if found else None
