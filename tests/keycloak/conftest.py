"""A realm of its own for each test module of the gateway."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.keycloak.forwarder import Forwarder, forwarding
from tests.keycloak.world import World, fresh


@pytest.fixture(scope="module")
def world(keycloak_connection: Any) -> Iterator[World]:
    """A realm on the real Keycloak, deleted after the module."""
    made = World(keycloak_connection, fresh("gateway"))
    made.make_realm()
    yield made
    made.delete()


@pytest.fixture
def forwarder(keycloak_connection: Any) -> Iterator[Forwarder]:
    """A forwarder to the real Keycloak that spoils what a test tells it to."""
    with forwarding(keycloak_connection.url) as running:
        yield running


@pytest.fixture
def spoiled(keycloak_connection: Any, world: World, forwarder: Forwarder) -> World:
    """The same realm, seen through the forwarder."""
    return World(replace(keycloak_connection, url=forwarder.url), world.name)
