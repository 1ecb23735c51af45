"""Writes that go wrong on their way, against a real Keycloak behind a forwarder that spoils replies."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Address, Kind
from console.engine.target import LostLease, Result
from console.keycloak.realm import AT_ONCE
from console.keycloak.target import KeycloakTarget
from tests.keycloak.forwarder import HTML, Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, updates

CUT = Fault(cut_after=0)
CUT_INSIDE = Fault(cut_after=40)
ERROR = Fault(status=500)
ERROR_JSON = Fault(status=500, content_type="application/json", body=b'{"error":"unknown_error"}')
GATEWAY = Fault(status=504)
NOT_HTTP = Fault(status=None, cut_after=5)
COMMITTED = [CUT, CUT_INSIDE, ERROR, ERROR_JSON, GATEWAY, NOT_HTTP]


@pytest.mark.parametrize("fault", COMMITTED)
def test_a_creation_whose_reply_was_spoiled_is_read_back_and_not_repeated(
    world: World, spoiled: World, forwarder: Forwarder, fault: Fault
) -> None:
    """What Keycloak did is found, and it did it once."""
    role = at(Kind.ROLE, fresh("role"))
    forwarder.spoil("POST", "/roles", fault)

    outcome = done(spoiled.do(creates(role, description="Reads")))

    assert outcome.id == world.get("roles", role.path[0])["id"]
    assert outcome.fields == {"description": "Reads"}
    assert forwarder.count("POST", "/roles") == 1


def test_a_creation_that_timed_out_after_it_was_done_is_done(
    world: World, spoiled: World, forwarder: Forwarder
) -> None:
    """The reply comes after our patience has ended; no duplicate."""
    scope = at(Kind.CLIENT_SCOPE, fresh("scope"))
    forwarder.spoil("POST", "/client-scopes", Fault(seconds=12))

    outcome = done(spoiled.do(creates(scope, description="", protocol="openid-connect")))

    found = [one for one in world.get("client-scopes") if one["name"] == scope.path[0]]
    assert [one["id"] for one in found] == [outcome.id]
    assert forwarder.count("POST", "/client-scopes") == 1


@pytest.mark.parametrize("fault", [CUT, ERROR])
def test_every_kind_of_write_is_settled_by_reading_back(
    world: World, spoiled: World, forwarder: Forwarder, fault: Fault
) -> None:
    world.declare_entitlements()
    role, username, group = world.make_role(fresh("role")), fresh("ann"), fresh("group")
    person, group_id = world.make_person(username), world.make("groups", name=group)
    writes = [
        ("PUT", f"/users/{person}", updates(at(Kind.PERSON, username), first_name="New")),
        ("PUT", f"/users/{person}", creates(at(Kind.ENTITLEMENT, "person", username, "package:a:READ"))),
        ("PUT", f"/groups/{group_id}", creates(at(Kind.ENTITLEMENT, "group", group, "package:a:READ"))),
        ("POST", "/role-mappings/realm", creates(at(Kind.PERSON_ROLE, username, role["name"]))),
        ("POST", "/role-mappings/realm", creates(at(Kind.GROUP_ROLE, group, role["name"]))),
        ("PUT", f"/groups/{group_id}", creates(at(Kind.MEMBERSHIP, username, group))),
        ("DELETE", "/role-mappings/realm", deletes(at(Kind.PERSON_ROLE, username, role["name"]))),
        ("DELETE", f"/groups/{group_id}", deletes(at(Kind.MEMBERSHIP, username, group))),
        ("DELETE", f"/users/{person}", deletes(at(Kind.PERSON, username))),
        ("DELETE", f"/roles-by-id/{role['id']}", deletes(at(Kind.ROLE, role["name"]))),
    ]

    for method, ending, operation in writes:
        before = forwarder.count(method, ending)
        forwarder.spoil(method, ending, fault)
        done(spoiled.do(operation))
        assert forwarder.count(method, ending) == before + 1, operation


@pytest.mark.parametrize("fault", [replace(CUT, forwarded=False), replace(ERROR, forwarded=False)])
def test_a_write_that_did_not_arrive_fails_and_may_be_tried_again(
    world: World, spoiled: World, forwarder: Forwarder, fault: Fault
) -> None:
    role = at(Kind.ROLE, fresh("role"))
    forwarder.spoil("POST", "/roles", fault)

    outcome = failed(spoiled.do(creates(role, description="")))

    assert outcome.retryable
    assert world.find("roles", role.path[0]) is None
    done(spoiled.do(creates(role, description="")))


def test_a_write_that_cannot_be_read_back_is_unknown(spoiled: World, forwarder: Forwarder) -> None:
    role = at(Kind.ROLE, fresh("role"))
    forwarder.spoil("POST", "/roles", CUT)
    forwarder.spoil("GET", f"/roles/{role.path[0]}", ERROR, times=9)

    (outcome,) = spoiled.do(creates(role, description=""))

    assert outcome.result is Result.UNKNOWN
    assert outcome.retryable


def test_no_page_of_a_gateway_is_shown(spoiled: World, forwarder: Forwarder) -> None:
    """A sentence, never HTML."""
    forwarder.spoil("POST", "/roles", replace(GATEWAY, forwarded=False))

    outcome = failed(spoiled.do(creates(at(Kind.ROLE, fresh("role")), description="")))

    assert "504" in outcome.sentence
    assert "<" not in outcome.sentence
    assert "password" not in outcome.sentence
    assert HTML.decode() not in outcome.sentence


def test_a_server_that_asks_to_slow_down_is_asked_again_later(spoiled: World, forwarder: Forwarder) -> None:
    forwarder.spoil("POST", "/roles", Fault(forwarded=False, status=429, headers=(("retry-after", "7"),)))

    outcome = failed(spoiled.do(creates(at(Kind.ROLE, fresh("role")), description="")))

    assert outcome.retryable
    assert "slow down" in outcome.sentence


def test_a_right_that_is_missing_stops_without_another_try(spoiled: World, forwarder: Forwarder) -> None:
    forwarder.spoil("POST", "/roles", Fault(forwarded=False, status=403))

    outcome = failed(spoiled.do(creates(at(Kind.ROLE, fresh("role")), description="")))

    assert not outcome.retryable
    assert "may not do this" in outcome.sentence
    assert forwarder.count("POST", "/roles") == 1


def test_a_token_that_ended_in_the_middle_is_renewed_once(spoiled: World, forwarder: Forwarder) -> None:
    """The write that was answered by 401 was not done, so it is sent again with the new token."""
    spoiled.read(at(Kind.REALM))
    tokens = forwarder.count("POST", "/token")
    forwarder.spoil("POST", "/roles", Fault(forwarded=False, status=401))

    done(spoiled.do(creates(at(Kind.ROLE, fresh("role")), description="")))

    assert forwarder.count("POST", "/token") == tokens + 1
    assert forwarder.count("POST", "/roles") == 2


def test_a_server_that_refuses_every_token_is_given_up(spoiled: World, forwarder: Forwarder) -> None:
    forwarder.spoil("POST", "/roles", Fault(forwarded=False, status=401), times=9)

    outcome = failed(spoiled.do(creates(at(Kind.ROLE, fresh("role")), description="")))

    assert "refuses our credentials" in outcome.sentence
    assert forwarder.count("POST", "/roles") == 2


@pytest.mark.parametrize("fault", [CUT, ERROR, Fault(status=400)])
def test_a_realm_whose_creation_was_spoiled_is_known_by_its_id(
    keycloak_connection: Any, forwarder: Forwarder, realm_name: Callable[..., str], fault: Fault
) -> None:
    """400 too: of parallel creations some are answered so."""
    plain = World(keycloak_connection, realm_name("realm"))
    world = World(replace(keycloak_connection, url=forwarder.url), plain.name)
    fields = {"display_name": "Acme", "enabled": True, "access_token_lifespan": 600}
    forwarder.spoil("POST", "/admin/realms", fault)

    outcome = done(world.do(creates(at(Kind.REALM), **fields)))

    assert outcome.id == plain.get()["id"]
    assert forwarder.count("POST", "/admin/realms") == 1


def test_a_server_that_goes_away_fails_everything_and_raises_nothing(
    keycloak_connection: Any, world: World
) -> None:
    gone = World(replace(keycloak_connection, url="http://127.0.0.1:9"), world.name)

    outcomes = gone.do(*(creates(at(Kind.ROLE, fresh("role")), description="") for _ in range(10)))

    assert {(one.result, one.retryable) for one in outcomes} == {(Result.FAILED, True)}


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"{}", b'[{"name": 7}]', b"[" * 100_000])
def test_an_answer_of_a_strange_shape_raises_nothing(
    spoiled: World, forwarder: Forwarder, body: bytes
) -> None:
    username = fresh("ann")
    strange = Fault(status=200, content_type="application/json", body=body)
    forwarder.spoil("GET", "/users", strange, times=9)

    (outcome,) = spoiled.do(updates(at(Kind.PERSON, username), first_name="x"))

    assert outcome.result is not Result.DONE
    assert outcome.sentence
    assert not any(one.startswith("PUT") for one in forwarder.seen)


def test_a_lost_lease_stops_all_further_writes(spoiled: World, forwarder: Forwarder) -> None:
    """The lease is asked in the caller's thread right before each write; what was not written stays so."""
    roles = [at(Kind.ROLE, fresh("role")) for _ in range(20)]
    sent: list[int] = []

    def before_write() -> None:
        sent.append(forwarder.count("POST", "/roles"))
        if len(sent) == 3:
            raise LostLease("Another run holds this scope.")

    target = KeycloakTarget(spoiled.connection, spoiled.name, before_write=before_write, beat_seconds=600)
    with pytest.raises(LostLease):
        target.execute([creates(one, description="") for one in roles])

    written = sum(spoiled.find("roles", one.path[0]) is not None for one in roles)
    assert len(sent) == 3
    assert forwarder.count("POST", "/roles") == written
    assert 2 <= written <= 2 * AT_ONCE  # two looks, each for no more writes than there are at once


