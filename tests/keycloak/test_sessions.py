"""Sessions of real logins: listed, ended, and what a lost reply means."""

import json
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from console.keycloak.sessions import end_sessions, sessions_of
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, fresh

PASSWORD = "Correct-horse-9"


@pytest.fixture(scope="module")
def shop(world: World) -> World:
    world.make("clients", clientId="desk", publicClient=True, directAccessGrantsEnabled=True)
    return world


def hire(world: World) -> str:
    username = fresh("ann")
    id = world.make_person(username)
    world.put("users", id, "reset-password", json={"type": "password", "value": PASSWORD, "temporary": False})
    return username


def ask(world: World, **form: str) -> dict[str, Any]:
    """Return the token endpoint's answer to the client desk; an `error` of its own stands in it."""
    address = f"{world.connection.url}/realms/{world.name}/protocol/openid-connect/token"
    data = urlencode({"client_id": "desk", **form}).encode()
    try:
        with urlopen(Request(address, data=data), timeout=20) as answer:
            return dict(json.load(answer))
    except HTTPError as error:
        return dict(json.load(error))


def sign_in(world: World, username: str, scope: str = "openid") -> dict[str, Any]:
    return ask(world, grant_type="password", username=username, password=PASSWORD, scope=scope)


def refresh(world: World, token: str) -> dict[str, Any]:
    return ask(world, grant_type="refresh_token", refresh_token=token)


def userinfo(world: World, token: str) -> int:
    address = f"{world.connection.url}/realms/{world.name}/protocol/openid-connect/userinfo"
    try:
        with urlopen(Request(address, headers={"Authorization": f"Bearer {token}"}), timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        return int(error.code)


def test_sessions_are_listed_with_their_clients_offline_ones_too(shop: World) -> None:
    username = hire(shop)
    sign_in(shop, username)
    sign_in(shop, username, "openid offline_access")

    found = sessions_of(shop.connection, shop.name, username)

    assert [one.clients for one in found if not one.is_offline][0] == ("desk",)
    assert [one.clients for one in found if one.is_offline] == [("desk",)]


def test_after_they_are_ended_no_refresh_token_is_taken(shop: World) -> None:
    username = hire(shop)
    online, offline = sign_in(shop, username), sign_in(shop, username, "openid offline_access")
    assert "access_token" in refresh(shop, online["refresh_token"])

    (ended,) = end_sessions(shop.connection, shop.name, [username])

    assert ended.word == "done"
    assert refresh(shop, online["refresh_token"])["error"] == "invalid_grant"
    assert refresh(shop, offline["refresh_token"])["error"] == "invalid_grant"
    assert userinfo(shop, online["access_token"]) == 401  # Keycloak itself; who checks alone still takes it
    assert sessions_of(shop.connection, shop.name, username) == ()


def test_who_has_no_account_has_no_session(shop: World) -> None:
    (ended,) = end_sessions(shop.connection, shop.name, ["nobody-here"])

    assert ended.word == "done"
    assert sessions_of(shop.connection, shop.name, "nobody-here") == ()


def test_a_lost_reply_is_read_back(shop: World, forwarder: Forwarder) -> None:
    username = hire(shop)
    sign_in(shop, username)
    forwarder.spoil("POST", "/logout", Fault(cut_after=0))
    through = replace(shop.connection, url=forwarder.url)

    (ended,) = end_sessions(through, shop.name, [username])

    assert ended.word == "done"
    assert "listed again" in ended.sentence
    assert sessions_of(shop.connection, shop.name, username) == ()
