"""Many new people at once, on a real Keycloak: each as if she had been created alone."""

from collections.abc import Sequence
from typing import Any

import pytest

from console.engine.operation import Operation
from console.engine.state import Kind
from console.engine.target import LostLease, Outcome, Paused, Result
from console.keycloak.client import client_for
from console.keycloak.importing import AHEAD, AT_ONCE, BEGUN, CHUNK, MANY
from console.keycloak.new_people import NewPerson
from console.keycloak.proving import is_proven
from console.keycloak.realm import Realm
from console.keycloak.target import KeycloakTarget
from console.transport import run
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, fresh

IMPORT = "/partialImport"


def newcomer(
    username: str, *, groups: Sequence[str] = (), roles: Sequence[str] = (), **fields: Any
) -> list[Operation]:
    """Return the operations of one new person."""
    filled = {
        "email": f"{username}@example.org",
        "first_name": "Ann",
        "last_name": "Lee",
        "enabled": True,
    } | fields
    return [
        creates(at(Kind.PERSON, username), **filled),
        *(creates(at(Kind.MEMBERSHIP, username, path)) for path in groups),
        *(creates(at(Kind.PERSON_ROLE, username, name)) for name in roles),
    ]


def many(count: int, **given: Any) -> list[Operation]:
    prefix = fresh("many")
    return [one for number in range(count) for one in newcomer(f"{prefix}-{number:03}", **given)]


def names(operations: Sequence[Operation]) -> list[str]:
    return [one.address.path[0] for one in operations if one.address.kind is Kind.PERSON]


def person(world: World, username: str) -> dict[str, Any]:
    (found,) = world.get("users", username=username, exact="true", briefRepresentation="false")
    return dict(found)


def groups_of(world: World, username: str) -> set[str]:
    return {one["path"] for one in world.get("users", person(world, username)["id"], "groups")}


def roles_of(world: World, username: str) -> set[str]:
    found = world.get("users", person(world, username)["id"], "role-mappings", "realm")
    return {one["name"] for one in found}


def results(outcomes: Sequence[Outcome]) -> set[Result]:
    return {one.result for one in outcomes}


@pytest.fixture
def place(world: World) -> tuple[str, str]:
    """A group inside another one, and a role."""
    above = fresh("above")
    world.post("groups", f"{world.make('groups', name=above)}", "children", json={"name": "in"})
    return f"{above}/in", str(world.make_role(fresh("role"))["name"])


def test_many_new_people_arrive_by_few_calls_with_all_that_they_get(
    world: World, spoiled: World, forwarder: Forwarder, place: tuple[str, str]
) -> None:
    group, role = place
    operations = many(60, groups=[group], roles=[role])

    outcomes = spoiled.do(*operations)

    assert results(outcomes) == {Result.DONE}
    assert forwarder.count("POST", IMPORT) == 3
    assert forwarder.count("POST", "/users") == 0
    first = names(operations)[0]
    assert groups_of(world, first) == {f"/{group}"}
    assert roles_of(world, first) == {role, f"default-roles-{world.name}"}
    assert outcomes[0].id == person(world, first)["id"]
    assert outcomes[0].fields["email"] == f"{first}@example.org"


def test_somebody_imported_is_like_somebody_created(world: World, place: tuple[str, str]) -> None:
    """Partial import alone gives no default role, no default group and no default action."""
    group, role = place
    default = fresh("default")
    world.put("default-groups", world.make("groups", name=default))
    action = world.get("authentication", "required-actions", "UPDATE_PASSWORD")
    world.put("authentication", "required-actions", "UPDATE_PASSWORD", json=action | {"defaultAction": True})
    alone, together = (
        newcomer(fresh("alone"), groups=[group], roles=[role]),
        many(6, groups=[group], roles=[role]),
    )

    assert results([*world.do(*alone), *world.do(*together)]) == {Result.DONE}

    one, other = names(alone)[0], names(together)[0]
    assert groups_of(world, one) == groups_of(world, other) == {f"/{group}", f"/{default}"}
    assert roles_of(world, one) == roles_of(world, other)
    own = {"id", "username", "email", "createdTimestamp"}
    unlike = [
        {key: value for key, value in person(world, name).items() if key not in own} for name in (one, other)
    ]
    assert unlike[0] == unlike[1]
    assert unlike[0]["requiredActions"] == ["UPDATE_PASSWORD"]
    world.put("authentication", "required-actions", "UPDATE_PASSWORD", json=action)


