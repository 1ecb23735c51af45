"""The page of the matrix: who may open it, its parts, its panel (row M4)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data", "developer")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data", reason="she joined")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def url(**query: str) -> str:
    from django.utils.http import urlencode

    return f"{reverse('access:matrix', args=['acme'])}?{urlencode(query)}"


def cell(acme: DeclaredTenant, column: str = "role:viewer") -> dict[str, str]:
    return {"row": f"p{acme.person('ann').pk}", "column": column}


def test_whoever_may_view_sees_the_matrix(acme: DeclaredTenant, auditor: Client) -> None:
    page = auditor.get(url())

    assert page.status_code == 200
    assert "Ann Lee" in page.content.decode()
    assert 'role="grid"' in page.content.decode()
    assert page["Cache-Control"] == "no-store"


def test_nobody_is_sent_to_the_sign_in(acme: DeclaredTenant, client: Client) -> None:
    assert client.get(url()).status_code == 302


def test_a_tenants_administrator_sees_it_and_that_of_another_tenant_does_not(
    acme: DeclaredTenant, client: Client
) -> None:
    sign_in_as(client, "own", groups=("/tenants/acme/admins",))
    assert client.get(url()).status_code == 200

    sign_in_as(client, "other", groups=("/tenants/birch/admins",))
    assert client.get(url()).status_code in (403, 404)


def test_it_only_reads(acme: DeclaredTenant, auditor: Client) -> None:
    assert auditor.post(url()).status_code == 405


def test_an_unknown_tenant_is_not_there(auditor: Client, acme: DeclaredTenant) -> None:
    assert auditor.get("/t/nobody/matrix/").status_code == 404


def test_the_page_contains_what_its_refresh_returns(acme: DeclaredTenant, auditor: Client) -> None:
    whole = auditor.get(url(q="ann")).content.decode()
    part = auditor.get(url(q="ann"), headers=HTMX)

    grid = re.search(r'<table class="matrix".*?</table>', part.content.decode(), re.DOTALL)
    assert grid is not None
    assert grid.group() in whole
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]


def test_the_reasons_open_from_the_address(acme: DeclaredTenant, auditor: Client) -> None:
    page = auditor.get(url(**cell(acme))).content.decode()

    assert "Why is this allowed?" in page
    assert "she joined" in page
    assert page.count('aria-selected="true"') == 1


def test_the_panel_alone_comes_with_its_address(acme: DeclaredTenant, auditor: Client) -> None:
    panel = auditor.get(url(**cell(acme)), headers={**HTMX, "HX-Target": "why"})

    assert panel.content.decode().strip().startswith('<aside id="why"')
    assert panel["HX-Push-Url"] == url(**cell(acme))


def test_closing_the_reasons_leaves_an_empty_panel(acme: DeclaredTenant, auditor: Client) -> None:
    panel = auditor.get(url(), headers={**HTMX, "HX-Target": "why"})

    assert panel.content.decode().strip() == '<aside id="why" hidden></aside>'


@pytest.mark.parametrize("row", ["p99999999", "x1", "p", "p-1", "p1' or 1=1", "p²"])
@pytest.mark.parametrize("column", ["role:viewer", "role:", "nonsense", "entitlement:../x"])
def test_a_cell_that_does_not_exist_is_the_page_without_reasons(
    acme: DeclaredTenant, auditor: Client, row: str, column: str
) -> None:
    page = auditor.get(url(row=row, column=column))

    assert page.status_code == 200
    assert '<aside id="why" hidden></aside>' in page.content.decode()


@pytest.mark.parametrize(
    "column", ["role:<script>alert(1)</script>", "entitlement:a:b:\x00", "role:" + "x" * 9000]
)
def test_a_hostile_column_is_text_or_refused(acme: DeclaredTenant, auditor: Client, column: str) -> None:
    page = auditor.get(url(row=cell(acme)["row"], column=column))

    assert page.status_code in (200, 400)  # control characters are refused before any view
    assert "<script>alert" not in page.content.decode()


def test_markup_in_a_name_stays_text(acme: DeclaredTenant, auditor: Client) -> None:
    acme.person("eve", "<img src=x onerror=alert(1)>")

    assert "<img src=x" not in auditor.get(url()).content.decode()


def test_no_match_keeps_the_filters_and_offers_to_clear_them(acme: DeclaredTenant, auditor: Client) -> None:
    page = auditor.get(url(q="nobody")).content.decode()

    assert "Clear filters" in page
    assert 'value="nobody"' in page


def test_a_tenant_without_anybody_says_what_to_begin_with(client: Client) -> None:
    empty = DeclaredTenant()
    sign_in_as(client, roles=("gatehouse-admin",))

    assert "Nothing to have access to yet" in client.get(url()).content.decode()

    empty.role("viewer")
    page = client.get(url()).content.decode()
    assert "No people yet" in page
    assert reverse("access:person-create", args=["acme"]) in page


def test_who_may_only_read_is_offered_no_change(acme: DeclaredTenant, auditor: Client) -> None:
    page = auditor.get(url(**cell(acme))).content.decode()

    assert "To end this access" in page
    assert "take away…" not in page


def test_who_may_change_is_led_to_the_form(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, "own", groups=("/tenants/acme/admins",))

    page = client.get(url(**cell(acme))).content.decode()

    leave = [acme.person("ann").pk, acme.group("data").pk]
    assert reverse("access:person-leave", args=["acme", *leave]) in page


def test_many_people_are_paged_with_real_numbers(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(120):
        acme.person(f"p{number:03}", f"Person {number:03}")

    page = auditor.get(url(page="2")).content.decode()

    assert "Rows 51–100 of 121" in page
    assert '<span class="pager-number" aria-current="page">2</span>' in page


def test_many_columns_come_in_windows(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(130):
        acme.role(f"role{number:03}")

    page = auditor.get(url(window="2")).content.decode()

    assert "part 2 of 3" in page
    assert 'data-key="role:role060"' in page
    assert 'data-key="role:role001"' not in page


def test_too_many_columns_are_counted_by_group_first(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(70):
        acme.role(f"role{number:02}")
    acme.resource("package", "demo")
    acme.entitle(acme.person("ann"), "package:demo:READ")

    page = auditor.get(url()).content.decode()

    assert "groups, counted" in page
    assert ">1/2</td>" in page  # one of two levels of the package
    assert ">2/72</td>" in page  # developer, and viewer in it
    group = auditor.get(url(columns="package")).content.decode()
    assert "groups, counted" not in group
    assert 'data-key="entitlement:package:demo:READ"' in group


def test_a_cell_beyond_the_first_window_opens_its_own(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(130):
        acme.role(f"role{number:03}")

    page = auditor.get(url(**cell(acme, "role:role100"))).content.decode()

    assert "part 2 of 3" in page
    assert page.count('aria-selected="true"') == 1
