"""The capabilities of a person in the one list of all access (rows M4, I4)."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.operators import sign_in_as
from tests.pages import queries_of, squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(client: Client) -> PlatformTenant:
    acme = PlatformTenant("kdb-insights")
    acme.group_role("data", "insights.role.developer")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data")
    acme.entitle(acme.person("ann"), "package:demo:READ")
    sign_in_as(client, roles=("gatehouse-auditor",))
    return acme


def url(acme: DeclaredTenant, query: str = "") -> str:
    return f"{reverse('access:person-detail', args=['acme', acme.person('ann').pk])}?{query}"


def lines(client: Client, address: str) -> dict[str, str]:
    """Return the rows of the list: the words of a row by its first cell."""
    page = client.get(address).content.decode()
    table = page[page.index('<table class="list list-fixed access-list"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.DOTALL)[1:]
    cells = [
        [squeezed(html.unescape(re.sub(r"<[^>]+>", " ", one))) for one in row.split("<td")[1:]]
        for row in rows
    ]
    return {row[0].partition("> ")[2] or row[0]: " | ".join(row[1:]) for row in cells}


def test_capabilities_stand_between_roles_and_entitlements(acme: PlatformTenant, client: Client) -> None:
    page = client.get(url(acme)).content.decode()

    kinds = re.findall(r'<td class="text-secondary may-hide">([^<]+)</td>', page)
    assert list(dict.fromkeys(kinds)) == ["Role", "Capability", "Entitlement"]


def test_a_capability_says_through_what_it_comes_and_on_what_it_hangs(
    acme: PlatformTenant, client: Client
) -> None:
    found = " ".join(f"{name} {rest}" for name, rest in lines(client, url(acme, "kind=capabilities")).items())

    assert "Start/stop package entities Insights" in found
    assert "data Developer on 1 package" in found
    assert "Update package entities" not in found


def test_the_reach_counts_them(acme: PlatformTenant, client: Client) -> None:
    page = squeezed(client.get(url(acme)).content.decode())

    count = re.search(r"<b>Capabilities</b> <span class=\"pill-count\">(\d+)</span>", page)
    assert count is not None
    assert f"{count.group(1)} of 20 capabilities" in page


def test_a_tenant_without_a_platform_has_no_such_part(client: Client) -> None:
    acme = DeclaredTenant()
    acme.person("ann", "Ann Lee")
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert "Capabilities" not in client.get(url(acme)).content.decode()


def test_more_groups_and_roles_cost_no_more_queries(acme: PlatformTenant, client: Client) -> None:
    few = queries_of(client, url(acme))
    for number in range(15):
        acme.group_role(f"g{number}", f"role{number}")
        acme.member("ann", f"g{number}")

    assert queries_of(client, url(acme)) == few
