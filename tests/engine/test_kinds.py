"""Every kind is described whole, and every field says what a change of it does to access."""

import pytest

from console.engine.kinds import ENDS, KINDS, Risk, described, is_protected, needs
from console.engine.state import Address, Kind
from tests.engine.world import at

EXAMPLES = [
    "realm:",
    "profile-attribute:entitlements",
    "client-scope:sc",
    "mapper:sc|m",
    "default-scope:sc",
    "role:viewer",
    "composite:editor|viewer",
    "group:data/eng",
    "group-role:data/eng|viewer",
    "person:ann",
    "membership:ann|data/eng",
    "person-role:ann|viewer",
    "entitlement:group|data|package:demo:READ",
    "user-profile:",
    "required-action:CONFIGURE_TOTP",
    "optional-scope:sc",
    "directory:ldap",
    "directory-mapper:ldap|email",
    "client:shop",
    "client-role:shop|buyer",
    "client-mapper:shop|audience",
    "client-default-scope:shop|sc",
    "client-optional-scope:shop|sc",
    "default-group:data/eng",
    "identity-provider:corp",
    "identity-provider-mapper:corp|email",
    "organization:acme",
    "organization-group:acme|data/eng",
    "organization-provider:acme|corp",
    "composite-client-role:editor|shop|buyer",
    "client-composite:shop|seller|viewer",
    "client-composite-client-role:shop|seller|store|buyer",
    "scope-role:sc|viewer",
    "scope-client-role:sc|shop|buyer",
    "allowed-role:shop|viewer",
    "allowed-client-role:shop|store|buyer",
    "service-role:shop|viewer",
    "service-client-role:shop|store|buyer",
    "service-membership:shop|data/eng",
    "group-client-role:data/eng|shop|buyer",
    "organization-group-role:acme|data/eng|viewer",
    "organization-group-client-role:acme|data/eng|shop|buyer",
    "organization-member:acme|ann",
    "organization-group-member:acme|data/eng|ann",
    "person-client-role:ann|shop|buyer",
]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_described(kind: Kind) -> None:
    assert KINDS[kind].label
    assert KINDS[kind].plural
    assert KINDS[kind].is_link == (not KINDS[kind].fields)
    assert kind in ENDS


def test_each_kind_has_an_example_here() -> None:
    assert {at(key).kind for key in EXAMPLES} == set(Kind)


@pytest.mark.parametrize("key", EXAMPLES)
def test_what_something_needs_is_built_before_it(key: str) -> None:
    address = at(key)
    for need in needs(address):
        is_earlier = KINDS[need.kind].rank < KINDS[address.kind].rank
        assert is_earlier or (need.kind is address.kind and len(need.path[-1]) < len(address.path[-1]))


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_description_names_each_part_of_the_address(key: str) -> None:
    address = at(key)
    assert all(part in described(address) for part in address.path)


@pytest.mark.parametrize(
    ("key", "needed"),
    [
        ("membership:ann|a/b", ["person:ann", "group:a/b"]),
        ("group:a/b", ["group:a"]),
        ("group:a", []),
        ("mapper:sc|m", ["client-scope:sc"]),
        ("client-role:shop|buyer", ["client:shop"]),
        ("person-client-role:ann|shop|buyer", ["person:ann", "client-role:shop|buyer"]),
        ("client-composite-client-role:a|r|b|s", ["client-role:a|r", "client-role:b|s"]),
        ("organization-group:acme|a/b", ["organization-group:acme|a"]),
        ("organization-group:acme|a", ["organization:acme"]),
        ("organization-group-role:acme|a/b|r", ["organization-group:acme|a/b", "role:r"]),
        (
            "organization-group-member:acme|a/b|ann",
            ["organization-group:acme|a/b", "person:ann", "organization-member:acme|ann"],
        ),
        ("entitlement:person|ann|v", ["person:ann"]),
        ("entitlement:group|a/b|v", ["group:a/b"]),
    ],
)
def test_a_thing_needs_what_its_address_names(key: str, needed: list[str]) -> None:
    assert [one.key for one in needs(at(key))] == needed


@pytest.mark.parametrize(
    ("kind", "name", "before", "after", "risk"),
    [
        (Kind.PERSON, "enabled", False, True, Risk.WIDENS),
        (Kind.PERSON, "enabled", True, False, Risk.NARROWS),
        (Kind.PERSON, "email", "", "ann@example.org", Risk.NEUTRAL),
        (Kind.PERSON, "enabled", True, True, Risk.NEUTRAL),
        (Kind.REALM, "access_token_lifespan", 300, 600, Risk.WIDENS),
        (Kind.REALM, "sso_session_max", 600, 300, Risk.NARROWS),
        (Kind.REALM, "registration_allowed", False, True, Risk.WIDENS),
        (Kind.REALM, "brute_force_protected", False, True, Risk.NARROWS),
        (Kind.REALM, "brute_force_protected", True, False, Risk.WIDENS),
        (Kind.PROFILE_ATTRIBUTE, "edit", ["admin"], ["admin", "user"], Risk.WIDENS),
        (Kind.PROFILE_ATTRIBUTE, "edit", ["admin", "user"], ["admin"], Risk.NARROWS),
        (Kind.PROFILE_ATTRIBUTE, "view", ["admin"], ["user"], Risk.MIXED),
        (Kind.MAPPER, "config", {"a": "1"}, {"a": "2"}, Risk.WIDENS),
        (Kind.ROLE, "description", "", "Reads", Risk.NEUTRAL),
    ],
)
def test_a_change_of_a_field_has_its_risk(
    kind: Kind, name: str, before: object, after: object, risk: Risk
) -> None:
    assert KINDS[kind].fields[name].risk(before, after) is risk


@pytest.mark.parametrize("name", ["default-roles-acme", "offline_access", "uma_authorization"])
def test_the_roles_that_keycloak_makes_itself_are_protected(name: str) -> None:
    assert is_protected(Address(Kind.ROLE, (name,)))
    assert not is_protected(Address(Kind.GROUP, (name,)))
