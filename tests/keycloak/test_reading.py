"""Reading a realm as a state: selected addresses, everything, and what may not be read."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from console.engine.state import Address, Kind, Selection
from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import Permanent, Temporary
from console.keycloak.target import KeycloakTarget
from console.transport import LONG, Secret, calls, run
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, fresh

READ = "package:demo:READ"


@pytest.fixture(scope="module")
def full(world: World) -> dict[str, str]:
    """The names of one of each, linked with each other."""
    world.declare_entitlements()
    names = {key: fresh(key) for key in ("person", "top", "role", "part")}
    role, part = world.make_role(names["role"], description="Reads"), world.make_role(names["part"])
    world.post("roles-by-id", role["id"], "composites", json=[part])
    top = world.make("groups", name=names["top"], attributes={"entitlements": [READ]})
    eng = world.make("groups", top, "children", name="eng", description="Engineers")
    world.post("groups", eng, "role-mappings", "realm", json=[role])
    person = world.make_person(names["person"], attributes={"entitlements": [READ]})
    world.put("users", person, "groups", eng)
    world.post("users", person, "role-mappings", "realm", json=[part])
    return names | {"eng": f"{names['top']}/eng", "person_id": person, "role_id": role["id"], "eng_id": eng}


def one_of_each(names: dict[str, str]) -> set[Address]:
    person, eng = names["person"], names["eng"]
    return {
        at(Kind.REALM),
        at(Kind.PROFILE_ATTRIBUTE, "entitlements"),
        at(Kind.ROLE, names["role"]),
        at(Kind.COMPOSITE, names["role"], names["part"]),
        at(Kind.GROUP, eng),
        at(Kind.GROUP_ROLE, eng, names["role"]),
        at(Kind.PERSON, person),
        at(Kind.MEMBERSHIP, person, eng),
        at(Kind.PERSON_ROLE, person, names["part"]),
        at(Kind.ENTITLEMENT, "person", person, READ),
        at(Kind.ENTITLEMENT, "group", names["top"], READ),
    }


def test_selected_and_complete_reads_say_the_same(world: World, full: dict[str, str]) -> None:
    asked = one_of_each(full)

    selected = world.target.read(Selection(frozenset(asked)))
    everything = world.target.read(Selection.all())

    assert set(selected.resources) == asked
    assert {address: everything.resources[address] for address in asked} == dict(selected.resources)
    assert selected.unreadable == everything.unreadable == {}


def test_what_is_not_there_is_absent(world: World) -> None:
    missing = fresh("missing")
    asked = {
        at(Kind.ROLE, missing),
        at(Kind.COMPOSITE, missing, missing),
        at(Kind.GROUP, f"{missing}/eng"),
        at(Kind.GROUP_ROLE, missing, missing),
        at(Kind.PERSON, missing),
        at(Kind.MEMBERSHIP, missing, missing),
        at(Kind.PERSON_ROLE, missing, missing),
        at(Kind.ENTITLEMENT, "person", missing, READ),
        at(Kind.ENTITLEMENT, "group", missing, READ),
        at(Kind.CLIENT_SCOPE, missing),
        at(Kind.MAPPER, missing, missing),
        at(Kind.DEFAULT_SCOPE, missing),
    }

    state = world.target.read(Selection(frozenset(asked)))

    assert (len(state), state.unreadable) == (0, {})


def test_known_ids_save_no_correctness(world: World, full: dict[str, str]) -> None:
    """A stale id in the ledger finds what stands at the name all the same."""
    person, role = at(Kind.PERSON, full["person"]), at(Kind.ROLE, full["role"])
    right = {person: full["person_id"], role: full["role_id"]}
    stale = {person: full["role_id"], role: full["person_id"]}

    states = [world.target.read(Selection(frozenset(right), ids=ids)) for ids in ({}, right, stale)]

    assert states[0].resources == states[1].resources == states[2].resources
    assert {one.id for one in states[0]} == {full["person_id"], full["role_id"]}


def test_a_person_is_found_by_the_exact_name_only(world: World, full: dict[str, str]) -> None:
    close = [full["person"][:-1], full["person"].upper(), full["person"] + "x", "*", "%", ""]

    found = world.read(*(at(Kind.PERSON, name) for name in close))

    assert found == []


def test_more_people_and_groups_than_a_page_are_all_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages are made small here; their number is then what a large realm has."""
    from console.keycloak import bulk

    usernames, groups, role = (
        [fresh("many") for _ in range(23)],
        [fresh("many") for _ in range(11)],
        fresh("role"),
    )
    world.make_role(role)
    outcomes = world.do(
        *(creates(at(Kind.PERSON, one), enabled=True) for one in usernames),
        *(creates(at(Kind.GROUP, one), description="") for one in groups),
    )
    links = world.do(
        *(creates(at(Kind.PERSON_ROLE, one, role)) for one in usernames),
        *(creates(at(Kind.MEMBERSHIP, one, groups[0])) for one in usernames),
    )
    monkeypatch.setattr(bulk, "PAGE", 5)
    monkeypatch.setattr(bulk, "LINKS_PAGE", 7)

    state = world.target.read(Selection.all())

    assert {one.result for one in (*outcomes, *links)} == {"done"}
    assert {at(Kind.PERSON, one) for one in usernames} <= set(state.resources)
    assert {at(Kind.GROUP, one) for one in groups} <= set(state.resources)
    assert {at(Kind.PERSON_ROLE, one, role) for one in usernames} <= set(state.resources)
    assert {at(Kind.MEMBERSHIP, one, groups[0]) for one in usernames} <= set(state.resources)


