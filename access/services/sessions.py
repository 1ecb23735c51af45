"""Ending the sessions of people: recorded before and after, and never more promised than Keycloak does."""

from collections.abc import Sequence
from typing import Any

from access.models import Person
from access.services.base import door, each
from console.audit.models import EventKind
from console.identity.actor import Actor
from console.keycloak.sessions import Ended, end_sessions
from console.permissions.vocabulary import Permission
from console.sync import circuit
from console.sync.cause import Cause
from console.sync.commands import Refused
from console.sync.observing import why_not

MOST = 200


class TooMany(Refused):
    """More people than one request can do."""


def end(*, actor: Actor, tenant: str, people: Sequence[int], cause: Cause | None = None) -> tuple[Ended, ...]:
    """End all sessions of these people and return what came of each. It happens once, and at once.

    What was sent is recorded before, what came of it after: a session is nothing declared, so no run repeats
    it. Raises TooMany, Gone, Refused for a realm that is only observed.
    """
    if len(people) > MOST:
        raise TooMany(f"At most {MOST} people at once: these are {len(people)}.")
    asked: dict[str, Any] = {
        "actor": actor,
        "tenant": tenant,
        "permission": Permission.SESSION_END,
        "event": EventKind.ACCESS_SESSIONS_ENDED,
        "cause": cause,
    }
    with door(**asked) as opened:
        rows: list[Person] = each(Person.objects, opened.tenant, people, field="people")
        scope = opened.tenant.realm.scope
        if why := why_not(scope):
            raise Refused(why)
        for row in rows:
            opened.made.record(f"Sessions of {row}", address=row.address, new={"asked": "end all"})
    with circuit.through(scope.server):
        found = end_sessions(scope.server.connection(), scope.realm, [row.username for row in rows])
    with door(**asked) as opened:
        for row, one in zip(rows, found, strict=True):
            told = {"result": one.word, "said": one.sentence}
            opened.made.record(f"Sessions of {row}", address=row.address, new=told)
    return found
