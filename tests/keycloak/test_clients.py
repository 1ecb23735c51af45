"""Clients on the real Keycloak: secrets stay secret, nothing opens by itself, what is its own stays."""

import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from console.engine.kinds import PROTECTED_CLIENTS, is_protected
from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource, Selection
from console.engine.target import Outcome, Result
from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.kinds.client import LAYOUT
from console.keycloak.target import KeycloakTarget
from console.transport import Secret, calls, run
from tests.engine.world import defaults
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates

CANARY = "canary-s3cret-91"
FIELDS = defaults(Kind.CLIENT)


@pytest.fixture
def name() -> str:
    return fresh("shop")


def made(world: World, name: str, **fields: Any) -> Outcome:
    return done(world.do(creates(at(Kind.CLIENT, name), **FIELDS | fields)))


def there(world: World, name: str) -> dict[str, Any]:
    (found,) = world.get("clients", clientId=name)
    return dict(found)


def secretive(world: World, name: str, secret: str = CANARY) -> KeycloakTarget:
    def secrets(address: Address) -> Mapping[str, Secret]:
        return {"secret": Secret(secret)} if address == at(Kind.CLIENT, name) else {}

    return KeycloakTarget(world.connection, world.name, secrets=secrets)


# --- secrets ---


def test_a_secret_outlives_every_change_of_ours(world: World, name: str) -> None:
    world.make("clients", clientId=name, secret="kept-as-it-is", publicClient=False)
    client, other = at(Kind.CLIENT, name), at(Kind.CLIENT, fresh("store"))
    (found,) = [one for one in world.read(client) if one.address == client]

    done(world.do(updates(client, id=found.id, before=found.fields, **found.fields | {"name": "Shop"})))
    done(world.do(renames(client, other, id=found.id, name="Shop")))
    done(world.do(updates(other, id=found.id, redirect_uris=["https://a.example/cb"])))

    assert there(world, other.path[0])["secret"] == "kept-as-it-is"


def test_a_secret_that_is_kept_is_written_and_said_nowhere(world: World, name: str) -> None:
    client = at(Kind.CLIENT, name)
    target = secretive(world, name)

    outcomes = list(target.execute([creates(client, **FIELDS)]))
    first = there(world, name)["secret"]
    again = secretive(world, name, CANARY + "-new")
    outcomes += again.execute([updates(client, before=FIELDS, **FIELDS | {"name": "Shop"})])
    state = again.read(Selection.all())

    assert {one.result for one in outcomes} == {Result.DONE}
    assert (first, there(world, name)["secret"]) == (CANARY, CANARY + "-new")
    assert CANARY not in repr(outcomes) + repr(list(state))


def test_a_secret_that_a_server_says_again_is_taken_out_of_its_words(
    spoiled: World, forwarder: Forwarder, name: str
) -> None:
    words = f'{{"errorMessage": "Bad secret {CANARY}"}}'.encode()
    answer = Fault(forwarded=False, status=422, content_type="application/json", body=words)
    forwarder.spoil("POST", "/clients", answer)

    outcome = failed(secretive(spoiled, name).execute([creates(at(Kind.CLIENT, name), **FIELDS)]))

    assert "Bad secret …" in outcome.sentence
    assert CANARY not in repr(outcome)


def test_what_saml_keeps_secret_among_attributes_is_never_read(world: World, name: str) -> None:
    made(world, name, protocol="saml")
    kept = there(world, name)["attributes"]

    (found,) = [one for one in world.read(at(Kind.CLIENT, name)) if one.address.kind is Kind.CLIENT]

    assert kept["saml.signing.private.key"]
    assert kept["saml.signing.private.key"] not in repr(found)
    assert found.fields["attributes"]["saml.signing.certificate"] == kept["saml.signing.certificate"]
    assert not LAYOUT.own & set(found.fields["attributes"])


@pytest.mark.parametrize("key", [*sorted(LAYOUT.own), "pkce.code.challenge.method"])
def test_an_attribute_that_is_keycloaks_own_or_has_a_field_is_not_written(
    spoiled: World, forwarder: Forwarder, name: str, key: str
) -> None:
    outcome = failed(spoiled.do(creates(at(Kind.CLIENT, name), attributes={key: "x"})))

    assert key in outcome.sentence
    assert not [one for one in forwarder.seen if one.startswith("POST") and one.endswith("/clients")]


# --- nothing opens by itself ---


@pytest.mark.parametrize(
    ("protocol", "root_url"),
    [("openid-connect", ""), ("openid-connect", "https://root.example"), ("saml", "https://root.example")],
)
def test_a_client_without_redirect_uris_gets_none(
    world: World, name: str, protocol: str, root_url: str
) -> None:
    """Keycloak would allow everything below the root URL, and below an empty one everything at all."""
    made(world, name, protocol=protocol, root_url=root_url)

    found = there(world, name)
    assert (found["redirectUris"], found["webOrigins"]) == ([], [])


