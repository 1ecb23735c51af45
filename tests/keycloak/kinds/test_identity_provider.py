"""Identity providers and their mappers, on a real Keycloak."""

from collections.abc import Iterator
from typing import Any

import pytest

from console.engine.state import Kind, Selection
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.kept import client_secret
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates, within

CONFIG = {
    "clientId": "acme",
    "authorizationUrl": "https://idp.example.org/auth",
    "tokenUrl": "https://idp.example.org/token",
}
MAPPER = {
    "type": "hardcoded-attribute-idp-mapper",
    "config": {"syncMode": "INHERIT", "attribute": "a", "attribute.value": "b"},
}
OTHER_TYPE = {"type": "oidc-hardcoded-role-idp-mapper", "config": {"syncMode": "FORCE", "role": "reader"}}
CHANGED: dict[str, Any] = {
    "display_name": "Corp",
    "enabled": False,
    "trust_email": True,
    "link_only": True,
    "hide_on_login": True,
    "store_token": True,
    "stored_tokens_readable": True,
    "first_login_flow": "first broker login",
    "post_login_flow": "browser",
}


@pytest.fixture
def alias(world: World) -> Iterator[str]:
    """An identity provider of others, with a secret and a setting of theirs."""
    name = fresh("idp")
    config = CONFIG | {"clientSecret": "geheim", "theirs": "kept"}
    world.post("identity-provider", "instances", json={"alias": name, "providerId": "oidc", "config": config})
    yield name
    if world.find("identity-provider", "instances", name):
        world.delete("identity-provider", "instances", name)


def whole(world: World, alias: str) -> Any:
    return world.get("identity-provider", "instances", alias)


def test_an_identity_provider_is_made_changed_and_deleted(world: World) -> None:
    address = at(Kind.IDENTITY_PROVIDER, fresh("idp"))
    fields = CHANGED | {"provider": "oidc", "config": CONFIG}

    made = done(world.do(creates(address, **fields), client_secret="geheim"))
    kept = client_secret(world, address.path[0])
    (selected,) = world.read(address)
    everything = world.target.read(Selection.all()).get(address)
    done(world.do(deletes(address, id=made.id)))

    assert made.fields == fields
    assert kept == "geheim"
    assert selected == everything
    assert world.read(address) == []


@pytest.mark.parametrize("name", CHANGED)
def test_a_field_goes_there_and_back_alone_and_the_secret_is_sent_again(
    world: World, alias: str, name: str
) -> None:
    address, before = at(Kind.IDENTITY_PROVIDER, alias), whole(world, alias)
    (found,) = world.read(address)
    assert found.fields[name] != CHANGED[name]

    there = done(world.do(updates(address, id=found.id, **{name: CHANGED[name]}), client_secret="geheim"))
    secret = client_secret(world, alias)
    back = done(world.do(updates(address, **{name: found.fields[name]}), client_secret="neu"))

    assert there.fields == dict(found.fields) | {name: CHANGED[name]}
    assert back.fields == found.fields
    assert (secret, client_secret(world, alias)) == ("geheim", "neu")
    after = {key: value for key, value in whole(world, alias).items() if value not in (False, "")}
    assert after == before


def test_of_the_settings_only_declared_keys_change(world: World, alias: str) -> None:
    address = at(Kind.IDENTITY_PROVIDER, alias)
    config = {"clientId": "new", "prompt": "login", "tokenUrl": ""}

    changed = done(world.do(updates(address, config=config), client_secret="geheim"))

    assert changed.fields["config"] == {
        "clientId": "new",
        "authorizationUrl": CONFIG["authorizationUrl"],
        "prompt": "login",
        "theirs": "kept",
    }


def test_a_change_that_would_lose_the_secret_is_refused(world: World, alias: str) -> None:
    """Left out, Keycloak forgets it; and the mask that it shows is never sent."""
    address, before = at(Kind.IDENTITY_PROVIDER, alias), whole(world, alias)

    refused = failed(world.do(updates(address, display_name="Corp")))

    assert "Keycloak holds a client secret that nobody can read: enter it again" in refused.sentence
    assert not refused.retryable
    assert whole(world, alias) == before
    assert client_secret(world, alias) == "geheim"


def test_a_secret_among_the_settings_is_refused(world: World, alias: str) -> None:
    refused = failed(
        world.do(
            updates(at(Kind.IDENTITY_PROVIDER, alias), config={"clientSecret": "neu"}), client_secret="x"
        )
    )

    assert "“clientSecret” is a secret, not a setting" in refused.sentence
    assert client_secret(world, alias) == "geheim"


def test_one_without_a_secret_is_changed_without_one(world: World) -> None:
    address = at(Kind.IDENTITY_PROVIDER, fresh("saml"))
    config = {"singleSignOnServiceUrl": "https://idp.example.org/saml", "idpEntityId": "corp"}

    done(world.do(creates(address, provider="saml", config=config)))
    changed = done(world.do(updates(address, display_name="Corp")))

    assert within(changed.fields, "display_name", "config") == {"display_name": "Corp", "config": config}


