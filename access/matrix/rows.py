"""The rows of the matrix: which people, groups, service accounts or roles stand on a page, in which order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import (
    Case,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.urls import reverse
from django.utils.http import urlencode

from access.matrix import read
from access.matrix.asked import Asked, Show, Standing, View
from access.matrix.families import Families, Family
from access.matrix.opened import CAPABILITY
from access.models import Group, Membership, Person, Role
from access.querysets import within
from access.services.accounts import accounts_in
from console.graph.edges import Node, NodeKind, group, person, role
from console.graph.nodes import service_account
from console.sync.models import Observed
from tenants.models import Declaration, Tenant

GROUPED_AT_MOST = 5000  # ordering people by their group asks once a person: not for large realms
NOT_MANAGED = "Not managed here"
MANAGED = "Managed here"  # of people whose groups are not asked for

Row = Person | Group | Role | Declaration | Observed | Family
_ICONS = {
    NodeKind.PERSON: "user",
    NodeKind.GROUP: "users-group",
    NodeKind.ROLE: "shield-check",
    NodeKind.SERVICE_ACCOUNT: "robot",
}
_VIEWS = {
    NodeKind.PERSON: View.PEOPLE,
    NodeKind.GROUP: View.GROUPS,
    NodeKind.ROLE: View.ROLES,
    NodeKind.SERVICE_ACCOUNT: View.ACCOUNTS,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what a row is about. `is_declared`: otherwise it is only in Keycloak.

    `depth` is 1 for a role that is shown below its opened family.
    """

    key: str
    node: Node
    name: str
    url: str
    icon: str
    group: str = ""
    family: Family | None = None
    depth: int = 0

    @property
    def is_declared(self) -> bool:
        return not self.key.startswith(read.MARK)

    @property
    def pk(self) -> str:
        """The id of a declared row: what forms call it by."""
        return self.key[1:] if self.is_declared and self.family is None else ""

    @property
    def noun(self) -> str:
        return self.node.kind.noun


def subjects(tenant: Tenant, asked: Asked, families: Families | None = None) -> Sequence[Any]:
    """Return the rows that the page asks for, ordered, still to be paged."""
    if tenant.realm.scope.is_observed:
        return Chained((read.rows_of(tenant, asked),))
    makers = {View.PEOPLE: _people, View.GROUPS: _groups, View.ACCOUNTS: _accounts}
    if asked.view is View.ROLES:
        parts = list(_roles(tenant, asked, families or Families()))
    else:
        parts = [makers[asked.view](tenant, asked)]
    if read.is_shown(tenant):
        parts.append(read.rows_of(tenant, asked))
    return Chained(tuple(parts))


@dataclass(frozen=True)
class Chained(Sequence["Row"]):
    """Lists one after the other: pages go on from one to the next."""

    parts: tuple[Any, ...]

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(len(one) if isinstance(one, list) else one.count() for one in self.parts)

    def __len__(self) -> int:
        return sum(self._lengths)

    def __iter__(self) -> "Iterator[Row]":
        return chain.from_iterable(self.parts)

    def __getitem__(self, asked: Any) -> Any:
        """Return a slice with a start and an end, as pages ask for it."""
        found: list[Row] = []
        before = 0
        for part, length in zip(self.parts, self._lengths, strict=True):
            start, stop = (min(max(one - before, 0), length) for one in (asked.start, asked.stop))
            if start < stop:
                found.extend(part[start:stop])
            before += length
        return found