def test_somebody_who_is_there_already_is_not_touched_and_fails_alone(
    world: World, place: tuple[str, str]
) -> None:
    """SKIP, never OVERWRITE: her id stays."""
    group, role = place
    operations = many(30, groups=[group], roles=[role])
    there = names(operations)[3]
    id = world.make_person(there, email="other@example.org", firstName="Other")

    outcomes = world.do(*operations)

    bad = [
        one.address
        for one, outcome in zip(operations, outcomes, strict=True)
        if outcome.result is Result.FAILED
    ]
    assert bad == [
        at(Kind.PERSON, there),
        at(Kind.MEMBERSHIP, there, group),
        at(Kind.PERSON_ROLE, there, role),
    ]
    assert person(world, there)["id"] == id
    assert person(world, there)["firstName"] == "Other"
    assert f"/{group}" not in groups_of(world, there)


@pytest.mark.parametrize("fault", ["same e-mail", "e-mail of somebody", "no e-mail at all", "two letters"])
def test_one_bad_row_never_fails_its_neighbours(world: World, fault: str) -> None:
    operations = many(25)
    taken = f"{fresh('taken')}@example.org"
    world.make_person(fresh("somebody"), email=taken)
    spoil: dict[str, dict[str, Any]] = {
        "same e-mail": {"email": operations[0].after["email"]},  # type: ignore[index]
        "e-mail of somebody": {"email": taken},
        "no e-mail at all": {"email": "nobody at nowhere"},
    }
    name = "xy" if fault == "two letters" else fresh("bad")
    operations.insert(7, newcomer(name, **spoil.get(fault, {}))[0])

    outcomes = world.do(*operations)

    bad = [
        one.address.path[0]
        for one, outcome in zip(operations, outcomes, strict=True)
        if outcome.result is Result.FAILED
    ]
    assert len(bad) == 1
    assert name in bad or fault == "same e-mail"
    sentence = next(one.sentence for one in outcomes if one.result is Result.FAILED)
    assert "mail" in sentence or fault == "two letters", sentence
    assert len(world.get("users", search=operations[0].address.path[0][:-4], max=100)) >= 24


def test_a_role_that_is_missing_is_not_made_by_an_import(world: World) -> None:
    """Keycloak's import makes realm roles that it does not find."""
    operations = many(6, roles=["nobody-made-this"])

    outcomes = world.do(*operations)

    assert {
        (one.address.kind, outcome.result) for one, outcome in zip(operations, outcomes, strict=True)
    } == {
        (Kind.PERSON, Result.DONE),
        (Kind.PERSON_ROLE, Result.FAILED),
    }
    assert world.find("roles", "nobody-made-this") is None


LOST = [Fault(cut_after=0), Fault(status=502), Fault(status=500), Fault(cut_after=0, forwarded=False)]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.status}-{fault.forwarded}")
def test_a_lost_reply_of_an_import_is_decided_person_by_person(
    world: World, spoiled: World, forwarder: Forwarder, place: tuple[str, str], fault: Fault
) -> None:
    group, role = place
    operations = many(50, groups=[group], roles=[role])
    forwarder.spoil("POST", IMPORT, fault)

    outcomes = spoiled.do(*operations)

    lost = {
        one
        for one, outcome in zip(names(operations), outcomes[::3], strict=True)
        if outcome.result is not Result.DONE
    }
    there = {one for one in names(operations) if world.get("users", username=one, exact="true")}
    assert there == set(names(operations)) - lost
    assert len(lost) == (0 if fault.forwarded else 25)
    assert all(one.retryable for one in outcomes if one.result is Result.FAILED)
    if lost:
        assert results(spoiled.do(*operations)) == {Result.DONE}
    assert len(world.get("users", search=names(operations)[0][:-4], max=100)) == 50


def test_what_the_profile_asks_of_an_administrator_is_asked_of_many_too(world: World) -> None:
    profile = world.get("users", "profile")
    strict = [
        one | ({"required": {"roles": ["admin"]}} if one["name"] == "lastName" else {})
        for one in profile["attributes"]
    ]
    world.put("users", "profile", json=profile | {"attributes": strict})
    operations = [*many(6), *newcomer(fresh("nameless"), last_name="")]

    outcomes = world.do(*operations)

    world.put("users", "profile", json=profile)
    assert [one.result for one in outcomes] == [Result.DONE] * 6 + [Result.FAILED]


def test_people_of_a_realm_with_a_directory_are_created_one_by_one(
    spoiled: World, forwarder: Forwarder
) -> None:
    """An import would keep them in Keycloak only, where a creation asks the directory."""
    id = spoiled.make(
        "components",
        name="ldap",
        providerId="ldap",
        providerType="org.keycloak.storage.UserStorageProvider",
        config={
            "enabled": ["false"],
            "vendor": ["other"],
            "connectionUrl": ["ldap://127.0.0.1:1"],
            "editMode": ["READ_ONLY"],
            "usersDn": ["ou=p"],
            "usernameLDAPAttribute": ["uid"],
            "rdnLDAPAttribute": ["uid"],
            "uuidLDAPAttribute": ["id"],
            "userObjectClasses": ["person"],
            "authType": ["none"],
        },
    )

    outcomes = spoiled.do(*many(6))

    spoiled.delete("components", id)
    assert results(outcomes) == {Result.DONE}
    assert forwarder.count("POST", IMPORT) == 0


