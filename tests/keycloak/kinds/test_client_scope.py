"""The carrier of entitlements: client scope, mapper and its being a default, on a real Keycloak."""

from collections.abc import Iterator
from typing import Any

import pytest

from console.engine.state import Kind, Selection
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates
from tests.tokens import claims, login

TYPE = "oidc-usermodel-attribute-mapper"
CONFIG = {
    "user.attribute": "entitlements",
    "claim.name": "entitlements",
    "multivalued": "true",
    "aggregate.attrs": "true",
    "jsonType.label": "String",
    "access.token.claim": "true",
    "id.token.claim": "true",
    "userinfo.token.claim": "true",
}
PROTOCOL = "openid-connect"


@pytest.fixture
def scope(world: World) -> Iterator[str]:
    """The name of a client scope of others, with an attribute and a mapper."""
    name = fresh("scope")
    id = world.make(
        "client-scopes",
        name=name,
        description="Theirs",
        protocol=PROTOCOL,
        attributes={"gui.order": "7"},
        protocolMappers=[{"name": "theirs", "protocol": PROTOCOL, "protocolMapper": TYPE, "config": CONFIG}],
    )
    yield name
    if world.find("client-scopes", id):
        world.delete("client-scopes", id)


def named(world: World, name: str) -> dict[str, Any]:
    return next(one for one in world.get("client-scopes") if one["name"] == name)


def test_a_scope_goes_round(world: World) -> None:
    address, renamed = at(Kind.CLIENT_SCOPE, fresh("scope")), at(Kind.CLIENT_SCOPE, fresh("scope"))

    made = done(world.do(creates(address, description="Carrier", protocol=PROTOCOL, in_token=False)))
    attributes = named(world, address.path[0])["attributes"]
    changed = done(world.do(updates(address, id=made.id, description="", protocol=PROTOCOL)))
    other = done(world.do(renames(address, renamed, id=made.id, description="", protocol=PROTOCOL)))

    assert attributes["include.in.token.scope"] == "false"
    assert (changed.fields["description"], changed.fields["protocol"]) == ("", PROTOCOL)
    assert changed.fields["in_token"] is False
    assert (other.id, world.read(address)) == (made.id, [])
    done(world.do(deletes(renamed, id=made.id)))
    assert world.read(renamed) == []


def test_a_repeated_creation_meets_itself_by_the_id_that_we_chose(world: World) -> None:
    address = at(Kind.CLIENT_SCOPE, fresh("scope"))

    first = done(world.do(creates(address, description="", protocol=PROTOCOL)))
    again = done(world.do(creates(address, description="", protocol=PROTOCOL)))
    world.delete("client-scopes", str(first.id))
    anew = done(world.do(creates(address, description="", protocol=PROTOCOL)))

    assert first.id == again.id == anew.id
    world.delete("client-scopes", str(first.id))


def test_a_change_keeps_attributes_and_mappers(world: World, scope: str) -> None:
    before = named(world, scope)

    done(world.do(updates(at(Kind.CLIENT_SCOPE, scope), description="New", protocol=PROTOCOL)))

    assert named(world, scope) == before | {"description": "New"}


def test_a_foreign_scope_is_left_alone(world: World, scope: str) -> None:
    before = named(world, scope)

    outcome = failed(world.do(creates(at(Kind.CLIENT_SCOPE, scope), description="Ours", protocol=PROTOCOL)))

    assert "not ours" in outcome.sentence
    assert named(world, scope) == before


def test_a_mapper_goes_round_and_its_neighbours_stay(world: World, scope: str) -> None:
    before = named(world, scope)
    address, renamed = at(Kind.MAPPER, scope, "entitlements"), at(Kind.MAPPER, scope, "rights")
    fields: dict[str, Any] = {"type": TYPE, "config": CONFIG}
    smaller = {"type": TYPE, "config": CONFIG | {"claim.name": "rights", "userinfo.token.claim": "false"}}

    made = done(world.do(creates(address, **fields)))
    again = done(world.do(creates(address, **fields)))
    changed = done(world.do(updates(address, id=made.id, **smaller)))
    refused = failed(world.do(renames(address, renamed, id=made.id, **smaller)))
    found = world.read(address, renamed)
    done(world.do(deletes(address, id=made.id)))

    assert made.fields == fields
    assert (changed.fields, again.id) == (smaller, made.id)
    assert "cannot be renamed" in refused.sentence
    assert [one.address for one in found] == [address]
    assert named(world, scope) == before


