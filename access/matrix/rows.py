"""The rows of the matrix: which people, groups or roles stand on a page, in which order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.urls import reverse
from django.utils.http import urlencode

from access.matrix import read
from access.matrix.asked import Asked, Standing, View
from access.models import Group, Membership, Person, Role
from console.graph.edges import Node, NodeKind, group, person, role
from console.sync.models import Observed
from tenants.models import Tenant

GROUPED_AT_MOST = 5000  # ordering people by their group asks once a person: not for large realms
NOT_MANAGED = "Not managed here"
MANAGED = "Managed here"  # of people whose groups are not asked for

Row = Person | Group | Role | Observed
_ICONS = {NodeKind.PERSON: "user", NodeKind.GROUP: "users-group", NodeKind.ROLE: "shield-check"}
_VIEWS = {NodeKind.PERSON: View.PEOPLE, NodeKind.GROUP: View.GROUPS, NodeKind.ROLE: View.ROLES}


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what a row is about. `is_declared`: otherwise it is only in Keycloak."""

    key: str
    node: Node
    name: str
    url: str
    icon: str
    group: str = ""

    @property
    def is_declared(self) -> bool:
        return not self.key.startswith(read.MARK)

    @property
    def noun(self) -> str:
        return self.node.kind.value


def subjects(tenant: Tenant, asked: Asked) -> "QuerySet[Any] | Beside":
    """Return the rows that the page asks for, ordered, still to be paged."""
    if tenant.realm.scope.is_observed:
        return read.rows_of(tenant, asked)
    rows = {View.PEOPLE: _people, View.GROUPS: _groups, View.ROLES: _roles}[asked.view](tenant, asked)
    return Beside(rows, read.rows_of(tenant, asked)) if read.is_shown(tenant) else rows


@dataclass(frozen=True)
class Beside(Sequence["Row"]):
    """What is declared, and after it what was read and is not declared: pages go on from one to the other."""

    declared: "QuerySet[Any]"
    found: "QuerySet[Observed]"

    @cached_property
    def _first(self) -> int:
        return self.declared.count()

    def __len__(self) -> int:
        return self._first + self.found.count()

    def __iter__(self) -> "Iterator[Row]":
        return chain(self.declared, self.found)

    def __getitem__(self, asked: Any) -> Any:
        """Return a slice with a start and an end, as pages ask for it."""
        start, stop = (max(one - self._first, 0) for one in (asked.start, asked.stop))
        return [*self.declared[asked], *self.found[start:stop]]


def subject_of(tenant: Tenant, key: str) -> Subject | None:
    """Return the row that a key such as `p12` names, or None if this tenant has none."""
    if key.startswith(read.MARK):
        seen = read.row_of(tenant, key) if read.is_shown(tenant) else None
        return as_subject(tenant, seen) if seen else None
    models: dict[str, Any] = {"p": Person, "g": Group, "r": Role}
    number = key[1:]
    if key[:1] not in models or not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    row = models[key[:1]].objects.of(tenant).filter(pk=int(number)).first()
    return as_subject(tenant, row) if row else None


def node_of_row(row: Row) -> Node:
    """Return the node of the graph that a row of the database is."""
    if isinstance(row, Observed):
        return read.node_of(row)
    if isinstance(row, Person):
        return person(row.username)
    return group(row.path) if isinstance(row, Group) else role(row.name)


def as_subject(tenant: Tenant, row: Row) -> Subject:
    """Return a row of the database as a row of the matrix."""
    if isinstance(row, Observed):
        node, icon = read.node_of(row), _ICONS[read.node_of(row).kind]
        label = "" if tenant.realm.scope.is_observed or node.kind is NodeKind.ROLE else NOT_MANAGED
        return Subject(read.key_of(row), node, read.name_of(row), read.url_of(tenant, row), icon, label)
    url, node = row.url(tenant.slug), node_of_row(row)
    if isinstance(row, Person):
        label = getattr(row, "group_label", MANAGED if read.is_shown(tenant) else "") or ""
        return Subject(f"p{row.pk}", node, str(row), url, "user", label)
    if isinstance(row, Group):
        return Subject(f"g{row.pk}", node, row.words, url, "users-group", row.path.split("/")[0])
    return Subject(f"r{row.pk}", node, row.name, url, "shield-check")


def matrix_url(tenant: Tenant, subject: Subject, column: str) -> str:
    """Return the address of one cell, narrowed to its row so that the cell is on the page."""
    view = _VIEWS[subject.node.kind]
    base = reverse("access:matrix", kwargs={"tenant": tenant.slug})
    query = {"view": view.value, "q": subject.node.name, "row": subject.key, "column": column}
    return f"{base}?{urlencode(query)}"


def _people(tenant: Tenant, asked: Asked) -> "QuerySet[Person]":
    rows = Person.objects.of(tenant)
    if asked.standing:
        rows = rows.filter(enabled=asked.standing is Standing.ACTIVE)
    for word in asked.text.split():
        rows = rows.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    names = (F("first_name"), F("last_name"), F("username"))
    if rows.count() > GROUPED_AT_MOST:
        return rows.order_by(*names)
    return rows.annotate(group_label=_first_group(tenant)).order_by(
        F("group_label").asc(nulls_last=True), *names
    )


def _first_group(tenant: Tenant) -> Subquery:
    """Return the name of the first group of a person: the top one, or below the group of a share."""
    memberships = Membership.objects.filter(person=OuterRef("pk")).order_by("group__path")
    if tenant.is_share:
        memberships = memberships.filter(group__path__startswith=f"{tenant.group_name}/")
    part = Func(
        F("group__path"),
        Value("/"),
        Value(2 if tenant.is_share else 1),
        function="split_part",
        output_field=TextField(),
    )
    return Subquery(memberships.annotate(part=part).values("part")[:1], output_field=TextField())


def _groups(tenant: Tenant, asked: Asked) -> "QuerySet[Group]":
    rows = Group.objects.of(tenant)
    for word in asked.text.split():
        rows = rows.filter(path__icontains=word)
    return rows.order_by("path")


def _roles(tenant: Tenant, asked: Asked) -> "QuerySet[Role]":
    rows = Role.objects.of(tenant)
    for word in asked.text.split():
        rows = rows.filter(name__icontains=word)
    return rows.order_by("name")


def usernames_of(found: Iterable[Subject]) -> list[str]:
    return [one.node.name for one in found if one.node.kind is NodeKind.PERSON]
