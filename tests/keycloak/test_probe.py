"""The test of a connection, on a real Keycloak."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.probe import ProbeStep, probe
from console.transport import Secret, calls, run
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, fresh


@pytest.fixture
def realms_client(world: World) -> Iterator[tuple[Connection, str]]:
    """A service client of the realm itself without rights, and the id of its account."""
    client, secret = fresh("service"), fresh("secret")
    id = world.make(
        "clients", clientId=client, secret=secret, serviceAccountsEnabled=True, publicClient=False
    )
    account = world.get("clients", id, "service-account-user")["id"]
    yield Connection(world.connection.url, client, Secret(secret), world.name), account
    world.delete("clients", id)


def by_call(steps: list[ProbeStep]) -> dict[str, ProbeStep]:
    return {one.call: one for one in steps}


def test_a_good_connection_shows_each_call_with_its_result(
    keycloak_connection: Connection, world: World
) -> None:
    steps = by_call(probe(keycloak_connection))

    assert all(one.ok for one in steps.values()), steps
    assert "lightweight token" in steps["Token by client credentials"].sentence
    assert steps["Right to create realms"].sentence == "It may create realms."
    assert "visible" in steps["Realms"].sentence
    assert all(one.milliseconds >= 0 for one in steps.values())
    assert keycloak_connection.client_secret.reveal() not in str(steps)


def test_a_test_changes_nothing(keycloak_connection: Connection) -> None:
    before = run(
        client_for(keycloak_connection).get(("admin", "realms"), query={"briefRepresentation": True})
    ).json

    with calls() as made:
        probe(keycloak_connection)

    after = run(
        client_for(keycloak_connection).get(("admin", "realms"), query={"briefRepresentation": True})
    ).json
    mine = {one["realm"] for one in before}
    assert mine <= {one["realm"] for one in after} | mine
    assert {one for one in made.made if not one.startswith("GET")} == {
        "POST /realms/master/protocol/openid-connect/token",
        "POST /admin/realms",
    }


def test_a_client_of_a_realm_is_told_what_it_lacks(
    world: World, realms_client: tuple[Connection, str]
) -> None:
    connection, account = realms_client

    closed = by_call(probe(connection))["The realm of the service client"]
    management = world.get("clients", clientId="realm-management")[0]["id"]
    role = world.get("clients", management, "roles", "view-realm")
    world.post("users", account, "role-mappings", "clients", management, json=[role])
    opened = by_call(probe(connection))["The realm of the service client"]

    assert (closed.ok, opened.ok) == (False, True)
    assert "realm-management" in closed.sentence


def test_a_token_that_is_not_lightweight_is_warned_of(
    world: World, realms_client: tuple[Connection, str]
) -> None:
    """It would grow with every realm until it is refused."""
    step = by_call(probe(realms_client[0]))["Token by client credentials"]

    assert step.ok
    assert step.is_warning
    assert "lightweight" in step.sentence


def test_a_client_without_the_right_to_create_realms_is_told(
    keycloak_connection: Connection, forwarder: Forwarder
) -> None:
    forwarder.spoil("POST", "/admin/realms", Fault(forwarded=False, status=403))

    step = by_call(probe(replace(keycloak_connection, url=forwarder.url)))["Right to create realms"]

    assert not step.ok
    assert "create-realm" in step.sentence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_secret": Secret("hunter2")}, "client id or secret"),
        ({"client_id": "nobody"}, "client id or secret"),
        ({"url": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"url": "no address"}, "address"),
    ],
)
def test_a_bad_connection_stops_at_the_first_call_with_a_sentence(
    keycloak_connection: Connection, change: dict[str, object], words: str
) -> None:
    (step,) = probe(replace(keycloak_connection, **change))  # type: ignore[arg-type]

    assert not step.ok
    assert words in step.sentence
    assert "hunter2" not in str(step)


def test_a_server_that_is_no_keycloak_is_told_from_one(
    keycloak_connection: Connection, forwarder: Forwarder
) -> None:
    forwarder.spoil("POST", "/token", Fault(status=200))

    (step,) = probe(replace(keycloak_connection, url=forwarder.url))

    assert not step.ok
    assert "check the server's address" in step.sentence
