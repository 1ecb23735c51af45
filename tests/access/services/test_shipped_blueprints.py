"""Each blueprint of the product on the real Keycloak: form, plan, run, and the realm read back.

What is expected is written down from the documents, not computed from the blueprints.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.engine.kinds import managed
from console.engine.state import Selection
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.sync import runs
from console.sync.desired import DatabaseTarget
from console.sync.models import KeycloakServer, Plan, Run, Scope
from tests.factories import add_server, database
from tests.keycloak.world import World, fresh
from tests.operators import sign_in_as

__all__ = ["database"]

CDM_ROLES = {
    "cdm-admin", "cdm-operator", "cdm-viewer", "platform-admin", "platform-operator", "pgadmin-users",
    "matrix-viewer",
}  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """What is typed, which parameter names the realm, and what must stand in it."""

    key: str
    names_realm: str
    realm: str = "{name}"
    typed: dict[str, str] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    settings: dict[str, Any] = field(default_factory=dict)


SHIPPED = [
    Expected(
        "kdb-insights",
        "namespace",
        realm="insights-{name}",
        roles={
            "insights.role.viewer.dashboard", "insights.role.viewer", "insights.role.reporter",
            "insights.role.developer", "insights.role.maintainer", "insights.role.administrator",
            "insights.entitlements.admin",
        },
    ),
    Expected(
        "prokube",
        "realm",
        groups={"users", "admins"},
        typed={"user_group": "users", "admin_group": "admins"},
    ),
    Expected(
        "cdm-provider",
        "realm",
        roles=CDM_ROLES,
        clients={"grafana", "iot-bridge", "portal", "pgadmin", "rabbitmq-management", "dashboard"},
    ),
    Expected(
        "cdm-tenant",
        "tenant_id",
        roles=CDM_ROLES,
        clients={"thingsboard", "hawkbit", "grafana", "portal", "pgadmin"},
    ),
    Expected(
        "platform-mesh",
        "workspace",
        typed={"base_domain": "portal.example.org"},
        settings={
            "accessTokenLifespan": 28800,
            "ssoSessionIdleTimeout": 28800,
            "loginWithEmailAllowed": True,
            "registrationEmailAsUsername": True,
            "registrationAllowed": False,
        },
    ),
    Expected("mto", "realm", groups={"cluster-admins"}, typed={"console_url": "https://console.example.org"}),
]  # fmt: skip


@dataclass
class Made:
    expected: Expected
    scope: Scope
    keycloak: World
    plan: Plan


@pytest.fixture(scope="module")
def server(transactional_db: None, keycloak_connection: Connection) -> KeycloakServer:
    return add_server(keycloak_connection)


@pytest.fixture(scope="module", params=SHIPPED, ids=[one.key for one in SHIPPED])
def made(request: Any, server: KeycloakServer, keycloak_connection: Connection) -> Iterator[Made]:
    """A tenant from the form to the realm."""
    expected: Expected = request.param
    name = fresh("bp").lower()[-12:]
    keycloak = World(keycloak_connection, expected.realm.format(name=name))
    client = Client()
    sign_in_as(client, roles=("gatehouse-admin",))
    plan = _planned(client, server, expected, name)
    _apply(client, plan)
    scope = Scope.objects.select_related("server").get(realm=keycloak.name)
    run = runs.sync(scope.pk)
    assert run is not None
    assert run.state == Run.State.DONE, run.sentence
    yield Made(expected, scope, keycloak, plan)
    keycloak.delete()


def _planned(client: Client, server: KeycloakServer, expected: Expected, name: str) -> Plan:
    page = client.get(reverse("tenants:tenant-create"), {"blueprint": f"{expected.key}@1"})
    typed = _first(page.context["form"])
    typed |= {f"p_{key}": value for key, value in expected.typed.items()}
    typed |= {f"p_{expected.names_realm}": name, "name": name.title(), "slug": name, "server": str(server.pk)}
    answer = client.post(reverse("tenants:tenant-create"), typed | {"blueprint": f"{expected.key}@1"})
    assert answer.status_code == 302, answer.context["form"].errors
    return Plan.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def _first(form: Any) -> dict[str, str]:
    """Return what stands in the form before anything is typed, examples where something must be given."""
    values = {one.name: str(one.value() or "") for one in form}
    for one in form.blueprint.parameters:
        if one.required and not values[f"p_{one.name}"] and one.example is not None:
            several = one.example if isinstance(one.example, tuple) else (str(one.example),)
            values[f"p_{one.name}"] = "\n".join(several)
    return values


def _apply(client: Client, plan: Plan) -> None:
    assert plan.findings == []
    typed = {"reason": "A tenant of the platform, as ordered by its owner.", "ticket": "T-1"}
    answer = client.post(reverse("sync:plan-apply", args=[plan.pk]), typed)
    plan.refresh_from_db()
    assert plan.state == Plan.State.APPLIED, answer.content.decode()[-3000:]


def test_all_of_it_stands_in_keycloak_and_nothing_is_left_to_do(made: Made) -> None:
    desired = DatabaseTarget(made.scope).read(Selection.all())
    actual = KeycloakTarget(made.scope.server.connection(), made.scope.realm).read(Selection.all())

    missing = [one.address.key for one in desired if one.address not in actual]
    differing = {
        one.address.key: (one.fields, actual.resources[one.address].fields)
        for one in desired
        if one.address in actual
        and managed(one.address, actual.resources[one.address].fields, one.fields) != dict(one.fields)
    }
    assert missing == []
    assert differing == {}
    assert runs.sync(made.scope.pk) is None
    assert not made.scope.touched.exists()


def test_its_roles_clients_groups_and_settings_are_the_documents(made: Made) -> None:
    """Rows I2, C1, C4, K2, P2."""
    expected = made.expected
    roles = {one["name"] for one in made.keycloak.get("roles", max=1000)}
    clients = {one["clientId"] for one in made.keycloak.get("clients", max=1000)}
    groups = {one["name"] for one in made.keycloak.get("groups", max=1000)}
    realm = made.keycloak.get()

    assert expected.roles <= roles
    assert expected.clients <= clients
    assert expected.groups <= groups
    assert {key: realm[key] for key in expected.settings} == expected.settings


def test_the_plan_named_every_object(made: Made) -> None:
    declared = len(DatabaseTarget(made.scope).read(Selection.all()))

    assert made.plan.size == declared
