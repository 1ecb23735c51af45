"""The lists of a tenant: filters and order in the address, parts equal to pages, a fixed cost."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from console.sync.models import Touched
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, results_of, squeezed

pytestmark = pytest.mark.django_db

LISTS = ["role-list", "group-list", "person-list", "entitlement-list"]


@pytest.fixture
def acme() -> DeclaredTenant:
    return DeclaredTenant()


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def url(name: str) -> str:
    return reverse(f"access:{name}", args=["acme"])


def text(client: Client, name: str, **query: str) -> str:
    answer = client.get(url(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def fill(acme: DeclaredTenant, count: int) -> None:
    """Declare `count` of everything, each linked."""
    for number in range(count):
        name = f"n{number:03}"
        acme.role(name, "base")
        acme.group_role(f"data/{name}", name)
        acme.member(name, f"data/{name}")
        acme.person_role(name, name)
        acme.entitle(acme.person(name), f"package:{name}:READ")


@pytest.mark.parametrize("name", LISTS)
def test_more_rows_need_no_more_queries(acme: DeclaredTenant, admin: Client, name: str) -> None:
    fill(acme, 3)
    few = queries_of(admin, url(name))
    for number in range(3, 30):
        one = f"n{number:03}"
        acme.role(one, "base")
        acme.group_role(f"data/{one}", one)
        acme.member(one, f"data/{one}")
        acme.entitle(acme.person(one), f"package:{one}:READ")

    assert queries_of(admin, url(name)) == few


@pytest.mark.parametrize("name", LISTS)
def test_a_refresh_is_the_same_part_of_the_page(acme: DeclaredTenant, admin: Client, name: str) -> None:
    fill(acme, 3)

    part = admin.get(url(name), headers=HTMX).content.decode()

    assert "<html" not in part
    assert squeezed(part) == results_of(text(admin, name))


@pytest.mark.parametrize("name", LISTS)
def test_the_filter_stands_in_the_address(acme: DeclaredTenant, admin: Client, name: str) -> None:
    fill(acme, 3)

    page = results_of(text(admin, name, q="n001"))

    assert "n001" in page
    assert "n002" not in page


@pytest.mark.parametrize("name", LISTS)
def test_no_match_offers_to_clear_the_filters(acme: DeclaredTenant, admin: Client, name: str) -> None:
    fill(acme, 1)

    page = text(admin, name, q="nothing-like-this")

    assert "Nothing matches these filters" in page
    assert "Clear filters" in page
    assert 'value="nothing-like-this"' in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("role-list", "No roles yet"),
        ("group-list", "No groups yet"),
        ("person-list", "Nobody is here yet"),
        ("entitlement-list", "No entitlements yet"),
    ],
)
def test_an_empty_list_says_what_it_is_for_with_one_action(
    acme: DeclaredTenant, admin: Client, name: str, sentence: str
) -> None:
    page = text(admin, name)

    assert sentence in page
    assert len(re.findall(r"btn-primary", page)) == 1


def test_what_was_typed_is_text_and_no_markup(acme: DeclaredTenant, admin: Client) -> None:
    page = text(admin, "role-list", q='"><script>alert(1)</script>')

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_roles_are_ordered_by_the_column_that_the_address_names(acme: DeclaredTenant, admin: Client) -> None:
    acme.role("alpha")
    acme.role("omega", "alpha")

    page = text(admin, "role-list", sort="-name")

    assert page.index(">omega<") < page.index(">alpha<")
    assert 'aria-sort="descending"' in page


def test_a_group_stands_below_its_parent_whatever_its_neighbours_are_called(
    acme: DeclaredTenant, admin: Client
) -> None:
    for path in ("data 2", "data/eng", "data-x", "data"):
        acme.group(path)

    names = re.findall(r'title="([^"]+)"><', results_of(text(admin, "group-list")))
    order = [one for one in names if one.startswith("data")]

    assert order.index("data / eng") == order.index("data") + 1


def test_people_are_found_by_name_state_group_and_role(acme: DeclaredTenant, admin: Client) -> None:
    acme.person("ann", "Ann Lee")
    acme.person("bob", "Bob Ray", enabled=False)
    acme.member("ann", "data/eng")
    acme.person_role("bob", "viewer")
    above, role = acme.group("data").pk, acme.role("viewer").pk

    assert "ann" in results_of(text(admin, "person-list", q="lee ann"))
    assert "bob" not in results_of(text(admin, "person-list", q="lee ann"))
    assert "ann" not in results_of(text(admin, "person-list", enabled="false"))
    assert "bob" not in results_of(text(admin, "person-list", group=str(above)))
    assert "bob" in results_of(text(admin, "person-list", role=str(role)))


def test_grants_are_narrowed_to_a_type(acme: DeclaredTenant, admin: Client) -> None:
    acme.entitle(acme.person("ann"), "package:demo:READ")
    acme.entitle(acme.person("bob"), "database:trades:READ")

    page = results_of(text(admin, "entitlement-list", type=str(acme.resource("package", "demo").type_id)))

    assert "ann" in page
    assert "bob" not in page


def test_every_row_says_how_far_keycloak_is(acme: DeclaredTenant, admin: Client) -> None:
    acme.role("done")
    acme.role("waiting")
    acme.role("stopped")
    acme.was_read()
    scope = acme.realm.scope
    Touched.objects.create(scope=scope, address="role:waiting", generation=2)
    Touched.objects.create(
        scope=scope, address="role:stopped", generation=2, sentence="Somebody made it.", is_blocked=True
    )

    page = text(admin, "role-list")

    assert "In sync" in page
    assert "Pending" in page
    assert "Blocked" in page
    assert "Somebody made it." in page


def test_a_share_lists_its_own_things_only(acme: DeclaredTenant, client: Client) -> None:
    """Row S2: tenants that share a realm do not see each other's roles, groups and people."""
    birch = DeclaredTenant("birch", share_of=acme)
    acme.role("developer")
    birch.role("birch.reader")
    acme.member("ann", "data")
    birch.member("bob", "birch")
    sign_in_as(client, groups=("/tenants/birch/admins",))

    roles, people, groups = (
        client.get(reverse(f"access:{one}-list", args=["birch"])).content.decode()
        for one in ("role", "person", "group")
    )

    assert "birch.reader" in roles
    assert "developer" not in roles
    assert ">bob<" in people
    assert ">ann<" not in people
    assert "data" not in results_of(groups)
