"""User directories and their mappers, on a real Keycloak: components, of which it takes two of one name."""

from collections.abc import Iterator
from typing import Any

import pytest

from console.engine.state import Kind, Selection
from console.keycloak.components import STORAGE
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.kept import bind_credential
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates, within

CONFIG = {
    "enabled": "true",
    "vendor": "other",
    "connectionUrl": "ldap://127.0.0.1:9",
    "usersDn": "ou=people,dc=example,dc=org",
    "authType": "simple",
    "bindDn": "cn=admin,dc=example,dc=org",
    "editMode": "READ_ONLY",
    "usernameLDAPAttribute": "uid",
    "rdnLDAPAttribute": "uid",
    "uuidLDAPAttribute": "entryUUID",
    "userObjectClasses": "inetOrgPerson",
    "importEnabled": "true",
}
MAPPER = {
    "type": "user-attribute-ldap-mapper",
    "config": {
        "ldap.attribute": "departmentNumber",
        "user.model.attribute": "department",
        "read.only": "true",
    },
}
OTHER_TYPE = {
    "type": "full-name-ldap-mapper",
    "config": {"ldap.full.name.attribute": "cn", "read.only": "true"},
}


def raw(config: dict[str, str], **more: str) -> dict[str, list[str]]:
    return {key: [value] for key, value in (config | more).items()}


def make(world: World, name: str) -> str:
    config = raw(CONFIG, bindCredential="geheim", customUserSearchFilter="(objectClass=*)")
    return world.make("components", name=name, providerId="ldap", providerType=STORAGE, config=config)


@pytest.fixture
def name(world: World) -> Iterator[str]:
    """A directory of others, with a password and a setting of theirs."""
    chosen = fresh("corp")
    make(world, chosen)
    yield chosen
    for one in named(world, chosen):
        world.delete("components", one["id"])


def named(world: World, name: str) -> list[Any]:
    return [one for one in world.get("components", type=STORAGE) if one["name"] == name]


def inside(world: World, name: str) -> list[Any]:
    (parent,) = named(world, name)
    return sorted(world.get("components", parent=parent["id"]), key=lambda one: str(one["name"]))


def test_a_directory_is_made_changed_renamed_and_deleted(world: World) -> None:
    address, renamed = at(Kind.DIRECTORY, fresh("corp")), at(Kind.DIRECTORY, fresh("corp"))

    made = done(world.do(creates(address, provider="ldap", config=CONFIG), bind_credential="geheim"))
    kept = bind_credential(world, address.path[0])
    changed = done(world.do(updates(address, id=made.id, config={"usersDn": "ou=staff", "vendor": "ad"})))
    mappers = inside(world, address.path[0])
    other = done(world.do(renames(address, renamed, id=made.id, provider="ldap")))
    selected = {one.address: one for one in world.read(renamed)}
    everything = world.target.read(Selection.all())
    former = world.read(address)
    after = inside(world, renamed.path[0])
    done(world.do(deletes(renamed, id=made.id)))

    assert {key: made.fields["config"][key] for key in CONFIG} == CONFIG
    assert "bindCredential" not in made.fields["config"]
    assert changed.fields["config"] == made.fields["config"] | {"usersDn": "ou=staff", "vendor": "ad"}
    assert (other.id, former, after) == (made.id, [], mappers)
    assert selected == {one: everything.resources[one] for one in selected}
    assert {one.kind for one in selected} == {Kind.DIRECTORY, Kind.DIRECTORY_MAPPER}
    assert kept == "geheim"
    assert world.read(renamed) == []


