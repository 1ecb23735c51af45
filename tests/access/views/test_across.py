"""The matrix across tenants, realms and servers: only what the operator may know (rows C2, S2, M4)."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from console.engine.state import Kind
from console.sync.models import Observed, Scope
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.access.reading import table_at
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of

pytestmark = pytest.mark.django_db

TENANTS = "/matrix/tenants/"


def person(who: str, **more: str) -> str:
    from django.utils.http import urlencode

    return f"{reverse('across:person')}?{urlencode({'q': who, **more})}"


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


# --- tenants by roles -------------------------------------------------------------------------------------


def test_each_tenant_has_a_row_and_each_role_a_column(auditor: Client) -> None:
    acme, birch = DeclaredTenant("acme"), DeclaredTenant("birch")
    for one in (acme, birch):
        one.role("viewer")
    birch.role("operator")

    table = table_at(auditor, TENANTS)

    assert table.groups == ["In all tenants shown", "In some"]
    assert table.titles == ["viewer: in 2 tenants", "operator: in 1 tenant"]
    assert [row["operator: in 1 tenant"] for row in table.cells.values()] == ["not there", "yes"]


def test_a_role_that_is_only_declared_or_only_in_keycloak_is_ringed(auditor: Client) -> None:
    acme = DeclaredTenant("acme")
    acme.role("viewer")
    acme.was_read()
    acme.role("new-here")
    Observed.objects.create(
        scope=acme.realm.scope,
        address="role:made-there",
        kind="role",
        target="made-there",
        read_at=datetime(2026, 11, 22, tzinfo=UTC),
    )

    row = table_at(auditor, TENANTS).cells["Acme"]

    assert row == {
        "viewer: in 1 tenant": "yes",
        "new-here: in 1 tenant": "yes, differs from Keycloak",
        "made-there: in 1 tenant": "yes, differs from Keycloak",
    }


def test_an_observed_realm_shows_what_was_read_without_rings(auditor: Client) -> None:
    acme = DeclaredTenant("acme")
    acme.was_read()
    Scope.objects.filter(pk=acme.realm.scope_id).update(mode=Scope.Mode.OBSERVED)
    Observed.objects.create(
        scope=acme.realm.scope, address="role:theirs", kind="role", target="theirs", read_at=datetime.now(UTC)
    )

    assert table_at(auditor, TENANTS).cells["Acme"] == {"theirs: in 1 tenant": "yes"}


def test_roles_that_could_not_be_read_are_unknown_and_not_absent(auditor: Client) -> None:
    acme, birch = DeclaredTenant("acme"), DeclaredTenant("birch")
    birch.role("operator")
    acme.could_not_read(Kind.ROLE)

    assert table_at(auditor, TENANTS).cells["Acme"] == {"operator: in 1 tenant": "unknown"}


def test_a_share_has_its_roles_without_its_prefix(auditor: Client) -> None:
    whole = DeclaredTenant("whole")
    whole.role("viewer")
    share = DeclaredTenant("share", share_of=whole)
    share.role("share.viewer")

    cells = table_at(auditor, TENANTS).cells

    assert cells["Share"]["viewer: in 2 tenants"] == "yes"


def test_a_family_is_one_column_that_counts(auditor: Client) -> None:
    acme = PlatformTenant("prokube")
    for value in ("ada", "bob"):
        acme.family("workspace", value)

    row = table_at(auditor, TENANTS).cells["Acme"]

    families = {title: words for title, words in row.items() if title.startswith("pk:")}
    assert len(families) == 5
    assert set(families.values()) == {"2"}


def test_a_tenants_administrator_sees_that_tenant_alone(client: Client) -> None:
    DeclaredTenant("acme").role("viewer")
    DeclaredTenant("birch").role("secret-role")
    sign_in_as(client, groups=("/tenants/acme/admins",))

    table = table_at(client, TENANTS)

    assert list(table.cells) == ["Acme"]
    assert "secret-role" not in client.get(TENANTS).content.decode()


def test_more_tenants_and_roles_cost_no_more_queries(auditor: Client) -> None:
    DeclaredTenant("acme").role("viewer")
    few = queries_of(auditor, TENANTS)
    for number in range(12):
        one = DeclaredTenant(f"t{number}")
        for role in range(20):
            one.role(f"role{role}")

    assert queries_of(auditor, TENANTS) == few


# --- one person everywhere --------------------------------------------------------------------------------


@pytest.fixture
def ann() -> tuple[PlatformTenant, DeclaredTenant, DeclaredTenant]:
    """Ann is in three realms: by name and e-mail, by e-mail alone, by name alone."""
    acme, birch, cedar = PlatformTenant("kdb-insights"), DeclaredTenant("birch"), DeclaredTenant("cedar")
    acme.person("ann", "Ann Lee", email="ann@example.org")
    acme.person_role("ann", "insights.role.viewer")
    birch.person("a.lee", "Ann Lee", email="Ann@example.org")
    birch.person_role("a.lee", "operator")
    cedar.person("ann", "Another Ann", email="other@example.org")
    cedar.person("bob", "Bob Ray", email="bob@example.org")
    return acme, birch, cedar


def test_accounts_are_found_by_name_and_by_e_mail_and_it_is_said_how(ann: object, auditor: Client) -> None:
    page = auditor.get(person("ann")).content.decode()
    table = table_at(auditor, person("ann", show="rights"))

    assert list(table.cells) == ["Acme", "Birch", "Cedar"]
    for said in ("ann, by user name and e-mail", "a.lee, by e-mail", "ann, by user name"):
        assert f'<span class="gloss" title="{said}">' in page
    assert "some matched by user name alone" in page
    assert "Bob Ray" not in page


def test_each_account_is_answered_by_its_own_platform(ann: object, auditor: Client) -> None:
    by_right = table_at(auditor, person("ann@example.org", show="rights")).cells
    opened = table_at(auditor, person("ann@example.org")).cells

    assert by_right["Birch"]["Role operator"] == "yes"
    assert by_right["Acme"]["Role operator"] == "not there"
    assert opened["Acme"]["Use the scratchpad"] == "yes"
    assert opened["Birch"]["Use the scratchpad"] == "not there"


def test_an_account_that_was_only_read_is_shown_too(ann: object, auditor: Client) -> None:
    dune = DeclaredTenant("dune")
    Observed.objects.create(
        scope=dune.realm.scope,
        address="person:ann.lee",
        kind="person",
        target="ann.lee",
        fields={"email": "ann@example.org", "first_name": "Ann"},
        read_at=datetime.now(UTC),
    )

    assert "Dune" in table_at(auditor, person("ann@example.org", show="rights")).cells


def test_accounts_elsewhere_do_not_exist_for_who_may_not_know_them(ann: object, client: Client) -> None:
    """S2."""
    sign_in_as(client, groups=("/tenants/acme/admins",))

    page = client.get(person("ann@example.org", show="rights")).content.decode()
    nobody = client.get(person("bob@example.org", show="rights"))

    assert "ann, by" in page
    for name in ("Birch", "Cedar", "operator"):
        assert name not in page
    assert "Bob Ray" not in nobody.content.decode()


def test_a_share_knows_only_its_own_people(client: Client) -> None:
    whole = DeclaredTenant("whole")
    share = DeclaredTenant("share", share_of=whole)
    share.member("sam", "share/team")
    whole.person("eve", "Eve Stone")
    sign_in_as(client, groups=("/tenants/share/admins",))

    assert "sam, by user name" in client.get(person("sam")).content.decode()
    assert "Eve Stone" not in client.get(person("eve")).content.decode()


def test_before_somebody_is_named_it_asks(auditor: Client) -> None:
    assert "Whose accounts?" in auditor.get(reverse("across:person")).content.decode()


def test_more_roles_and_people_cost_no_more_queries(ann: tuple[DeclaredTenant, ...], auditor: Client) -> None:
    few = queries_of(auditor, person("ann", show="rights"))
    for one in ann:
        for number in range(20):
            one.person_role(f"n{number}", f"role{number}")
            one.group_role(f"g{number}", f"role{number}")

    assert queries_of(auditor, person("ann", show="rights")) == few


@pytest.mark.parametrize("url", [TENANTS, "/matrix/person/?q=ann"])
def test_it_only_reads_and_asks_for_a_sign_in(ann: object, auditor: Client, url: str) -> None:
    assert Client().get(url).status_code == 302
    assert auditor.post(url).status_code == 405
    part = auditor.get(url, headers=HTMX).content.decode()
    assert "<html" not in part
    assert '<table class="matrix' in part


@pytest.mark.parametrize("url", [TENANTS, "/matrix/person/"])
def test_who_has_nothing_here_is_told_so(ann: object, client: Client, url: str) -> None:
    sign_in_as(client, roles=("somebody-else",))

    assert client.get(url).status_code == 403