def test_a_change_of_one_field_makes_no_web_origins(world: World, name: str) -> None:
    made(world, name, redirect_uris=["https://a.example/cb"], web_origins=[])

    done(world.do(updates(at(Kind.CLIENT, name), name="Shop")))

    assert there(world, name)["webOrigins"] == []


def test_a_change_beside_a_strangers_wildcard_leaves_it(world: World, name: str) -> None:
    """Our own client would not send a lone asterisk, which looks like a mask: others do."""
    _post_as_a_stranger(world, {"clientId": name, "redirectUris": ["*"], "webOrigins": ["*"]})

    done(world.do(updates(at(Kind.CLIENT, name), name="Shop")))

    found = there(world, name)
    assert (found["name"], found["redirectUris"], found["webOrigins"]) == ("Shop", ["*"], ["*"])


def _post_as_a_stranger(world: World, client: dict[str, Any]) -> None:
    parts = urlsplit(world.connection.url)
    token = run(client_for(world.connection).token()).reveal()
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    connection.request("POST", f"/admin/realms/{world.name}/clients", json.dumps(client), headers)
    assert connection.getresponse().status == 201
    connection.close()


# --- Keycloak's own, and others' ---

PROTECTED = [
    creates(at(Kind.CLIENT_ROLE, "realm-management", "ours"), description=""),
    creates(at(Kind.CLIENT_MAPPER, "account", "ours"), type="oidc-audience-mapper", config={}),
    creates(at(Kind.CLIENT_COMPOSITE, "realm-management", "view-users", "offline_access")),
    deletes(at(Kind.CLIENT_ROLE, "realm-management", "realm-admin")),
    renames(at(Kind.CLIENT, "broker"), at(Kind.CLIENT, "ours")),
    *(updates(at(Kind.CLIENT, one), enabled=False) for one in sorted(PROTECTED_CLIENTS)),
    deletes(at(Kind.ROLE, "uma_authorization")),
    updates(at(Kind.ROLE, "offline_access"), description="Ours"),
]


@pytest.mark.parametrize("operation", PROTECTED, ids=lambda one: f"{one.action} {one.was or one.address}")
def test_what_is_keycloaks_own_is_refused_before_anything_is_sent(
    spoiled: World, forwarder: Forwarder, operation: Operation
) -> None:
    """Whatever planned it: the gateway is the last to look."""
    assert is_protected(operation.was or operation.address)

    outcome = failed(spoiled.do(operation))

    assert "belongs to Keycloak itself" in outcome.sentence
    assert not [one for one in forwarder.seen if not one.startswith("GET")]


def test_the_roles_of_keycloaks_own_clients_are_read_with_what_they_include(world: World) -> None:
    """Who may administer the realm shows in the state, however it comes."""
    state = world.target.read(Selection.all())

    admin = at(Kind.CLIENT_ROLE, "realm-management", "realm-admin")
    included = (*admin.path, "realm-management", "manage-users")
    assert admin in state
    assert at(Kind.CLIENT_COMPOSITE_CLIENT_ROLE, *included) in state
    assert at(Kind.SCOPE_ROLE, "offline_access", "offline_access") in state


def test_a_client_with_roles_that_nobody_has_seen_is_not_deleted(world: World, name: str) -> None:
    id = made(world, name).id
    target = world.target
    target.read(Selection(frozenset({at(Kind.CLIENT, name)})))
    world.post("clients", str(id), "roles", json={"name": "theirs"})

    outcome = failed(target.execute([deletes(at(Kind.CLIENT, name), id=id)]))

    assert "nobody has seen" in outcome.sentence
    assert outcome.retryable
    assert there(world, name)["id"] == id


@pytest.mark.parametrize("kind", [Kind.CLIENT, Kind.CLIENT_SCOPE])
def test_a_name_that_became_free_by_a_rename_is_given_again(world: World, kind: Kind) -> None:
    """The first one keeps the id that its former name gave it."""
    first, second = at(kind, fresh("first")), at(kind, fresh("second"))
    one = done(world.do(creates(first, **defaults(kind))))
    done(world.do(renames(first, second, id=one.id)))

    other = done(world.do(creates(first, **defaults(kind))))

    assert other.id != one.id
    assert {found.address: found.id for found in world.read(first, second) if found.address.kind is kind} == {
        first: other.id,
        second: one.id,
    }


def test_a_scope_cannot_be_both_default_and_optional(world: World, name: str) -> None:
    """Keycloak answers 204 for a client, and 409 for the realm: here it is said."""
    made(world, name)

    outcomes = [
        failed(world.do(creates(at(Kind.CLIENT_OPTIONAL_SCOPE, name, "email")))),
        failed(world.do(creates(at(Kind.OPTIONAL_SCOPE, "email")))),
    ]

    assert all("cannot be both" in one.sentence for one in outcomes)
    assert at(Kind.CLIENT_DEFAULT_SCOPE, name, "email") in {
        one.address for one in world.read(at(Kind.CLIENT_DEFAULT_SCOPE, name, "email"))
    }