def test_of_the_settings_only_declared_keys_change_and_the_password_stays(world: World, name: str) -> None:
    """Keycloak keeps a password that is left out, so no mask need ever be sent."""
    address, (before,) = at(Kind.DIRECTORY, name), named(world, name)

    done(world.do(updates(address, config={"usersDn": "ou=staff", "customUserSearchFilter": ""})))
    (after,) = named(world, name)
    kept = bind_credential(world, name)
    done(world.do(updates(address, config={"batchSizeForSync": "500"}), bind_credential="neu"))

    expected = before["config"] | {"usersDn": ["ou=staff"]}
    expected.pop("customUserSearchFilter")
    assert after == before | {"config": expected}
    assert (kept, bind_credential(world, name)) == ("geheim", "neu")


def test_a_password_is_not_sent_to_another_server_unless_it_is_entered_again(world: World, name: str) -> None:
    address, elsewhere = at(Kind.DIRECTORY, name), {"connectionUrl": "ldap://elsewhere.example.org"}

    refused = failed(world.do(updates(address, config=elsewhere)))
    (after,) = named(world, name)
    moved = done(world.do(updates(address, config=elsewhere), bind_credential="geheim"))

    assert "enter it again to use another connection URL" in refused.sentence
    assert after["config"]["connectionUrl"] == [CONFIG["connectionUrl"]]
    assert moved.fields["config"]["connectionUrl"] == elsewhere["connectionUrl"]


def test_a_password_among_the_settings_and_another_type_are_refused(world: World, name: str) -> None:
    address, before = at(Kind.DIRECTORY, name), named(world, name)

    secret = failed(world.do(updates(address, config={"bindCredential": "neu"})))
    typed = failed(world.do(updates(address, provider="kerberos")))

    assert "“bindCredential” is a secret, not a setting" in secret.sentence
    assert "type of a directory cannot be changed" in typed.sentence
    assert named(world, name) == before


@pytest.mark.parametrize("fault", [Fault(cut_after=0), Fault(status=500)])
def test_a_creation_whose_reply_was_lost_makes_no_twin(
    world: World, spoiled: World, forwarder: Forwarder, fault: Fault
) -> None:
    address = at(Kind.DIRECTORY, fresh("corp"))
    mapper = at(Kind.DIRECTORY_MAPPER, address.path[0], "department")
    forwarder.spoil("POST", "/components", fault, times=1)
    made = done(spoiled.do(creates(address, provider="ldap", config=CONFIG)))
    again = done(spoiled.do(creates(address, provider="ldap", config=CONFIG)))
    forwarder.spoil("POST", "/components", fault, times=1)
    mapped = done(spoiled.do(creates(mapper, **MAPPER)))
    once_more = done(spoiled.do(creates(mapper, **MAPPER)))

    assert [one["id"] for one in named(world, address.path[0])] == [made.id] == [again.id]
    assert mapped.id == once_more.id
    assert [one["name"] for one in inside(world, address.path[0])].count("department") == 1
    done(world.do(deletes(address, id=made.id)))


def test_two_runs_that_create_at_once_make_one(world: World) -> None:
    """Both looked before either wrote: the id that we choose lets Keycloak refuse the second."""
    address = at(Kind.DIRECTORY, fresh("corp"))
    operation = creates(address, provider="ldap", config=CONFIG)

    outcomes = run_at_once(world, operation, 4)

    assert {one.result for one in outcomes} == {"done"}
    assert len({one.id for one in outcomes}) == len(named(world, address.path[0])) == 1
    done(world.do(deletes(address)))


def run_at_once(world: World, operation: Any, count: int) -> list[Any]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(count) as pool:
        return [one for some in pool.map(lambda _: world.do(operation), range(count)) for one in some]


def test_a_name_that_was_given_away_can_be_made_again(world: World) -> None:
    first, second = at(Kind.DIRECTORY, fresh("corp")), at(Kind.DIRECTORY, fresh("corp"))

    old = done(world.do(creates(first, provider="ldap", config=CONFIG)))
    done(world.do(renames(first, second, id=old.id)))
    new = done(world.do(creates(first, provider="ldap", config=CONFIG)))

    assert new.id != old.id
    done(world.do(deletes(first, id=new.id)))
    done(world.do(deletes(second, id=old.id)))