def test_a_pause_lets_calls_end_and_begins_no_more(world: World) -> None:
    operations, begun = many(150), []

    def before(some: Sequence[Operation]) -> None:
        if len(begun) >= 50:
            raise Paused
        begun.extend(some)

    outcomes = world.target.execute(operations, before)

    assert [one.result for one in outcomes] == [Result.DONE] * BEGUN + [Result.LEFT] * 50
    assert begun == operations[:BEGUN]
    assert len(world.get("users", search=names(operations)[0][:-4], max=200)) == BEGUN


def test_of_very_many_one_in_each_call_is_read_back_with_all_that_she_has(
    world: World, spoiled: World, forwarder: Forwarder, place: tuple[str, str]
) -> None:
    group, role = place
    operations = many(MANY, groups=[group], roles=[role])

    outcomes = spoiled.do(*operations)

    assert results(outcomes) == {Result.DONE}
    assert forwarder.count("GET", "/role-mappings/realm") == MANY / CHUNK
    assert forwarder.count("GET", "/members") == 0
    assert all(one.id for one in outcomes if one.fields)
    assert len(world.get("roles", role, "users", max=500)) == MANY


def test_who_is_there_is_told_while_others_are_still_being_made(world: World, place: tuple[str, str]) -> None:
    group, role = place
    operations = many(2 * BEGUN + 50, groups=[group], roles=[role])
    told: list[tuple[Operation, Outcome]] = []
    there: list[int] = []

    def after(ended: Sequence[tuple[Operation, Outcome]]) -> None:
        told.extend(ended)
        there.append(len({one.address.path[0] for one, _ in ended}))

    outcomes = world.target.execute(operations, after=after)

    assert sorted(there) == [50, BEGUN, BEGUN]  # each group by itself
    assert sorted(one.address.key for one, _ in told) == sorted(one.address.key for one in operations)
    ends = {id(one): end for one, end in told}
    assert [ends[id(one)] for one in operations] == list(outcomes)
    created = [end for one, end in told if one.address.kind is Kind.PERSON]
    assert all(end.id and end.fields["email"].endswith("@example.org") for end in created)


def test_whoever_cannot_be_looked_up_is_read_back_at_the_end(
    world: World, spoiled: World, forwarder: Forwarder, place: tuple[str, str]
) -> None:
    group, role = place
    operations = many(MANY, groups=[group], roles=[role])
    told: list[object] = []
    forwarder.spoil("GET", "/users", Fault(status=500), times=2)

    outcomes = spoiled.target.execute(operations, after=told.extend)

    assert told == []
    assert results(outcomes) == {Result.DONE}


def test_a_record_that_is_lost_lets_nothing_begin(world: World) -> None:
    operations = many(8 * BEGUN)
    begun: list[Operation] = []

    def after(_: Sequence[tuple[Operation, Outcome]]) -> None:
        raise LostLease("gone")

    with pytest.raises(LostLease):
        world.target.execute(operations, begun.extend, after)

    assert len(begun) <= 3 * AHEAD * BEGUN < len(operations)  # what was asked before the first end was told


def test_whoever_lacks_something_proves_nothing_for_the_others(world: World, place: tuple[str, str]) -> None:
    group, role = place
    creation, membership, role_link = newcomer(fresh("witness"), groups=[group], roles=[role])
    assert results(world.do(creation, membership)) == {Result.DONE}
    realm = Realm(client_for(world.connection), world.name)
    realm.seen[creation.address] = person(world, creation.address.path[0])["id"]

    def told(*links: Operation) -> bool:
        return run(is_proven(realm, [NewPerson(creation, links)]))

    assert told(membership)
    assert not told(membership, role_link)


def test_a_lost_lease_ends_an_import(world: World) -> None:
    operations, checks = many(400), []

    def check() -> None:
        checks.append(1)
        if len(checks) > 2:
            raise LostLease("gone")

    with pytest.raises(LostLease):
        KeycloakTarget(world.connection, world.name, before_write=check, beat_seconds=600).execute(operations)

    made = len(world.get("users", search=names(operations)[0][:-4], max=500))
    assert len(checks) == 3
    assert 50 <= made <= 2 * AT_ONCE * CHUNK  # two looks, each for no more calls than there are at once
