"""Ending sessions: recorded before and after, and never more promised than Keycloak does."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from access.concern import concerns
from access.graphs import access_of
from access.kept.current import current
from access.models import Person
from access.services.accounts import accounts_of
from access.services.base import Door, door, each
from console.audit.models import EventKind
from console.engine.state import Address
from console.graph.edges import Edge, EdgeKind, address_of, group, person, role
from console.identity.actor import Actor
from console.keycloak.sessions import Ended, end_sessions, end_sessions_of_accounts, end_sessions_within
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync import circuit
from console.sync.cause import Cause
from console.sync.commands import Refused
from console.sync.models import Scope
from console.sync.observing import why_not
from tenants.models import Tenant

MOST = 200
WHO_MAY = "Only administrators of the whole console may end those."


class TooMany(Refused):
    """More people than one request can do."""


def end(*, actor: Actor, tenant: str, people: Sequence[int], cause: Cause | None = None) -> tuple[Ended, ...]:
    """End the sessions of these people and return what came of each. It happens once, and at once.

    Of who is not of one share alone, its administrators end what its own clients alone use: see `bounded`.
    Raises TooMany, Gone, Refused for a realm that is only observed.
    """
    if len(people) > MOST:
        raise TooMany(f"At most {MOST} people at once: these are {len(people)}.")
    asked = _asked(actor, tenant, cause)
    with door(**asked) as opened:
        rows: list[Person] = each(Person.objects, opened.tenant, people, field="people")
        within = bounded(actor, opened.tenant, [row.username for row in rows])
        scope = _scope(opened)
        for row in rows:
            reach = "end those of this tenant's clients" if row.username in within else "end all"
            opened.made.record(f"Sessions of {row}", address=row.address, new={"asked": reach})
        prefix = opened.tenant.role_prefix
    found = _ended(scope, [row.username for row in rows], within, prefix)
    _record(asked, [(f"Sessions of {row}", row.address) for row in rows], found)
    return found


def end_of_accounts(
    *, actor: Actor, tenant: str, clients: Collection[int], cause: Cause | None = None
) -> tuple[Ended, ...]:
    """End the sessions of the service accounts of these clients, and return what came of each.

    Raises Gone, Refused for a realm that is only observed.
    """
    asked = _asked(actor, tenant, cause)
    with door(**asked) as opened:
        rows = accounts_of(opened.tenant, clients, field="clients")
        scope = _scope(opened)
        subjects = [(f"Sessions of the service account {row.at.path[0]}", row.at) for row in rows]
        for subject, address in subjects:
            opened.made.record(subject, address=address, new={"asked": "end all"})
    found = _sent(scope, end_sessions_of_accounts, [row.at.path[0] for row in rows])
    _record(asked, subjects, found)
    return found


def bounded(actor: Actor, tenant: Tenant, usernames: Collection[str]) -> frozenset[str]:
    """Return those whose sessions the actor may end only where they are this share's.

    They are in something, or have something, that is not the share's: what Keycloak gives to everybody does
    not count. Who may end sessions in the whole console is not bounded.
    """
    if not tenant.is_share or decide(actor, Permission.SESSION_END):
        return frozenset()
    graph = access_of(tenant.realm, people=usernames).graph
    common = _of_everybody(tenant)
    return frozenset(
        name
        for name in usernames
        for edge in graph.leaving.get(person(name), ())
        if _leads_out(tenant, edge) and edge.target not in common
    )


def _leads_out(tenant: Tenant, edge: Edge) -> bool:
    """Tell whether it is a link of its own to something that is not the share's."""
    if edge.kind is EdgeKind.ORGANIZATION_GROUP_MEMBER:
        return True
    return address_of(edge) is not None and not concerns(tenant, edge.target)


def _of_everybody(tenant: Tenant) -> set[Any]:
    _, structure = current(tenant.realm, ())
    groups = {group(address.path[0]) for address in structure.default_groups}
    return {role(tenant.realm.default_role), *groups}


def _asked(actor: Actor, tenant: str, cause: Cause | None) -> dict[str, Any]:
    return {
        "actor": actor,
        "tenant": tenant,
        "permission": Permission.SESSION_END,
        "event": EventKind.ACCESS_SESSIONS_ENDED,
        "cause": cause,
    }


def _scope(opened: Door) -> Scope:
    """Return the scope to write to. Raises Refused where it is only observed."""
    scope: Scope = opened.tenant.realm.scope
    if why := why_not(scope):
        raise Refused(why)
    return scope


def _ended(scope: Scope, usernames: Sequence[str], within: Collection[str], prefix: str) -> tuple[Ended, ...]:
    whole = [one for one in usernames if one not in within]
    some = [one for one in usernames if one in within]
    found = {one.username: one for one in _sent(scope, end_sessions, whole)}
    for one in _sent(scope, end_sessions_within, some, prefix=prefix):
        told = f"{one.sentence} {WHO_MAY}" if one.word == "kept" else one.sentence
        found[one.username] = Ended(one.username, one.word, told)
    return tuple(found[one] for one in usernames)


def _sent(
    scope: Scope, end: Callable[..., tuple[Ended, ...]], names: Sequence[str], **more: str
) -> tuple[Ended, ...]:
    if not names:
        return ()
    with circuit.through(scope.server):
        return end(scope.server.connection(), scope.realm, names, **more)


def _record(asked: dict[str, Any], subjects: Sequence[tuple[str, Address]], found: Sequence[Ended]) -> None:
    """Record what came of it: a session is nothing declared, so no run repeats it."""
    with door(**asked) as opened:
        for (subject, address), one in zip(subjects, found, strict=True):
            told = {"result": one.word, "said": one.sentence}
            opened.made.record(subject, address=address, new=told)
