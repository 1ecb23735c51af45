"""Sessions of real logins: listed, ended, and what a lost reply means."""

from dataclasses import replace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from console.keycloak.sessions import (
    end_sessions,
    end_sessions_of_accounts,
    end_sessions_within,
    sessions_of,
)
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, fresh
from tests.tokens import asked, login, new_password


@pytest.fixture(scope="module")
def shop(world: World) -> World:
    world.make("clients", clientId="desk", publicClient=True, directAccessGrantsEnabled=True)
    return world


def hire(world: World) -> str:
    username = fresh("ann")
    id = world.make_person(username)
    world.put("users", id, "reset-password", json=new_password())
    return username


def sign_in(world: World, username: str, scope: str = "openid", *, client: str = "desk") -> dict[str, Any]:
    return asked(world.connection, world.name, **login(client, username, scope=scope))


def refresh(world: World, token: str, *, client: str = "desk") -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "client_id": client, "refresh_token": token}
    return asked(world.connection, world.name, **form)


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


def test_of_some_only_those_end_that_one_tenants_clients_alone_use(shop: World) -> None:
    for name in ("acme.desk", "acme.shop"):
        shop.make("clients", clientId=name, publicClient=True, directAccessGrantsEnabled=True)
    username = hire(shop)
    elsewhere, offline = sign_in(shop, username), sign_in(shop, username, "openid offline_access")
    ours = sign_in(shop, username, client="acme.desk")
    ours_offline = sign_in(shop, username, "openid offline_access", client="acme.shop")

    (ended,) = end_sessions_within(shop.connection, shop.name, [username], prefix="acme.")

    assert (ended.word, ended.sentence) == (
        "kept",
        "2 sessions go on: clients outside this tenant take part.",
    )
    left = sessions_of(shop.connection, shop.name, username)
    assert [(one.clients, one.is_offline) for one in left] == [(("desk",), False), (("desk",), True)]
    assert "access_token" in refresh(shop, elsewhere["refresh_token"])
    assert "access_token" in refresh(shop, offline["refresh_token"])
    assert refresh(shop, ours["refresh_token"], client="acme.desk")["error"] == "invalid_grant"
    assert refresh(shop, ours_offline["refresh_token"], client="acme.shop")["error"] == "invalid_grant"


def test_of_a_service_account_keycloak_takes_no_token_of_before(shop: World) -> None:
    secret = "a secret of a test"
    shop.make("clients", clientId="robot", secret=secret, serviceAccountsEnabled=True)
    form = {"grant_type": "client_credentials", "client_id": "robot", "client_secret": secret}
    before = asked(shop.connection, shop.name, scope="openid", **form)["access_token"]
    assert userinfo(shop, before) == 200

    robot, nobody = end_sessions_of_accounts(shop.connection, shop.name, ["robot", "desk"])

    assert (robot.word, nobody.word) == ("done", "done")
    assert userinfo(shop, before) == 401
    assert "access_token" in asked(shop.connection, shop.name, scope="openid", **form)
