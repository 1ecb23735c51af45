"""Every shipped blueprint on the real Keycloak: it arrives whole, and a second plan has nothing to do."""

from collections.abc import Callable

import pytest

from tests.blueprints.realms import CASES, Applied

Maker = Callable[[str], Applied]


@pytest.mark.parametrize("name", CASES)
def test_what_it_declares_arrives_and_a_second_plan_is_empty(applied: Maker, name: str) -> None:
    realm = applied(name)

    again = realm.plan()

    assert again.is_empty, again.operations
    assert again.conflicts == again.unreadable == ()
    assert {one.address: one.fields for one in realm.read()} == {
        one.address: one.fields for one in realm.expansion.state
    }
