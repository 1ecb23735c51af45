"""A plan of a share names its own people and things; the rest of the realm is counted, not named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from console.sync.effects import effects_of
from console.sync.preview import preview
from tests.factories import MIRA, Platform, tenant_admin


@pytest.fixture(scope="module")
def house(new_platform: Callable[..., Platform]) -> Platform:
    house = new_platform("manor")
    values = {"slug": "wing", "name": "Wing", "realm": house.row.realm_id}
    plan = preview(actor=MIRA, command="tenants:tenant:share", values=values, title="share", tenant="wing")
    house.apply(plan)
    house.sync()
    return house


@pytest.fixture(scope="module")
def wing(house: Platform) -> Platform:
    wing = replace(house, tenant="wing", actor=tenant_admin("wing"))
    wing.build(
        ("access:role:create", {"name": "wing:dev"}),
        ("access:role:create", {"name": "wing:view"}),
        ("access:person:create", {"username": "ida"}),
        ("access:person-role:give", {"people": ["ida"], "roles": ["wing:dev"]}),
    )
    house.build(
        ("access:role:create", {"name": "root"}),
        ("access:composite:add", {"role": "root", "children": ["wing:dev"]}),
        ("access:person:create", {"username": "zed"}),
        ("access:person-role:give", {"people": ["zed"], "roles": ["root"]}),
    )
    return wing


def test_people_outside_a_share_are_counted_and_not_named(wing: Platform) -> None:
    plan = wing.preview("access:composite:add", role="wing:dev", children=["wing:view"])

    [gained] = plan.impact["gained"]
    assert gained["right"] == "wing:view"
    assert gained["count"] == 2
    assert gained["people"] == [["ida", "ida"]]
    assert effects_of(plan).outside == 1
    assert "zed" not in str(plan.impact)
    assert "root" not in str(plan.impact)


def test_the_realms_own_administrators_read_all_names(house: Platform, wing: Platform) -> None:
    plan = house.preview("access:composite:add", role="wing:dev", children=["wing:view"])

    [gained] = plan.impact["gained"]
    assert sorted(name for name, _ in gained["people"]) == ["ida", "zed"]
    assert effects_of(plan).outside == 0
