"""The graph's answer beside Keycloak's own, with everything in play that gives a right.

Realms generated from a seed (nested groups, composites, default roles), and in them clients with roles of
their own, composites across clients, service accounts with roles and groups, a changed default role, scopes
with and without mapped roles, and an organization whose groups have roles. Asked of Keycloak: the effective
roles of people and accounts, and the tokens that they really get.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Selection, State
from console.engine.target import Result
from console.graph.closure import Graph
from console.graph.cut import minimal_cut
from console.graph.edges import Edge, Node, NodeKind, address_of, edges_of, person, service_account
from console.keycloak.client import Client, client_for
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.transport import LONG, run
from tests.generators import GeneratedRealm, generated_realm
from tests.keycloak.world import fresh
from tests.tokens import claims

SEEDS = (31, 32, 35)
PEOPLE = 24
PASSWORD = "correct horse battery staple 7"
SHOP, BACK, DOOR = "shop", "back", "door"  # two clients with roles and accounts, one for signing in
SECRET = "only-for-this-test"
TAGS = ("tag:all", "tag:one*/of", "tag:boss")
OWN = (SHOP, BACK, DOOR)

JSON = dict[str, Any]
RealmName = Callable[..., str]


@dataclass(frozen=True)
class Made:
    """One realm on Keycloak, what was read of it, and the graph of that."""

    connection: Connection
    realm: str
    generated: GeneratedRealm
    state: State
    graph: Graph

    def rights(self, subject: Node, graph: Graph | None = None) -> set[str]:
        """Return the realm roles and the roles of our own clients, as the graph has them."""
        held = (graph or self.graph).rights_of(subject)
        return {
            one.name
            for one in held
            if one.kind is NodeKind.ROLE
            or (one.kind is NodeKind.CLIENT_ROLE and one.name.split("/")[0] in OWN)
        }

    def scopes(self, subject: Node, client: str) -> set[str]:
        held = self.graph.rights_of(subject)
        mine = (one.name.partition("/") for one in held if one.kind is NodeKind.CLIENT_SCOPE)
        return {scope for name, _, scope in mine if name == client}

    def token(self, username: str) -> JSON:
        """Return what stands in the access token of a real sign-in."""
        form = {"grant_type": "password", "client_id": DOOR, "username": username, "password": PASSWORD}
        return self._token(form)

    def account_token(self, client: str) -> JSON:
        return self._token({"grant_type": "client_credentials", "client_id": client, "client_secret": SECRET})

    def _token(self, form: dict[str, str]) -> JSON:
        return claims(self.connection, self.realm, **form)

    def remove(self, edge: Edge) -> None:
        address = address_of(edge)
        assert address is not None
        ids = {one.address: one.id for one in self.state if one.id is not None}
        gone = Operation(Action.DELETE, address, Phase.REVOKE, before={}, reason="A link of a minimal cut.")
        (outcome,) = KeycloakTarget(self.connection, self.realm, ids=ids).execute([gone])
        assert outcome.result is Result.DONE, outcome.sentence


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest, keycloak_connection: Connection) -> Any:
    realm = fresh(f"rights{request.param}")
    yield _made(request.param, keycloak_connection, realm)
    run(client_for(keycloak_connection).delete(("admin", "realms", realm), patience=LONG))


def test_effective_roles_of_people_and_accounts_equal_keycloaks_own(made: Made) -> None:
    """K3, M5: realm and client roles, through groups, composites across clients, and default roles."""
    effective = run(_effective(client_for(made.connection), made.realm))

    accounts = {f"service-account-{one}": service_account(one) for one in (SHOP, BACK)}
    people = {one: accounts.get(one) or person(one) for one in effective}
    assert {name: made.rights(node) for name, node in people.items()} == effective
    assert len(effective) == PEOPLE + len(accounts)
    assert any("/" in one for several in effective.values() for one in several)


def test_tokens_of_real_sign_ins_hold_what_the_graph_says(made: Made) -> None:
    for username in made.generated.people[:12]:
        token = made.token(username)
        assert _roles_in(token) == made.rights(person(username)), username
        assert _tags_in(token) == made.scopes(person(username), DOOR), username


def test_tokens_of_service_accounts_hold_what_the_graph_says(made: Made) -> None:
    for client in (SHOP, BACK):
        token = made.account_token(client)
        assert _roles_in(token) == made.rights(service_account(client)), client
        assert _tags_in(token) == made.scopes(service_account(client), client), client


def test_the_cut_takes_the_role_out_of_the_next_token_and_no_part_of_it_does(made: Made) -> None:
    """Each proper part of the cut leaves the right in the next token; the last link of it takes it out."""
    subject, right, cut = _largest_cut(made)
    assert len(cut) >= 2
    for number, edge in enumerate(cut, start=1):
        made.remove(edge)
        left = right.name in _roles_in(made.token(subject.name))
        assert left == (number < len(cut)), f"{number} of {len(cut)} links of {subject} to {right}"


# --- the realm ------------------------------------------------------------------------------------------


def _made(seed: int, connection: Connection, realm: str) -> Made:
    generated = generated_realm(seed, people=PEOPLE, top_groups=2, roles_per_layer=4)
    body = _representation(generated, realm, Random(seed))
    assert run(client_for(connection).post(("admin", "realms"), json=body, patience=LONG)).status == 201
    run(_scopes(client_for(connection), realm, generated))
    run(_organize(client_for(connection), realm, generated))
    state = KeycloakTarget(connection, realm).read(Selection.all())
    assert state.unreadable == {}
    return Made(connection, realm, generated, state, Graph(edges_of(state)))


def _representation(generated: GeneratedRealm, realm: str, chance: Random) -> JSON:
    """Return the generated realm with clients, accounts, scopes and a richer default role."""
    body = generated.representation(realm)
    client_roles = {name: [f"{name}-{number}" for number in range(4)] for name in (SHOP, BACK)}
    body["organizationsEnabled"] = True
    body["roles"]["client"] = {
        SHOP: [_client_role(SHOP, name, client_roles, generated, chance) for name in client_roles[SHOP]],
        BACK: [{"name": name} for name in client_roles[BACK]],
    }
    for role in chance.sample(body["roles"]["realm"], 5):
        role["composite"] = True
        role["composites"].setdefault("client", {})[SHOP] = chance.sample(client_roles[SHOP], 2)
    body["roles"]["realm"].append(_default_role(realm, generated, client_roles))
    for user in body["users"]:
        user["credentials"] = [{"type": "password", "value": PASSWORD, "temporary": False}]
        user["clientRoles"] = {BACK: chance.sample(client_roles[BACK], chance.randint(0, 2))}
    for group in body["groups"]:
        group["clientRoles"] = {SHOP: [chance.choice(client_roles[SHOP])]}
    body["users"] += [_account(name, generated, client_roles, chance) for name in (SHOP, BACK)]
    body["clients"] = [_client(name) for name in (SHOP, BACK)] + [_door()]
    return body


def _client_role(
    client: str, name: str, known: Mapping[str, list[str]], generated: GeneratedRealm, chance: Random
) -> JSON:
    """Return a role of a client that includes realm roles and roles of another client."""
    composites = {
        "realm": [chance.choice(generated.layers[0])],
        "client": {BACK: [chance.choice(known[BACK])]},
    }
    return (
        {"name": name, "composite": True, "composites": composites}
        if name != f"{client}-0"
        else {"name": name}
    )


def _default_role(realm: str, generated: GeneratedRealm, known: Mapping[str, list[str]]) -> JSON:
    composites = {"realm": [generated.layers[1][0], "offline_access"], "client": {SHOP: [known[SHOP][1]]}}
    return {"name": f"default-roles-{realm}", "composite": True, "composites": composites}


def _account(client: str, generated: GeneratedRealm, known: Mapping[str, list[str]], chance: Random) -> JSON:
    return {
        "username": f"service-account-{client}",
        "enabled": True,
        "serviceAccountClientId": client,
        "realmRoles": chance.sample(generated.layers[3], 2),
        "clientRoles": {BACK: [known[BACK][3]]},
        "groups": [f"/{chance.choice(generated.groups)}"],
    }


def _scope(name: str) -> JSON:
    return {"name": name, "protocol": "openid-connect", "attributes": {"include.in.token.scope": "true"}}


def _client(name: str) -> JSON:
    return {
        "clientId": name,
        "secret": SECRET,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "fullScopeAllowed": True,
    }


def _door() -> JSON:
    return {
        "clientId": DOOR,
        "publicClient": True,
        "directAccessGrantsEnabled": True,
        "fullScopeAllowed": True,
    }


async def _scopes(client: Client, realm: str, generated: GeneratedRealm) -> None:
    """Make the scopes and attach them by links. Made with the realm they would displace the built-in ones."""
    base = ("admin", "realms", realm)
    mapped = {TAGS[1]: (generated.layers[0][0], generated.layers[1][1]), TAGS[2]: generated.layers[2][:1]}
    for name in TAGS:
        await client.post((*base, "client-scopes"), json=_scope(name))
    ids = {one["name"]: one["id"] for one in (await client.get((*base, "client-scopes"))).json}
    for name, several in mapped.items():
        roles = [(await client.get((*base, "roles", one))).json for one in several]
        await client.post((*base, "client-scopes", ids[name], "scope-mappings", "realm"), json=roles)
    clients = {one["clientId"]: one["id"] for one in (await client.get((*base, "clients"))).json}
    for own, tags in ((SHOP, TAGS[:2]), (BACK, TAGS[:2]), (DOOR, TAGS)):
        for tag in tags:
            await client.put((*base, "clients", clients[own], "default-client-scopes", ids[tag]))


async def _organize(client: Client, realm: str, generated: GeneratedRealm) -> None:
    """Make an organization whose group has a role, with members: Keycloak gives that role to nobody."""
    base = ("admin", "realms", realm)
    made = {"name": "acme", "alias": "acme", "enabled": True, "domains": [{"name": "acme.example"}]}
    await client.post((*base, "organizations"), json=made)
    (found,) = (await client.get((*base, "organizations"))).json
    inside = (*base, "organizations", found["id"])
    users = (await client.get((*base, "users"), query={"max": PEOPLE})).json
    await client.post((*inside, "groups"), json={"name": "crew"})
    (group,) = (await client.get((*inside, "groups"))).json
    role = (await client.get((*base, "roles", generated.layers[3][0]))).json
    await client.post((*inside, "groups", group["id"], "role-mappings", "realm"), json=[role])
    for user in users[:4]:
        await client.post((*inside, "members"), json=user["id"])
        await client.put((*inside, "groups", group["id"], "members", user["id"]))


# --- Keycloak's own answers -------------------------------------------------------------------------------


async def _effective(client: Client, realm: str) -> dict[str, set[str]]:
    base = ("admin", "realms", realm)
    users = list((await client.get((*base, "users"), query={"max": PEOPLE + 9})).json)
    clients = (await client.get((*base, "clients"))).json
    ids = {one["clientId"]: one["id"] for one in clients}
    for name in (SHOP, BACK):
        users.append((await client.get((*base, "clients", ids[name], "service-account-user"))).json)
    gate = asyncio.Semaphore(6)

    async def ask(user: JSON) -> tuple[str, set[str]]:
        mine = (*base, "users", user["id"], "role-mappings")
        async with gate:
            realm_roles = (await client.get((*mine, "realm", "composite"))).json
            found = {one["name"] for one in realm_roles}
            for name in OWN:
                several = (await client.get((*mine, "clients", ids[name], "composite"))).json
                found |= {f"{name}/{one['name']}" for one in several}
        return user["username"], found

    return dict(await asyncio.gather(*(ask(user) for user in users)))


def _roles_in(token: JSON) -> set[str]:
    found = set(token.get("realm_access", {}).get("roles", ()))
    for client, access in token.get("resource_access", {}).items():
        if client in OWN:
            found |= {f"{client}/{name}" for name in access["roles"]}
    return found


def _tags_in(token: JSON) -> set[str]:
    """Return our scopes in a token."""
    said = f" {token.get('scope', '')} "
    return {tag for tag in TAGS if f" {tag} " in said}


def _largest_cut(made: Made) -> tuple[Node, Node, tuple[Edge, ...]]:
    """Return the cell that needs most removals of those that changes can make."""
    cells = (
        (person(name), right, minimal_cut(made.graph, person(name), right))
        for name in made.generated.people
        for right in sorted(made.graph.rights_of(person(name)))
        if right.kind is NodeKind.ROLE or right.name.split("/")[0] in OWN
    )
    found = [
        (subject, right, cut)
        for subject, right, cut in cells
        if cut and right.kind is not NodeKind.CLIENT_SCOPE
    ]
    return max(found, key=lambda one: len(one[2]))
