"""A realm of its own for each test module of the gateway."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.keycloak.world import World, fresh


@pytest.fixture(scope="module")
def world(keycloak_connection: Any) -> Iterator[World]:
    """A realm on the real Keycloak, deleted after the module."""
    made = World(keycloak_connection, fresh("gateway"))
    made.make_realm()
    yield made
    made.delete()
