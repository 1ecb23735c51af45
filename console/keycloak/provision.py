"""What the console needs in Keycloak: its service client, its realm, its client, its first administrator.

Every step looks before it writes, so a second run changes nothing and a killed one is completed by the next.
What administrators may tune (realm settings, people) is made once; what sign-in needs is repaired.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.keycloak.client import Client
from console.keycloak.connection import Connection
from console.keycloak.errors import Forbidden, NotFound, Permanent
from console.transport import LONG, Query, Secret

REALM = "gatehouse"
CONSOLE_CLIENT = "gatehouse-console"
SERVICE_CLIENT = "gatehouse-service"
FIRST_ADMINISTRATOR = "mto"
TENANTS_GROUP = "tenants"
ROLES = {
    "gatehouse-admin": "May see and change everything in the console.",
    "gatehouse-auditor": "May see everything in the console except secrets, and change nothing.",
    "gatehouse-superuser": "May open the Django admin of the console.",
}
ADMINISTRATOR = "gatehouse-admin"
FIRST_ROLES = ("gatehouse-superuser", ADMINISTRATOR)
"""Given in this order: who has the last one has them all."""

Say = Callable[[str], None]
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Console:
    """The console as its realm knows it."""

    url: str
    client_secret: Secret
    realm: str = REALM


async def ensure_service_client(*, bootstrap: Client, service: Connection) -> Client:
    """The client of our service account in `master`, made if missing; then the bootstrap client is removed.

    It needs full scope: what it may do in a realm that it made comes as roles of a client made later.
    Lightweight tokens stay below 1 kB; ordinary ones are refused from about 115 realms on.
    """
    client = Client(service)
    if not await _is_there(bootstrap):
        await client.token()
        return client
    desired = {
        "clientId": service.client_id,
        "name": "Gatehouse",
        "description": "The service account by which Gatehouse makes and manages realms.",
        "secret": service.client_secret.reveal(),
        "publicClient": False,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "fullScopeAllowed": True,
        "attributes": {"client.use.lightweight.access.token.enabled": "true"},
    }
    found = await _ensure_client(bootstrap, realm="master", desired=desired)
    path = ("admin", "realms", "master", "clients", found, "service-account-user")
    account = (await bootstrap.get(path)).json
    await _ensure_roles(bootstrap, realm="master", user=account["id"], names=("create-realm",))
    await client.token()
    await _remove_client(bootstrap, realm="master", client_id=bootstrap.connection.client_id)
    return client


async def _is_there(bootstrap: Client) -> bool:
    """False once the bootstrap client was removed: Keycloak then refuses its id."""
    try:
        await bootstrap.token()
    except Permanent:
        return False
    return True


async def ensure_console(client: Client, *, console: Console, say: Say = lambda _: None) -> None:
    """Make what is missing of the console's realm. Raises KeycloakError: Forbidden if it is not ours."""
    say("realm")
    await _ensure_realm(client, console.realm)
    say("roles and groups")
    for name, description in ROLES.items():
        await _ensure_role(client, console.realm, name=name, description=description)
    await _ensure_group(client, console.realm, name=TENANTS_GROUP)
    say("client")
    await _ensure_console_client(client, console=console)
    say("first administrator")
    await _ensure_first_administrator(client, console.realm)


async def issue_first_password(client: Client, *, realm: str = REALM) -> str | None:
    """A new temporary password of the first administrator, or None if one was issued before.

    Shown by the caller and kept nowhere. Keycloak asks for another one at the first login.
    """
    person = await _person(client, realm, FIRST_ADMINISTRATOR)
    if person is None or "UPDATE_PASSWORD" not in person.get("requiredActions", ()):
        return None
    if (await client.get(("admin", "realms", realm, "users", person["id"], "credentials"))).json:
        return None
    return await give_temporary_password(client, username=FIRST_ADMINISTRATOR, realm=realm)


async def give_temporary_password(client: Client, *, username: str, realm: str = REALM) -> str:
    """A new temporary password of a person. Raises NotFound if there is no such person."""
    person = await _person(client, realm, username)
    if person is None:
        raise NotFound(f"Realm {realm} has no person {username}.")
    password = secrets.token_urlsafe(15)
    credential = {"type": "password", "value": password, "temporary": True}
    await client.put(("admin", "realms", realm, "users", person["id"], "reset-password"), json=credential)
    return password


