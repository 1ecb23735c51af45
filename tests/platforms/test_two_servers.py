"""C2: a provider on one Keycloak server and a tenant on another, each a process with a database of its own.

The tenant's realm is called as one that the console keeps on the provider's server, so whatever were mixed up
would be seen there.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from access.matrix.mirror import mirrored
from console.keycloak.connection import Connection
from console.runtime.given import Given
from console.runtime.keycloak import Keycloak
from console.runtime.services import Services
from console.runtime.steps import Steps
from console.sync import runs
from console.sync.drift.check import check
from console.sync.drift.models import DriftItem
from console.sync.models import Circuit, KeycloakServer, Run
from console.transport import Secret
from tenants.services import servers
from tests import tokens
from tests.factories import MIRA, Platform
from tests.keycloak.world import fresh
from tests.operators import sign_in_as
from tests.platforms.conftest import Make, give
from tests.runtime.conftest import own_layout

ROLES = {
    "cdm-admin",
    "cdm-operator",
    "cdm-viewer",
    "platform-admin",
    "platform-operator",
    "pgadmin-users",
    "matrix-viewer",
}
CLIENTS = {"thingsboard", "hawkbit", "grafana", "portal", "pgadmin"}


class Small(Keycloak):
    """A server with little memory."""

    def _environment(self) -> Mapping[str, str]:
        return {**super()._environment(), "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx384m"}


@pytest.fixture(scope="module")
def second() -> Iterator[Services]:
    """Another Keycloak on another PostgreSQL, provisioned as the first one is."""
    with own_layout() as layout:
        made = Services(layout, given=Given(), for_tests=True, lasts=False)
        made.keycloak = Small(
            layout=layout,
            account=made.account,
            values=made.values,
            postgres=made.postgres,
            port=made.keycloak.port,
        )
        made.start(Steps(total=5, out=io.StringIO()))
        yield made


@dataclass(frozen=True)
class Both:
    provider: Platform
    tenant: Platform
    namesake: Platform  # on the provider's server, with the name of the tenant's realm


@pytest.fixture(scope="module")
def both(second: Services, from_blueprint: Make) -> Both:
    provider, acme = fresh("cdm"), fresh("acme")
    on_first = from_blueprint("cdm-provider", named=provider, realm=provider)
    namesake = from_blueprint("cdm-tenant", named=acme, tenant_id=acme)
    tenant = from_blueprint("cdm-tenant", named=acme, tenant_id=acme, at=added(second))
    return Both(on_first, tenant, namesake)


def added(second: Services) -> KeycloakServer:
    values = second.environment()
    reached = Connection(
        url=values["KEYCLOAK_URL"],
        client_id=values["KEYCLOAK_CLIENT_ID"],
        client_secret=Secret(values["KEYCLOAK_CLIENT_SECRET"]),
    )
    return servers.create(
        actor=MIRA,
        name=fresh("server"),
        url=reached.url,
        client_id=reached.client_id,
        secret=reached.client_secret.reveal(),
    )


def differing(both: Both) -> set[str]:
    """Return what the comparison finds at one of the two only."""
    found = mirrored(both.provider.row, both.tenant.row)
    return {one.title for part in found.sections if part.key != "both" for one in part.lines}


def drift(made: Platform) -> dict[str, str]:
    """Return the open items of a realm after a full check."""
    assert check(made.scope.pk) is not None
    rows = DriftItem.objects.filter(scope=made.scope, closed_at__isnull=True)
    return dict(rows.values_list("address", "change"))


def test_the_tenant_is_a_realm_of_the_other_server(both: Both) -> None:
    first, other = both.provider.keycloak.connection, both.tenant.keycloak.connection

    assert first.url != other.url
    assert both.tenant.role_names() >= ROLES
    assert {one["clientId"] for one in both.tenant.keycloak.get("clients")} >= CLIENTS
    assert both.tenant.realm == both.namesake.realm
    assert both.tenant.scope != both.namesake.scope


def test_the_roles_are_mirrored_and_shown_so(both: Both, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))
    base = reverse("access:matrix-compare", args=[both.provider.tenant])

    page = client.get(base, {"of": "tenants", "with": both.tenant.tenant}).content.decode()

    assert differing(both) == set()
    assert all(name in page for name in ROLES)
    assert drift(both.provider) == drift(both.tenant) == drift(both.namesake) == {}


def test_what_changes_on_one_server_is_found_there_alone(both: Both) -> None:
    """A mirrored role goes and a foreign one comes, behind the console's back; one plan puts it right."""
    both.tenant.keycloak.delete("roles", "cdm-operator")
    both.tenant.keycloak.make_role("odd-one")

    assert drift(both.tenant) == {"role:cdm-operator": "removed", "role:odd-one": "added"}
    assert drift(both.namesake) == drift(both.provider) == {}

    push = {"scope": both.tenant.scope.pk, "addresses": ["role:cdm-operator"]}
    both.tenant.do("tenants:drift:push", **push)
    assert "cdm-operator" in both.tenant.role_names()
    assert "odd-one" not in both.namesake.role_names()
    both.tenant.keycloak.delete("roles", "odd-one")
    assert drift(both.tenant) == {}


def test_what_the_provider_has_more_is_said_until_the_tenant_has_it(both: Both) -> None:
    both.provider.do("access:role:create", name="cdm-auditor")
    only_there = differing(both)

    both.tenant.do("access:role:create", name="cdm-auditor")

    assert only_there == {"cdm-auditor"}
    assert differing(both) == set()
    assert "cdm-auditor" in both.tenant.role_names()
    assert "cdm-auditor" not in both.namesake.role_names()


def test_a_person_of_one_server_has_nothing_on_the_other(both: Both) -> None:
    """The same user name on both: a token tells whose it is."""
    give(both.provider, {"ann": "platform-admin"})
    give(both.tenant, {"ann": "cdm-viewer"})

    found = {one.realm: issued(one) for one in (both.provider, both.tenant)}

    assert found == {
        both.provider.realm: (issuer(both.provider), {"platform-admin"}),
        both.tenant.realm: (issuer(both.tenant), {"cdm-viewer"}),
    }
    assert both.namesake.keycloak.get("users", username="ann") == []


def issued(made: Platform) -> tuple[str, set[str]]:
    made.keycloak.make("clients", clientId="cli", publicClient=True, directAccessGrantsEnabled=True)
    found = tokens.claims_of(made, "ann", client="cli")
    return found["iss"], ROLES & set(found["realm_access"]["roles"])


def issuer(made: Platform) -> str:
    return f"{made.keycloak.connection.url}/realms/{made.realm}"


def test_the_one_goes_on_while_the_other_is_down(both: Both, second: Services) -> None:
    """Last: its process ends for good."""
    both.tenant.approve("access:role:create", name="later")
    second.keycloak.stop()

    failed = [runs.sync(both.tenant.scope.pk) for _ in range(2)]
    both.provider.do("access:role:create", name="sooner")

    assert {one.state for one in failed if one} == {Run.State.FAILED}
    assert Circuit.objects.filter(server=both.tenant.server, opened_at__isnull=False).exists()
    assert not Circuit.objects.filter(server=both.provider.server, opened_at__isnull=False).exists()
    assert "sooner" in both.provider.role_names()
    assert not both.tenant.is_in_sync
