"""What begins and ends in a share: nobody comes back into a tenant by a renewal, and nobody is named."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access import timing
from access.models import Entitlement, Membership, Person, PersonRole
from access.services import assignments, terms
from console.audit.models import AuditEvent
from console.identity.actor import Actor, ActorKind
from console.sync.commands import Gone
from console.sync.models import Touched
from console.timed import Term
from tenants.models import Tenant
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

TINA = Actor(key="sso:tina", name="Tina", kind=ActorKind.SSO, groups=frozenset({"/tenants/acme/admins"}))
MIRA = Actor(key="sso:mira", name="Mira", kind=ActorKind.SSO, roles=frozenset({"gatehouse-admin"}))


@pytest.fixture
def acme() -> DeclaredTenant:
    """A share in which ann is, and of which zelda was a guest: she is in another one only now."""
    whole = DeclaredTenant("shared")
    share = DeclaredTenant("acme", share_of=whole)
    share.member("ann", "acme/staff")
    whole.member("zelda", "globex/staff")
    return share


def ended(row: Any) -> Any:
    """Let the time of a grant be over since a moment."""
    moment = timezone.now() - timedelta(minutes=1)
    type(row).every.filter(pk=row.pk).update(ends_at=moment, state=Term.ENDED, turned_at=moment)
    return row


def of(acme: DeclaredTenant, username: str) -> dict[str, Any]:
    return {
        "membership": ended(acme.member(username, "acme/staff")),
        "person-role": ended(acme.person_role(username, "acme.read")),
        "entitlement": ended(acme.entitle(acme.person(username), "acme.package:demo:READ")),
    }


@pytest.mark.parametrize("actor", [TINA, MIRA], ids=["administrator of the tenant", "of the console"])
@pytest.mark.parametrize("key", ["membership", "person-role", "entitlement"])
def test_who_left_a_share_does_not_come_back_by_a_renewal(
    key: str, actor: Actor, acme: DeclaredTenant
) -> None:
    row = of(acme, "zelda")[key]

    with pytest.raises(Gone):
        terms.renew(actor=actor, tenant="acme", grants={key: [row.pk]}, ends_at="")

    assert not Person.objects.of(acme.tenant).filter(username="zelda").exists()
    for model in (Membership, PersonRole, Entitlement):
        assert not model.objects.filter(person__username="zelda", realm=acme.realm).exclude(
            **({"group__path": "globex/staff"} if model is Membership else {})
        )


def test_who_is_in_no_group_at_all_any_more_comes_back(acme: DeclaredTenant) -> None:
    row = ended(acme.member("guest", "acme/staff"))

    terms.renew(actor=TINA, tenant="acme", grants={"membership": [row.pk]}, ends_at="")

    assert Person.objects.of(acme.tenant).filter(username="guest").exists()


def test_what_ended_of_somebody_who_is_still_there_is_renewed(acme: DeclaredTenant) -> None:
    row = ended(acme.person_role("ann", "acme.read"))

    terms.renew(actor=TINA, tenant="acme", grants={"person-role": [row.pk]}, ends_at="")

    assert PersonRole.objects.get(person__username="ann").ends_at is None


def test_the_list_of_a_share_and_its_form_name_nobody_who_is_not_of_it(
    client: Client, acme: DeclaredTenant
) -> None:
    rows = of(acme, "zelda")
    ended(acme.person_role("ann", "acme.read"))
    sign_in_as(client, groups=("/tenants/acme/admins",))

    found = client.get(reverse("access:term-list", args=["acme"])).content.decode()
    asked = [f"{key}:{row.pk}" for key, row in rows.items()]
    form = client.get(reverse("access:term-renew", args=["acme"]), {"grant": asked})

    assert "ann" in found
    assert "zelda" not in found
    assert "zelda" not in form.content.decode()


def planned(row: Any, share: str = "acme") -> Any:
    """Let a grant have been planned in a share, for a moment ago."""
    moment = timezone.now() - timedelta(seconds=5)
    type(row).every.filter(pk=row.pk).update(starts_at=moment, state=Term.PLANNED, given_in=share)
    return row


def of_guest(acme: DeclaredTenant, username: str) -> list[Any]:
    return [
        planned(acme.member(username, "acme/staff")),
        planned(acme.person_role(username, "acme.read")),
        planned(acme.entitle(acme.person(username), "acme.package:demo:READ")),
    ]


@pytest.mark.parametrize(
    "by_the_realm", [False, True], ids=["the share alone", "the realm's own tenant first"]
)
def test_what_a_share_planned_for_somebody_who_left_it_does_not_begin(
    client: Client, acme: DeclaredTenant, by_the_realm: bool
) -> None:
    rows = of_guest(acme, "zelda")
    if not by_the_realm:
        Tenant.objects.filter(slug="shared").delete()

    timing.once()

    for row in rows:
        row.refresh_from_db()
        assert row.state == Term.ENDED
        assert row.why_not == "It did not begin: zelda was no longer of Acme by then."
    told = AuditEvent.objects.filter(kind="access:term:refuse", tenant="acme")
    assert {event.new["why"] for event in told} == {rows[0].why_not}
    assert not Touched.objects.exists()
    sign_in_as(client, groups=("/tenants/acme/admins",))
    page = client.get(reverse("access:term-list", args=["acme"])).content.decode()
    assert page.count("It did not begin: zelda was no longer of Acme by then.") >= 3
    assert "Not begun" in page
    assert "Renew" not in page
    assert timing.once() == 0


def test_what_was_planned_begins_for_who_is_there_and_for_who_is_nowhere_else(acme: DeclaredTenant) -> None:
    rows = [planned(acme.person_role("ann", "acme.read")), *of_guest(acme, "newcomer")]

    timing.once()

    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.why_not) == (Term.ACTIVE, "")


def test_what_the_realms_own_tenant_planned_begins_in_a_share_all_the_same(acme: DeclaredTenant) -> None:
    row = planned(acme.member("zelda", "acme/staff"), share="")

    timing.once()

    row.refresh_from_db()
    assert row.state == Term.ACTIVE


def test_who_plans_in_a_share_is_kept_with_the_grant(acme: DeclaredTenant) -> None:
    later = (timezone.now() + timedelta(days=1)).isoformat()
    ann, staff = acme.person("ann").pk, acme.group("acme/desk").pk

    assignments.join(actor=TINA, tenant="acme", people=[ann], groups=[staff], starts_at=later)
    assignments.join(
        actor=MIRA, tenant="shared", people=[acme.person("zelda").pk], groups=[staff], starts_at=later
    )

    kept = Membership.every.filter(group__path="acme/desk").values_list("person__username", "given_in")
    assert dict(kept) == {"ann": "acme", "zelda": ""}


def test_the_overview_names_what_ends_in_the_share_that_may_see_it(
    client: Client, acme: DeclaredTenant
) -> None:
    globex = DeclaredTenant("globex", share_of=acme)
    globex.member("bert", "globex/staff")
    soon = timezone.now() + timedelta(days=2)
    for row in (globex.person_role("bert", "globex.read"), acme.person_role("zelda", "acme.read")):
        type(row).every.filter(pk=row.pk).update(ends_at=soon)
    sign_in_as(client, groups=("/tenants/acme/admins", "/tenants/globex/admins"))
    both = client.get("/").content.decode()
    sign_in_as(client, "tina", groups=("/tenants/acme/admins",))
    one = client.get("/").content.decode()

    assert 'title="bert has globex.read, Globex"' in both
    assert "bert" not in one
    assert "zelda" not in one
