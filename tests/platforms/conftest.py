"""Tenants made from the blueprints that the product ships, on the real Keycloak."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from access.models import EntitlementType
from access.services import entitlements
from console.keycloak.connection import Connection
from console.sync import preview
from console.sync.models import KeycloakServer, Run
from tests.factories import MIRA, Platform, add_server, database
from tests.keycloak.world import World, fresh
from tests.platforms import kdb, tables

__all__ = ["database"]

Make = Callable[..., Platform]


@pytest.fixture(scope="module")
def from_blueprint(transactional_db: None, keycloak_connection: Connection) -> Iterator[Make]:
    """A maker of tenants from a blueprint; their realms are deleted afterwards."""
    made: list[Platform] = []

    def make(blueprint: str, *, named: str, at: KeycloakServer | None = None, **parameters: Any) -> Platform:
        """`named` is how the realm is called with these parameters, `at` another server than the first."""
        server = at or (made[0].server if made else add_server(keycloak_connection))
        slug = f"t-{uuid.uuid4().hex[:8]}"
        platform = Platform(tenant=slug, server=server, keycloak=World(server.connection(), named))
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
        if platform.server == made[0].server:  # another one goes as a whole
            platform.keycloak.delete()


@pytest.fixture(scope="module")
def insights(from_blueprint: Make) -> Platform:
    """One deployment with the five users of the documentation's access model example."""
    namespace = f"a{uuid.uuid4().hex[:8]}"
    made = from_blueprint(
        "kdb-insights",
        named=f"insights-{namespace}",
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


@pytest.fixture(scope="module")
def grid(from_blueprint: Make) -> Platform:
    """Roles alone decide, and one person has each of the seven."""
    namespace = f"g{uuid.uuid4().hex[:8]}"
    made = from_blueprint(
        "kdb-insights",
        named=f"insights-{namespace}",
        namespace=namespace,
        enforced=False,
        password_policy="",
    )
    people = tables.by_name(tables.GRID_ROLES)
    give(made, {people[short]: role for short, role in tables.GRID_ROLES.items()})
    made.keycloak.make("clients", clientId="cli", publicClient=True, directAccessGrantsEnabled=True)
    return made


@pytest.fixture(scope="module")
def prokube(from_blueprint: Make) -> Platform:
    """Two workspaces, and one person with each role of the first."""
    name = fresh("prokube")
    made = from_blueprint("prokube", named=name, realm=name)
    for workspace in ("ada", "bob"):
        made.do("access:family:create", family="workspace", value=workspace)
    people = tables.by_name(tables.WORKSPACE)
    give(made, {people[role]: "" if role == tables.NOBODY else role for role in people})
    made.keycloak.make("clients", clientId="cli", publicClient=True, directAccessGrantsEnabled=True)
    return made


@pytest.fixture(scope="module")
def cdm(from_blueprint: Make) -> Platform:
    """The provider, and one person with each of its roles."""
    name = fresh("cdm")
    made = from_blueprint("cdm-provider", named=name, realm=name)
    people = tables.by_name(tables.CDM)
    give(made, {people[role]: role for role in people} | {tables.NOBODY: ""})
    for client in ("grafana", "rabbitmq-management"):
        take_passwords(made, client)
    return made


def take_passwords(made: Platform, client_id: str) -> None:
    """Let a client of the platform take names and passwords, for want of a browser; it becomes public."""
    (found,) = made.keycloak.get("clients", clientId=client_id)
    changed = found | {"directAccessGrantsEnabled": True, "publicClient": True}
    made.keycloak.put("clients", found["id"], json=changed)


def give(made: Platform, roles: Mapping[str, str]) -> None:
    """Make people and give each a role, "" for none."""
    made.build(
        *(("access:person:create", person(username)) for username in roles),
        *(
            ("access:person-role:give", {"people": [username], "roles": [role]})
            for username, role in roles.items()
            if role
        ),
    )


def person(username: str) -> dict[str, str]:
    return {
        "username": username,
        "email": f"{username}@example.org",
        "first_name": username,
        "last_name": "Example",
    }


def add_resource(made: Platform, kind: str, name: str, owner: str) -> None:
    row = EntitlementType.objects.get(realm__scope=made.scope, name=kind)
    people = [made._id("people", owner)] if owner else []
    entitlements.create_resource(actor=made.actor, tenant=made.tenant, type=row.pk, name=name, people=people)
