"""Organizations, on a real Keycloak."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console.engine.state import Kind, Selection
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, updates

CHANGED: dict[str, Any] = {
    "enabled": False,
    "description": "Suppliers",
    "redirect_url": "https://acme.example.org",
}


@pytest.fixture(scope="module", autouse=True)
def organizations(world: World) -> None:
    world.put(json={"organizationsEnabled": True})


@pytest.fixture
def alias(world: World) -> Iterator[str]:
    """An organization of others, with a verified domain and an attribute of theirs."""
    name = fresh("acme")
    made = make(
        world, name, domains=[{"name": f"{name}.org", "verified": True}], attributes={"theirs": ["a", "b"]}
    )
    yield name
    if world.find("organizations", made):
        world.delete("organizations", made)


def make(world: World, name: str, **more: Any) -> str:
    return world.make("organizations", name=name, alias=name, **more)


def whole(world: World, alias: str) -> Any:
    listed = world.get("organizations", max=1000)
    return world.get("organizations", next(one["id"] for one in listed if one["alias"] == alias))


def test_an_organization_is_made_and_deleted(world: World) -> None:
    name = fresh("acme")
    address = at(Kind.ORGANIZATION, name)
    fields = CHANGED | {
        "name": "Acme Ltd",
        "domains": [f"a.{name}.org", f"b.{name}.org"],
        "attributes": {"cost": "7", "sites": ["Berlin", "Wien"]},
    }

    made = done(world.do(creates(address, **fields)))
    (selected,) = world.read(address)
    everything = world.target.read(Selection.all()).get(address)
    done(world.do(deletes(address, id=made.id)))

    assert made.fields == fields
    assert selected == everything
    assert world.read(address) == []


@pytest.mark.parametrize("name", ["name", *CHANGED])
def test_a_field_goes_there_and_back_alone(world: World, alias: str, name: str) -> None:
    address, before = at(Kind.ORGANIZATION, alias), whole(world, alias)
    value = CHANGED.get(name, fresh("Acme"))
    (found,) = world.read(address)
    assert found.fields[name] != value

    there = done(world.do(updates(address, id=found.id, before={name: found.fields[name]}, **{name: value})))
    back = done(world.do(updates(address, id=found.id, **{name: found.fields[name]})))

    assert there.fields == dict(found.fields) | {name: value}
    assert back.fields == found.fields
    assert {key: one for key, one in whole(world, alias).items() if one != ""} == before


def test_what_is_verified_and_attributes_of_others_stay(world: World, alias: str) -> None:
    address, more = at(Kind.ORGANIZATION, alias), f"more.{alias}.org"

    done(world.do(updates(address, domains=[f"{alias}.org", more], attributes={"cost": "7"})))
    both = whole(world, alias)
    done(world.do(updates(address, domains=[more], attributes={"cost": ""})))
    after = whole(world, alias)

    assert sorted((one["name"], one["verified"]) for one in both["domains"]) == [
        (f"{alias}.org", True),
        (more, False),
    ]
    assert both["attributes"] == {"theirs": ["a", "b"], "cost": ["7"]}
    assert [one["name"] for one in after["domains"]] == [more]
    assert after["attributes"] == {"theirs": ["a", "b"]}


def test_a_foreign_twin_and_a_taken_domain_are_left_alone(world: World, alias: str) -> None:
    before = whole(world, alias)

    twin = failed(world.do(creates(at(Kind.ORGANIZATION, alias), name=fresh("other"))))
    named = failed(world.do(creates(at(Kind.ORGANIZATION, fresh("other")), name=alias)))
    domain = failed(world.do(creates(at(Kind.ORGANIZATION, fresh("other")), domains=[f"{alias}.org"])))

    assert "not ours" in twin.sentence
    assert "same name already exists" in named.sentence
    assert "already linked to organization" in domain.sentence
    assert whole(world, alias) == before


@pytest.mark.parametrize("fault", [Fault(cut_after=0), Fault(status=500)])
def test_a_creation_whose_reply_was_lost_is_done_once(
    world: World, spoiled: World, forwarder: Forwarder, fault: Fault
) -> None:
    address = at(Kind.ORGANIZATION, fresh("acme"))
    forwarder.spoil("POST", "/organizations", fault)

    made = done(spoiled.do(creates(address, description="Ours")))
    again = done(spoiled.do(creates(address, description="Ours")))

    assert made.id == again.id == whole(world, address.path[0])["id"]


def test_one_made_anew_or_changed_by_others_is_left_alone(world: World, alias: str) -> None:
    address, other = at(Kind.ORGANIZATION, alias), "11111111-2222-3333-4444-555555555555"

    changed = failed(world.do(updates(address, before={"description": "Old"}, description="New")))
    strange = failed(world.do(updates(address, id=other, description="New")))
    deleted = failed(world.do(deletes(address, id=other)))

    assert "changed in Keycloak meanwhile" in changed.sentence
    assert "another organization of this alias" in strange.sentence
    assert "another organization of this alias" in deleted.sentence
    assert "description" not in whole(world, alias)


def test_it_goes_with_its_groups_only_if_they_were_read_before(world: World, alias: str) -> None:
    address, target, id = at(Kind.ORGANIZATION, alias), world.target, whole(world, alias)["id"]
    world.post("organizations", id, "groups", json={"name": "eng"})

    unread = failed(world.do(deletes(address)))
    read = {one.address for one in target.read(Selection(frozenset({address})))}
    done(target.execute([deletes(address)]))

    assert "nobody has seen" in unread.sentence
    assert read == {address, at(Kind.ORGANIZATION_GROUP, alias, "eng")}
    assert world.find("organizations", id) is None


def test_more_organizations_than_a_page_are_all_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are made small here; their number is then what a large realm has."""
    from console.keycloak import organizations

    made = {at(Kind.ORGANIZATION, name): make(world, name) for name in (fresh("many") for _ in range(12))}
    monkeypatch.setattr(organizations, "PAGE", 5)

    found = world.target.read(Selection.all())

    assert made.items() <= {one.address: one.id for one in found.of_kind(Kind.ORGANIZATION)}.items()


def test_where_they_are_off_there_are_none_and_what_is_declared_says_so(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    world = World(keycloak_connection, realm_name("off"))
    world.make_realm(organizationsEnabled=True)
    make(world, "acme")
    world.put(json={"organizationsEnabled": False})
    username = fresh("ann")
    world.make_person(username)
    declared = {
        at(Kind.ORGANIZATION, "acme"): {"description": ""},
        at(Kind.ORGANIZATION_GROUP, "acme", "eng"): {"description": ""},
        at(Kind.ORGANIZATION_MEMBER, "acme", username): {},
    }

    selected = world.target.read(Selection(frozenset(declared)))
    everything = world.target.read(Selection.all())
    outcomes = [failed(world.do(creates(address, **fields))) for address, fields in declared.items()]
    world.put(json={"organizationsEnabled": True})
    (found,) = world.read(at(Kind.ORGANIZATION, "acme"))

    assert (len(selected), selected.unreadable, everything.unreadable) == (0, {}, {})
    assert {one.sentence for one in outcomes} == {
        "Organizations are switched off in this realm: switch them on in the realm settings."
    }
    assert found.address == at(Kind.ORGANIZATION, "acme")
