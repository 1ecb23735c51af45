"""`console.keycloak.provision`: the console's realm on a real Keycloak. Proves row M1."""

import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from console.keycloak import provision
from console.keycloak.client import Client
from console.keycloak.connection import Connection
from console.keycloak.errors import Forbidden
from console.keycloak.provision import Console, ensure_console, issue_first_password
from console.transport import Calls, Reply, Secret, calls, run
from tests.keycloak.world import in_order

Json = Any


class Killed(Exception):
    """What ends a run in these tests."""


class MortalClient(Client):
    """A real client whose process is killed instead of its write number `life`."""

    life = 0

    async def post(self, *arguments: Any, **options: Any) -> Reply:
        self._live()
        return await super().post(*arguments, **options)

    async def put(self, *arguments: Any, **options: Any) -> Reply:
        self._live()
        return await super().put(*arguments, **options)

    def _live(self) -> None:
        if self.life == 0:
            raise Killed
        self.life -= 1


@pytest.fixture
def client(keycloak_connection: Connection) -> Client:
    """The service client."""
    return Client(keycloak_connection)


@pytest.fixture
def console(realm_name: Callable[..., str]) -> Console:
    """A console whose realm is not there yet."""
    return Console(url="http://localhost:8999", client_secret=Secret("a-secret"), realm=realm_name("own"))


def whole(client: Client, realm: str) -> Json:
    """All that a run could change in a realm, and the number of changes that Keycloak has recorded."""
    found = {
        "realm": read(client, realm),
        "roles": read(client, realm, "roles"),
        "groups": read(client, realm, "groups"),
        "scopes": read(client, realm, "client-scopes"),
        "clients": read(client, realm, "clients"),
        "people": [_person(client, realm, one) for one in read(client, realm, "users")],
        "events": len(read(client, realm, "admin-events")),
    }
    return in_order(found)


def _person(client: Client, realm: str, person: Json) -> Json:
    path = (realm, "users", person["id"])
    return [
        person,
        *(read(client, *path, *part) for part in (("role-mappings",), ("groups",), ("credentials",))),
    ]


def read(client: Client, *path: str) -> Json:
    """A read below /admin/realms."""
    return run(client.get(("admin", "realms", *path))).json


def without_ids(found: Json) -> Json:
    """The same without what is chosen at random or by the clock."""
    chosen = {
        "id",
        "containerId",
        "createdTimestamp",
        "client.secret.creation.time",
        "events",
        "realm",
        "_id",
    }
    if isinstance(found, dict):
        return {name: without_ids(value) for name, value in sorted(found.items()) if name not in chosen}
    if isinstance(found, list):
        return sorted((without_ids(one) for one in found), key=repr)
    return found


def writes(counter: Calls) -> list[str]:
    return [call for call in counter.made if not call.startswith("GET") and not call.endswith("/token")]


def test_a_second_run_changes_nothing_at_all(client: Client, console: Console) -> None:
    """M1: a second start changes nothing."""
    run(ensure_console(client, console=console))
    before = whole(client, console.realm)

    with calls() as counter:
        run(ensure_console(client, console=console))

    assert writes(counter) == []
    assert whole(client, console.realm) == before
    assert before["events"] > 5


def test_a_run_killed_at_any_write_is_completed_by_the_next(
    keycloak_connection: Connection, client: Client, realm_name: Callable[..., str]
) -> None:
    """M1: provisioning is complete whatever happened on the way."""

    def fresh() -> Console:
        return Console(url="http://localhost:8999", client_secret=Secret("s"), realm=realm_name("killed"))

    reference = fresh()
    with calls() as counter:
        run(ensure_console(client, console=reference))
    total = len(writes(counter))

    for life in range(1, total):
        killed = fresh()
        mortal = MortalClient(keycloak_connection)
        mortal.life = life
        with pytest.raises(Killed):
            run(ensure_console(mortal, console=killed))
        run(ensure_console(client, console=killed))
        assert _comparable(client, killed) == _comparable(client, reference), f"killed after {life} writes"
    assert total >= 8


def _comparable(client: Client, console: Console) -> Json:
    found = whole(client, console.realm)
    return repr(without_ids(found)).replace(console.realm, "REALM")


def test_the_realm_watches_itself_and_lets_nobody_register(client: Client, console: Console) -> None:
    run(ensure_console(client, console=console))

    realm = read(client, console.realm)

    on = (
        "enabled",
        "bruteForceProtected",
        "eventsEnabled",
        "adminEventsEnabled",
        "adminEventsDetailsEnabled",
    )
    assert [name for name in on if not realm[name]] == []
    assert realm["registrationAllowed"] is False
    assert realm["sslRequired"] == "external"
    assert realm["accessTokenLifespan"] == 300
    assert "length(12)" in realm["passwordPolicy"]


def test_sign_in_is_by_code_with_pkce_at_exact_addresses_only(client: Client, console: Console) -> None:
    run(ensure_console(client, console=console))

    (found,) = read_clients(client, console.realm, provision.CONSOLE_CLIENT)

    assert found["redirectUris"] == ["http://localhost:8999/oidc/callback/"]
    assert found["attributes"]["post.logout.redirect.uris"] == "http://localhost:8999/"
    assert found["attributes"]["backchannel.logout.url"] == "http://localhost:8999/oidc/backchannel-logout/"
    assert found["attributes"]["pkce.code.challenge.method"] == "S256"
    assert found["webOrigins"] == []
    flows = ("implicitFlowEnabled", "directAccessGrantsEnabled", "serviceAccountsEnabled", "publicClient")
    assert [found[flow] for flow in flows] == [False] * 4
    assert (found["standardFlowEnabled"], found["fullScopeAllowed"]) == (True, False)


