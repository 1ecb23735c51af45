"""What a service client with few rights reads of organizations and providers: closed is never empty."""

from typing import Any

import pytest

from console.engine.state import Kind, Selection
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.transport import Secret
from tests.keycloak.world import World, at, creates, failed, fresh

PROVIDERS = {Kind.IDENTITY_PROVIDER, Kind.IDENTITY_PROVIDER_MAPPER}
ORGANIZATIONS = {Kind.ORGANIZATION, Kind.ORGANIZATION_GROUP, Kind.ORGANIZATION_GROUP_ROLE}
MEMBERS = {Kind.ORGANIZATION_MEMBER, Kind.ORGANIZATION_GROUP_MEMBER}
LINKED = {Kind.ORGANIZATION_PROVIDER}
ALL = PROVIDERS | ORGANIZATIONS | MEMBERS | LINKED
ALWAYS = {Kind.REALM, Kind.USER_PROFILE, Kind.PROFILE_ATTRIBUTE, Kind.REQUIRED_ACTION, Kind.DIRECTORY}
MAPPER = {"identityProviderMapper": "hardcoded-attribute-idp-mapper", "config": {}}


@pytest.fixture(scope="module")
def full(world: World) -> None:
    """One of each kind, linked with each other."""
    world.put(json={"organizationsEnabled": True})
    world.post("identity-provider", "instances", json={"alias": "corp", "providerId": "oidc", "config": {}})
    mapper = MAPPER | {"name": "unit", "identityProviderAlias": "corp"}
    world.post("identity-provider", "instances", "corp", "mappers", json=mapper)
    place = ("organizations", world.make("organizations", name="acme", alias="acme"))
    world.post(*place, "identity-providers", json="corp")
    ann = world.make_person("ann")
    world.post(*place, "members", json=ann)
    group = world.post(*place, "groups", json={"name": "eng"}).json["id"]
    world.put(*place, "groups", group, "members", ann)
    world.post(*place, "groups", group, "role-mappings", "realm", json=[world.make_role("reader")])


def with_rights(world: World, *roles: str) -> KeycloakTarget:
    """Return the realm as a service client of its own with these roles sees it."""
    client, secret = fresh("stranger"), fresh("secret")
    id = world.make(
        "clients", clientId=client, secret=secret, serviceAccountsEnabled=True, publicClient=False
    )
    account = world.get("clients", id, "service-account-user")["id"]
    management = world.get("clients", clientId="realm-management")[0]["id"]
    given = [world.get("clients", management, "roles", role) for role in roles]
    world.post("users", account, "role-mappings", "clients", management, json=given)
    return KeycloakTarget(Connection(world.connection.url, client, Secret(secret), world.name), world.name)


@pytest.mark.parametrize(
    ("rights", "readable"),
    [
        ((), set()),
        (("view-users",), set()),
        (("view-identity-providers",), PROVIDERS),
        (("view-organizations",), ORGANIZATIONS),
        (("view-organizations", "view-users"), ORGANIZATIONS | MEMBERS),
        (("view-organizations", "view-identity-providers"), ORGANIZATIONS | PROVIDERS | LINKED),
        (("view-organizations", "view-identity-providers", "view-users"), ALL),
    ],
)
def test_each_part_is_read_or_said_to_be_closed(
    world: World, full: None, rights: tuple[str, ...], readable: set[Kind]
) -> None:
    target = with_rights(world, "view-realm", *rights)
    one_of_each = [one.address for one in world.target.read(Selection.all()) if one.address.kind in ALL]
    assert {one.kind for one in one_of_each} == ALL

    everything = target.read(Selection.all())
    selected = target.read(Selection(frozenset(one_of_each)))

    for state in (everything, selected):
        assert ALL & {one.address.kind for one in state} == readable
        assert {kind for kind in ALL if kind in state.unreadable} == ALL - readable
        assert all(state.unreadable[kind] for kind in ALL - readable)
    assert not ALWAYS & everything.unreadable.keys()


def test_a_write_that_is_not_allowed_says_so(world: World, full: None) -> None:
    target = with_rights(world, "view-realm", "view-organizations", "view-identity-providers", "view-users")
    writes: dict[Any, dict[str, Any]] = {
        at(Kind.IDENTITY_PROVIDER, "new"): {"provider": "oidc", "config": {}},
        at(Kind.ORGANIZATION, "new"): {"name": "New"},
        at(Kind.DIRECTORY, "new"): {"provider": "ldap", "config": {}},
        at(Kind.ORGANIZATION_MEMBER, "acme", "ann"): {},
    }

    for address, fields in writes.items():
        outcome = failed(target.execute([creates(address, **fields)]))
        assert "may not do this" in outcome.sentence
        assert not outcome.retryable
