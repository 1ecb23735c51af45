"""Rows of the matrix that are not declared here: in a realm that was there before us, what was read stands.

Of a realm that is only observed that is everything; of one that is taken over in part, what is left.
"""

from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from access.matrix.asked import Asked, Standing, View
from access.models import Group, Person, Role
from console.engine.state import Kind
from console.graph.edges import Node, NodeKind, group, person, role
from console.graph.nodes import service_account
from console.sync.models import Observed
from console.sync.words import group_words
from tenants.models import Declaration, Tenant

MARK = "o"


KINDS = {
    View.PEOPLE: Kind.PERSON,
    View.GROUPS: Kind.GROUP,
    View.ROLES: Kind.ROLE,
    View.ACCOUNTS: Kind.CLIENT,
}
_LETTERS = {Kind.PERSON: "p", Kind.GROUP: "g", Kind.ROLE: "r", Kind.CLIENT: "a"}
_DECLARED = {
    Kind.PERSON: (Person.objects.all(), "username"),
    Kind.GROUP: (Group.objects.all(), "path"),
    Kind.ROLE: (Role.objects.all(), "name"),
}
_NODES = {Kind.PERSON: person, Kind.GROUP: group, Kind.ROLE: role, Kind.CLIENT: service_account}
_SEARCHED = ("address", "fields__first_name", "fields__last_name", "fields__email")


def is_shown(tenant: Tenant) -> bool:
    """Say whether what was read stands beside what is declared: until the realm itself is taken over."""
    return not tenant.is_share and (tenant.realm.scope.is_observed or not tenant.realm.is_declared)


def rows_of(tenant: Tenant, asked: Asked) -> "QuerySet[Observed]":
    """Return what was read of the kind that is asked for, ordered, still to be paged."""
    rows = matching(tenant, KINDS[asked.view], asked.text)
    if asked.view is View.PEOPLE and asked.standing:
        rows = rows.filter(fields__enabled=asked.standing is Standing.ACTIVE)
    if asked.view is View.PEOPLE:
        return rows.order_by(F("fields__first_name"), F("fields__last_name"), "target")
    return rows.order_by("target")


def matching(tenant: Tenant, kind: Kind, text: str) -> "QuerySet[Observed]":
    """Return what was read of a kind, is not declared, and has every word in its names."""
    rows = _undeclared(tenant, kind)
    for word in text.split():
        found = Q(target__icontains=word)
        for field in _SEARCHED[1:] if kind is Kind.PERSON else ():
            found |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(found)
    return rows


def _undeclared(tenant: Tenant, kind: Kind) -> "QuerySet[Observed]":
    rows = Observed.objects.filter(scope=tenant.realm.scope, kind=kind.value)
    if kind is Kind.CLIENT:
        known = Declaration.objects.filter(realm=tenant.realm, kind=kind.value)
        return rows.filter(fields__service_accounts=True).exclude(address__in=known.values("address"))
    declared, column = _DECLARED[kind]
    return rows.exclude(target__in=declared.filter(realm=tenant.realm).values(column))


def row_of(tenant: Tenant, key: str) -> Observed | None:
    """Return the row that a key such as `op:ann` names, or None."""
    kind = next((kind for kind, letter in _LETTERS.items() if key.startswith(f"{MARK}{letter}:")), None)
    if kind is None:
        return None
    return _undeclared(tenant, kind).filter(target=key[3:]).first()


def key_of(row: Observed) -> str:
    return f"{MARK}{_LETTERS[Kind(row.kind)]}:{row.target}"


def node_of(row: Observed) -> Node:
    """Return the node of the graph that a row is."""
    return _NODES[Kind(row.kind)](row.target)


def name_of(row: Observed) -> str:
    """Return what people call it."""
    if row.kind == Kind.GROUP.value:
        return group_words(row.target)
    if row.kind != Kind.PERSON.value:
        return row.target
    names = (row.fields.get("first_name", ""), row.fields.get("last_name", ""))
    return " ".join(one for one in names if one) or row.target


def url_of(tenant: Tenant, row: Observed) -> str:
    """Return where it is shown: it has no page of its own, so its row of the matrix."""
    view = next(view for view, kind in KINDS.items() if kind.value == row.kind)
    base = reverse("access:matrix", kwargs={"tenant": tenant.slug})
    return f"{base}?{urlencode({'view': view.value, 'q': row.target})}"


def rights_of(tenant: Tenant) -> frozenset[Node]:
    """Return the roles and entitlements that people were found to have directly, with one query."""
    if tenant.is_share:
        return frozenset()
    kinds = {Kind.PERSON_ROLE.value: NodeKind.ROLE, Kind.ENTITLEMENT.value: NodeKind.ENTITLEMENT}
    rows = Observed.objects.filter(scope=tenant.realm.scope, kind__in=kinds)
    found = rows.order_by("kind", "target").values_list("kind", "target").distinct()
    return frozenset(Node(kinds[kind], target) for kind, target in found)
