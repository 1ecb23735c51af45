"""What a change of one tenant lets people reach: nothing but that tenant's rights, and no administration.

Judged on the closure without and with what the change gives. What was reached before, by whatever way, is
not handed out by it; what was there in Keycloak already is not either.

Who sets the e-mail of an account may take it over, by a new password. So that of an administrator's account
is changed by nobody who may not make one.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings

from access.concern import concerns, outside
from access.graphs import Access, access_of, settled_graph
from console.delegation import Overreach, provide
from console.engine.state import Address, Kind
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, ends_of, group
from console.graph.guarded import is_admin_right, right_named
from console.graph.paths import paths
from console.permissions.vocabulary import Permission
from console.sync.cause import Change
from console.sync.models import Observed
from tenants.models import Tenant


def register() -> None:
    provide(judged)


def judged(made: Change) -> Overreach | None:
    """Return the first right beyond the tenant that a change gives, or None. A fixed number of queries."""
    given, mails = _given(made), _mails(made)
    if not (given or mails) or made.scope is None:
        return None
    tenant = Tenant.objects.with_realm().get(slug=made.tenant)
    if mails and (found := _taken_over(tenant, mails)):
        return found
    if not given:
        return None
    people = _people(given)
    edges = frozenset(_edges(access_of(tenant.realm, people=people), given, made.permission))
    settled = settled_graph(tenant.realm, people=people).edge_set
    before, after = Graph(settled - edges), Graph(settled | edges)
    for edge in sorted(edges):
        gained = {edge.target, *after.downstream_of(edge.target)} - before.downstream_of(edge.source)
        beyond = [one for one in gained if one.is_right and not may_give(tenant, one)]
        if beyond:
            return _told(tenant, after, edge.source, min(beyond))
    return None


def _mails(made: Change) -> dict[str, str]:
    """Return the people whose e-mail the change sets anew, with it."""
    if made.permission in TAKING_OVER:
        return {}
    rows = ((Address.parse(row.address), row.old or {}, row.new or {}) for row in made.rows if row.address)
    return {
        address.path[0]: new["email"]
        for address, old, new in rows
        if address.kind is Kind.PERSON and "email" in new and old.get("email") != new["email"]
    }


def _taken_over(tenant: Tenant, mails: Mapping[str, str]) -> Overreach | None:
    """Return the first account of an administrator that would get an e-mail which it has not, or None."""
    graph = access_of(tenant.realm, people=sorted(mails)).graph
    for name in sorted(mails):
        subject = Node(NodeKind.PERSON, name)
        beyond = [one for one in graph.rights_of(subject) if is_administration(one)]
        if beyond and not _has_mail(tenant, name, mails[name]):
            sentence = (
                f"You may not change the e-mail of {name}: with it one could take over an account that has "
                f"{_words(tenant, min(beyond))}. Only administrators of the whole console may do that."
            )
            return Overreach(subject=subject, right=min(beyond), sentence=sentence)
    return None


def _has_mail(tenant: Tenant, username: str, email: str) -> bool:
    """Tell whether the account has this e-mail in Keycloak already: then it is only taken over as it is."""
    rows = Observed.objects.filter(scope=tenant.realm.scope, kind=Kind.PERSON.value, target=username)
    return any(str(fields.get("email") or "") == email for fields in rows.values_list("fields", flat=True))


def is_administration(right: Node) -> bool:
    """Tell whether a right lets its holders administer Keycloak, by its own rules or by the settings."""
    return is_admin_right(right) or right in {right_named(text) for text in settings.ADMINISTRATORS}


def may_give(tenant: Tenant, right: Node) -> bool:
    """Return whether the tenant's administrators may hand out a right: theirs, and no administration."""
    return not is_administration(right) and concerns(tenant, right)


def _given(made: Change) -> dict[Address, bool]:
    """Return the addresses that a change may give, and whether it says so: also what begins only later."""
    told = {Address.parse(row.address): True for row in made.rows if row.address and row.new is not None}
    touched = dict.fromkeys(made.touched, False)
    return {one: said for one, said in (touched | told).items() if ends_of(one) or one.kind is Kind.GROUP}


def _people(given: Iterable[Address]) -> list[str]:
    ends = {end for one in given if (found := ends_of(one)) for end in found[:2]}
    return sorted(one.name for one in ends if one.kind is NodeKind.PERSON)


TAKING_OVER = frozenset({Permission.ADOPTION_CREATE, Permission.DRIFT_ACCEPT})


def _edges(access: Access, given: Mapping[Address, bool], permission: Permission) -> Iterator[Edge]:
    """Yield the edges that the change gives: declared now, or said to begin later.

    Who takes over what stands in Keycloak already gives nothing by that.
    """
    declared = access.declared.edge_set
    there = access.live.edge_set if permission in TAKING_OVER and access.read_at else frozenset()
    for address, said in given.items():
        if address.kind is Kind.GROUP:
            yield from _places(access.declared, group(address.path[0]))
            continue
        found = ends_of(address)
        edge = Edge(*found) if found else None
        if edge and edge not in there and (edge in declared or said):
            yield edge


def _places(declared: Graph, place: Node) -> Iterator[Edge]:
    return (edge for edge in declared.leaving.get(place, ()) if edge.kind is EdgeKind.PARENT)


def _told(tenant: Tenant, after: Graph, subject: Node, right: Node) -> Overreach:
    """Return the sentence: which right, for whom, by which way, and who may give it."""
    way = paths(after, subject, right, limit=1).listed[0]
    steps = ", then ".join(_words(tenant, node) for node in way.nodes[1:])
    sentence = (
        f"You may not hand out {_words(tenant, right)}: {_words(tenant, subject)} would reach it through "
        f"{steps}. Only administrators of the whole console may give that."
    )
    return Overreach(subject=subject, right=right, sentence=sentence)


def _words(tenant: Tenant, node: Node) -> str:
    if node.kind is not NodeKind.PERSON and not concerns(tenant, node):
        return outside(node)
    return f"the {node.kind.noun} {node.name}"
