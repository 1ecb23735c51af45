"""A share of a realm never takes over an account that somebody else made in Keycloak."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from access.models import Person
from access.services.reverting import CannotRevert
from console.sync.models import Run
from console.sync.preview import Blocked, preview
from tests.factories import MIRA, Platform, tenant_admin

REFUSAL = (
    "svc-robot exists in this realm and is not of this tenant. "
    "Choose another name, or ask an administrator of the whole realm."
)


@pytest.fixture(scope="module")
def house(new_platform: Callable[..., Platform]) -> Platform:
    """A realm with an account that nobody declared."""
    house = new_platform("manor")
    house.keycloak.post("users", json={"username": "svc-robot", "enabled": True})
    return house


@pytest.fixture(scope="module")
def share(house: Platform) -> Platform:
    plan = preview(
        actor=MIRA,
        command="tenants:tenant:share",
        values={"slug": "lodge", "name": "Lodge", "realm": house.row.realm_id},
        title="share",
        tenant="lodge",
    )
    house.apply(plan)
    assert house.sync().state == Run.State.DONE
    return replace(house, tenant="lodge", actor=tenant_admin("lodge"))


@pytest.mark.parametrize("last_name", ["", "Guess"], ids=["as it is", "otherwise"])
def test_an_account_of_the_realm_is_refused_and_nothing_is_told_of_it(
    share: Platform, last_name: str
) -> None:
    """S2: alike or not, the answer is the same, so that nobody can guess what it holds."""
    plan = share.preview("access:person:create", username="svc-robot", last_name=last_name)

    assert [one["address"] for one in plan.operations if one["action"] == "adopt"] == []
    assert [one["sentence"] for one in plan.findings if one["address"] == "person:svc-robot"] == [REFUSAL]
    with pytest.raises(Blocked):
        share.apply(plan)
    assert not Person.objects.filter(username="svc-robot").exists()


def test_the_realms_own_tenant_can_adopt_it(house: Platform) -> None:
    plan = house.preview("access:person:create", username="svc-robot")

    assert [(one["action"], one["address"]) for one in plan.operations] == [("adopt", "person:svc-robot")]
    assert plan.findings == []


def test_taking_an_adoption_back_does_not_delete_what_stood_before(house: Platform) -> None:
    house.keycloak.post("roles", json={"name": "stood-before"})
    plan = house.do("access:role:create", name="stood-before")

    assert [one["action"] for one in plan.operations] == ["adopt"]
    with pytest.raises(CannotRevert, match="stood-before stood in Keycloak before this plan"):
        preview(
            actor=MIRA,
            command="access:plan:revert",
            values={"tenant": house.tenant, "plan": str(plan.pk)},
            title="revert",
            tenant=house.tenant,
        )


def test_a_new_person_of_a_share_is_made(share: Platform) -> None:
    share.do("access:person:create", username="new-person")

    assert share.groups_of("new-person") == {"lodge"}