async def _ensure_realm(client: Client, name: str) -> None:
    try:
        realm = (await client.get(("admin", "realms", name))).json
    except NotFound:
        await client.post(("admin", "realms"), json=_realm(name), patience=LONG)
        return
    if "accessTokenLifespan" not in realm:  # Keycloak answers 200 with a stub where we have no rights
        raise Forbidden(f"Our service client has no rights in realm {name}, which exists already.")


def _realm(name: str) -> Json:
    """The console's own realm. Times in seconds."""
    return {
        "realm": name,
        "displayName": "Gatehouse",
        "enabled": True,
        "sslRequired": "external",
        "registrationAllowed": False,
        "loginWithEmailAllowed": True,
        "duplicateEmailsAllowed": False,
        "bruteForceProtected": True,
        "failureFactor": 10,
        "passwordPolicy": "length(12) and notUsername(undefined) and notEmail(undefined)",
        "accessTokenLifespan": 300,
        "ssoSessionIdleTimeout": 30 * 60,
        "ssoSessionMaxLifespan": 10 * 60 * 60,
        "eventsEnabled": True,
        "eventsExpiration": 90 * 24 * 60 * 60,
        "adminEventsEnabled": True,
        "adminEventsDetailsEnabled": True,
    }


async def _ensure_role(client: Client, realm: str, *, name: str, description: str) -> None:
    try:
        await client.get(("admin", "realms", realm, "roles", name))
    except NotFound:
        await client.post(
            ("admin", "realms", realm, "roles"), json={"name": name, "description": description}
        )


async def _ensure_group(client: Client, realm: str, *, name: str) -> None:
    path = ("admin", "realms", realm, "groups")
    found = (await client.get(path, query={"search": name, "exact": True})).json
    if not any(group["path"] == f"/{name}" for group in found):
        description = "One group a tenant; its subgroup `admins` holds the tenant's administrators."
        await client.post(path, json={"name": name, "description": description})


async def _ensure_console_client(client: Client, *, console: Console) -> None:
    realm = console.realm
    found = await _ensure_client(client, realm=realm, desired=_console_client(console))
    path = ("admin", "realms", realm, "clients", found, "scope-mappings", "realm")
    have = {role["name"] for role in (await client.get(path)).json}
    missing = [await _role(client, realm, name) for name in ROLES if name not in have]
    if missing:
        await client.post(path, json=missing)


def _console_client(console: Console) -> Json:
    """The client by which administrators sign in: code flow with PKCE, exact addresses, the console's roles.

    The scope `roles` is left out: the console reads its own flat claims.
    """
    return {
        "clientId": CONSOLE_CLIENT,
        "name": "Gatehouse",
        "description": "Sign-in of administrators to the access console.",
        "secret": console.client_secret.reveal(),
        "publicClient": False,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "frontchannelLogout": False,
        "fullScopeAllowed": False,
        "baseUrl": f"{console.url}/",
        "redirectUris": [f"{console.url}/oidc/callback/"],
        "webOrigins": [],
        "defaultClientScopes": ["basic", "profile", "email", "acr"],
        "optionalClientScopes": [],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{console.url}/",
            "backchannel.logout.url": f"{console.url}/oidc/backchannel-logout/",
            "backchannel.logout.session.required": "true",
        },
        "protocolMappers": [
            _mapper("groups", "oidc-group-membership-mapper", {"full.path": "true"}),
            _mapper(
                "roles",
                "oidc-usermodel-realm-role-mapper",
                {"multivalued": "true", "jsonType.label": "String"},
            ),
        ],
    }


def _mapper(claim: str, kind: str, config: Mapping[str, str]) -> Json:
    places = {"id.token.claim": "true", "userinfo.token.claim": "true", "access.token.claim": "false"}
    return {
        "name": claim,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": {"claim.name": claim, **places, **config},
    }


