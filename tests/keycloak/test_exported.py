"""The structure of a realm from an export, which only who may manage the realm gets, and from lists."""

import pytest

from console.engine.state import Kind, Selection, State
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.transport import Secret, calls
from tests.keycloak.world import World, at, fresh

EXPORT = "/partial-export"
VIEWS = ("view-realm", "view-users", "view-clients", "view-identity-providers", "view-events")


@pytest.fixture(scope="module")
def full(world: World) -> None:
    """Roles in roles, groups in groups and clients, of the realm and of clients, each with each."""
    one, other = world.make_role("one", description="One"), world.make_role("other")
    id = world.make("clients", clientId="app", serviceAccountsEnabled=True, fullScopeAllowed=False)
    for name in ("reader", "writer"):
        world.post("clients", id, "roles", json={"name": name, "description": name})
    reader, writer = (world.get("clients", id, "roles", name) for name in ("reader", "writer"))
    world.post("roles-by-id", one["id"], "composites", json=[other, reader])
    world.post("roles-by-id", writer["id"], "composites", json=[other, reader])
    world.post("clients", id, "scope-mappings", "realm", json=[one])
    admin = world.make("clients", clientId="another", fullScopeAllowed=False)
    world.post("clients", admin, "scope-mappings", "clients", id, json=[reader])
    scope = world.make("client-scopes", name="limited", protocol="openid-connect")
    world.post("client-scopes", scope, "scope-mappings", "realm", json=[other])
    world.post("client-scopes", scope, "scope-mappings", "clients", id, json=[writer])
    _groups(world, one, reader)


def _groups(world: World, role: dict[str, str], of_client: dict[str, str]) -> None:
    top = world.make("groups", name="top", description="Top", attributes={"entitlements": ["a:b:C"]})
    middle = world.make("groups", top, "children", name="middle")
    low = world.make("groups", middle, "children", name="low", description="Low")
    world.make("groups", name="top2")
    world.make("groups", world.make("groups", name="with/slash"), "children", name="below")
    world.post("groups", low, "role-mappings", "realm", json=[role])
    world.post("groups", top, "role-mappings", "clients", of_client["containerId"], json=[of_client])


@pytest.fixture
def viewer(world: World) -> KeycloakTarget:
    """The realm as somebody sees it who may look at all of it and change nothing."""
    name, secret = fresh("viewer"), fresh("secret")
    id = world.make("clients", clientId=name, secret=secret, serviceAccountsEnabled=True, publicClient=False)
    account = world.get("clients", id, "service-account-user")["id"]
    management = world.get("clients", clientId="realm-management")[0]["id"]
    given = [world.get("clients", management, "roles", role) for role in VIEWS]
    world.post("users", account, "role-mappings", "clients", management, json=given)
    return KeycloakTarget(Connection(world.connection.url, name, Secret(secret), world.name), world.name)


def test_lists_say_the_same_as_an_export(world: World, full: None, viewer: KeycloakTarget) -> None:
    with calls() as by_export:
        told = world.target.read(Selection.all())
    with calls() as by_lists:
        listed = viewer.read(Selection.all())

    assert told.resources == listed.resources
    assert told.unreadable == listed.unreadable
    assert list(told.unreadable) == [at(Kind.GROUP, "with/slash")]
    assert not [one for one in by_export.made if one.endswith("/children")]
    assert [one for one in by_lists.made if one.endswith("/children")]


def test_everything_that_hangs_on_each_other_is_in_it(world: World, full: None) -> None:
    state = world.target.read(Selection.all())

    for address in (
        at(Kind.COMPOSITE, "one", "other"),
        at(Kind.COMPOSITE_CLIENT_ROLE, "one", "app", "reader"),
        at(Kind.CLIENT_COMPOSITE, "app", "writer", "other"),
        at(Kind.CLIENT_COMPOSITE_CLIENT_ROLE, "app", "writer", "app", "reader"),
        at(Kind.ALLOWED_ROLE, "app", "one"),
        at(Kind.ALLOWED_CLIENT_ROLE, "another", "app", "reader"),
        at(Kind.SCOPE_ROLE, "limited", "other"),
        at(Kind.SCOPE_CLIENT_ROLE, "limited", "app", "writer"),
        at(Kind.GROUP, "top/middle/low"),
        at(Kind.GROUP_ROLE, "top/middle/low", "one"),
        at(Kind.GROUP_CLIENT_ROLE, "top", "app", "reader"),
        at(Kind.ENTITLEMENT, "group", "top", "a:b:C"),
    ):
        assert address in state
    assert _description(state, "top/middle/low") == "Low"
    assert _description(state, "top/middle") == ""


def _description(state: State, path: str) -> str:
    return str(state.resources[at(Kind.GROUP, path)].fields["description"])


def test_an_export_leaves_no_trace_in_the_events_of_administrators(world: World, full: None) -> None:
    world.put(json={"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    before = len(world.get("admin-events"))

    with calls() as counter:
        world.target.read(Selection.all())

    assert [one for one in counter.made if one.endswith(EXPORT)]
    assert len(world.get("admin-events")) == before
    world.put(json={"adminEventsEnabled": False})
