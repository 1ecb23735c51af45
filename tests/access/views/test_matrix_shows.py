"""What stands in rows and columns, for everybody who can have access (I1, I4, I5, M4)."""

import pytest
from django.test import Client
from django.utils.http import urlencode

from access.models import EntitlementType, Resource
from console.engine.state import Address, Kind
from tenants.models import Declaration
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.access.reading import Table, table_at
from tests.operators import sign_in_as
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

UPDATE, VIEW = "Update package entities", "View other package entities"
SCRATCHPAD = "Use the scratchpad"


@pytest.fixture
def acme() -> PlatformTenant:
    """Ann develops by a group and may write demo, Bob views and may read nothing, Eve administers."""
    acme = PlatformTenant("kdb-insights")
    acme.group_role("data", "insights.role.developer")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data/eng")
    acme.entitle(acme.person("ann"), "package:demo:WRITE")
    acme.resource("package", "billing")
    acme.person("bob", "Bob Ray", enabled=False)
    acme.person_role("bob", "insights.role.viewer")
    acme.person("eve", "Eve Stone")
    acme.person_role("eve", "insights.role.administrator")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def at(client: Client, tenant: str = "acme", **query: str) -> Table:
    return table_at(client, f"/t/{tenant}/matrix/?{urlencode(query)}")


def test_people_are_allowed_limited_exempt_or_without(acme: PlatformTenant, auditor: Client) -> None:
    cells = at(auditor).cells

    assert {name: cells[name][UPDATE] for name in cells} == {
        "Ann Lee": "limited", "Bob Ray": "no", "Eve Stone": "exempt"
    }  # fmt: skip
    assert cells["Ann Lee"][SCRATCHPAD] == "yes"
    assert cells["Bob Ray"][VIEW] == "no"  # the role alone is not enough while entitlements are enforced


def test_without_enforcement_the_role_alone_decides(auditor: Client) -> None:
    acme = PlatformTenant("kdb-insights", enforced=False)
    acme.person("bob", "Bob Ray")
    acme.person_role("bob", "insights.role.viewer")

    assert at(auditor).cells["Bob Ray"][VIEW] == "yes"


def test_groups_have_what_those_above_them_open(acme: PlatformTenant, auditor: Client) -> None:
    cells = at(auditor, view="groups").cells

    assert cells["data / eng"][SCRATCHPAD] == "yes"


def test_service_accounts_take_roles_and_entitlements_like_people(
    acme: PlatformTenant, auditor: Client
) -> None:
    """I5."""
    for address, fields in (
        (Address(Kind.CLIENT, ("ingest",)), {"service_accounts": True}),
        (Address(Kind.CLIENT, ("portal",)), {"service_accounts": False}),
        (Address(Kind.SERVICE_ROLE, ("ingest", "insights.role.developer")), {}),
    ):
        Declaration.objects.create(
            realm=acme.realm, address=address.key, kind=address.kind.value, fields=fields, created_by="-"
        )

    opened = at(auditor, view="accounts").cells
    rights = at(auditor, view="accounts", show="rights").cells

    assert "portal" not in opened
    assert opened["ingest"][SCRATCHPAD] == "yes"
    assert rights["ingest"]["Role insights.role.developer"] == "yes"


def test_a_resource_shows_the_strongest_level_or_the_answer_that_is_asked(
    acme: PlatformTenant, auditor: Client
) -> None:
    acme.entitle(acme.person("ann"), "package:demo:READ")

    levels = at(auditor, show="resources").cells
    updates = at(auditor, show="resources", capability="insights:update-entities").cells

    assert {who: row["package demo"] for who, row in levels.items()} == {
        "Ann Lee": "WRITE", "Bob Ray": "no", "Eve Stone": "no"
    }  # fmt: skip
    assert {who: row["package demo"] for who, row in updates.items()} == {
        "Ann Lee": "yes", "Bob Ray": "no", "Eve Stone": "exempt"
    }  # fmt: skip
    assert updates["Ann Lee"]["package billing"] == "no"
    assert list(updates["Ann Lee"]) == ["package billing", "package demo"]


def test_an_entitlement_to_every_resource_reaches_each(acme: PlatformTenant, auditor: Client) -> None:
    kind = EntitlementType.objects.get(realm=acme.realm, name="package")
    every = Resource.objects.filter(type=kind, name="*").first() or Resource.objects.create(
        realm=acme.realm, type=kind, name="*", created_by="-"
    )
    acme.person("cas", "Cas Cole")
    from access.models import Entitlement

    Entitlement.objects.create(
        realm=acme.realm, resource=every, level="READ", person=acme.person("cas"), created_by="-"
    )

    assert at(auditor, show="resources").cells["Cas Cole"]["package billing"] == "READ"