async def _ensure_first_administrator(client: Client, realm: str) -> None:
    """Make the first administrator, unless somebody is one already: who was removed stays removed."""
    holders = (await client.get(("admin", "realms", realm, "roles", ADMINISTRATOR, "users"))).json
    if holders:
        return
    person = await _person(client, realm, FIRST_ADMINISTRATOR)
    if person is None:
        # Names and e-mail are set because Keycloak would ask for them at the first login.
        await client.post(("admin", "realms", realm, "users"), json=_first_administrator())
        person = await _person(client, realm, FIRST_ADMINISTRATOR)
    if person is None:
        raise Permanent(f"Keycloak made {FIRST_ADMINISTRATOR} and does not show it.")
    await _ensure_roles(client, realm=realm, user=person["id"], names=FIRST_ROLES)


def _first_administrator() -> Json:
    return {
        "username": FIRST_ADMINISTRATOR,
        "email": f"{FIRST_ADMINISTRATOR}@localhost.localdomain",
        "firstName": "First",
        "lastName": "Administrator",
        "enabled": True,
        "emailVerified": True,
        "requiredActions": ["UPDATE_PASSWORD"],
    }


async def _person(client: Client, realm: str, username: str) -> Json | None:
    query: Query = {"username": username, "exact": True, "briefRepresentation": False}
    found = (await client.get(("admin", "realms", realm, "users"), query=query)).json
    return found[0] if found else None


async def _role(client: Client, realm: str, name: str) -> Json:
    role: Json = (await client.get(("admin", "realms", realm, "roles", name))).json
    return role


async def _ensure_roles(client: Client, *, realm: str, user: str, names: Sequence[str]) -> None:
    """Give a person realm roles, one after the other in this order."""
    path = ("admin", "realms", realm, "users", user, "role-mappings", "realm")
    have = {role["name"] for role in (await client.get(path)).json}
    for name in names:
        if name not in have:
            await client.post(path, json=[await _role(client, realm, name)])


async def _ensure_client(client: Client, *, realm: str, desired: Json) -> str:
    """The id of a client. What differs from `desired` is written; all else stays as it is."""
    found = await _client(client, realm=realm, client_id=desired["clientId"])
    if found is None:
        await client.post(("admin", "realms", realm, "clients"), json=desired)
        found = await _client(client, realm=realm, client_id=desired["clientId"])
    if found is None:
        raise Permanent(f"Keycloak made client {desired['clientId']} and does not show it.")
    await _repair_client(client, realm=realm, found=found, desired=desired)
    return str(found["id"])


async def _repair_client(client: Client, *, realm: str, found: Json, desired: Json) -> None:
    path = ("admin", "realms", realm, "clients", found["id"])
    made_once = {
        "protocolMappers",
        "defaultClientScopes",
        "optionalClientScopes",
    }  # Keycloak ignores them in a PUT
    fields = {name: value for name, value in desired.items() if name not in made_once}
    if not _holds(found, fields):
        attributes = found.get("attributes", {}) | fields.get("attributes", {})
        await client.put(path, json=found | fields | {"attributes": attributes})
    mappers = {mapper["name"]: mapper for mapper in found.get("protocolMappers", ())}
    for mapper in desired.get("protocolMappers", ()):
        await _ensure_mapper(
            client,
            path=(*path, "protocol-mappers", "models"),
            found=mappers.get(mapper["name"]),
            desired=mapper,
        )


async def _ensure_mapper(client: Client, *, path: tuple[str, ...], found: Json | None, desired: Json) -> None:
    if found is None:
        await client.post(path, json=desired)
    elif not _holds(found, desired):
        await client.put((*path, found["id"]), json={**desired, "id": found["id"]})


def _holds(found: Any, desired: Any) -> bool:
    """True if everything desired stands in what was found. Lists are compared without their order."""
    if isinstance(desired, Mapping):
        return isinstance(found, Mapping) and all(
            _holds(found.get(key), value) for key, value in desired.items()
        )
    if isinstance(desired, list):
        return isinstance(found, list) and sorted(found) == sorted(desired)
    return bool(found == desired)


async def _client(client: Client, *, realm: str, client_id: str) -> Json | None:
    found = (await client.get(("admin", "realms", realm, "clients"), query={"clientId": client_id})).json
    return found[0] if found else None


async def _remove_client(client: Client, *, realm: str, client_id: str) -> None:
    found = await _client(client, realm=realm, client_id=client_id)
    if found is not None:
        await client.delete(("admin", "realms", realm, "clients", found["id"]))
