"""Who changed something in Keycloak: named from its admin events, and never guessed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from console.keycloak.connection import Connection
from console.sync.drift.check import check
from console.sync.drift.models import DriftItem, Told, Watch
from console.transport import Secret
from tests.factories import Platform
from tests.keycloak.world import World
from tests.sync.drift.conftest import open_items

RIGHTS = ("manage-users", "manage-realm", "manage-clients", "view-users", "view-realm", "query-groups")


@dataclass(frozen=True)
class Company:
    """A realm that keeps admin events, and two strangers who may change it."""

    platform: Platform
    terraform: World
    importer: World

    def the_item(self) -> DriftItem:
        (item,) = open_items(self.platform)
        return item


def _stranger(platform: Platform, connection: Connection, name: str) -> World:
    """Return a realm seen by a service account of its own that may change it."""
    world = platform.keycloak
    made = {"clientId": name, "secret": f"secret-of-{name}", "serviceAccountsEnabled": True}
    id = world.make("clients", publicClient=False, **made)
    account = world.get("clients", id, "service-account-user")["id"]
    (management,) = world.get("clients", clientId="realm-management")
    roles = [world.get("clients", management["id"], "roles", right) for right in RIGHTS]
    world.post("users", account, "role-mappings", "clients", management["id"], json=roles)
    own = Connection(
        url=connection.url, client_id=name, client_secret=Secret(made["secret"]), realm=world.name
    )
    return World(own, world.name)


@pytest.fixture(scope="module")
def company(new_platform: Callable[..., Platform], keycloak_connection: Any) -> Company:
    platform = new_platform("watched")
    platform.build(
        *(("access:role:create", {"name": name}) for name in ("viewer", "admin")),
        *(("access:person:create", {"username": name}) for name in ("ann", "ben", "cleo")),
        ("access:group:create", {"name": "ops"}),
    )
    platform.keycloak.put(
        json={"realm": platform.realm, "adminEventsEnabled": True, "adminEventsDetailsEnabled": True}
    )
    made = Company(
        platform,
        _stranger(platform, keycloak_connection, "terraform"),
        _stranger(platform, keycloak_connection, "importer"),
    )
    check(platform.scope.pk)
    return made


def change_email(world: World, id: str, email: str) -> None:
    world.put("users", id, json=world.get("users", id) | {"email": email})


def test_the_account_that_changed_something_is_named(company: Company) -> None:
    id = company.platform.person_id("ann")
    change_email(company.terraform, id, "ann@elsewhere.example")

    item = company.the_item()

    assert (item.told, item.by_name, item.by_client) == (
        Told.KNOWN,
        "service-account-terraform",
        "terraform",
    )
    assert item.by_address
    assert item.by_at is not None
    assert item.by_at <= item.seen_at
    change_email(company.platform.keycloak, id, "")
    assert open_items(company.platform) == []


def test_of_two_who_changed_the_same_thing_nobody_is_named(company: Company) -> None:
    id = company.platform.person_id("ben")
    change_email(company.terraform, id, "one@elsewhere.example")
    change_email(company.importer, id, "two@elsewhere.example")

    item = company.the_item()

    assert (item.told, item.by_name) == (Told.AMBIGUOUS, "")
    assert "2 accounts" in item.by_sentence
    change_email(company.platform.keycloak, id, "")
    assert open_items(company.platform) == []


def test_of_two_who_gave_other_roles_the_right_one_is_named(company: Company) -> None:
    """What was sent stands in the event, so roles that came to one person are told apart."""
    id = company.platform.person_id("cleo")
    for world, role in ((company.terraform, "viewer"), (company.importer, "admin")):
        world.post("users", id, "role-mappings", "realm", json=[world.get("roles", role)])

    found = {one.address: one.by_name for one in open_items(company.platform)}

    assert found == {
        "person-role:cleo|admin": "service-account-importer",
        "person-role:cleo|viewer": "service-account-terraform",
    }
    world = company.platform.keycloak
    both = [world.get("roles", role) for role in ("viewer", "admin")]
    world.delete("users", id, "role-mappings", "realm", json=both)
    assert open_items(company.platform) == []


def test_our_own_changes_are_nobodys(company: Company) -> None:
    """The console's service client is left out: what it sends is told in the console's own record.

    Nobody else changed this person shortly before: that could be meant, and would be named.
    """
    id = company.platform.person_id("cleo")
    change_email(company.platform.keycloak, id, "cleo@ours.example")

    item = company.the_item()

    assert (item.told, item.by_name) == (Told.SILENT, "")
    change_email(company.platform.keycloak, id, "")
    assert open_items(company.platform) == []


def test_a_group_moved_by_somebody_is_his(company: Company) -> None:
    world = company.terraform
    id = company.platform.group_id("ops")
    above = world.make("groups", name="above")
    world.post("groups", above, "children", json={"id": id, "name": "ops"})

    items = {one.address: one for one in open_items(company.platform)}

    assert set(items) == {"group:above", "group:ops"}
    assert items["group:ops"].change == "renamed"
    assert items["group:ops"].stands_at == "group:above/ops"
    assert items["group:ops"].by_name == "service-account-terraform"
    world.post("groups", json={"id": id, "name": "ops"})
    world.delete("groups", above)
    assert open_items(company.platform) == []


def test_without_events_it_is_said_and_offered(company: Company) -> None:
    world = company.platform.keycloak
    world.put(json={"realm": world.name, "adminEventsEnabled": False})
    company.terraform.make_role("made-unseen")

    items = {one.address: one for one in open_items(company.platform)}

    assert items["role:made-unseen"].told == Told.OFF
    watch = Watch.objects.get(scope=company.platform.scope)
    assert watch.events_sentence == "Keycloak keeps no admin events of this realm."
    assert "realm:" in items  # that they were switched off is an item itself