def test_what_is_declared_and_not_live_rings_every_capability_that_hangs_on_it(
    acme: PlatformTenant, auditor: Client
) -> None:
    acme.was_read(without=[Address(Kind.MEMBERSHIP, ("ann", "data/eng"))])

    cells = at(auditor).cells
    only = at(auditor, differences="on").cells

    assert cells["Ann Lee"][UPDATE] == "limited, differs from Keycloak"
    assert not [words for words in cells["Bob Ray"].values() if "differs" in words]
    assert list(only) == ["Ann Lee"]


def test_a_difference_that_opens_nothing_is_no_difference_of_capabilities(
    acme: PlatformTenant, auditor: Client
) -> None:
    acme.role("on-call")
    acme.person_role("bob", "on-call")
    acme.was_read(without=[Address(Kind.PERSON_ROLE, ("bob", "on-call"))])

    assert at(auditor, differences="on").cells == {}
    assert list(at(auditor, differences="on", show="rights").cells) == ["Bob Ray"]


def test_what_could_not_be_read_is_unknown_and_named(acme: PlatformTenant, auditor: Client) -> None:
    acme.was_read()
    acme.could_not_read(Kind.MEMBERSHIP)

    cells = at(auditor).cells

    assert cells["Bob Ray"][UPDATE] == "unknown"
    assert cells["Ann Lee"][SCRATCHPAD] == "yes"
    assert "membership could not be read" in auditor.get("/t/acme/matrix/").content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"group": "data"}, ["Ann Lee"]),
        ({"group": "data/eng"}, ["Ann Lee"]),
        ({"group": "nowhere"}, []),
        ({"status": "disabled"}, ["Bob Ray"]),
        ({"q": "stone"}, ["Eve Stone"]),
    ],
)
def test_filters_stand_in_the_address_and_as_chips(
    acme: PlatformTenant, auditor: Client, query: dict[str, str], names: list[str]
) -> None:
    page = auditor.get(f"/t/acme/matrix/?{urlencode(query)}").content.decode()

    assert list(at(auditor, **query).cells) == names
    if "q" not in query:
        assert 'class="pill"' in page


def test_columns_are_found_by_name_and_by_service(acme: PlatformTenant, auditor: Client) -> None:
    assert at(auditor, columns="entitlements").titles == ["View entitlements", "Create/Update entitlements"]
    assert len(at(auditor, columns="kdb Insights Enterprise").titles) == 20


def test_two_deployments_do_not_see_each_other(auditor: Client) -> None:
    """I1."""
    first = PlatformTenant("kdb-insights", "insights-a", namespace="a")
    second = PlatformTenant("kdb-insights", "insights-b", namespace="b")
    for one, role in ((first, "insights.role.viewer"), (second, "insights.role.administrator")):
        one.person("ann", "Ann Lee")
        one.person_role("ann", role)
        one.resource("package", f"of-{one.tenant.slug}")

    cells = {slug: at(auditor, slug).cells["Ann Lee"] for slug in ("insights-a", "insights-b")}

    assert cells["insights-a"]["View auditing"] == "no"
    assert cells["insights-b"]["View auditing"] == "exempt"
    assert "package of-insights-b" not in at(auditor, "insights-a", show="resources").titles


def test_a_tenants_administrator_sees_that_tenant_alone(acme: PlatformTenant, client: Client) -> None:
    """S2."""
    birch = DeclaredTenant("birch", share_of=acme)
    birch.member("sam", "birch")
    birch.group_role("birch", "birch.viewer")
    sign_in_as(client, groups=("/tenants/birch/admins",))

    for show in ("rights", "resources", "capabilities"):
        for view in ("people", "groups", "accounts", "roles"):
            page = client.get(f"/t/birch/matrix/?view={view}&show={show}")
            assert page.status_code == 200
            for name in ("Ann Lee", "insights.role", "billing", "data / eng"):
                assert name not in page.content.decode(), (show, view)
    assert client.get("/t/acme/matrix/").status_code == 403


@pytest.mark.parametrize("view", ["people", "groups", "accounts", "roles"])
@pytest.mark.parametrize("show", ["capabilities", "rights", "resources"])
def test_every_view_costs_the_same_queries_at_two_sizes(
    acme: PlatformTenant, auditor: Client, view: str, show: str
) -> None:
    url = f"/t/acme/matrix/?{urlencode({'view': view, 'show': show, 'window': '1'})}"
    few = queries_of(auditor, url)
    for number in range(15):
        acme.member(f"n{number}", f"g{number}")
        acme.group_role(f"g{number}", f"role{number}")
        acme.entitle(acme.person(f"n{number}"), f"package:p{number}:READ")

    assert queries_of(auditor, url) == few


def test_no_view_has_inline_style_or_script(acme: PlatformTenant, auditor: Client) -> None:
    for view in ("people", "groups", "accounts", "roles"):
        for show in ("capabilities", "rights", "resources"):
            page = auditor.get(f"/t/acme/matrix/?view={view}&show={show}").content.decode()
            assert "style=" not in page
            assert "<script>" not in page
