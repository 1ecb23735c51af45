"""What a role opens on its page: each service with its capabilities (rows I3, C7)."""

import pytest
from django.test import Client
from django.urls import reverse

from access.opens import Opens, opens_of
from console.graph.edges import role
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.operators import sign_in_as
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def opens(acme: DeclaredTenant, name: str) -> Opens:
    found = opens_of(acme.tenant, role(name))
    assert found is not None
    return found


def test_a_role_opens_its_own_and_what_included_roles_open() -> None:
    """Reporter adds three to Viewer; Viewer adds those of the grid to Views-only."""
    found = opens(PlatformTenant("kdb-insights"), "insights.role.reporter")

    (service,) = found.services
    assert {"Custom queries", "Modify log levels", "Export configuration"} <= set(service.names)
    assert "Use the scratchpad" in service.names
    assert "Create entities" not in service.names
    assert found.count == len(service.names)
    assert found.own == 3


def test_each_service_is_counted_for_itself_with_its_level() -> None:
    found = opens(PlatformTenant("cdm-provider"), "cdm-operator")

    by_service = {one.service: (one.count, one.total, one.first) for one in found.services}
    assert by_service["Grafana (Provider)"] == (1, 1, "Role (Editor)")
    assert by_service["IoT Bridge API"] == (1, 2, "API (Read + trigger deployments)")
    assert by_service["pgAdmin"] == (0, 1, "")
    assert {one.service: one.unclear for one in found.services}["pgAdmin"] == 1
    assert (found.own, found.through) == (2, 0)


def test_a_tenant_without_a_platform_says_nothing_of_it(client: Client) -> None:
    acme = DeclaredTenant()
    row = acme.role("viewer")
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert opens_of(acme.tenant, role("viewer")) is None
    page = client.get(reverse("access:role-detail", args=["acme", row.pk])).content.decode()
    assert "What it opens" not in page


def test_the_page_shows_it_and_more_people_cost_no_more_queries(client: Client) -> None:
    acme = PlatformTenant("kdb-insights")
    url = reverse("access:role-detail", args=["acme", acme.role("insights.role.maintainer").pk])
    sign_in_as(client, roles=("gatehouse-auditor",))
    acme.person_role("ann", "insights.role.maintainer")
    few = queries_of(client, url)
    for number in range(30):
        acme.person_role(f"n{number}", "insights.role.maintainer")

    page = client.get(url).content.decode()

    assert "What it opens" in page
    assert "of its own" in page
    assert queries_of(client, url) == few