def test_service_accounts_are_no_people(world: World) -> None:
    client = fresh("service")
    id = world.make("clients", clientId=client, serviceAccountsEnabled=True, publicClient=False)
    account = world.get("clients", id, "service-account-user")
    role = world.make_role(fresh("role"))
    group, group_id = fresh("group"), ""
    group_id = world.make("groups", name=group)
    world.post("users", account["id"], "role-mappings", "realm", json=[role])
    world.put("users", account["id"], "groups", group_id)

    state = world.target.read(Selection.all())

    assert not [one for one in state if account["username"] in one.address.path]


def test_names_that_no_call_could_hold_are_said_and_block_nothing(world: World) -> None:
    slashed, group = f"{fresh('a')}/b", fresh("g")
    world.make_role(fresh("role"))
    world.post("roles", json={"name": slashed})
    world.post("groups", json={"name": f"{group}/x"})

    state = world.target.read(Selection.all())

    assert set(state.unreadable) == {at(Kind.ROLE, slashed), at(Kind.GROUP, f"{group}/x")}
    assert at(Kind.ROLE, slashed) not in state
    assert len(list(state.of_kind(Kind.ROLE))) > 3


# --- rights ---


@pytest.fixture
def stranger(keycloak_connection: Connection, world: World) -> Callable[..., Connection]:
    """A maker of service clients of the realm itself, with the named roles of `realm-management`."""

    def make(*roles: str) -> Connection:
        client, secret = fresh("stranger"), fresh("secret")
        id = world.make(
            "clients", clientId=client, secret=secret, serviceAccountsEnabled=True, publicClient=False
        )
        account = world.get("clients", id, "service-account-user")["id"]
        management = world.get("clients", clientId="realm-management")[0]["id"]
        given = [world.get("clients", management, "roles", role) for role in roles]
        world.post("users", account, "role-mappings", "clients", management, json=given)
        return Connection(keycloak_connection.url, client, Secret(secret), world.name)

    return make


def test_a_realm_that_shows_only_a_stub_is_closed_in_every_kind(
    world: World, full: dict[str, str], stranger: Callable[..., Connection]
) -> None:
    """No access, never drift."""
    target = KeycloakTarget(stranger("view-users"), world.name)

    for selection in (Selection.all(), Selection(frozenset(one_of_each(full)))):
        state = target.read(selection)
        assert len(state) == 0
        assert set(state.unreadable) == set(Kind)
        assert all("no access" in one for one in state.unreadable.values())


def test_a_realm_that_is_forbidden_altogether_is_closed_in_every_kind(
    keycloak_connection: Connection, world: World, realm_name: Callable[..., str]
) -> None:
    other = World(keycloak_connection, realm_name("other"))
    other.make_realm()
    client, secret = fresh("stranger"), fresh("secret")
    other.make("clients", clientId=client, secret=secret, serviceAccountsEnabled=True, publicClient=False)
    connection = Connection(keycloak_connection.url, client, Secret(secret), other.name)

    state = KeycloakTarget(connection, world.name).read(Selection.all())

    assert (len(state), set(state.unreadable)) == (0, set(Kind))