@dataclass(frozen=True)
class Counted:
    """Ordered rows of which it is known how many there are. `has_many`: a page far behind is found by keys,
    from the nearer end of an index, so that neither all rows are sorted nor those before it fetched.
    """

    rows: "QuerySet[Any]"
    number: int
    has_many: bool = False

    def count(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __getitem__(self, asked: slice) -> "QuerySet[Any]":
        if not self.has_many:
            return self.rows[asked]
        keys = self.rows.values("pk")
        if asked.start > self.number // 2:
            return self._at(keys.reverse()[self.number - asked.stop : self.number - asked.start])
        return self._at(keys[asked])

    def _at(self, keys: "QuerySet[Any]") -> "QuerySet[Any]":
        order = self.rows.query.order_by
        return self.rows.model.objects.filter(pk__in=keys).order_by(*order)


def row_at(tenant: Tenant, key: str, families: Families | None = None) -> Row | None:
    """Return what a row's key such as `p12` names, or None if this tenant has no such row."""
    if key.startswith(read.MARK):
        return read.row_of(tenant, key) if read.is_shown(tenant) else None
    if families and (family := families.named(key)):
        return family
    number = key[1:]
    if key[:1] not in "pgra" or not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    found: Row | None = _rows_of(tenant, key[:1]).filter(pk=int(number)).first()
    return found


def _rows_of(tenant: Tenant, letter: str) -> "QuerySet[Any]":
    if letter == "a":
        return accounts_in(tenant)
    models: dict[str, Any] = {"p": Person, "g": Group, "r": Role}
    rows: QuerySet[Any] = models[letter].objects.of(tenant)
    return rows


def node_of_row(row: Row) -> Node:
    """Return the node of the graph that a row of the database is."""
    if isinstance(row, Observed):
        return read.node_of(row)
    if isinstance(row, Family):
        return role(row.example)
    if isinstance(row, Declaration):
        return service_account(row.at.path[0])
    if isinstance(row, Person):
        return person(row.username)
    return group(row.path) if isinstance(row, Group) else role(row.name)


def as_subject(tenant: Tenant, row: Row, families: Families | None = None) -> Subject:
    """Return a row of the database as a row of the matrix."""
    node = node_of_row(row)
    icon = _ICONS[node.kind]
    if isinstance(row, Observed):
        label = "" if tenant.realm.scope.is_observed or node.kind is NodeKind.ROLE else NOT_MANAGED
        return Subject(read.key_of(row), node, read.name_of(row), read.url_of(tenant, row), icon, label)
    if isinstance(row, Family):
        return Subject(row.key, node, row.pattern, "", icon, row.label, family=row)
    if isinstance(row, Declaration):
        url = reverse("access:service-account-detail", args=[tenant.slug, row.pk])
        return Subject(f"a{row.pk}", node, node.name, url, icon)
    url = row.url(tenant.slug)
    if isinstance(row, Person):
        label = getattr(row, "group_label", MANAGED if read.is_shown(tenant) else "") or ""
        return Subject(f"p{row.pk}", node, str(row), url, icon, label)
    if isinstance(row, Group):
        return Subject(f"g{row.pk}", node, row.words, url, icon, row.path.split("/")[0])
    family = families.of(row.name) if families else None
    label = family.label if family else "Roles" if families and families.all else ""
    return Subject(f"r{row.pk}", node, row.name, url, icon, label, depth=int(family is not None))


def matrix_url(tenant: Tenant, subject: Subject, column: str) -> str:
    """Return the address of one cell, narrowed to its row so that the cell is on the page."""
    view = _VIEWS[subject.node.kind]
    base = reverse("access:matrix", kwargs={"tenant": tenant.slug})
    show = Show.CAPABILITIES if column.startswith(CAPABILITY) else Show.RIGHTS
    place = {"row": subject.key, "column": column}
    query = {"view": view.value, "show": show.value, "q": subject.node.name, **place}
    return f"{base}?{urlencode(query)}"


def _people(tenant: Tenant, asked: Asked) -> "Counted":
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
    if asked.group:
        own = Group.objects.of(tenant).filter(within(asked.group))
        rows = rows.filter(pk__in=Membership.objects.filter(group__in=own).values("person"))
    names = (F("first_name"), F("last_name"), F("username"))
    number = rows.count()
    if number > GROUPED_AT_MOST:
        return Counted(rows.order_by(*names), number, has_many=True)
    labelled = rows.annotate(group_label=_first_group(tenant))
    return Counted(labelled.order_by(F("group_label").asc(nulls_last=True), *names), number)


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


def _accounts(tenant: Tenant, asked: Asked) -> "QuerySet[Declaration]":
    rows = accounts_in(tenant)
    for word in asked.text.split():
        rows = rows.filter(address__icontains=word)
    return rows.order_by("address")


def _roles(tenant: Tenant, asked: Asked, families: Families) -> Iterator[Any]:
    """Yield the roles of no family, then each family: a row for it, and below it its members if opened."""
    rows = Role.objects.of(tenant)
    for word in asked.text.split():
        rows = rows.filter(name__icontains=word)
    yield rows.exclude(families.condition).order_by(*_place(families), "name")
    for family in families.all:
        found = rows.filter(family.condition)
        if found.exists():
            yield [family]
            if families.is_open(family):
                yield found.order_by("name")


def _place(families: Families) -> tuple[Case, ...]:
    """Return the order in which the platform itself names its roles, if it does; others come after."""
    known = [When(name=name, then=Value(at)) for at, name in enumerate(families.catalogue.titles)]
    return (Case(*known, default=Value(len(known)), output_field=IntegerField()),) if known else ()


def usernames_of(found: Iterable[Subject]) -> list[str]:
    return [one.node.name for one in found if one.node.kind is NodeKind.PERSON]
