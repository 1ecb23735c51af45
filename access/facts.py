"""What is known of somebody, for decisions: effective rights, what is owned, and how old that is.

What counts is what is declared here, joined with what is only in Keycloak, and without what waits to be taken
away there. One query, however many are asked for; a second one where this process does not hold the structure
of the realm as it is now, nor what these reach in it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from access.kept.current import rebuilt, was_read
from access.kept.holdings import SIGNED_IN, Holdings, holdings_from, holdings_of, starts_of
from access.kept.reached import Reached, reached
from access.kept.rows import text_of
from access.kept.structure import KEPT, Around
from console.graph.decisions import Facts
from console.graph.edges import Node, NodeKind
from console.graph.nodes import may_carry
from tenants.models import Realm, Tenant

_AS_EVERYBODY = frozenset({NodeKind.GROUP, NodeKind.ROLE, NodeKind.CLIENT_ROLE})


@dataclass(frozen=True, kw_only=True)
class Known:
    """What one statement told. `accounts`: whether people may sign in, of those who are known at all."""

    facts: Mapping[Node, Facts]
    accounts: Mapping[str, bool]


def facts_of(tenant: Tenant, subjects: Collection[Node]) -> Mapping[Node, Facts]:
    """Return what is known of each subject: people, groups, roles, service accounts.

    Who is not known has no rights; whether somebody may know of the subject is for the caller to judge.
    """
    return known_of(tenant, subjects).facts


def known_of(tenant: Tenant, subjects: Collection[Node]) -> Known:
    """Return the same, and which of the people have an account, declared or in Keycloak."""
    realm = tenant.realm
    people = {one.name for one in subjects if one.kind is NodeKind.PERSON}
    clients = {one.name for one in subjects if one.kind is NodeKind.SERVICE_ACCOUNT}
    found = holdings_of(realm, people, clients)
    accounts = {one.name: one.is_enabled for one in found.people if one.is_enabled is not None}
    found, starts, graph = _standing(realm, found, subjects)
    return Known(facts=_facts(realm, found, starts, graph), accounts=accounts)


Starts = Mapping[Node, Collection[str]]


def _standing(realm: Realm, found: Holdings, subjects: Collection[Node]) -> tuple[Holdings, Starts, Reached]:
    """Return from where each subject has its rights, and what that reaches, all of one moment."""
    structure = KEPT.get(realm.scope_id, found.stamp, was_read=was_read(realm))
    while True:
        if structure is not None or found.around is not None:
            around = structure.around if structure else Around.from_json(found.around or {})
            starts = _starts(subjects, starts_of(realm, found, around))
            asked = {one for some in starts.values() for one in some}
            graph = reached(realm.scope_id, found.stamp, asked, structure)
            if graph is not None:
                return found, starts, graph
        # Nothing is kept of this moment, or others have kept newer rows since.
        read, structure = rebuilt(realm, [one.name for one in subjects if one.kind is NodeKind.PERSON])
        found = holdings_from(read)


def _starts(subjects: Collection[Node], people: Mapping[str, Collection[str]]) -> Starts:
    """Return from where each subject has its rights. Who is in a group, or has a role, signs in as well."""
    return {
        one: people.get(one.name, ())
        if one.kind is NodeKind.PERSON
        else (text_of(one), *((SIGNED_IN,) if one.kind in _AS_EVERYBODY else ()))
        for one in subjects
    }


def _facts(realm: Realm, found: Holdings, starts: Starts, graph: Reached) -> dict[Node, Facts]:
    owned: dict[NodeKind, Mapping[str, Collection[str]]] = {
        NodeKind.PERSON: {one.name: one.owned for one in found.people},
        NodeKind.SERVICE_ACCOUNT: found.owned,
    }
    read_at, unread = realm.scope.read_at, realm.scope.unreadable
    told = {}
    for subject, some in starts.items():
        rights = graph.rights_at(some)
        if subject.kind is NodeKind.SERVICE_ACCOUNT:
            rights = frozenset(one for one in rights if may_carry(subject, one))
        owns = frozenset(owned.get(subject.kind, {}).get(subject.name, ()))
        told[subject] = Facts(subject=subject, rights=rights, owns=owns, read_at=read_at, unread=unread)
    return told
