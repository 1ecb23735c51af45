"""The full check of a real realm: nothing on an untouched one, and one item for each change beside us."""

from console.sync.drift.models import Change, DriftItem, Standing
from tests.factories import Platform
from tests.sync.drift.conftest import open_items


def shown(item: DriftItem) -> tuple[str, str, str]:
    return item.address, item.state, item.change


def test_an_untouched_realm_has_nothing_to_show(company: Platform) -> None:
    assert open_items(company) == []
    assert open_items(company) == []


def test_a_person_deleted_in_keycloak_is_one_item_with_what_went_along(company: Platform) -> None:
    company.keycloak.delete("users", company.person_id("ann"))

    (item,) = open_items(company)

    assert shown(item) == ("person:ann", Standing.DRIFTED, Change.REMOVED)
    assert item.along == [
        "entitlement:person|ann|package:demo:READ",
        "membership:ann|data/eng",
        "person-role:ann|viewer",
    ]