def read_clients(client: Client, realm: str, client_id: str) -> Json:
    return run(client.get(("admin", "realms", realm, "clients"), query={"clientId": client_id})).json


def test_the_tokens_of_the_first_administrator_hold_flat_roles_and_full_group_paths(
    client: Client, console: Console
) -> None:
    """M1: Keycloak itself shows the ID token and the userinfo that it would give."""
    run(ensure_console(client, console=console))
    person = run(client.get(("admin", "realms", console.realm, "users"), query={"username": "mto"})).json[0]
    (tenants,) = [one for one in read(client, console.realm, "groups") if one["path"] == "/tenants"]
    run(client.put(("admin", "realms", console.realm, "users", person["id"], "groups", tenants["id"])))
    (found,) = read_clients(client, console.realm, provision.CONSOLE_CLIENT)

    for kind in ("generate-example-id-token", "generate-example-userinfo"):
        path = ("admin", "realms", console.realm, "clients", found["id"], "evaluate-scopes", kind)
        claims = run(client.get(path, query={"userId": person["id"], "scope": "openid"})).json
        assert sorted(claims["roles"]) == ["gatehouse-admin", "gatehouse-superuser"]
        assert claims["groups"] == ["/tenants"]
        assert claims["email"] == "mto@localhost.localdomain"


def test_the_first_password_is_issued_once_and_must_be_changed(client: Client, console: Console) -> None:
    """M1: generated, shown once, changed at first login."""
    run(ensure_console(client, console=console))

    first = run(issue_first_password(client, realm=console.realm))
    second = run(issue_first_password(client, realm=console.realm))

    person = run(client.get(("admin", "realms", console.realm, "users"), query={"username": "mto"})).json[0]
    assert first is not None
    assert len(first) >= 20
    assert second is None
    assert person["requiredActions"] == ["UPDATE_PASSWORD"]
    events = read(client, console.realm, "admin-events")
    assert first not in repr(events)


def test_what_administrators_changed_stays_and_what_sign_in_needs_is_mended(
    client: Client, console: Console
) -> None:
    run(ensure_console(client, console=console))
    run(client.put(("admin", "realms", console.realm), json={"ssoSessionIdleTimeout": 900}))
    (found,) = read_clients(client, console.realm, provision.CONSOLE_CLIENT)
    path = ("admin", "realms", console.realm, "clients", found["id"])
    run(client.put(path, json={"redirectUris": ["http://elsewhere/*"], "description": found["description"]}))
    (mapper,) = [one for one in found["protocolMappers"] if one["name"] == "groups"]
    run(client.delete((*path, "protocol-mappers", "models", mapper["id"])))

    run(ensure_console(client, console=console))

    (mended,) = read_clients(client, console.realm, provision.CONSOLE_CLIENT)
    assert mended["redirectUris"] == ["http://localhost:8999/oidc/callback/"]
    assert sorted(one["name"] for one in mended["protocolMappers"]) == ["groups", "roles"]
    assert read(client, console.realm)["ssoSessionIdleTimeout"] == 900


def test_a_removed_first_administrator_is_not_made_again_beside_another(
    client: Client, console: Console
) -> None:
    run(ensure_console(client, console=console))
    users = ("admin", "realms", console.realm, "users")
    run(client.post(users, json={"username": "second", "enabled": True}))
    people = {one["username"]: one["id"] for one in run(client.get(users)).json}
    role = read(client, console.realm, "roles", provision.ADMINISTRATOR)
    run(client.post((*users, people["second"], "role-mappings", "realm"), json=[role]))
    run(client.delete((*users, people["mto"])))

    run(ensure_console(client, console=console))

    assert [one["username"] for one in run(client.get(users)).json] == ["second"]


def test_a_realm_in_which_we_have_no_rights_is_refused_and_not_written(client: Client) -> None:
    """Keycloak answers a read of `master` with a stub."""
    foreign = Console(url="http://localhost:8999", client_secret=Secret("s"), realm="master")

    with calls() as counter, pytest.raises(Forbidden, match="no rights in realm master"):
        run(ensure_console(client, console=foreign))

    assert writes(counter) == []


def test_the_bootstrap_client_is_gone_and_the_service_client_may_make_realms_only() -> None:
    """M1, read in Keycloak's own database: nobody of ours may read `master` itself."""
    secret = os.environ["POSTGRES_PASSWORD_KEYCLOAK"]
    url = f"postgresql://keycloak:{secret}@127.0.0.1:{os.environ['POSTGRES_PORT']}/keycloak"
    with psycopg.connect(url) as connection:
        clients = connection.execute(
            "SELECT client_id FROM client JOIN realm ON realm.id = realm_id"
            " WHERE realm.name = 'master' AND service_accounts_enabled"
        ).fetchall()
        people = connection.execute(
            "SELECT username FROM user_entity JOIN realm ON realm.id = realm_id WHERE realm.name = 'master'"
        ).fetchall()
        roles = connection.execute(
            "SELECT DISTINCT role.name FROM user_role_mapping JOIN user_entity ON user_entity.id = user_id"
            " JOIN realm ON realm.id = user_entity.realm_id JOIN keycloak_role role ON role.id = role_id"
            " WHERE realm.name = 'master' AND NOT role.client_role"
        ).fetchall()

    assert clients == [("gatehouse-service",)]
    assert people == [("service-account-gatehouse-service",)]
    assert sorted(roles) == [("create-realm",), ("default-roles-master",)]
