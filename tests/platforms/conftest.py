"""Tenants made from the blueprints that the product ships, on the real Keycloak."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.models import EntitlementType
from access.services import entitlements
from console.keycloak.connection import Connection
from console.sync import preview
from console.sync.models import Run
from tests.factories import MIRA, Platform, add_server, database
from tests.keycloak.world import World
from tests.platforms import kdb

__all__ = ["database"]

Make = Callable[..., Platform]


@pytest.fixture(scope="module")
def from_blueprint(transactional_db: None, keycloak_connection: Connection) -> Iterator[Make]:
    """A maker of tenants from a blueprint; their realms are deleted afterwards."""
    made: list[Platform] = []

    def make(blueprint: str, *, realm: str, **parameters: Any) -> Platform:
        server = made[0].server if made else add_server(keycloak_connection)
        slug = f"t-{uuid.uuid4().hex[:8]}"
        platform = Platform(tenant=slug, server=server, keycloak=World(keycloak_connection, realm))
        plan = preview.preview(
            actor=MIRA,
            command="tenants:tenant:from-blueprint",
            values={
                "slug": slug,
                "name": blueprint,
                "server": server.pk,
                "blueprint": blueprint,
                "version": "1",
                "parameters": parameters,
            },
            title="create",
            tenant=slug,
        )
        made.append(platform)
        platform.apply(plan)
        run = platform.sync()
        assert run.state == Run.State.DONE, run.sentence
        assert platform.is_in_sync
        return platform

    yield make
    for platform in made:
        platform.keycloak.delete()


@pytest.fixture(scope="module")
def insights(from_blueprint: Make) -> Platform:
    """One deployment with the five users of the documentation's access model example."""
    namespace = f"a{uuid.uuid4().hex[:8]}"
    made = from_blueprint(
        "kdb-insights",
        realm=f"insights-{namespace}",
        namespace=namespace,
        enforced=True,
        with_example=True,
        password_policy="",
    )
    fill(made)
    return made


def fill(made: Platform) -> None:
    """Give the five users their roles and entitlements, and three of them a package of their own."""
    for username in kdb.PEOPLE:
        named = {"first_name": username.capitalize(), "last_name": "Example"}
        made.approve("access:person:create", username=username, email=f"{username}@example.org", **named)
    for username, role in kdb.ROLES.items():
        made.approve("access:person-role:give", people=[username], roles=[role])
    for kind in ("package", "database"):
        for name, owner in (("other", ""), ("*", ""), *((f"{one}-own", one) for one in kdb.OWNERS)):
            add_resource(made, kind, name, owner)
    for username, held in kdb.ENTITLED.items():
        for kind, name, level in held:
            made.approve(
                "access:entitlement:grant",
                resource=made.resource(kind, name).pk,
                level=level,
                people=[username],
                groups=[],
            )
    run = made.sync()
    assert run.state == Run.State.DONE, run.sentence


def add_resource(made: Platform, kind: str, name: str, owner: str) -> None:
    row = EntitlementType.objects.get(realm__scope=made.scope, name=kind)
    people = [made._id("people", owner)] if owner else []
    entitlements.create_resource(actor=made.actor, tenant=made.tenant, type=row.pk, name=name, people=people)
