"""A page of the matrix: who has what by all paths, and what differs from Keycloak (row M4)."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.matrix.asked import Asked, Standing, View
from access.matrix.grid import Mark, Row
from access.matrix.page import MatrixPage, matrix_of, matrix_page
from console.engine.state import Address, Kind
from tenants.models import Declaration
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    """Ann is in data/eng, which stands in data; data has developer, which includes viewer."""
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.role("operator")
    acme.group_role("data", "developer")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data/eng")
    acme.entitle(acme.group("data"), "package:demo:READ")
    acme.person("bob", "Bob Ray", enabled=False)
    acme.person_role("bob", "operator")
    return acme


def page_of(acme: DeclaredTenant, **asked: object) -> MatrixPage:
    acme.tenant.refresh_from_db()
    return matrix_page(matrix_of(acme.tenant, Asked(**asked)), number=None)  # type: ignore[arg-type]


def marks(page: MatrixPage, name: str) -> dict[str, Mark]:
    row = row_of(page, name)
    return {column.label: cell.mark for column, cell in zip(page.grid.columns, row.cells, strict=True)}


def row_of(page: MatrixPage, name: str) -> Row:
    return next(row for row in page.grid.rows if row.name == name)


def differing(page: MatrixPage, name: str) -> set[str]:
    row = row_of(page, name)
    return {column.label for column, cell in zip(page.grid.columns, row.cells, strict=True) if cell.differs}


def test_rights_are_effective_through_parent_groups_and_composites(acme: DeclaredTenant) -> None:
    page = page_of(acme)

    held = {label for label, mark in marks(page, "Ann Lee").items() if mark is Mark.ALLOWED}
    assert held == {"developer", "viewer", "demo (READ)", "default-roles-acme"}


def test_what_nobody_gave_is_no_access(acme: DeclaredTenant) -> None:
    assert marks(page_of(acme), "Ann Lee")["operator"] is Mark.NONE
    assert marks(page_of(acme), "Bob Ray")["demo (READ)"] is Mark.NONE


def test_people_stand_under_their_first_group(acme: DeclaredTenant) -> None:
    groups = [(group.label, [row.name for row in group.rows]) for group in page_of(acme).grid.row_groups]

    assert groups == [("data", ["Ann Lee"]), ("In no group", ["Bob Ray"])]


def test_a_row_names_the_widest_role_and_counts_all_rights(acme: DeclaredTenant) -> None:
    row = row_of(page_of(acme, columns="package"), "Ann Lee")

    assert row.gloss == "developer"
    assert [len(row.cells), row.reach] == [2, 4]


def test_nothing_differs_while_keycloak_was_never_read(acme: DeclaredTenant) -> None:
    assert page_of(acme).read_at is None
    assert page_of(acme).grid.differing == 0


def test_a_declared_link_that_keycloak_lacks_rings_all_that_it_gives(acme: DeclaredTenant) -> None:
    acme.was_read(without=[Address(Kind.MEMBERSHIP, ("ann", "data/eng"))])

    page = page_of(acme)

    assert differing(page, "Ann Lee") == {"developer", "viewer", "demo (READ)"}
    assert differing(page, "Bob Ray") == set()


def test_a_grant_made_in_keycloak_is_shown_and_ringed(acme: DeclaredTenant) -> None:
    acme.was_read(beside=[Address(Kind.PERSON_ROLE, ("ann", "operator"))])

    page = page_of(acme)

    assert marks(page, "Ann Lee")["operator"] is Mark.ALLOWED
    assert differing(page, "Ann Lee") == {"operator"}


def test_the_default_roles_of_keycloak_are_shown_and_are_no_difference(acme: DeclaredTenant) -> None:
    given = Address(Kind.PERSON_ROLE, ("ann", "default-roles-acme"))
    acme.was_read(beside=[Address(Kind.COMPOSITE, ("default-roles-acme", "offline_access")), given])

    page = page_of(acme)

    assert marks(page, "Ann Lee")["offline_access"] is Mark.ALLOWED
    assert page.grid.differing == 0


def test_a_client_role_of_keycloaks_own_is_no_difference(acme: DeclaredTenant) -> None:
    own = Address(Kind.COMPOSITE_CLIENT_ROLE, ("default-roles-acme", "account", "view-profile"))
    acme.was_read(beside=[own, Address(Kind.PERSON_ROLE, ("ann", "default-roles-acme"))])
    page = page_of(acme)

    assert marks(page, "Ann Lee")["view-profile"] is Mark.ALLOWED
    assert differing(page, "Ann Lee") == set()


def test_a_declared_client_role_that_keycloak_does_not_give_differs(acme: DeclaredTenant) -> None:
    given = Address(Kind.COMPOSITE_CLIENT_ROLE, ("viewer", "app", "use"))
    Declaration.objects.create(realm=acme.realm, address=given.key, kind=given.kind.value, created_by="mira")
    acme.was_read(without=[given])
    page = page_of(acme)

    assert marks(page, "Ann Lee")["use"] is Mark.ALLOWED
    assert differing(page, "Ann Lee") == {"use"}


def test_what_could_not_be_read_is_unknown_and_not_no_access(acme: DeclaredTenant) -> None:
    acme.was_read()
    acme.could_not_read(Kind.PERSON_ROLE)

    page = page_of(acme)

    assert marks(page, "Ann Lee")["operator"] is Mark.UNKNOWN
    assert marks(page, "Ann Lee")["viewer"] is Mark.ALLOWED
    assert page.unreadable == {"person-role": "Keycloak answered 403."}


def test_only_differences_leaves_the_rows_that_differ(acme: DeclaredTenant) -> None:
    acme.was_read(without=[Address(Kind.MEMBERSHIP, ("ann", "data/eng"))])

    assert [row.name for row in page_of(acme, only_differences=True).grid.rows] == ["Ann Lee"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"text": "lee"}, ["Ann Lee"]),
        ({"text": "ann ray"}, []),
        ({"standing": Standing.ACTIVE}, ["Ann Lee"]),
        ({"standing": Standing.DISABLED}, ["Bob Ray"]),
        ({"view": View.GROUPS}, ["data", "data / eng"]),
        ({"view": View.GROUPS, "text": "eng"}, ["data / eng"]),
        ({"view": View.ROLES}, ["developer", "operator", "viewer"]),
        ({"view": View.ROLES, "text": "rator"}, ["operator"]),
    ],
)
def test_filters_narrow_the_rows(acme: DeclaredTenant, asked: dict[str, object], names: list[str]) -> None:
    assert [row.name for row in page_of(acme, **asked).grid.rows] == names


def test_groups_have_the_rights_of_those_above_them(acme: DeclaredTenant) -> None:
    held = marks(page_of(acme, view=View.GROUPS), "data / eng")

    assert held["viewer"] is Mark.ALLOWED
    assert held["demo (READ)"] is Mark.ALLOWED


def test_a_share_sees_only_its_own_people_and_roles() -> None:
    whole = DeclaredTenant("whole")
    whole.person("eve", "Eve Stone")
    whole.person_role("eve", "secret")
    share = DeclaredTenant("share", share_of=whole)
    share.group("share")
    share.person("sam", "Sam Obi")
    share.member("sam", "share/team")
    share.group_role("share", "share.viewer")

    page = page_of(share)

    assert [row.name for row in page.grid.rows] == ["Sam Obi"]
    assert [column.label for column in page.grid.columns] == ["share.viewer"]
    assert [group.label for group in page.grid.row_groups] == ["team"]


def queries(run: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as caught:
        run()
    return len(caught)


def test_a_larger_page_asks_no_more_queries(acme: DeclaredTenant) -> None:
    few = queries(lambda: page_of(acme))
    for number in range(40):
        acme.person(f"p{number}", f"Person {number}")
        acme.member(f"p{number}", f"data/g{number % 7}")
        acme.role(f"role{number}")
        acme.resource("package", f"thing{number}")

    assert queries(lambda: page_of(acme)) == few
    assert few <= 25
