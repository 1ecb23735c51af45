"""Two of a kind side by side: what one has and the other has not, with the way (row M4, C2)."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from console.engine.state import Kind
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.operators import sign_in_as
from tests.pages import queries_of, squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> PlatformTenant:
    """Ann develops through a group; Bob views, and has a role of his own."""
    acme = PlatformTenant("kdb-insights")
    acme.group_role("data", "insights.role.developer")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data")
    acme.person("bob", "Bob Ray")
    acme.person_role("bob", "insights.role.viewer")
    acme.role("on-call")
    acme.person_role("bob", "on-call")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def url(acme: DeclaredTenant, *who: str, of: str = "people", **more: str) -> str:
    base = reverse("access:matrix-compare", args=[acme.tenant.slug])
    people = [acme.person(one).pk for one in who]
    return f"{base}?{urlencode({'of': of, 'who': people, **more}, doseq=True)}"


def words(cell: str) -> str:
    """Return the text of a cell without its chips."""
    plain = re.sub(r'<span class="chip.*?</span>', "", cell, flags=re.DOTALL)
    return squeezed(html.unescape(re.sub(r"<[^>]+>", " ", plain)))


def sections(page: str) -> dict[str, dict[str, list[str]]]:
    """Return the lines of each section: the cells of a line by its first one."""
    found: dict[str, dict[str, list[str]]] = {}
    for body in re.findall(r'<tbody>\s*<tr class="group">.*?</tbody>', page, re.DOTALL):
        rows = [
            [words(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)]
            for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)
        ]
        title = rows[0][0].rsplit(" ", 1)[0]
        found[title] = {row[0]: row[1:] for row in rows[1:]}
    return found


def test_what_only_one_has_stands_first_with_its_way(acme: PlatformTenant, auditor: Client) -> None:
    found = sections(auditor.get(url(acme, "ann", "bob")).content.decode())

    assert list(found) == ["Only Ann Lee", "Only Bob Ray", "Both alike"]
    ann = found["Only Ann Lee"]
    assert ann["Create an own package and deploy it"] == [
        "yes", "no", "kdb Insights Enterprise", "data insights.role.developer"
    ]  # fmt: skip
    assert ann["Role insights.role.developer"] == ["yes", "no", "Roles", "data"]
    assert ann["Role insights.role.reporter"][-1] == "data insights.role.developer"
    assert found["Only Bob Ray"] == {"Role on-call": ["no", "yes", "Roles", "directly"]}
    assert "Use the scratchpad" in found["Both alike"]


def test_the_order_of_the_address_is_that_of_the_page(acme: PlatformTenant, auditor: Client) -> None:
    assert "Bob Ray and Ann Lee" in auditor.get(url(acme, "bob", "ann")).content.decode()


def test_two_who_are_alike_are_said_to_be(acme: PlatformTenant, auditor: Client) -> None:
    acme.person("cas", "Cas Cole")
    acme.member("cas", "data")

    assert "Both are alike." in auditor.get(url(acme, "ann", "cas")).content.decode()


@pytest.mark.parametrize("who", [(), ("ann",)])
def test_before_two_are_chosen_it_asks_for_them(
    acme: PlatformTenant, auditor: Client, who: tuple[str, ...]
) -> None:
    page = auditor.get(url(acme, *who))

    assert page.status_code == 200
    assert "Choose two" in page.content.decode()


def test_three_are_one_too_many(acme: PlatformTenant, auditor: Client) -> None:
    acme.person("cas", "Cas Cole")

    page = auditor.get(url(acme, "ann", "bob", "cas")).content.decode()

    assert "Choose two: this compares one with another." in page


@pytest.mark.parametrize("who", ["999999", "x", "1' or 1=1"])
def test_who_is_not_of_the_tenant_does_not_exist(acme: PlatformTenant, auditor: Client, who: str) -> None:
    page = auditor.get(f"{url(acme, 'ann')}&{urlencode({'who': who})}")

    assert page.status_code == 200
    assert "Only" not in sections(page.content.decode())


def test_roles_are_compared_by_what_they_open_and_include(acme: PlatformTenant, auditor: Client) -> None:
    """I3: Viewer and Reporter differ by the three capabilities of the role texts."""
    ids = [acme.role(f"insights.role.{name}").pk for name in ("viewer", "reporter")]
    base = reverse("access:matrix-compare", args=["acme"])

    found = sections(
        auditor.get(f"{base}?{urlencode({'of': 'roles', 'who': ids}, doseq=True)}").content.decode()
    )

    assert list(found) == ["Only Reporter", "Both alike"]
    assert set(found["Only Reporter"]) == {
        "Custom queries on the database",
        "Modify log levels",
        "Export configuration",
        "Role insights.role.reporter",
    }


def test_what_could_not_be_read_is_named(acme: PlatformTenant, auditor: Client) -> None:
    acme.was_read()
    acme.could_not_read(Kind.CLIENT_ROLE)

    page = auditor.get(url(acme, "ann", "bob")).content.decode()

    assert "client-role could not be read" in page


def test_tenants_mirror_each_other_by_names_and_links(auditor: Client) -> None:
    """C2: a tenant has the roles of its provider."""
    provider, tenant = (
        PlatformTenant("cdm-provider", "cdm"),
        PlatformTenant("cdm-tenant", "acme", tenant_id="acme"),
    )
    provider.role("provider-only")
    tenant.role("tenant-only", "cdm-viewer")

    page = auditor.get(f"{reverse('access:matrix-compare', args=['cdm'])}?of=tenants&with=acme")
    found = sections(page.content.decode())

    assert "provider-only" in found["Only Cdm"]
    assert {"tenant-only", "tenant-only includes cdm-viewer"} <= set(found["Only Acme"])
    mirrored = {
        "cdm-admin",
        "cdm-operator",
        "cdm-viewer",
        "platform-admin",
        "platform-operator",
        "pgadmin-users",
        "matrix-viewer",
    }
    assert mirrored <= set(found["Both alike"])
    assert "declared by Mira Torres" in page.content.decode()


def test_a_tenant_that_one_may_not_know_is_neither_offered_nor_compared(client: Client) -> None:
    """S2."""
    DeclaredTenant("acme").role("viewer")
    DeclaredTenant("birch").role("secret-role")
    sign_in_as(client, groups=("/tenants/acme/admins",))
    base = reverse("access:matrix-compare", args=["acme"])

    known, invented = (client.get(f"{base}?of=tenants&with={slug}") for slug in ("birch", "nowhere"))

    assert "secret-role" not in known.content.decode()
    assert "Birch" not in known.content.decode()
    assert len(known.content) == len(invented.content)
    assert client.get(reverse("access:matrix-compare", args=["birch"])).status_code == 403


def test_it_only_reads_and_asks_for_a_sign_in(acme: PlatformTenant, auditor: Client) -> None:
    assert auditor.post(url(acme)).status_code == 405
    assert Client().get(url(acme)).status_code == 302


def test_more_roles_and_groups_cost_no_more_queries(acme: PlatformTenant, auditor: Client) -> None:
    few = queries_of(auditor, url(acme, "ann", "bob"))
    for number in range(30):
        acme.group_role(f"g{number}", f"role{number}")
        acme.member("ann", f"g{number}")

    assert queries_of(auditor, url(acme, "ann", "bob")) == few