def test_kinds_that_are_forbidden_are_said_and_the_others_are_read(
    world: World, full: dict[str, str], stranger: Callable[..., Connection]
) -> None:
    people = {Kind.PERSON, Kind.PERSON_ROLE, Kind.MEMBERSHIP, Kind.ENTITLEMENT}
    groups = {Kind.GROUP, Kind.GROUP_ROLE, Kind.MEMBERSHIP, Kind.ENTITLEMENT}
    for rights, closed in [
        (["view-realm"], people | groups),
        (["view-realm", "query-users", "query-groups"], people | groups),
        (["view-realm", "view-users"], set()),
    ]:
        target = KeycloakTarget(stranger(*rights), world.name)

        everything = target.read(Selection.all())
        selected = target.read(Selection(frozenset(one_of_each(full))))

        for state in (everything, selected):
            assert at(Kind.ROLE, full["role"]) in state
            assert at(Kind.COMPOSITE, full["role"], full["part"]) in state
            assert closed <= set(state.unreadable)
            assert not [one for one in state if one.address.kind in closed]
            assert (at(Kind.PERSON, full["person"]) in state) == (not closed)
            assert (at(Kind.GROUP, full["eng"]) in state) == (not closed)


def test_wrong_credentials_and_a_server_that_is_away_are_errors_not_states(
    keycloak_connection: Connection, world: World
) -> None:
    wrong = KeycloakTarget(replace(keycloak_connection, client_secret=Secret("wrong")), world.name)
    away = KeycloakTarget(replace(keycloak_connection, url="http://127.0.0.1:9"), world.name)

    with pytest.raises(Permanent, match="client id or secret"):
        wrong.read(Selection.all())
    with pytest.raises(Temporary, match="cannot be reached"):
        away.read(Selection.all())


# --- faults ---


def test_a_read_that_was_cut_off_is_asked_once_more(spoiled: World, forwarder: Forwarder) -> None:
    forwarder.spoil("GET", f"/realms/{spoiled.name}", Fault(cut_after=30))

    assert [one.address for one in spoiled.read(at(Kind.REALM))] == [at(Kind.REALM)]
    assert forwarder.count("GET", f"/realms/{spoiled.name}") == 2


def test_a_read_that_fails_in_the_middle_is_an_error_not_a_smaller_state(
    spoiled: World, forwarder: Forwarder
) -> None:
    forwarder.spoil("GET", f"/{spoiled.name}/users", Fault(status=503), times=9)

    with pytest.raises(Temporary):
        spoiled.target.read(Selection.all())


def test_a_page_of_people_that_is_shorter_than_it_should_be_is_not_believed(
    spoiled: World, forwarder: Forwarder, full: dict[str, str]
) -> None:
    """Somebody deletes people while we page: what slipped from one page to the other is not missing."""
    short = Fault(status=200, content_type="application/json", body=b"[]")
    forwarder.spoil("GET", f"/{spoiled.name}/users", short)
    state = spoiled.target.read(Selection.all())
    forwarder.spoil("GET", f"/{spoiled.name}/users", short, times=2)
    hidden = spoiled.target.read(Selection.all())

    assert at(Kind.PERSON, full["person"]) in state
    assert "shows our service account 0 of" in hidden.unreadable[Kind.PERSON]
    assert not list(hidden.of_kind(Kind.PERSON))


def test_people_that_keep_changing_while_they_are_read_are_read_later(
    spoiled: World, forwarder: Forwarder
) -> None:
    for count in (b"1000", b"999"):
        forwarder.spoil("GET", "/users/count", Fault(status=200, content_type="application/json", body=count))

    with pytest.raises(Temporary, match="changed while they were read"):
        spoiled.target.read(Selection.all())


def test_a_login_page_instead_of_an_answer_is_refused(spoiled: World, forwarder: Forwarder) -> None:
    forwarder.spoil("GET", f"/realms/{spoiled.name}", Fault(status=200))

    with pytest.raises(Permanent, match="not Keycloak's"):
        spoiled.target.read(Selection.all())


# --- numbers of calls ---


