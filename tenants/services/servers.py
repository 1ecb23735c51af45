"""Keycloak servers: adding one, changing one, and what a test of its connection said."""

import re
from collections.abc import Sequence
from datetime import datetime

from console.audit.models import EventKind
from console.change import change
from console.identity.actor import Actor
from console.integrity import constraints
from console.keycloak.probe import ProbeStep
from console.permissions.vocabulary import Permission
from console.sync import server_address
from console.sync.cause import Cause
from console.sync.commands import Conflict, Refused
from console.sync.models import KeycloakServer

FIELDS = ("name", "url", "client_id")


class NameTaken(Refused):
    """A server of this name exists."""


def create(
    *, actor: Actor, name: str, url: str, client_id: str, secret: str, cause: Cause | None = None
) -> KeycloakServer:
    """Return the new server. Raises NameTaken, NotReached. The secret is kept sealed, never shown again."""
    _refuse_unwanted(url)
    server = KeycloakServer(name=name, url=url, client_id=client_id)
    server.keep_secret(secret)
    with change(
        actor=actor, permission=Permission.SERVER_CREATE, event=EventKind.TENANTS_SERVER_CREATED, cause=cause
    ) as made:
        taken = NameTaken("A server of this name exists.", field="name")
        with constraints({"sync_keycloakserver_name_key": taken}):
            server.save(force_insert=True)
        made.record(server.name, new={name: getattr(server, name) for name in FIELDS})
    return server


class NotReached(Refused):
    """The address leads to where the console does not go."""


def _refuse_unwanted(url: str) -> None:
    if sentence := server_address.why_not(url):
        raise NotReached(sentence, field="url")


class SecretNeeded(Refused):
    """The address or the client changed, so the kept secret must not be sent there."""


def edit(
    *, actor: Actor, server: int, revision: int, url: str, client_id: str, secret: str = ""
) -> KeycloakServer:
    """Return the changed server.

    Raises SecretNeeded, NotReached, or Conflict when another editor was faster.
    """
    _refuse_unwanted(url)
    with change(
        actor=actor, permission=Permission.SERVER_EDIT, event=EventKind.TENANTS_SERVER_EDITED
    ) as made:
        row = KeycloakServer.objects.select_for_update(of=("self",)).get(pk=server)
        old = {name: getattr(row, name) for name in FIELDS}
        if row.revision != revision:
            raise Conflict("Somebody changed this server meanwhile.", theirs=old, revision=row.revision)
        moved = (row.url, row.client_id) != (url, client_id)
        if moved and not secret:
            raise SecretNeeded("Enter the secret again: it belongs to the former address.", field="secret")
        row.url, row.client_id, row.revision = url, client_id, revision + 1
        if secret:
            row.keep_secret(secret)
        row.save(update_fields=["url", "client_id", "sealed_secret", "revision"])
        made.record(row.name, old=old, new={name: getattr(row, name) for name in FIELDS} | _secret(secret))
    return row


def _secret(secret: str) -> dict[str, str]:
    return {"secret": "replaced"} if secret else {}


def keep_probe(*, server: KeycloakServer, steps: Sequence[ProbeStep], now: datetime) -> None:
    """Keep what the last test said. It is an observation, no change: the door is not for it."""
    failed = [step for step in steps if not step.ok]
    server.is_reachable = not failed
    server.sentence = failed[0].sentence[:500] if failed else ""
    server.version = _version(steps) or server.version
    server.checked_at = now
    server.answer_ms = max((step.milliseconds for step in steps if step.ok), default=None)
    server.save(update_fields=["is_reachable", "sentence", "version", "checked_at", "answer_ms"])


def _version(steps: Sequence[ProbeStep]) -> str:
    """Return the version that Keycloak named, or "" where it shows none to our client."""
    found = (
        re.search(r"\b\d+\.\d+\.\d+\b", step.sentence) for step in steps if step.call == "Server information"
    )
    return next((match.group() for match in found if match), "")
