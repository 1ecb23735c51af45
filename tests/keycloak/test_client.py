"""Tokens and errors of the client, on a real Keycloak."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from console.keycloak.client import Client, client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import (
    BadRequest,
    Conflict,
    KeycloakError,
    NotFound,
    Permanent,
    Strange,
    Temporary,
    Unknown,
)
from console.transport import Secret, calls, run
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, fresh

REALMS = ("admin", "realms")
TOKEN = "/protocol/openid-connect/token"


@pytest.fixture
def client(keycloak_connection: Connection) -> Client:
    return Client(keycloak_connection)


@pytest.fixture
def spoiled_client(keycloak_connection: Connection, forwarder: Forwarder) -> Client:
    return Client(replace(keycloak_connection, url=forwarder.url))


def tokens(made: list[str]) -> int:
    return sum(one.endswith(TOKEN) for one in made)


def test_many_calls_at_once_share_one_token(client: Client) -> None:
    async def many() -> None:
        await asyncio.gather(*(client.get(("admin", "serverinfo")) for _ in range(20)))

    with calls() as made:
        run(many())

    assert tokens(made.made) == 1
    assert made.count == 20


def test_a_token_is_kept_until_shortly_before_its_end(client: Client) -> None:
    async def token_after(seconds: float) -> Secret:
        client._good_until -= seconds
        return await client.token()

    first = run(client.token())
    life = client._good_until - time.monotonic()

    assert run(token_after(life - 1)) == first
    assert run(token_after(2)) != first
    assert life <= 60 - 15


def test_many_calls_refused_at_once_renew_the_token_once(
    spoiled_client: Client, forwarder: Forwarder
) -> None:
    run(spoiled_client.token())
    forwarder.spoil("GET", "/serverinfo", Fault(forwarded=False, status=401), times=10)

    async def many() -> None:
        await asyncio.gather(*(spoiled_client.get(("admin", "serverinfo")) for _ in range(10)))

    run(many())

    assert forwarder.count("POST", TOKEN) == 2
    assert forwarder.count("GET", "/serverinfo") == 20


def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others(client: Client) -> None:
    async def work() -> Secret:
        impatient, patient = asyncio.ensure_future(client.token()), asyncio.ensure_future(client.token())
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert run(work()).reveal()


def test_a_failed_renewal_is_tried_again_at_the_next_call(
    spoiled_client: Client, forwarder: Forwarder
) -> None:
    forwarder.spoil("POST", TOKEN, Fault(forwarded=False, status=503))

    with pytest.raises(Temporary):
        run(spoiled_client.get(("admin", "serverinfo")))

    assert run(spoiled_client.get(("admin", "serverinfo"))).status == 200


def test_one_connection_has_one_client_in_a_process(keycloak_connection: Connection) -> None:
    same = replace(keycloak_connection)
    other = replace(keycloak_connection, client_id="other")

    assert client_for(keycloak_connection) is client_for(same)
    assert client_for(keycloak_connection) is not client_for(other)


def test_wrong_credentials_are_said_without_them(keycloak_connection: Connection) -> None:
    wrong = Client(replace(keycloak_connection, client_secret=Secret("hunter2")))

    with pytest.raises(Permanent, match="client id or secret") as caught:
        run(wrong.get(REALMS))

    assert "hunter2" not in str(caught.value)


def test_a_realm_of_the_service_client_that_is_missing_is_said(keycloak_connection: Connection) -> None:
    with pytest.raises(Permanent, match="realm of our service client"):
        run(Client(replace(keycloak_connection, realm=fresh("missing"))).get(REALMS))


@pytest.mark.parametrize("url", ["", "sso.example.org", "http://user:pw@x", "http://x?y"])
def test_an_address_that_is_none_is_an_error_of_ours(keycloak_connection: Connection, url: str) -> None:
    with pytest.raises(Permanent, match="address"):
        Client(replace(keycloak_connection, url=url))


def test_keycloaks_refusals_have_their_classes_and_its_words(world: World) -> None:
    name = world.make_role(fresh("role"))["name"]

    with pytest.raises(Conflict, match=f"Role with name {name} already exists") as conflict:
        world.post("roles", json={"name": name})
    with pytest.raises(NotFound):
        world.get("roles", fresh("missing"))
    with pytest.raises(BadRequest, match="email"):
        world.post("users", json={"username": fresh("ann"), "email": "none"})

    assert conflict.value.status == 409


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (302, Permanent, Permanent),
        (401, Permanent, Permanent),
        (403, Permanent, Permanent),
        (413, Permanent, Permanent),
        (418, Permanent, Permanent),
        (429, Temporary, Temporary),
        (431, Permanent, Permanent),
        (500, Temporary, Unknown),
        (502, Temporary, Unknown),
        (503, Temporary, Unknown),
    ],
)
def test_every_status_has_its_class(
    spoiled_client: Client,
    forwarder: Forwarder,
    status: int,
    read: type[KeycloakError],
    write: type[KeycloakError],
) -> None:
    fault = Fault(forwarded=False, status=status, headers=(("retry-after", "9"),))
    for method in ("GET", "POST", "PUT", "DELETE"):
        forwarder.spoil(method, "/realms", fault, times=2)

    for method in ("get", "post", "put", "delete"):
        with pytest.raises(KeycloakError) as caught:
            run(getattr(spoiled_client, method)(REALMS))
        assert type(caught.value) is (read if method == "get" else write) or status == 403
        assert isinstance(caught.value, read if method == "get" else write)
        assert caught.value.sentence.endswith(".")
        assert "<" not in caught.value.sentence


def test_the_time_to_wait_is_handed_on(spoiled_client: Client, forwarder: Forwarder) -> None:
    forwarder.spoil("GET", "/realms", Fault(forwarded=False, status=503, headers=(("retry-after", "9"),)))

    with pytest.raises(Temporary) as caught:
        run(spoiled_client.get(REALMS))

    assert caught.value.wait == 9


def test_words_of_a_hostile_server_are_cut_cleaned_and_without_our_secrets(
    keycloak_connection: Connection, spoiled_client: Client, forwarder: Forwarder
) -> None:
    """A managed server may be in hostile hands."""
    secret, token = keycloak_connection.client_secret.reveal(), run(spoiled_client.token()).reveal()
    for words in (secret, token, "x" * 5000, "line\r\n\x00\x1b[31mred"):
        body = b'{"errorMessage": "%s"}' % words.encode("unicode_escape").replace(b"\\x", b"\\u00")
        forwarder.spoil("GET", "/realms", Fault(status=409, content_type="application/json", body=body))

        with pytest.raises(Conflict) as caught:
            run(spoiled_client.get(REALMS))

        shown = str(caught.value) + repr(caught.value) + caught.value.sentence
        assert secret not in shown
        assert token[:300] not in shown
        assert len(caught.value.sentence) < 400
        assert caught.value.sentence.isprintable()


def test_an_answer_that_is_no_json_is_not_keycloaks(spoiled_client: Client, forwarder: Forwarder) -> None:
    forwarder.spoil("GET", "/realms", Fault(status=200))

    with pytest.raises(Strange, match="not Keycloak's"):
        run(spoiled_client.get(REALMS))


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"access_token": 7, "expires_in": 60}', b"null"])
def test_an_answer_without_a_token_is_not_keycloaks(
    spoiled_client: Client, forwarder: Forwarder, body: bytes
) -> None:
    forwarder.spoil("POST", TOKEN, Fault(status=200, content_type="application/json", body=body))

    with pytest.raises(Permanent, match="gave no token"):
        run(spoiled_client.get(REALMS))


def test_neither_connection_nor_client_show_the_secret(keycloak_connection: Connection) -> None:
    secret = keycloak_connection.client_secret.reveal()

    assert secret not in repr(keycloak_connection) + repr(client_for(keycloak_connection))


@pytest.mark.parametrize(
    "value",
    [
        {"secret": "**********"},
        {"smtpServer": {"password": "**"}},
        {"config": {"clientSecret": ["ok", "***"]}},
        [{"deep": [{"er": "**"}]}],
        {"**": "value"},
    ],
)
def test_a_masked_value_is_never_written(world: World, value: Any) -> None:
    """Refused before anything is sent."""
    client = client_for(world.connection)
    with calls() as made:
        for write in (client.post, client.put, client.delete):
            with pytest.raises(Permanent, match="asterisks"):
                run(write(world.path("roles"), json=value))

    assert made.made == []


def test_a_text_with_asterisks_in_it_is_no_mask(world: World) -> None:
    role = world.make_role(fresh("role"), description="a * b ** c")

    assert role["description"] == "a * b ** c"
