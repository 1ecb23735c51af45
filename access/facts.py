"""What is known of somebody, for decisions: effective rights, what is owned, and how old that is.

What counts is what is declared here, joined with what is only in Keycloak, and without what waits to be taken
away there. One query, however many are asked for; a second one where this process does not hold the structure
of the realm as it is now, nor what these reach in it.
"""

from collections.abc import Collection, Mapping

from access.kept.current import read_people, rebuilt, was_read
from access.kept.people import sources_of, with_parents
from access.kept.reached import reached
from access.kept.reading import Read
from access.kept.structure import KEPT, Around
from console.graph.closure import Graph
from console.graph.decisions import Facts
from console.graph.edges import EVERYBODY, Node, NodeKind
from console.graph.nodes import may_carry
from tenants.models import Realm, Tenant

_OWNERS = {NodeKind.PERSON: "person", NodeKind.SERVICE_ACCOUNT: "client"}
Sources = Mapping[Node, Collection[Node]]


def facts_of(tenant: Tenant, subjects: Collection[Node]) -> dict[Node, Facts]:
    """Return what is known of each subject: people, groups, roles, service accounts.

    Who is not known has no rights; whether somebody may know of the subject is for the caller to judge.
    """
    realm = tenant.realm
    usernames = [one.name for one in subjects if one.kind is NodeKind.PERSON]
    found = read_people(realm, usernames)
    structure = KEPT.get(realm.scope_id, found.stamp, was_read=was_read(realm))
    if structure is None and found.around is None:
        found, structure = rebuilt(realm, usernames)
    around = structure.around if structure else Around.from_json(found.around or {})
    sources = _sources(subjects, sources_of(realm, found, around))
    graph = structure.settled if structure else _in_rows(realm, found, sources)
    if graph is None:  # others have kept newer rows since
        found, structure = rebuilt(realm, usernames)
        sources = _sources(subjects, sources_of(realm, found, structure.around))
        graph = structure.settled
    return {one: _facts(realm, found, one, graph.rights_from(sources[one])) for one in subjects}


def _sources(subjects: Collection[Node], people: Mapping[str, Collection[Node]]) -> Sources:
    """Return from where each subject has its rights. Who is in a group, or has a role, signs in as well."""
    return {
        one: people.get(one.name, ())
        if one.kind is NodeKind.PERSON
        else (*with_parents(one), *_as_everybody(one))
        for one in subjects
    }


def _as_everybody(subject: Node) -> tuple[Node, ...]:
    return (EVERYBODY,) if subject.kind in (NodeKind.GROUP, NodeKind.ROLE, NodeKind.CLIENT_ROLE) else ()


def _in_rows(realm: Realm, found: Read, sources: Sources) -> Graph | None:
    """Return what takes the rights from the kept rows, or None where these are of another moment by now."""
    return reached(realm.scope_id, found.stamp, {node for some in sources.values() for node in some})


def _facts(realm: Realm, found: Read, subject: Node, rights: frozenset[Node]) -> Facts:
    if subject.kind is NodeKind.SERVICE_ACCOUNT:
        rights = frozenset(one for one in rights if may_carry(subject, one))
    return Facts(
        subject=subject,
        rights=rights,
        owns=frozenset(found.owned.get((_OWNERS.get(subject.kind, ""), subject.name), ())),
        read_at=realm.scope.read_at,
        unread=realm.scope.unreadable,
    )
