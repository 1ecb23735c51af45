"""F8: Keycloak itself revokes the token in the middle of the work, of a service client of its own realm."""

from collections.abc import Iterator
from dataclasses import replace
from time import sleep, time

import pytest

from console.engine.state import Kind
from console.keycloak.connection import Connection
from console.transport import Secret
from tests.keycloak.forwarder import Forwarder, forwarding
from tests.keycloak.world import World, at, creates, done, failed, fresh


@pytest.fixture
def forwarder(keycloak_connection: Connection) -> Iterator[Forwarder]:
    with forwarding(keycloak_connection.url) as running:
        yield running


@pytest.fixture
def world(keycloak_connection: Connection) -> Iterator[World]:
    """A realm as the service client of all realms sees it."""
    made = World(keycloak_connection, fresh("revoked"))
    made.make_realm()
    yield made
    made.delete()


@pytest.fixture
def own(world: World, forwarder: Forwarder) -> World:
    """The same realm, as its own service client sees it through the forwarder. It has a token already."""
    client, secret = fresh("console"), fresh("secret")
    id = world.make("clients", clientId=client, secret=secret, serviceAccountsEnabled=True)
    account = world.get("clients", id, "service-account-user")["id"]
    management = world.get("clients", clientId="realm-management")[0]["id"]
    rights = [world.get("clients", management, "roles", name) for name in ("view-realm", "manage-realm")]
    world.post("users", account, "role-mappings", "clients", management, json=rights)
    connection = replace(
        world.connection,
        url=forwarder.url,
        client_id=client,
        client_secret=Secret(secret),
        realm=world.name,
    )
    own = World(connection, world.name)
    assert own.read(at(Kind.REALM))
    assert forwarder.count("POST", "/token") == 1
    return own


def end_all_tokens(world: World) -> None:
    """Let the realm take only tokens of after now, and wait for the second in which they are."""
    sleep(1.1)
    world.put(json=world.get() | {"notBefore": int(time())})
    sleep(1.1)


def test_a_token_that_the_realm_no_longer_takes_is_replaced_and_the_write_is_done_once(
    world: World, own: World, forwarder: Forwarder
) -> None:
    end_all_tokens(world)

    done(own.do(creates(at(Kind.ROLE, "after-the-end"), description="")))

    assert world.get("roles", "after-the-end")
    assert forwarder.count("POST", "/token") == 2
    assert forwarder.count("POST", "/roles") == 2, "refused with the old token, done with the new one"


def test_a_service_client_that_was_switched_off_writes_nothing_and_goes_on_when_it_is_back(
    world: World, own: World, forwarder: Forwarder
) -> None:
    (client,) = world.get("clients", clientId=own.connection.client_id)
    world.put("clients", client["id"], json=client | {"enabled": False})
    end_all_tokens(world)
    role = creates(at(Kind.ROLE, "not-yet"), description="")

    outcome = failed(own.do(role))

    assert outcome.sentence == "Keycloak refuses our client id or secret."
    assert world.find("roles", "not-yet") is None

    world.put("clients", client["id"], json=client | {"enabled": True})
    done(own.do(role))
    assert world.get("roles", "not-yet")