def test_a_name_that_is_taken_is_refused_where_keycloak_would_take_it(world: World, name: str) -> None:
    before, ours = named(world, name), at(Kind.DIRECTORY, fresh("ours"))
    made = done(world.do(creates(ours, provider="ldap", config=CONFIG)))

    created = failed(
        world.do(creates(at(Kind.DIRECTORY, name), provider="ldap", config=CONFIG | {"vendor": "ad"}))
    )
    renamed = failed(world.do(renames(ours, at(Kind.DIRECTORY, name), id=made.id)))

    assert "not ours" in created.sentence
    assert "exists already" in renamed.sentence
    assert named(world, name) == before
    done(world.do(deletes(ours, id=made.id)))


def test_twins_of_others_are_said_and_never_guessed_between(world: World, name: str) -> None:
    twin, address = make(world, name), at(Kind.DIRECTORY, name)

    everything = world.target.read(Selection.all())
    selected = world.target.read(Selection(frozenset({address})))
    known = world.target.read(Selection(frozenset({address}), ids={address: twin}))
    changed = failed(world.do(updates(address, config={"vendor": "ad"})))

    assert "several of this name" in everything.unreadable[address]
    assert "several of this name" in selected.unreadable[address]
    assert [one.id for one in known.of_kind(Kind.DIRECTORY)] == [twin]
    assert "several of this name" in changed.sentence
    assert [one["config"]["vendor"] for one in named(world, name)] == [["other"], ["other"]]


def test_one_renamed_by_others_is_found_by_its_id_and_not_changed(world: World, name: str) -> None:
    (before,) = named(world, name)
    world.put("components", before["id"], json=before | {"name": "moved", "config": {}})
    address = at(Kind.DIRECTORY, name)

    found = world.read(address, ids={address: before["id"]})
    outcome = failed(world.do(updates(address, id=before["id"], config={"vendor": "ad"})))

    assert at(Kind.DIRECTORY, "moved") in {one.address for one in found}
    assert "renamed in Keycloak meanwhile" in outcome.sentence
    world.delete("components", before["id"])


def test_a_mapper_goes_round_and_its_neighbours_stay(world: World, name: str) -> None:
    """Keycloak itself puts mappers into each directory."""
    address, before = at(Kind.DIRECTORY_MAPPER, name, "department"), inside(world, name)

    made = done(world.do(creates(address, **MAPPER)))
    changed = done(
        world.do(updates(address, id=made.id, config={"user.model.attribute": "dept", "read.only": ""}))
    )
    typed = done(world.do(updates(address, id=made.id, **OTHER_TYPE)))
    done(world.do(deletes(address, id=made.id)))

    assert {key: made.fields["config"][key] for key in MAPPER["config"]} == MAPPER["config"]
    assert changed.fields["config"] == {"ldap.attribute": "departmentNumber", "user.model.attribute": "dept"}
    assert within(typed.fields, "type") == {"type": OTHER_TYPE["type"]}
    assert typed.id == made.id
    assert inside(world, name) == before
    assert len(before) > 4


def test_a_mapper_that_keycloak_made_is_not_taken_over(world: World, name: str) -> None:
    outcome = failed(world.do(creates(at(Kind.DIRECTORY_MAPPER, name, "email"), **MAPPER)))

    assert "not ours" in outcome.sentence


def test_what_keycloak_refuses_is_said_in_its_words(world: World, name: str) -> None:
    mapper = failed(world.do(creates(at(Kind.DIRECTORY_MAPPER, name, "bad"), type=MAPPER["type"], config={})))
    directory = failed(world.do(creates(at(Kind.DIRECTORY, fresh("x")), provider="nowhere", config=CONFIG)))

    assert "User Model Attribute" in mapper.sentence
    assert "no such provider" in directory.sentence
