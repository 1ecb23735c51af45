"""Realms for blueprints: made on the real Keycloak, deleted after the module."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from console.keycloak.errors import NotFound
from tests.blueprints.realms import Applied, case
from tests.keycloak.world import World, fresh


@pytest.fixture(scope="module")
def applied(keycloak_connection: Any) -> Iterator[Callable[[str], Applied]]:
    """A maker of realms with what a case declares, each made once for the module."""
    made: dict[str, Applied] = {}

    def make(name: str) -> Applied:
        if name not in made:
            made[name] = Applied(World(keycloak_connection, fresh(f"bp-{name}")), case(name))
            made[name].apply()
        return made[name]

    yield make
    for one in made.values():
        with suppress(NotFound):  # it was never made
            one.world.delete()
