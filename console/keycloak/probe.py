"""Testing a connection: each call, what came of it, and how long it took. Nothing secret is in it."""

import base64
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from console.keycloak.client import Client
from console.keycloak.connection import Connection
from console.keycloak.errors import BadRequest, Forbidden, KeycloakError, NotFound, Permanent, understood
from console.transport import LONG, Secret, run

# What only an ordinary token carries, and what lets it grow with every realm until Keycloak refuses it.
_HEAVY = ("realm_access", "resource_access")


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One call of the test. `is_warning`: it works, and something about it should be changed."""

    call: str
    ok: bool
    sentence: str
    milliseconds: int
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    sentence: str
    ok: bool = True
    is_warning: bool = False


def probe(connection: Connection) -> list[ProbeStep]:
    """Return the steps of the test, in order; after a first failure nothing more is tried. Raises nothing."""
    try:
        client = Client(connection)
    except KeycloakError as error:
        return [ProbeStep("Address", ok=False, sentence=error.sentence, milliseconds=0)]
    return run(_probe(client))


def look(client: Client) -> None:
    """Ask for a new token and one small thing. Raises Temporary when the server does not answer.

    What it answers is not looked at: a refusal is an answer.
    """
    with suppress(Permanent):
        run(_look(client))


async def _look(client: Client) -> None:
    client.forget_token(await client.token())
    await client.get(("admin", "realms", client.connection.realm))


async def _probe(client: Client) -> list[ProbeStep]:
    first = await _timed("Token by client credentials", client, _token)
    if not first.ok:
        return [first]
    steps = [first, await _timed("Server information", client, _version)]
    if client.connection.realm != "master":
        return [*steps, await _timed("The realm of the service client", client, _own_realm)]
    steps.append(await _timed("Realms", client, _realms))
    steps.append(await _timed("Right to create realms", client, _may_create))
    steps.append(await _timed("Rights in the realm “master”", client, _is_full_administrator))
    return steps


async def _timed(call: str, client: Client, ask: Callable[[Client], Awaitable[_Said]]) -> ProbeStep:
    start = time.monotonic()
    try:
        with understood():
            said = await ask(client)
    except KeycloakError as error:
        said = _Said(error.sentence, ok=False)
    spent = round((time.monotonic() - start) * 1000)
    return ProbeStep(call, said.ok, said.sentence, spent, said.is_warning)


async def _token(client: Client) -> _Said:
    """Say how large a token is.

    https://www.keycloak.org/docs/latest/server_admin/index.html#_lightweight_access_token
    """
    token = await client.token()
    size = len(token.reveal())
    if any(key in _claims(token) for key in _HEAVY):
        return _Said(
            f"A token of {size} bytes that lists all rights: it grows with every realm until Keycloak"
            " refuses it. Switch on lightweight access tokens for this client.",
            is_warning=True,
        )
    return _Said(f"A lightweight token of {size} bytes.")


def _claims(token: Secret) -> dict[str, Any]:
    """Return the claims unchecked: they are shown to nobody and grant nothing here."""
    try:
        part = token.reveal().split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


async def _version(client: Client) -> _Said:
    """Ask for the version. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_root."""
    try:
        info = (await client.get(("admin", "serverinfo"))).json
    except Forbidden:
        info = {}
    version = (info.get("systemInfo") or {}).get("version")
    if not isinstance(version, str):
        return _Said("Keycloak answers; it does not show its version to this client.")
    if not version.startswith("26."):
        return _Said(f"Keycloak {version}: only 26.x is supported.", ok=False)
    return _Said(f"Keycloak {version}.")


async def _realms(client: Client) -> _Said:
    """Ask for the realms. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
    try:
        found = (
            await client.get(("admin", "realms"), query={"briefRepresentation": True}, patience=LONG)
        ).json
    except Forbidden:  # Keycloak's answer to a client that has rights in no realm yet
        found = []
    names = [str(one.get("realm")) for one in found]
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return _Said(f"{len(names)} visible: {shown}." if names else "None visible yet.")


async def _may_create(client: Client) -> _Said:
    """Send what cannot be a realm: Keycloak looks at the right first, then refuses the content.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
    """
    try:
        await client.post(("admin", "realms"), json=[])
    except BadRequest:
        return _Said("It may create realms.")
    except Forbidden:
        return _Said(
            "It may not create realms: give its service account the realm role “create-realm”.", ok=False
        )
    return _Said("Keycloak took what is no realm: check the server.", ok=False)


async def _is_full_administrator(client: Client) -> _Said:
    """See whether `master` is open. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
    if await _is_open(client, "master"):
        return _Said(
            "This client is an administrator of the whole server. The right to create realms is enough.",
            is_warning=True,
        )
    return _Said("None, as it should be.")


async def _own_realm(client: Client) -> _Said:
    name = client.connection.realm
    if await _is_open(client, name):
        return _Said(f"The realm “{name}” is open to it.")
    return _Said(f"The realm “{name}” is closed to it: give it roles of “realm-management”.", ok=False)


async def _is_open(client: Client, realm: str) -> bool:
    """Tell a realm from the stub that Keycloak shows of one without rights."""
    try:
        return "accessTokenLifespan" in (await client.get(("admin", "realms", realm))).json
    except (Forbidden, NotFound):
        return False
