"""Hostile names never reach another path: a sentinel realm beside stays as it is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.engine.state import Address, Kind, Selection
from console.engine.target import Result
from console.keycloak.client import client_for
from console.transport import LONG, run
from tests.keycloak.forwarder import Forwarder
from tests.keycloak.world import World, at, creates, deletes, fresh, in_order, renames, updates

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


def operations(name: str, other: str) -> list[Any]:
    """Return writes with the name in every place that it can have."""
    kinds = (Kind.ROLE, Kind.GROUP, Kind.PERSON, Kind.CLIENT_SCOPE)
    links = (Kind.COMPOSITE, Kind.GROUP_ROLE, Kind.MEMBERSHIP, Kind.PERSON_ROLE)
    fields: dict[Kind, dict[str, Any]] = {
        Kind.PERSON: {"email": "", "first_name": name, "last_name": "", "enabled": True},
        Kind.CLIENT_SCOPE: {"description": "", "protocol": "openid-connect"},
    }
    found = []
    for kind in kinds:
        one = fields.get(kind, {"description": ""})
        found += [creates(at(kind, name), **one), updates(at(kind, name), **one), deletes(at(kind, name))]
        found += [
            renames(at(kind, other), at(kind, name), **one),
            renames(at(kind, name), at(kind, other), **one),
        ]
    for kind in links:
        found += [
            creates(at(kind, name, other)),
            creates(at(kind, other, name)),
            deletes(at(kind, name, name)),
        ]
    found += [creates(at(Kind.ENTITLEMENT, carrier, name, name)) for carrier in ("person", "group")]
    return found + [deletes(at(Kind.MAPPER, name, name)), creates(at(Kind.DEFAULT_SCOPE, name))]


def test_hostile_names_leave_the_realm_beside_untouched(
    world: World, spoiled: World, sentinel: World, forwarder: Forwarder
) -> None:
    before, outside = whole(sentinel), f"/admin/realms/{world.name}/"

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(name=hostile(sentinel.name))
    def example(name: str) -> None:
        forwarder.targets.clear()
        for operation in operations(name, "other"):
            (outcome,) = spoiled.do(operation)
            assert outcome.result is not Result.UNKNOWN, (operation, outcome)
            assert outcome.sentence or outcome.result is Result.DONE
        spoiled.target.read(Selection(addresses_of(name)))
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


def addresses_of(name: str) -> frozenset[Address]:
    return frozenset(operation.address for operation in operations(name, name))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "%2e%2e", "a/b", "\x00", "a\nb", "\ud800", LONG_NAME, "a\\b"]
)
def test_a_name_that_cannot_be_sent_is_refused_with_a_sentence_and_no_write(
    spoiled: World, forwarder: Forwarder, name: str
) -> None:
    outcomes = [
        spoiled.do(operation)[0]
        for operation in (
            creates(at(Kind.ROLE, name), description="x"),
            creates(at(Kind.PERSON, name), enabled=True),
            creates(at(Kind.GROUP, f"{name}/"), description="x"),
            creates(at(Kind.ENTITLEMENT, "person", name, "a:b:C")),
            updates(at(Kind.ROLE, name), description="x"),
            deletes(at(Kind.ROLE, name)),
            renames(at(Kind.ROLE, name), at(Kind.ROLE, "other")),
            creates(at(Kind.PERSON_ROLE, name, name)),
            creates(at(Kind.COMPOSITE, name, "other")),
        )
    ]

    assert {one.result for one in outcomes} == {Result.FAILED}
    assert all(one.sentence for one in outcomes)
    assert not [one for one in forwarder.seen if not one.startswith("GET") and not one.endswith("/token")]


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
