"""Every page of a tenant: who may open it, by which methods, and that it does not exist for others."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

LISTS = ["role-list", "group-list", "person-list", "entitlement-list"]
PAGES = [*LISTS, "role-detail", "group-detail", "person-detail"]
FORMS = [
    "role-create",
    "role-edit",
    "role-delete",
    "role-give",
    "role-give-groups",
    "role-include",
    "role-exclude",
    "group-create",
    "group-edit",
    "group-delete",
    "group-give",
    "group-take",
    "group-add",
    "group-remove",
    "person-create",
    "person-edit",
    "person-delete",
    "person-give",
    "person-take",
    "person-join",
    "person-leave",
    "entitlement-grant",
    "entitlement-revoke",
    "entitlement-type-create",
    "resource-create",
]

OF_ONE_THING = [
    one
    for one in PAGES + FORMS
    if one not in LISTS and "create" not in one and not one.startswith("entitlement")
]

Where = Callable[..., str]


@pytest.fixture
def where() -> Where:
    """A maker of addresses: `where("role-edit")`, and of the same page in another tenant."""
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data/eng", "developer")
    acme.member("ann", "data/eng")
    acme.person_role("ann", "developer")
    acme.entitle(acme.person("ann"), "package:demo:READ")
    DeclaredTenant("birch")
    role, other = acme.role("developer").pk, acme.role("viewer").pk
    group, person = acme.group("data/eng").pk, acme.person("ann").pk
    extra = {
        "role-exclude": {"pk": role, "child": other},
        "group-take": {"pk": group, "role": role},
        "group-remove": {"pk": group, "person": person},
        "person-take": {"pk": person, "role": role},
        "person-leave": {"pk": person, "group": group},
    }
    owners = {"role": role, "group": group, "person": person}

    def address(name: str, tenant: str = "acme") -> str:
        kind, _, verb = name.partition("-")
        known = {} if verb in ("list", "create") or kind not in owners else {"pk": owners[kind]}
        return reverse(f"access:{name}", kwargs={"tenant": tenant, **extra.get(name, known)})

    return address


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_a_tenants_administrator_opens_it(where: Where, client: Client, name: str) -> None:
    sign_in_as(client, groups=("/tenants/acme/admins",))

    page = client.get(where(name))

    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert "style=" not in page.content.decode()  # the content security policy would drop it
    assert "<script>" not in page.content.decode()


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_nobody_is_sent_to_the_sign_in(where: Where, client: Client, name: str) -> None:
    answer = client.get(where(name))

    assert answer.status_code == 302
    assert "sign-in" in answer["Location"] or "oidc" in answer["Location"]


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_another_tenants_administrator_learns_nothing(where: Where, client: Client, name: str) -> None:
    """Row S2: a tenant that exists and one that does not answer alike."""
    sign_in_as(client, groups=("/tenants/birch/admins",))

    existing, invented = client.get(where(name)), client.get(where(name, "nowhere"))

    assert existing.status_code == invented.status_code == 403
    assert "developer" not in existing.content.decode()


@pytest.mark.parametrize("name", OF_ONE_THING)
def test_what_another_tenant_holds_does_not_exist_here(where: Where, client: Client, name: str) -> None:
    """The ids are those of `acme`; asked for in `birch`, they are nobody's."""
    sign_in_as(client, groups=("/tenants/birch/admins",))

    assert client.get(where(name, "birch")).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_an_auditor_sees_it_without_buttons(where: Where, client: Client, name: str) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    page = client.get(where(name))

    assert page.status_code == 200
    if name != "person-detail":
        assert "btn-primary" not in page.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_an_auditor_may_not_ask_for_changes(where: Where, client: Client, name: str) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    for answer in (client.get(where(name)), client.post(where(name), {"name": "x"})):
        assert answer.status_code == 403
        assert "You need" in answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_only_reads(where: Where, client: Client, name: str) -> None:
    sign_in_as(client, groups=("/tenants/acme/admins",))

    assert client.post(where(name)).status_code == 405
    assert client.delete(where(name)).status_code == 405


@pytest.mark.parametrize("name", FORMS)
def test_a_form_takes_get_and_post_only(where: Where, client: Client, name: str) -> None:
    sign_in_as(client, groups=("/tenants/acme/admins",))

    assert client.put(where(name)).status_code == 405
    assert client.delete(where(name)).status_code == 405


@pytest.mark.parametrize("name", ["role-detail", "group-detail", "person-detail", "role-edit"])
def test_an_unknown_id_does_not_exist(where: Where, client: Client, name: str) -> None:
    sign_in_as(client, roles=("gatehouse-admin",))

    assert client.get(reverse(f"access:{name}", kwargs={"tenant": "acme", "pk": 999_999})).status_code == 404
