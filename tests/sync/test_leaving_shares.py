"""Nobody of a share gets out of its administrators' reach by leaving the last group."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from access.models import Person
from console.sync.commands import Refused
from console.sync.models import Run
from console.sync.preview import preview
from tenants.models import Tenant
from tests.factories import MIRA, Platform, tenant_admin


@pytest.fixture(scope="module")
def share(new_platform: Callable[..., Platform]) -> Platform:
    house = new_platform("castle")
    plan = preview(
        actor=MIRA,
        command="tenants:tenant:share",
        values={"slug": "tower", "name": "Tower", "realm": house.row.realm_id},
        title="share",
        tenant="tower",
    )
    house.apply(plan)
    assert house.sync().state == Run.State.DONE
    share = replace(house, tenant="tower", actor=tenant_admin("tower"))
    share.build(
        ("access:group:create", {"name": "team", "parent": "tower"}),
        ("access:person:create", {"username": "ann"}),
    )
    return share


def take_back(share: Platform, plan: Any) -> Any:
    return preview(
        actor=share.actor,
        command="access:plan:revert",
        values={"tenant": share.tenant, "plan": str(plan.pk)},
        title="revert",
        tenant=share.tenant,
    )


def test_the_last_group_of_a_share_cannot_be_left(share: Platform) -> None:
    with pytest.raises(Refused, match="ann would be in no group of Tower any more"):
        share.preview("access:membership:remove", people=["ann"], groups=["tower"])


def test_a_group_cannot_go_while_it_is_somebodys_last(share: Platform) -> None:
    share.do("access:membership:add", people=["ann"], groups=["tower/team"])
    share.do("access:membership:remove", people=["ann"], groups=["tower"])

    with pytest.raises(Refused, match="ann would be in no group of Tower any more"):
        share.preview("access:group:delete", group="tower/team")
    assert share.groups_of("ann") == {"tower/team"}


def test_taking_back_a_new_person_of_a_share_deletes_her(share: Platform) -> None:
    made = share.do("access:person:create", username="bea")

    undo = take_back(share, made)
    share.apply(undo)
    share.sync()

    assert [(one["action"], one["address"]) for one in undo.operations] == [("delete", "person:bea")]
    assert not Person.objects.filter(username="bea").exists()
    assert share.keycloak.get("users", username="bea", exact="true") == []


def test_nobody_renames_moves_or_deletes_the_group_that_is_a_tenant(share: Platform) -> None:
    house = replace(
        share, tenant=Tenant.objects.get(realm__scope=share.scope, served_by="realm").slug, actor=MIRA
    )

    with pytest.raises(Refused, match="This group is the tenant Tower"):
        house.preview("access:group:edit", **house.edit_group("tower", name="keep"))
    with pytest.raises(Refused, match="This group is the tenant Tower"):
        house.preview("access:group:delete", group="tower")
