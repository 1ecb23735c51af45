"""Service accounts, time limits, names and owners: the pages, and who may open them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Membership, NamedEntitlement, PersonRole, Resource, ResourceOwner
from console.engine.state import Address, Kind
from console.timed import Term
from tenants.models import Declaration
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer")
    acme.member("ann", "data")
    acme.person_role("ann", "developer")
    acme.resource("package", "demo")
    acme.client("robot")
    return acme


@pytest.fixture
def admin(client: Client, acme: DeclaredTenant) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def url(name: str, *rest: Any, tenant: str = "acme") -> str:
    return reverse(f"access:{name}", args=[tenant, *rest])


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def serve(acme: DeclaredTenant, kind: Kind, *path: str, **more: Any) -> Declaration:
    """Declare a link of a service account."""
    return Declaration.every.create(
        realm=acme.realm, address=Address(kind, path).key, kind=kind.value, created_by="mira", **more
    )


def addresses(acme: DeclaredTenant) -> list[str]:
    robot, demo = acme.client("robot").pk, acme.resource("package", "demo").pk
    named, role = acme.named(acme.resource("package", "demo")).pk, acme.role("developer").pk
    ann, data = acme.person("ann").pk, acme.group("data").pk
    kind = acme.resource("package", "demo").type_id
    return [
        url("service-account-list"),
        url("service-account-detail", robot),
        url("service-account-give", robot),
        url("service-account-take", robot, role),
        url("service-account-join", robot),
        url("service-account-leave", robot, data),
        url("entitlement-list"),
        url("entitlement-create"),
        url("entitlement-edit", named),
        url("entitlement-type-edit", kind),
        url("entitlement-type-delete", kind),
        url("resource-edit", demo),
        url("resource-delete", demo),
        url("term-list"),
        url("term-renew"),
        url("session-end", ann),
        url("service-account-end", robot),
    ]


def test_a_tenants_administrator_opens_them_all(acme: DeclaredTenant, admin: Client) -> None:
    for address in addresses(acme):
        page(admin, address)


def test_for_a_stranger_they_are_as_those_of_a_tenant_that_is_not_there(
    acme: DeclaredTenant, client: Client
) -> None:
    DeclaredTenant("birch")
    sign_in_as(client, groups=("/tenants/birch/admins",))
    for address in addresses(acme):
        answer = client.get(address)
        nowhere = client.get(address.replace("/t/acme/", "/t/nowhere/"))
        assert answer.status_code == nowhere.status_code != 200, address
        assert ">robot<" not in answer.content.decode()


def test_an_auditor_sees_and_changes_nothing(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))
    shown = (url("service-account-list"), url("term-list"), url("entitlement-list"))
    robot = acme.client("robot").pk
    for address in (*shown, url("service-account-detail", robot)):
        assert "Renew…" not in page(client, address)
    for address in addresses(acme):
        if address not in (*shown, url("service-account-detail", robot)):
            assert client.get(address).status_code == 403, address


def test_a_service_account_of_another_tenant_does_not_exist(acme: DeclaredTenant, admin: Client) -> None:
    theirs = DeclaredTenant("birch").client("robot")

    assert admin.get(url("service-account-detail", theirs.pk)).status_code == 404
    assert admin.get(url("service-account-give", theirs.pk)).status_code == 404


def test_the_page_of_a_service_account_shows_all_it_reaches_and_until_when(
    acme: DeclaredTenant, admin: Client
) -> None:
    acme.group_role("data", "developer")
    serve(acme, Kind.SERVICE_MEMBERSHIP, "robot", "data", ends_at=timezone.now() + timedelta(days=2, hours=1))

    shown = page(admin, url("service-account-detail", acme.client("robot").pk))

    assert "developer" in shown
    assert "chip-red" in shown  # within three days
    assert "service account" in shown


def test_each_right_is_called_by_its_own_kind(acme: DeclaredTenant, admin: Client) -> None:
    serve(acme, Kind.SERVICE_CLIENT_ROLE, "robot", "shop", "buyer")
    serve(acme, Kind.GROUP_CLIENT_ROLE, "data", "shop", "buyer")

    places = (
        url("service-account-detail", acme.client("robot").pk),
        url("group-detail", acme.group("data").pk),
    )

    for address in places:
        shown = page(admin, address)
        assert "shop/buyer" in shown
        assert ">Client role</td>" in shown
        assert ">Entitlement</td>" not in shown


def test_lists_take_the_same_queries_whatever_their_size(
    acme: DeclaredTenant, admin: Client, django_assert_max_num_queries: Any
) -> None:
    def counted(address: str) -> int:
        with django_assert_max_num_queries(80) as found:
            page(admin, address)
        return len(found)

    places = [url("service-account-list"), url("service-account-detail", acme.client("robot").pk)]
    places += [url("term-list"), url("entitlement-list")]
    acme.entitle(acme.person("ann"), "package:demo:READ")
    serve(acme, Kind.SERVICE_ROLE, "robot", "developer", ends_at=timezone.now() + timedelta(days=3))
    PersonRole.every.update(ends_at=timezone.now() + timedelta(days=5))
    page(admin, places[0])  # the first request of a session keeps where one is
    few = [counted(one) for one in places]
    for number in range(12):
        acme.client(f"robot-{number}")
        acme.role(f"role-{number}")
        serve(acme, Kind.SERVICE_ROLE, "robot", f"role-{number}", ends_at=timezone.now() + timedelta(days=3))
        acme.person_role(f"person-{number}", "developer")
        acme.entitle(acme.person(f"person-{number}"), f"package:thing-{number}:READ")
    PersonRole.every.update(ends_at=timezone.now() + timedelta(days=5))

    assert [counted(one) for one in places] == few


def test_planned_and_ended_are_listed_apart_and_what_is_in_force_counts(
    acme: DeclaredTenant, admin: Client
) -> None:
    now = timezone.now()
    PersonRole.every.update(ends_at=now - timedelta(hours=1), state=Term.ENDED, turned_at=now)
    Membership.every.update(starts_at=now + timedelta(days=1), state=Term.PLANNED)

    assert " in data" in page(admin, url("term-list") + "?only=planned")
    assert "has developer" in page(admin, url("term-list") + "?only=ended")
    assert "has developer" not in page(admin, url("term-list") + "?only=planned")
    detail = page(admin, url("person-detail", acme.person("ann").pk))
    assert "Begins later" in detail
    assert 'title="Why: developer"' not in detail


def test_owners_are_kept_and_recorded(acme: DeclaredTenant, admin: Client) -> None:
    demo, robot = acme.resource("package", "demo"), acme.client("robot")

    answer = admin.post(
        url("resource-edit", demo.pk),
        {"revision": 1, "people": [acme.person("ann").pk], "clients": [robot.pk], "description": "shown"},
    )

    assert answer.status_code == 302
    owners = ResourceOwner.objects.filter(resource=demo).order_by("pk")
    assert [one.owner for one in owners] == [str(acme.person("ann")), "service account robot"]
    assert "owned by" in page(admin, url("entitlement-list"))


def test_every_resource_is_an_explicit_choice_and_shown_as_such(acme: DeclaredTenant, admin: Client) -> None:
    kind = acme.resource("package", "demo").type_id

    answer = admin.post(
        url("entitlement-create"), {"type": kind, "reach": "every", "level": "READ", "name": ""}
    )

    assert answer.status_code == 302
    made = NamedEntitlement.objects.get(name="all-package-ro")
    assert made.value == "package:*:READ"
    assert "every package" in page(admin, url("entitlement-list"))
    assert "all-package-ro: every package (*), READ" in page(admin, url("entitlement-grant"))
    assert not Resource.objects.single().filter(name="*").exists()


def test_a_name_is_proposed_and_unique_in_the_realm(acme: DeclaredTenant, admin: Client) -> None:
    other = acme.resource("database", "demo", levels=("QUERY", "READ"))
    NamedEntitlement.objects.filter(resource=other).delete()
    values = {"type": other.type_id, "reach": "one", "resource": other.pk, "level": "READ"}

    taken = admin.post(url("entitlement-create"), values | {"name": "demo-ro"})
    proposed = admin.post(url("entitlement-create"), values | {"name": ""})

    assert taken.status_code == 422
    assert "An entitlement named demo-ro exists in this realm." in taken.content.decode()
    assert proposed.status_code == 302
    assert NamedEntitlement.objects.get(resource=other, level="READ").name == "database-demo-ro"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"starts_at": "2020-01-01T09:00"}, "starts_at", "lies in the past"),
        ({"ends_at": "2020-01-01T09:00"}, "ends_at", "lies in the past"),
        ({"starts_at": "2999-01-02T09:00", "ends_at": "2999-01-01T09:00"}, "ends_at", "before it begins"),
        ({"lasts": "7d", "ends_at": "2999-01-01T09:00"}, "ends_at", "not both"),
        ({"lasts": "7 moons"}, "lasts", "valid choice"),
        ({"ends_at": "soon"}, "ends_at", "valid date"),
    ],
)
def test_a_wrong_time_is_said_beside_its_field(
    acme: DeclaredTenant, admin: Client, typed: dict[str, str], field: str, words: str
) -> None:
    answer = admin.post(
        url("person-give", acme.person("ann").pk), {"roles": [acme.role("developer").pk]} | typed
    )

    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert f'id="id_{field}_error"' in answer.content.decode()


def test_the_options_offer_service_accounts_by_client_id(acme: DeclaredTenant, admin: Client) -> None:
    found = admin.get(url("options", "accounts"), {"q": "rob"}).json()

    assert [one["text"] for one in found["options"]] == ["robot"]


def test_the_overview_names_what_ends_within_two_weeks(acme: DeclaredTenant, admin: Client) -> None:
    PersonRole.every.update(ends_at=timezone.now() + timedelta(days=3, hours=1))
    theirs = DeclaredTenant("birch")
    theirs.role("secret")
    theirs.person_role("bob", "secret")
    PersonRole.every.filter(realm=theirs.realm).update(ends_at=timezone.now() + timedelta(days=1))

    shown = page(admin, reverse("home"))

    assert '<b class="strip-count">1</b> ends within 14 days' in shown
    assert "has developer" in shown
    assert "secret" not in shown
