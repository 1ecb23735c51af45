"""The rows of the matrix of a realm that is only observed: nothing is declared, so what was read stands."""

from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from access.matrix.asked import Asked, Standing, View
from console.engine.state import Kind
from console.graph.edges import Node, group, person, role
from console.sync.models import Observed, Scope
from console.sync.words import group_words
from tenants.models import Tenant

MARK = "o"
KINDS = {View.PEOPLE: Kind.PERSON, View.GROUPS: Kind.GROUP, View.ROLES: Kind.ROLE}
_LETTERS = {Kind.PERSON: "p", Kind.GROUP: "g", Kind.ROLE: "r"}
_NODES = {Kind.PERSON: person, Kind.GROUP: group, Kind.ROLE: role}
_SEARCHED = ("address", "fields__first_name", "fields__last_name", "fields__email")


def rows_of(scope: Scope, asked: Asked) -> "QuerySet[Observed]":
    """Return what was read of the kind that is asked for, ordered, still to be paged."""
    rows = matching(scope, KINDS[asked.view], asked.text)
    if asked.view is View.PEOPLE and asked.standing:
        rows = rows.filter(fields__enabled=asked.standing is Standing.ACTIVE)
    if asked.view is View.PEOPLE:
        return rows.order_by(F("fields__first_name"), F("fields__last_name"), "target")
    return rows.order_by("target")


def matching(scope: Scope, kind: Kind, text: str) -> "QuerySet[Observed]":
    """Return what was read of a kind and has every word in its names."""
    rows = Observed.objects.filter(scope=scope, kind=kind.value)
    for word in text.split():
        found = Q(target__icontains=word)
        for field in _SEARCHED[1:] if kind is Kind.PERSON else ():
            found |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(found)
    return rows


def row_of(scope: Scope, key: str) -> Observed | None:
    """Return the row that a key such as `op:ann` names, or None."""
    kind = next((kind for kind, letter in _LETTERS.items() if key.startswith(f"{MARK}{letter}:")), None)
    if kind is None:
        return None
    return Observed.objects.filter(scope=scope, kind=kind.value, target=key[3:]).first()


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