def test_what_keycloak_cannot_change_is_refused_before_anything_is_sent(world: World, alias: str) -> None:
    """Keycloak ignores another type, refuses a new alias, and fails for a flow that is not there."""
    address, before = at(Kind.IDENTITY_PROVIDER, alias), whole(world, alias)

    typed = failed(world.do(updates(address, provider="saml"), client_secret="geheim"))
    flow = failed(world.do(updates(address, first_login_flow="nowhere"), client_secret="geheim"))
    renamed = failed(world.do(renames(address, at(Kind.IDENTITY_PROVIDER, fresh("new")))))

    assert "type of an identity provider cannot be changed" in typed.sentence
    assert "There is no authentication flow “nowhere”" in flow.sentence
    assert "cannot be renamed" in renamed.sentence
    assert whole(world, alias) == before


def test_links_of_people_and_mappers_of_others_stay(world: World, alias: str) -> None:
    person = world.make_person(fresh("ann"))
    link = {"userId": "x1", "userName": "ann"}
    world.post("users", person, "federated-identity", alias, json=link)
    theirs = {"name": "theirs", "identityProviderAlias": alias, "identityProviderMapper": MAPPER["type"]}
    world.post("identity-provider", "instances", alias, "mappers", json=theirs | {"config": MAPPER["config"]})
    links, mappers = _inside(world, alias, person)

    done(world.do(updates(at(Kind.IDENTITY_PROVIDER, alias), enabled=False), client_secret="geheim"))

    assert _inside(world, alias, person) == (links, mappers)
    assert len(links) == len(mappers) == 1


def _inside(world: World, alias: str, person: str) -> tuple[Any, Any]:
    links = world.get("users", person, "federated-identity")
    return links, world.get("identity-provider", "instances", alias, "mappers")


def test_a_foreign_twin_is_left_alone(world: World, alias: str) -> None:
    before = whole(world, alias)

    outcome = failed(
        world.do(creates(at(Kind.IDENTITY_PROVIDER, alias), provider="oidc", config={"clientId": "x"}))
    )

    assert "not ours" in outcome.sentence
    assert whole(world, alias) == before


def test_one_made_anew_by_others_is_neither_changed_nor_deleted(world: World, alias: str) -> None:
    address, other = at(Kind.IDENTITY_PROVIDER, alias), "11111111-2222-3333-4444-555555555555"

    changed = failed(world.do(updates(address, id=other, enabled=False), client_secret="geheim"))
    deleted = failed(world.do(deletes(address, id=other)))

    assert "another identity provider of this alias" in changed.sentence
    assert "another identity provider of this alias" in deleted.sentence


def test_an_id_is_no_alias(world: World, alias: str) -> None:
    """Keycloak finds an identity provider by its internal id, too."""
    assert world.read(at(Kind.IDENTITY_PROVIDER, whole(world, alias)["internalId"])) == []


@pytest.mark.parametrize("fault", [Fault(cut_after=0), Fault(status=500)])
def test_a_creation_whose_reply_was_lost_is_done_once(
    world: World, spoiled: World, forwarder: Forwarder, fault: Fault
) -> None:
    address = at(Kind.IDENTITY_PROVIDER, fresh("idp"))
    mapper = at(Kind.IDENTITY_PROVIDER_MAPPER, address.path[0], "dept")
    forwarder.spoil("POST", "/instances", fault)
    forwarder.spoil("POST", "/mappers", fault)

    made = done(spoiled.do(creates(address, provider="oidc", config=CONFIG), client_secret="geheim"))
    again = done(spoiled.do(creates(address, provider="oidc", config=CONFIG), client_secret="geheim"))
    mapped = done(spoiled.do(creates(mapper, **MAPPER)))
    once_more = done(spoiled.do(creates(mapper, **MAPPER)))

    assert made.id == again.id == whole(world, address.path[0])["internalId"]
    assert mapped.id == once_more.id
    assert len(world.get("identity-provider", "instances", address.path[0], "mappers")) == 1


def test_a_mapper_goes_round_and_its_neighbour_stays(world: World, alias: str) -> None:
    theirs = {"name": "theirs", "identityProviderAlias": alias, "identityProviderMapper": MAPPER["type"]}
    world.post("identity-provider", "instances", alias, "mappers", json=theirs | {"config": MAPPER["config"]})
    before = world.get("identity-provider", "instances", alias, "mappers")
    address = at(Kind.IDENTITY_PROVIDER_MAPPER, alias, "dept")

    made = done(world.do(creates(address, **MAPPER)))
    changed = done(world.do(updates(address, id=made.id, before=MAPPER, **OTHER_TYPE)))
    everything = world.target.read(Selection.all())
    with_provider = {one.address for one in world.read(at(Kind.IDENTITY_PROVIDER, alias))}
    done(world.do(deletes(address, id=made.id)))

    assert made.fields == MAPPER
    assert (changed.fields, changed.id) == (OTHER_TYPE, made.id)
    assert address in everything
    assert address in with_provider
    assert world.get("identity-provider", "instances", alias, "mappers") == before


def test_a_mapper_of_others_is_left_alone(world: World, alias: str) -> None:
    theirs = {"name": "dept", "identityProviderAlias": alias, "identityProviderMapper": MAPPER["type"]}
    world.post("identity-provider", "instances", alias, "mappers", json=theirs | {"config": MAPPER["config"]})

    outcome = failed(world.do(creates(at(Kind.IDENTITY_PROVIDER_MAPPER, alias, "dept"), **OTHER_TYPE)))

    assert "not ours" in outcome.sentence


def test_a_mapper_of_a_missing_identity_provider_fails_and_says_so(world: World) -> None:
    outcome = failed(world.do(creates(at(Kind.IDENTITY_PROVIDER_MAPPER, "nowhere", "dept"), **MAPPER)))

    assert "does not exist" in outcome.sentence
