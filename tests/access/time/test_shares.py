"""What begins and ends in a share: nobody comes back into a tenant by a renewal, and nobody is named."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Entitlement, Membership, Person, PersonRole
from access.services import terms
from console.identity.actor import Actor, ActorKind
from console.sync.commands import Gone
from console.timed import Term
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