def test_a_foreign_mapper_is_left_alone(world: World, scope: str) -> None:
    before = named(world, scope)

    outcome = failed(
        world.do(creates(at(Kind.MAPPER, scope, "theirs"), type=TYPE, config={"claim.name": "x"}))
    )

    assert "not ours" in outcome.sentence
    assert named(world, scope) == before


def test_two_mappers_of_one_scope_are_made_in_one_execution(world: World, scope: str) -> None:
    addresses = [at(Kind.MAPPER, scope, name) for name in ("first", "second")]

    outcomes = world.do(*(creates(one, type=TYPE, config=CONFIG) for one in addresses))

    assert [one.result for one in outcomes] == ["done", "done"]
    assert {one.address for one in world.read(*addresses)} == set(addresses)


def test_a_default_scope_goes_round_and_the_other_defaults_stay(world: World, scope: str) -> None:
    before = world.get("default-default-client-scopes")
    address = at(Kind.DEFAULT_SCOPE, scope)

    done(world.do(creates(address)))
    linked, again = world.read(address), done(world.do(creates(address)))
    defaults = {one["name"] for one in world.get("default-default-client-scopes")}
    done(world.do(deletes(address)))

    assert again.result == "done"
    assert [one.address for one in linked] == [address]
    assert defaults == {one["name"] for one in before} | {scope}
    assert world.get("default-default-client-scopes") == before


def test_the_carrier_brings_entitlements_into_a_real_token(world: World) -> None:
    """Person, group and parent group together, as the mapper aggregates them."""
    name = "gatehouse-entitlements"
    declared = at(Kind.PROFILE_ATTRIBUTE, "entitlements")
    username, group = fresh("ann"), fresh("group")
    client = fresh("app")
    done(world.do(creates(declared, multivalued=True, view=["admin"], edit=["admin"])))
    done(world.do(creates(at(Kind.CLIENT_SCOPE, name), description="", protocol=PROTOCOL)))
    done(world.do(creates(at(Kind.MAPPER, name, "entitlements"), type=TYPE, config=CONFIG)))
    done(world.do(creates(at(Kind.DEFAULT_SCOPE, name))))
    carrier = {one.address.kind for one in world.target.read(Selection.all())}
    world.make("clients", clientId=client, publicClient=True, directAccessGrantsEnabled=True)
    person = world.make_person(username)
    world.put("users", person, "reset-password", json={"type": "password", "value": "pw", "temporary": False})
    world.make("groups", world.make("groups", name=group), "children", name="eng")
    done(world.do(creates(at(Kind.MEMBERSHIP, username, f"{group}/eng"))))

    for carrier_kind, owner, value in [
        ("person", username, "package:demo:READ"),
        ("group", group, "package:demo:WRITE"),
        ("group", f"{group}/eng", "package:other:READ"),
    ]:
        done(world.do(creates(at(Kind.ENTITLEMENT, carrier_kind, owner, value))))

    claims = token_of(world, client=client, username=username)
    assert sorted(claims["entitlements"]) == ["package:demo:READ", "package:demo:WRITE", "package:other:READ"]
    assert carrier >= {Kind.PROFILE_ATTRIBUTE, Kind.CLIENT_SCOPE, Kind.MAPPER, Kind.DEFAULT_SCOPE}


def token_of(world: World, *, client: str, username: str) -> dict[str, Any]:
    """Return the claims of an access token that a login gives."""
    return claims(world.connection, world.name, **login(client, username, password="pw"))