def test_the_lease_is_asked_once_for_each_write_and_in_the_callers_thread(world: World) -> None:
    import threading

    threads = []
    role, person = fresh("role"), fresh("ann")
    world.make_person(person)
    target = KeycloakTarget(
        world.connection, world.name, before_write=lambda: threads.append(threading.current_thread())
    )

    target.execute([creates(at(Kind.ROLE, role), description="")])
    target.execute([creates(at(Kind.PERSON_ROLE, person, role)), deletes(at(Kind.ROLE, fresh("gone")))])

    assert threads == [threading.current_thread()] * 2


def test_the_lease_is_asked_again_before_a_write_is_sent_again(spoiled: World, forwarder: Forwarder) -> None:
    """A new token takes time, in which the lease may be lost."""
    asked = []
    role = at(Kind.ROLE, fresh("role"))

    def before_write() -> None:
        asked.append(forwarder.count("POST", "/roles"))
        if len(asked) == 2:
            raise LostLease("Another run holds this scope.")

    forwarder.spoil("POST", "/roles", Fault(forwarded=False, status=401))
    target = KeycloakTarget(spoiled.connection, spoiled.name, before_write=before_write)
    with pytest.raises(LostLease):
        target.execute([creates(role, description="")])

    assert asked == [0, 1]
    assert forwarder.count("POST", "/roles") == 1


def test_an_adoption_writes_nothing(world: World) -> None:
    role = world.make_role(fresh("role"), description="Theirs")
    address = Address(Kind.ROLE, (role["name"],))
    fields = {"description": "Theirs"}

    outcome = done(world.do(Operation(Action.ADOPT, address, Phase.BUILD, fields, fields, id=role["id"])))

    assert (outcome.id, outcome.fields) == (role["id"], fields)


def test_outcomes_come_in_the_order_of_the_operations(world: World) -> None:
    existing = [world.make_role(fresh("role"), description="Theirs") for _ in range(3)]
    fine = [at(Kind.ROLE, fresh("role")) for _ in range(3)]
    operations = []
    for role, address in zip(existing, fine, strict=True):
        operations += [
            creates(at(Kind.ROLE, role["name"]), description="Ours"),
            creates(address, description=""),
        ]

    outcomes = world.do(*operations)

    assert [one.result for one in outcomes] == [Result.FAILED, Result.DONE] * 3
