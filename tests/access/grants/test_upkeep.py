"""Types and resources are edited, deleted and taken back by form; what is held stands in the way (row I4)."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Entitlement, EntitlementType, NamedEntitlement, Resource
from console.audit.models import AuditEvent, EventKind
from console.timed import Term
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.operators import sign_in_as
from tests.pages import error_of, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.resource("package", "demo")
    acme.person("ann")
    return acme


@pytest.fixture
def admin(client: Client, acme: DeclaredTenant) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def demo() -> Resource:
    return Resource.objects.get(name="demo")


def post(client: Client, name: str, pk: int, tenant: str = "acme", **values: Any) -> Any:
    address = reverse(f"access:{name}", args=[tenant, pk])
    return client.post(address, {"csrfmiddlewaretoken": "x", **values}, follow=True)


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def taken_back(client: Client, answer: Any) -> str:
    """Press Undo, and return the page after it."""
    found = re.search(r'action="(/t/acme/entitlements/back/[^"]+)"', answer.content.decode())
    assert found, "nothing can be taken back"
    return text(client.post(found.group(1), follow=True))


# --- resources --------------------------------------------------------------------------------------------


def test_a_resource_gets_another_description_and_other_owners(acme: DeclaredTenant, admin: Client) -> None:
    answer = post(
        admin,
        "resource-edit",
        demo().pk,
        revision=1,
        description="For trials",
        people=[acme.person("ann").pk],
    )

    assert demo().description == "For trials"
    assert [one.owner for one in demo().owners.all()] == ["ann"]
    event = AuditEvent.objects.get(kind=EventKind.ACCESS_RESOURCE_EDITED)
    assert (event.old, event.new) == (
        {"description": "", "owners": []},
        {"description": "For trials", "owners": ["ann"]},
    )
    assert "Edit package demo: kept here." in text(answer)
    taken_back(admin, answer)
    assert (demo().description, demo().owners.count()) == ("", 0)


def test_two_editors_are_told_of_each_other(acme: DeclaredTenant, admin: Client) -> None:
    first = post(admin, "resource-edit", demo().pk, revision=1, description="mine")
    second = post(admin, "resource-edit", demo().pk, revision=1, description="theirs")

    assert second.status_code == 422
    assert error_of(second.content.decode(), "description") == "Now: mine"
    again = post(admin, "resource-edit", demo().pk, revision=2, description="theirs")
    assert again.status_code == 200
    assert "Somebody changed this" in taken_back(admin, first)
    assert demo().description == "theirs"


def test_a_resource_goes_with_its_names_and_comes_back_as_it_was(acme: DeclaredTenant, admin: Client) -> None:
    NamedEntitlement.objects.filter(level="READ").update(name="demo-reader", description="who looks")
    demo().owners.create(person=acme.person("ann"), realm=acme.realm, created_by="Julia Stein")

    answer = post(admin, "resource-delete", demo().pk)

    assert not Resource.objects.exists()
    assert not NamedEntitlement.objects.exists()
    event = AuditEvent.objects.get(kind=EventKind.ACCESS_RESOURCE_DELETED)
    assert event.old is not None
    assert event.old["names"] == ["demo-reader", "demo-rw"]
    assert "Taken back" in taken_back(admin, answer)
    assert [one.owner for one in demo().owners.all()] == ["ann"]
    assert sorted(demo().names.values_list("name", "level", "description")) == [
        ("demo-reader", "READ", "who looks"),
        ("demo-rw", "WRITE", ""),
    ]


@pytest.mark.parametrize("state", [Term.ACTIVE, Term.PLANNED])
def test_what_is_held_on_a_resource_stands_in_the_way(
    acme: DeclaredTenant, admin: Client, state: str
) -> None:
    recorded = AuditEvent.objects.count()
    grant = acme.entitle(acme.person("ann"), "package:demo:READ")
    Entitlement.every.filter(pk=grant.pk).update(
        state=state, starts_at=timezone.now() + timedelta(days=1) if state == Term.PLANNED else None
    )

    answer = post(admin, "resource-delete", demo().pk)

    assert answer.status_code == 422
    assert "There is 1 holder (ann) of it: revoke what is granted first." in text(answer)
    assert demo()
    assert AuditEvent.objects.count() == recorded


def test_grants_that_have_ended_hold_nothing_up(acme: DeclaredTenant, admin: Client) -> None:
    acme.entitle(acme.person("ann"), "package:demo:READ")
    Entitlement.every.update(state=Term.ENDED, ends_at=timezone.now())

    assert post(admin, "resource-delete", demo().pk).status_code == 200
    assert not Resource.objects.exists()


def test_every_resource_of_a_type_goes_like_one_and_has_no_owners(
    acme: DeclaredTenant, admin: Client
) -> None:
    every = acme.resource("package", "*")

    assert admin.get(reverse("access:resource-edit", args=["acme", every.pk])).status_code == 404
    answer = post(admin, "resource-delete", every.pk)
    assert not Resource.objects.filter(name="*").exists()
    taken_back(admin, answer)
    assert Resource.objects.filter(name="*").exists()


# --- types ------------------------------------------------------------------------------------------------


def test_a_type_gets_another_description_and_a_level_between(acme: DeclaredTenant, admin: Client) -> None:
    kind = demo().type

    answer = post(
        admin,
        "entitlement-type-edit",
        kind.pk,
        revision=1,
        description="Packages",
        levels="READ, REVIEW, WRITE",
    )

    kind.refresh_from_db()
    assert (kind.description, kind.levels) == ("Packages", ["READ", "REVIEW", "WRITE"])
    taken_back(admin, answer)
    kind.refresh_from_db()
    assert (kind.description, kind.levels) == ("", ["READ", "WRITE"])


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ("WRITE, READ", "Levels that stay keep their order: each includes those before it."),
        ("READ", "WRITE has names or grants: the level stays."),
    ],
)
def test_levels_that_are_used_stay_in_their_order(
    acme: DeclaredTenant, admin: Client, levels: str, sentence: str
) -> None:
    answer = post(admin, "entitlement-type-edit", demo().type_id, revision=1, description="", levels=levels)

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), "levels") == sentence


def test_a_level_that_nothing_uses_goes(acme: DeclaredTenant, admin: Client) -> None:
    NamedEntitlement.objects.filter(level="WRITE").delete()

    post(admin, "entitlement-type-edit", demo().type_id, revision=1, description="", levels="READ")

    assert demo().type.levels == ["READ"]


def test_a_type_goes_once_it_has_no_resources(acme: DeclaredTenant, admin: Client) -> None:
    kind = demo().type_id
    for name in ("a", "b", "c"):
        acme.resource("package", name)
    refused = post(admin, "entitlement-type-delete", kind)
    assert "There are 4 resources (package a, package b, package c and 1 more) of this type" in text(refused)

    for one in Resource.objects.all():
        post(admin, "resource-delete", one.pk)
    answer = post(admin, "entitlement-type-delete", kind)

    assert not EntitlementType.objects.exists()
    taken_back(admin, answer)
    assert EntitlementType.objects.get().levels == ["READ", "WRITE"]


# --- who may, and what is not the tenant's ------------------------------------------------------------------


def test_what_a_blueprint_says_is_changed_there(client: Client) -> None:
    kdb = PlatformTenant("kdb-insights")
    sign_in_as(client, roles=("gatehouse-admin",))
    said = kdb.resource("package", "demo").type
    assert said.name in text(client.get(reverse("access:entitlement-list", args=[kdb.tenant.slug])))

    for name, values in (("edit", {"revision": 1, "levels": "READ, WRITE"}), ("delete", {})):
        answer = post(client, f"entitlement-type-{name}", said.pk, tenant=kdb.tenant.slug, **values)
        assert answer.status_code == 422
        assert f"The type {said.name} is said by the blueprint" in text(answer)


def test_another_tenant_and_an_auditor_change_nothing(acme: DeclaredTenant, client: Client) -> None:
    DeclaredTenant("birch")
    names = ("resource-edit", "resource-delete", "entitlement-type-edit", "entitlement-type-delete")
    pks = (demo().pk, demo().pk, demo().type_id, demo().type_id)
    sign_in_as(client, roles=("gatehouse-auditor",))
    assert {post(client, *one).status_code for one in zip(names, pks, strict=True)} == {403}
    sign_in_as(client, groups=("/tenants/birch/admins",))
    for one in zip(names, pks, strict=True):
        assert post(client, *one, tenant="birch").status_code == 404
        assert post(client, *one).status_code in (403, 404)


def test_an_undo_of_somebody_elses_making_is_refused(acme: DeclaredTenant, admin: Client) -> None:
    address = reverse("access:entitlement-back", args=["acme", "made:up:here"])

    assert "This can no longer be taken back here" in text(admin.post(address, follow=True))
    assert admin.get(address).status_code == 405


def test_the_forms_cost_the_same_for_many_names_and_owners(acme: DeclaredTenant, admin: Client) -> None:
    addresses = [
        reverse(f"access:{name}", args=["acme", demo().pk]) for name in ("resource-edit", "resource-delete")
    ]
    demo().owners.create(person=acme.person("ann"), realm=acme.realm, created_by="Julia Stein")
    few = [queries_of(admin, one) for one in addresses]
    for number in range(10):
        owner = acme.person(f"p{number}")
        demo().owners.create(person=owner, realm=acme.realm, created_by="Julia Stein")

    assert [queries_of(admin, one) for one in addresses] == few
