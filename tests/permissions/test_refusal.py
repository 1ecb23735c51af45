"""A 403 explains itself: the right, each way to it, and who is known to have that way."""

from typing import Any

import pytest
from django.test import Client

from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(settings: Any) -> None:
    settings.CLUSTER_ADMIN_GROUPS = ("/operations",)
    for name, roles, groups in (
        ("ada", ("gatehouse-admin",), ()),
        ("olga", (), ("/operations",)),
        ("tina", (), ("/tenants/acme/admins",)),
        ("gus", (), ("/tenants/globex/admins",)),
        ("otto", ("gatehouse-auditor",), ()),
    ):
        sign_in_as(Client(), name, roles=roles, groups=groups)


def rows(client: Client, path: str) -> dict[str, str]:
    """The table of ways on the page of a refusal: what, and who."""
    answer = client.get(path)
    assert answer.status_code == 403
    return {giver.words: ", ".join(giver.people) for giver in answer.context["givers"]}


@pytest.mark.usefixtures("everybody")
def test_an_auditor_is_told_every_way_and_who_has_it() -> None:
    DeclaredTenant("acme")
    otto = Client()
    sign_in_as(otto, "otto", roles=("gatehouse-auditor",))

    assert rows(otto, "/t/acme/roles/new/") == {
        "the realm role gatehouse-admin": "ada",
        "the group /tenants/acme/admins": "tina",
        "the group /operations, which has the rights of gatehouse-admin": "olga",
    }


@pytest.mark.usefixtures("everybody")
def test_who_administers_a_tenant_is_told_to_those_who_may_know_the_tenant() -> None:
    DeclaredTenant("acme")
    gus = Client()
    sign_in_as(gus, "gus", groups=("/tenants/globex/admins",))

    assert rows(gus, "/t/acme/roles/new/")["the group /tenants/acme/admins"] == ""


@pytest.mark.usefixtures("everybody")
def test_making_tokens_comes_with_the_role_of_superusers() -> None:
    ada, sue = Client(), Client()
    sign_in_as(sue, "sue", roles=("gatehouse-superuser",), is_superuser=True)
    sign_in_as(ada, "ada", roles=("gatehouse-admin",))

    assert rows(ada, "/tokens/new/") == {"the realm role gatehouse-superuser": "sue"}
