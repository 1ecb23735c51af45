"""Hostile names never reach another path: a sentinel realm beside stays as it is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.engine.kinds import KINDS
from console.engine.operation import Operation
from console.engine.state import Address, Kind, Selection
from console.engine.target import Result
from console.keycloak.client import client_for
from console.transport import LONG, run
from tests.engine.world import defaults
from tests.keycloak.forwarder import Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, fresh, in_order, renames, updates

ENDINGS = ["", "/users", "/roles/precious", "/groups", "?x=1", "#", "%00", "\\", ";a=b"]
STARTS = [
    "..",
    ".",
    "../..",
    "%2e%2e",
    "..%2f..",
    "%252e%252e",
    "..;",
    "a/..",
    "~",
    "*",
    "a" * 60,
    "ä",
    "\x00",
    "",
]
LONG_NAME = "x" * 10_000


@pytest.fixture(scope="module")
def sentinel(keycloak_connection: Any) -> Iterator[World]:
    """A realm beside, with one of each."""
    beside = World(keycloak_connection, fresh("sentinel"))
    beside.make_realm(displayName="Beside")
    beside.make_role("precious", description="Stays")
    beside.make("groups", name="precious", attributes={"k": ["v"]})
    beside.make_person("precious", attributes={})
    yield beside
    beside.delete()


def whole(world: World) -> str:
    """Return all of a realm as text: settings, roles, groups, people, clients."""
    export = run(
        client_for(world.connection).post(
            world.path("partial-export"),
            query={"exportClients": True, "exportGroupsAndRoles": True},
            patience=LONG,
        )
    ).json
    people = world.get("users", briefRepresentation=False, max=1000)
    return json.dumps(in_order([export, people]), sort_keys=True)


def hostile(sentinel_name: str) -> st.SearchStrategy[str]:
    upwards = st.sampled_from(
        [f"../../{sentinel_name}", f"..%2F..%2F{sentinel_name}", f"..\\..\\{sentinel_name}"]
    )
    made = st.builds(
        lambda start, end: start + end, st.sampled_from(STARTS) | upwards, st.sampled_from(ENDINGS)
    )
    return made | st.text(max_size=20) | st.sampled_from([LONG_NAME, "\ud800"])


def operations(name: str, other: str) -> list[Operation]:
    """Return writes of every kind with the name in each place that it can have, and in all at once."""
    found = []
    for kind, spec in KINDS.items():
        fields = {} if spec.is_link else defaults(kind)
        for path in _paths(kind, name, other):
            found += [creates(at(kind, *path), **fields), deletes(at(kind, *path))]
            if not spec.is_link:
                found.append(updates(at(kind, *path), before=fields, **fields))
            if spec.has_name:
                there = at(kind, *path[:-1], other)
                found += [
                    renames(at(kind, *path), there, **fields),
                    renames(there, at(kind, *path), **fields),
                ]
    return found


def _paths(kind: Kind, name: str, other: str) -> set[tuple[str, ...]]:
    """The realm itself has no name in its address: it is tried for itself below."""
    if kind is Kind.ENTITLEMENT:
        return {(carrier, name, name) for carrier in ("person", "group", "client")}
    places = range(len(KINDS[kind].parts))
    alone = {tuple(name if place == here else other for place in places) for here in places}
    return (alone | {(name,) * len(places)}) - {()}


def test_hostile_names_leave_the_realm_beside_untouched(
    world: World, spoiled: World, sentinel: World, forwarder: Forwarder
) -> None:
    before, outside = whole(sentinel), f"/admin/realms/{world.name}/"

    count = len(operations("name", "other"))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(name=hostile(sentinel.name), chosen=st.sets(st.integers(0, count - 1), min_size=8, max_size=24))
    def example(name: str, chosen: set[int]) -> None:
        forwarder.targets.clear()
        tried = operations(name, "other")
        for operation in [tried[one % len(tried)] for one in sorted(chosen)]:
            (outcome,) = spoiled.do(operation)
            assert outcome.result is not Result.UNKNOWN, (operation, outcome)
            assert outcome.sentence or outcome.result is Result.DONE
        spoiled.target.read(Selection(frozenset(tried[one % len(tried)].address for one in chosen)))
        for target in forwarder.targets:
            path = target.partition("?")[0]
            assert path.startswith(outside) or path in {
                outside[:-1],
                "/realms/master/protocol/openid-connect/token",
            }
            assert "/../" not in path
            assert not path.endswith("/..")

    example()

    assert whole(sentinel) == before


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "%2e%2e", "a/b", "\x00", "a\nb", "\ud800", LONG_NAME, "a\\b"]
)
def test_a_name_that_cannot_be_sent_is_refused_with_a_sentence_and_no_write(
    spoiled: World, forwarder: Forwarder, name: str
) -> None:
    everywhere = {(kind, path) for kind in KINDS for path in _paths(kind, name, name)}
    tried = [
        operation
        for operation in operations(name, name)
        if (operation.address.kind, operation.address.path) in everywhere
        and name not in _free(operation.address)
    ]
    outcomes = spoiled.do(*tried)

    assert {one.result for one in outcomes} == {Result.FAILED}
    assert all(one.sentence for one in outcomes)
    assert not [one for one in forwarder.seen if not one.startswith("GET") and not one.endswith("/token")]


# Groups have paths of names, and clients and client scopes go by their ids in every call.
SCOPES = (Kind.CLIENT_SCOPE, Kind.DEFAULT_SCOPE, Kind.OPTIONAL_SCOPE)
SCOPES_OF_CLIENTS = (Kind.CLIENT_DEFAULT_SCOPE, Kind.CLIENT_OPTIONAL_SCOPE)
FREE = {
    **dict.fromkeys((Kind.CLIENT, *SCOPES, *SCOPES_OF_CLIENTS), {".", "..", "../x", "%2e%2e", "a/b", "a\\b"}),
    **dict.fromkeys((Kind.GROUP, Kind.DEFAULT_GROUP, Kind.ENTITLEMENT, Kind.SERVICE_MEMBERSHIP), {"a/b"}),
}


def _free(address: Address) -> set[str]:
    """Return the names that a thing may have: who is entitled is a client, or goes by a name in a path."""
    kind, path = address.kind, address.path
    return FREE.get(Kind.CLIENT if kind is Kind.ENTITLEMENT and path[0] == Kind.CLIENT else kind, set())


@pytest.mark.parametrize("name", sorted(FREE[Kind.CLIENT]))
def test_a_client_may_be_called_anything_that_can_be_shown(world: World, name: str) -> None:
    """Clients of SAML are called by URLs. What is inside them is reached by the client's id."""
    client = at(Kind.CLIENT, f"{name}{fresh('-')}")
    role = at(Kind.CLIENT_ROLE, client.path[0], "reader")
    link = at(Kind.COMPOSITE_CLIENT_ROLE, "offline_access", *role.path)

    made = [done(world.do(creates(one, **defaults(one.kind)))) for one in (client, role, link)]
    found = {one.address for one in world.read(client, role, link)}
    target = world.target
    target.read(Selection(frozenset({client})))
    gone = done(target.execute([deletes(client, id=made[0].id)]))

    assert found == {client, role, link}
    assert gone.sentence == ""
    assert world.read(client) == []


