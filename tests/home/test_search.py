"""The jump box finds what one may see, and nothing else."""

import pytest
from django.test import Client

from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def two_tenants() -> tuple[DeclaredTenant, DeclaredTenant]:
    acme, birch = DeclaredTenant("acme"), DeclaredTenant("birch")
    acme.person("bruno", "Bruno Keller")
    acme.role("brewer")
    birch.person("britta", "Britta Holm")
    return acme, birch


def found(client: Client, text: str, **query: str) -> str:
    answer = client.get("/search/", {"q": text, **query}, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_people_and_roles_of_all_tenants_are_found(two_tenants: object, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    page = found(client, "br")

    assert all(name in page for name in ("Bruno Keller", "Britta Holm", "brewer"))


def test_in_a_tenant_only_that_tenant_is_searched(two_tenants: object, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    page = found(client, "br", tenant="acme")

    assert "Bruno Keller" in page
    assert "Britta Holm" not in page


def test_a_tenants_administrator_finds_nothing_of_others(two_tenants: object, client: Client) -> None:
    sign_in_as(client, "own", groups=("/tenants/acme/admins",))

    assert "Britta Holm" not in found(client, "br")
    assert "Britta Holm" not in found(client, "br", tenant="birch")


def test_a_share_finds_only_its_own_people(
    two_tenants: tuple[DeclaredTenant, DeclaredTenant], client: Client
) -> None:
    share = DeclaredTenant("share", share_of=two_tenants[0])
    two_tenants[0].member("bruno", "elsewhere")
    share.person("brian", "Brian Moss")
    share.member("brian", "share")
    sign_in_as(client, "own", groups=("/tenants/share/admins",))

    page = found(client, "br")

    assert "Brian Moss" in page
    assert "Bruno Keller" not in page


def test_without_a_text_it_offers_pages_and_what_can_be_begun(two_tenants: object, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-admin",))

    page = found(client, "", tenant="acme")

    assert "Access matrix of Acme" in page
    assert "New person…" in page


def test_who_may_only_read_is_not_offered_to_begin_anything(two_tenants: object, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert "New person…" not in found(client, "", tenant="acme")


def test_it_is_a_page_of_its_own_without_scripts(two_tenants: object, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    page = client.get("/search/", {"q": "bruno"})

    assert page.status_code == 200
    assert "<html" in page.content.decode()
    assert "Bruno Keller" in page.content.decode()


def test_markup_stays_text(two_tenants: object, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert "<script>alert" not in found(client, "<script>alert(1)</script>")
