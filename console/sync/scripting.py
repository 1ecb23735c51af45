"""What the commands for people who script share: naming a realm, what waits in it, and exit codes."""

import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.engine.plan import Plan
from console.identity.actor import Actor
from console.keycloak.errors import KeycloakError
from console.keycloak.target import KeycloakTarget
from console.seal import CannotOpen
from console.sync import circuit
from console.sync.collect import collect, compared
from console.sync.drift.models import DriftItem
from console.sync.drift.showing import by_words
from console.sync.models import Scope
from console.sync.preview import described
from console.sync.snapshot import snapshot

NOTHING, CHANGES = 0, 2  # 1 is an error, as everywhere


def name_a_realm(parser: CommandParser, **extra: Any) -> None:
    """Add the argument that names a realm."""
    parser.add_argument("realm", help="server and realm, as main/acme", **extra)


def name_an_actor(parser: CommandParser, command: str) -> None:
    """Add the option that says in whose name the record is written."""
    default = f"manage.py {command}"
    parser.add_argument("--actor", default=default, help=f"who does it, for the record (default {default})")


def actor_named(name: str) -> Actor:
    """Return the actor of a command. It may do everything: who may start it decides the machine."""
    return Actor.system(name)


def scope_named(text: str) -> Scope:
    """Return the realm of `server/realm`. Raises CommandError that lists what there is."""
    server, _, realm = text.partition("/")
    scope = Scope.objects.select_related("server").filter(server__name=server, realm=realm).first()
    if scope is None:
        known = [str(one) for one in Scope.objects.select_related("server").order_by("server__name", "realm")]
        raise CommandError(f"There is no realm {text} here. There is: {', '.join(known) or 'none'}.")
    return scope


def waiting(scope: Scope) -> Plan:
    """Return what a run would do now. Raises CommandError when Keycloak cannot be read."""
    with snapshot():
        scope = Scope.objects.select_related("server").get(pk=scope.pk)
        rows = list(scope.touched.all())
        if not rows:
            return Plan()
        work = collect(scope, rows)
    try:
        with circuit.through(scope.server):
            actual = KeycloakTarget(scope.server.connection(), scope.realm).read(work.to_read)
    except KeycloakError as error:
        raise CommandError(f"{scope.server.name} could not be read. {error.sentence}") from error
    except CannotOpen as error:
        raise CommandError(str(error)) from error
    return compared(work, actual)


def plan_told(scope: Scope, found: Plan) -> dict[str, Any]:
    """Return a plan as plain JSON: what would be done, and what stands in the way."""
    stops = (*found.conflicts, *found.unreadable)
    return {
        "realm": str(scope),
        "operations": [described(one, realm=scope.realm) for one in found.operations],
        "findings": [{"address": one.address.key, "sentence": one.sentence} for one in stops],
    }


def words_of(operation: Mapping[str, Any]) -> str:
    """Return an operation of `plan_told` as one line."""
    words = "".join(text for text, _ in operation["words"])
    changes = "; ".join(
        f"{name}: {before} -> {after}" if before else f"{name}: {after}"
        for name, before, after in operation["changes"]
    )
    return f"{words} ({changes})" if changes else words


def item_told(item: DriftItem) -> dict[str, Any]:
    """Return a difference as plain JSON."""
    return {
        "realm": str(item.scope),
        "tenant": item.tenant,
        "address": item.address,
        "state": item.state,
        "change": item.change,
        "risk": item.risk,
        "declared": item.ours,
        "keycloak": item.theirs,
        "applied": item.applied,
        "stands_at": item.stands_at,
        "along": item.along,
        "since": item.since.isoformat(),
        "by": by_words(item),
        "by_at": item.by_at.isoformat() if item.by_at else None,
    }


def ended(code: int) -> None:
    """End the command with this code, 0 by simply returning."""
    if code:
        sys.exit(code)