@pytest.mark.parametrize("name", ["rabbitmq.read:*/*", "a/b", "..", "%2e%2e"])
def test_a_client_scope_may_be_called_anything_that_keycloak_takes(world: World, name: str) -> None:
    """RabbitMQ's scopes have slashes in their names (C5). What hangs on one is reached by its id."""
    scope = at(Kind.CLIENT_SCOPE, f"{name}{fresh('-')}")
    role, client = at(Kind.ROLE, fresh("limits")), at(Kind.CLIENT, fresh("shop"))
    links = [
        at(Kind.SCOPE_ROLE, *scope.path, *role.path),
        at(Kind.CLIENT_DEFAULT_SCOPE, *client.path, *scope.path),
        at(Kind.OPTIONAL_SCOPE, *scope.path),
    ]
    mapper = at(Kind.MAPPER, *scope.path, "audience")

    things = [done(world.do(creates(one, **defaults(one.kind)))) for one in (role, client, scope)]
    audience = {"included.custom.audience": "rabbitmq", "access.token.claim": "true"}
    done(world.do(creates(mapper, type="oidc-audience-mapper", config=audience)))
    for link in links:
        done(world.do(creates(link)))
    found = {one.address for one in world.read(scope, mapper, *links)}
    whole_realm = world.target.read(Selection.all())
    target = world.target
    target.read(Selection(frozenset({scope})))
    done(target.execute([deletes(scope, id=things[2].id)]))

    assert {scope, mapper, *links} <= found
    assert {scope, mapper, *links} <= set(whole_realm.resources)
    assert world.read(scope) == []


def test_a_realm_name_that_could_mean_another_path_is_refused(sentinel: World) -> None:
    before = whole(sentinel)
    for name in (
        "..",
        "../realms/master",
        f"x/../{sentinel.name}",
        f"{sentinel.name}/roles",
        "%2e%2e",
        "",
        LONG_NAME,
    ):
        target = World(sentinel.connection, name).target
        outcomes = target.execute([deletes(at(Kind.REALM)), deletes(at(Kind.ROLE, "precious"))])
        assert {one.result for one in outcomes} == {Result.FAILED}, name

    assert whole(sentinel) == before


def test_odd_but_clear_names_go_round(world: World) -> None:
    for name in ("?", "#x", "a;b=c", "50%", "%41", "a b", "ä&=+", "<b>x<b>", "{{7*7}}", "'; drop", "*"):
        named = f"{name}{fresh('-')}"
        role, group = at(Kind.ROLE, named), at(Kind.GROUP, f"{named}")
        made = world.do(creates(role, description="Odd"), creates(group, description="Odd"))
        link = world.do(creates(at(Kind.GROUP_ROLE, named, named)))
        found = {
            one.address: one.fields for one in world.read(role, group, at(Kind.GROUP_ROLE, named, named))
        }
        gone = world.do(deletes(group), deletes(role))

        assert [one.result for one in (*made, *link, *gone)] == ["done"] * 5, name
        assert found == {
            role: {"description": "Odd"},
            group: {"description": "Odd"},
            at(Kind.GROUP_ROLE, named, named): {},
        }