def test_a_link_to_a_client_without_a_service_account_says_so(world: World, name: str) -> None:
    made(world, name)

    outcome = failed(world.do(creates(at(Kind.SERVICE_ROLE, name, "offline_access"))))

    assert f"service account of client “{name}” does not exist" in outcome.sentence


# --- reading ---


def test_a_renamed_client_is_found_by_its_id_with_its_roles(world: World, name: str) -> None:
    client, role = at(Kind.CLIENT, name), at(Kind.CLIENT_ROLE, name, "buyer")
    ids = {one: done(world.do(creates(one, **defaults(one.kind)))).id for one in (client, role)}
    other = fresh("store")
    world.put("clients", str(ids[client]), json={"clientId": other, "webOrigins": []})

    found = world.read(client, role, ids=ids)

    assert {(one.address, one.id) for one in found} == {
        (at(Kind.CLIENT, other), ids[client]),
        (at(Kind.CLIENT_ROLE, other, "buyer"), ids[role]),
    }


def test_a_client_role_that_no_call_could_hold_is_said(world: World, name: str) -> None:
    id = made(world, name).id
    world.post("clients", str(id), "roles", json={"name": "a/b"})

    state = world.target.read(Selection.all())
    world.delete("clients", str(id))

    assert set(state.unreadable) == {at(Kind.CLIENT_ROLE, name, "a/b")}


RIGHTS = {
    "query-clients": (["view-realm", "query-clients"], {Kind.ROLE, Kind.COMPOSITE}, {Kind.CLIENT_SCOPE}),
    "no people": (["view-realm", "view-clients"], {Kind.CLIENT, Kind.SCOPE_ROLE}, {Kind.SERVICE_ROLE}),
    "no clients": (["view-realm", "view-users"], {Kind.PERSON_ROLE, Kind.GROUP}, {Kind.CLIENT}),
}


@pytest.mark.parametrize("case", RIGHTS)
def test_what_is_hidden_is_never_absent(world: World, case: str) -> None:
    """With `query-clients` alone, Keycloak answers an empty list of clients and of scopes."""
    rights, read, closed = RIGHTS[case]
    world.make("groups", name=fresh("group"))
    target = KeycloakTarget(_service_client(world, *rights), world.name)

    everything = target.read(Selection.all())
    asked = frozenset({at(Kind.CLIENT, "account"), at(Kind.CLIENT_SCOPE, "email")})
    selected = target.read(Selection(asked))

    shut = set(everything.unreadable)
    assert closed <= shut
    assert not read & shut
    assert read <= {one.address.kind for one in everything}
    assert not closed & {one.address.kind for one in everything}
    if "view-clients" not in rights:
        assert {Kind.CLIENT_ROLE, Kind.CLIENT_MAPPER, Kind.ALLOWED_ROLE, Kind.PERSON_CLIENT_ROLE} <= shut
        assert Kind.CLIENT in selected.unreadable


def _service_client(world: World, *roles: str) -> Connection:
    client, secret = fresh("stranger"), fresh("secret")
    id = world.make(
        "clients", clientId=client, secret=secret, serviceAccountsEnabled=True, publicClient=False
    )
    world.make_person(fresh("ann"))
    account = world.get("clients", id, "service-account-user")["id"]
    management = world.get("clients", clientId="realm-management")[0]["id"]
    given = [world.get("clients", management, "roles", role) for role in roles]
    world.post("users", account, "role-mappings", "clients", management, json=given)
    return Connection(world.connection.url, client, Secret(secret), world.name)


def test_the_calls_of_a_complete_read_do_not_grow_with_people(
    keycloak_connection: Connection, realm_name: Callable[..., str]
) -> None:
    """They grow with clients and their roles: here 10 clients with 5 roles each, once with 60 people."""
    world = World(keycloak_connection, realm_name("size"))
    world.make_realm()
    clients = [at(Kind.CLIENT, f"client{number}") for number in range(10)]
    roles = [at(Kind.CLIENT_ROLE, *one.path, f"role{number}") for one in clients for number in range(5)]
    assert {one.result for one in world.do(*(creates(one, **FIELDS) for one in clients))} == {Result.DONE}
    assert {one.result for one in world.do(*(creates(one, description="") for one in roles))} == {Result.DONE}

    counts = []
    for people in ([], [at(Kind.PERSON, f"user{number:02}") for number in range(60)]):
        world.do(*(creates(one, **defaults(Kind.PERSON)) for one in people))
        world.do(*(creates(at(Kind.PERSON_CLIENT_ROLE, *one.path, *roles[0].path)) for one in people[:40]))
        with calls() as made:
            state = world.target.read(Selection.all())
        counts.append(made.count)

    assert len(list(state.of_kind(Kind.PERSON_CLIENT_ROLE))) == 40
    assert counts[0] == counts[1]
    assert Resource(roles[0], {"description": ""}, state.resources[roles[0]].id) in list(state)