def test_a_change_takes_the_same_number_of_calls_in_a_realm_of_any_size(
    keycloak_connection: Connection, realm_name: Callable[..., str]
) -> None:
    """One saved role of a person: read, write, read back."""
    counts = []
    for people in (10, 600):
        world = World(keycloak_connection, realm_name("size"))
        world.make_realm()
        fill(world, people)
        world.make_role("reader")
        link = at(Kind.PERSON_ROLE, "user00003", "reader")
        target = world.target
        with calls() as made:
            target.read(Selection(frozenset({link})))
            done(target.execute([creates(link)]))
            done(target.execute([deletes(link)]))
        counts.append(made.count)

    assert counts[0] == counts[1] == 8


def test_many_names_take_lists_that_say_what_a_call_for_each_says(
    keycloak_connection: Connection, realm_name: Callable[..., str]
) -> None:
    """Twelve roles, clients and groups, half of these below others: a list for each, an export for groups."""
    world = World(keycloak_connection, realm_name("lists"))
    world.make_realm()
    things = twelve_of_each(world)
    addresses = frozenset(things) | {at(kind, "absent") for kind in (Kind.ROLE, Kind.GROUP, Kind.CLIENT)}

    one_by_one = [one for address in addresses for one in world.read(address)]
    with calls() as made:
        together = world.target.read(Selection(addresses))

    assert set(things) <= set(together.resources)
    assert dict(together.resources) == {one.address: one for one in one_by_one}
    # The realm, its roles, groups with their number before and after, clients, their roles.
    assert made.count == 1 + 1 + 3 + 1 + 12


def test_what_was_made_together_is_read_back_by_lists(
    keycloak_connection: Connection, realm_name: Callable[..., str]
) -> None:
    world = World(keycloak_connection, realm_name("lists"))
    world.make_realm()
    roles = [creates(at(Kind.ROLE, fresh("role")), description="Reads") for _ in range(12)]
    groups = [creates(at(Kind.GROUP, fresh("group")), description="") for _ in range(12)]

    with calls() as made:
        outcomes = world.do(*roles, *groups)

    assert [one.result for one in outcomes] == ["done"] * 24
    ids = [world.get("roles", one.address.path[0])["id"] for one in roles]
    assert [one.id for one in outcomes[:12]] == ids
    exports = sum(one.endswith("/partial-export") for one in made.made)
    assert sum(one.startswith("POST") for one in made.made) - exports == 24
    assert made.count == 24 + 1 + 3


def test_a_realm_of_many_more_than_are_asked_for_is_not_listed(
    keycloak_connection: Connection, realm_name: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits are made small here; the realm then has many more than is asked for."""
    from console.keycloak import choosing

    world = World(keycloak_connection, realm_name("lists"))
    world.make_realm()
    things = twelve_of_each(world)
    listed = world.target.read(Selection(frozenset(things)))
    monkeypatch.setattr(choosing, "THINGS_A_CALL", 1)
    monkeypatch.setattr(choosing, "GROUPS_A_NAME", 0)

    with calls() as made:
        asked = world.target.read(Selection(frozenset(things)))

    assert dict(asked.resources) == dict(listed.resources)
    assert sum("/group-by-path/" in one for one in made.made) == 12


def twelve_of_each(world: World) -> list[Address]:
    """Make twelve roles, clients and groups, half of the groups below others, and return where they stand."""
    roles = [fresh("role") for _ in range(12)]
    clients = [fresh("app") for _ in range(12)]
    tops = [fresh("top") for _ in range(6)]
    for role, client in zip(roles, clients, strict=True):
        world.make_role(role, description="Reads")
        world.make("clients", clientId=client)
    for top in tops:
        world.make("groups", world.make("groups", name=top), "children", name="eng", description="Engineers")
    groups = [*tops, *(f"{top}/eng" for top in tops)]
    kinds = {Kind.ROLE: roles, Kind.CLIENT: clients, Kind.GROUP: groups}
    return [at(kind, name) for kind, names in kinds.items() for name in names]


def fill(world: World, people: int) -> None:
    """Make people by partial import, 25 a chunk."""
    for first in range(0, people, 25):
        chunk = [
            {"username": f"user{number:05}", "enabled": True}
            for number in range(first, min(first + 25, people))
        ]
        call = client_for(world.connection).post(
            world.path("partialImport"), json={"ifResourceExists": "FAIL", "users": chunk}, patience=LONG
        )
        run(call)
