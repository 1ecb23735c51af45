"""One person in all realms of all servers that one may know: where an account of the same name or e-mail is.

Two accounts are held for the same person where user name or e-mail are equal, and the page says which: a user
name alone may be somebody else's elsewhere.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from access.concern import concerns
from access.matrix.asked import Asked, Show
from access.matrix.families import Families
from access.matrix.grid import Cell, Column, ColumnGroup, Grid, Mark, Row, RowGroup
from access.matrix.opened import CAPABILITY
from access.matrix.part import Matrix, Part, columns_of
from access.matrix.rows import Subject, matrix_url
from access.models import Membership, Person
from console.engine.state import Kind
from console.graph.edges import group
from console.sync.models import Observed
from tenants.blueprints import catalogues_of
from tenants.models import Tenant

ROWS = 10  # each is of a realm of its own, and asks that realm
MOST = 200
BY_BOTH, BY_NAME, BY_EMAIL = "user name and e-mail", "user name", "e-mail"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the person: in which tenant, and how it was matched."""

    tenant: Tenant
    row: Person | Observed
    matched: str = ""

    @property
    def username(self) -> str:
        return self.row.username if isinstance(self.row, Person) else self.row.target

    @property
    def email(self) -> str:
        found = self.row.email if isinstance(self.row, Person) else self.row.fields.get("email")
        return str(found or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewherePage:
    """What the template shows."""

    grid: Grid
    rows: "Page[Any]"
    show: Show
    accounts: tuple[Account, ...]
    unread: tuple[Tenant, ...] = ()
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def is_by_name_only(self) -> bool:
        return any(one.matched == BY_NAME for one in self.accounts)


def elsewhere_page(
    tenants: "QuerySet[Tenant]", who: str, *, show: Show, number: str | None, most: int = ROWS
) -> ElsewherePage:
    """Return the accounts of a person by what they open or have. The ten shown ask ten realms."""
    rows = Paginator(accounts_of(tenants, who), most).get_page(number)
    shown = tuple(rows)
    catalogues = catalogues_of(one.tenant for one in shown)
    parts = [
        Matrix(one.tenant, Asked(show=show), Families(catalogues[one.tenant.pk])).part([one.row])
        for one in shown
    ]
    groups = joined(part.groups for part in parts)
    made = [_row(account, part, groups) for account, part in zip(shown, parts, strict=True)]
    return ElsewherePage(
        grid=Grid(groups, tuple(_by_server(shown, made))),
        rows=rows,
        show=show,
        accounts=shown,
        unread=tuple(one.tenant for one in shown if one.tenant.realm.scope.read_at is None),
        unreadable={
            f"{one.tenant.name}: {what}": why
            for one in shown
            for what, why in one.tenant.realm.scope.unreadable.items()
        },
    )


def accounts_of(tenants: "QuerySet[Tenant]", who: str) -> list[Account]:
    """Return all accounts with this user name or e-mail, and those with the e-mail of such a one."""
    known = list(tenants.order_by("realm__scope__server__name", "name", "slug"))
    asked = who.strip().lower()
    if not asked or not known:
        return []
    found = _found(known, asked, {asked})
    emails = {asked, *(one.email.lower() for one in found if one.email)}
    if emails != {asked}:
        found = _found(known, asked, emails)
    order = {tenant.pk: place for place, tenant in enumerate(known)}
    found.sort(key=lambda one: (order[one.tenant.pk], one.username))
    counts = Counter(one.email.lower() for one in found)
    return [replace(one, matched=_matched(one, asked, counts)) for one in found[:MOST]]


def _matched(account: Account, asked: str, counts: Mapping[str, int]) -> str:
    """Return by what an account is held for the same person's: an e-mail counts if another has it, too."""
    email = account.email.lower()
    by_name, by_email = account.username == asked, bool(email) and (email == asked or counts[email] > 1)
    return BY_BOTH if by_name and by_email else BY_NAME if by_name else BY_EMAIL


def _found(tenants: Sequence[Tenant], username: str, emails: set[str]) -> list[Account]:
    return [*_declared(tenants, username, emails), *_read(tenants, username, emails)]


def _declared(tenants: Sequence[Tenant], username: str, emails: set[str]) -> Iterator[Account]:
    """Yield declared people. Those of a share are in its group or below it."""
    is_it = Q(username=username)
    for one in emails:
        is_it |= Q(email__iexact=one)
    rows = Person.objects.filter(is_it, realm__in={one.realm_id for one in tenants}).order_by("pk")
    own = _own(tenants, rows)
    for row in rows:
        for tenant in own.get(row.pk, ()):
            yield Account(tenant, row)


def _own(tenants: Sequence[Tenant], rows: "QuerySet[Person]") -> dict[int, list[Tenant]]:
    """Return whose each person is: the tenant's of the whole realm, and of shares by their groups."""
    found: dict[int, list[Tenant]] = {}
    for row in rows:
        found[row.pk] = [one for one in tenants if one.realm_id == row.realm_id and not one.is_share]
    links = Membership.objects.filter(person__in=rows.values("pk"))
    shares = [one for one in tenants if one.is_share]
    for person, realm, path in links.values_list("person_id", "realm_id", "group__path"):
        for tenant in shares:
            is_inside = tenant.realm_id == realm and concerns(tenant, group(path))
            if is_inside and tenant not in found[person]:
                found[person].append(tenant)
    return found


def _read(tenants: Sequence[Tenant], username: str, emails: set[str]) -> Iterator[Account]:
    """Yield people who were read in Keycloak and are not declared, where a realm is of one tenant."""
    whole = {one.realm.scope_id: one for one in tenants if not one.is_share}
    is_it = Q(target=username)
    for one in emails:
        is_it |= Q(fields__email__iexact=one)
    rows = list(Observed.objects.filter(is_it, kind=Kind.PERSON.value, scope__in=whole).order_by("pk"))
    named = Person.objects.filter(realm__scope__in=whole, username__in=[row.target for row in rows])
    declared = set(named.values_list("realm__scope_id", "username"))
    for row in rows:
        if (row.scope_id, row.target) not in declared:
            yield Account(whole[row.scope_id], row)


def joined(several: Iterable[Sequence[ColumnGroup]]) -> tuple[ColumnGroup, ...]:
    """Return the groups of all, those of one name as one, each column once."""
    found: dict[str, dict[str, Column]] = {}
    short: dict[str, str] = {}
    for groups in several:
        for one in groups:
            short[one.label] = one.short
            found.setdefault(one.label, {}).update({column.key: column for column in one.columns})
    return tuple(ColumnGroup(label, tuple(some.values()), short[label]) for label, some in found.items())


def _row(account: Account, part: Part, groups: Sequence[ColumnGroup]) -> Row:
    """Return the row of an account: what its platform does not know is not there at all."""
    subject = part.shown[0]
    own = columns_of(part.groups)
    cells = dict(zip((one.key for one in own), part.answers.cells(subject.node, own), strict=True))
    return Row(
        key=f"{account.tenant.slug}:{subject.key}",
        name=account.tenant.name,
        url=subject.url,
        icon="user",
        gloss=f"{account.username}, by {account.matched}",
        reach=part.answers.reach(subject.node),
        cells=tuple(cells.get(one.key, Cell(Mark.ABSENT)) for one in columns_of(groups)),
        why=_why(account.tenant, subject, part),
    )


def _why(tenant: Tenant, subject: Subject, part: Part) -> str:
    """Return the address of a cell in the tenant's own matrix, with a place for its column."""
    kind = CAPABILITY if part.matrix.show is Show.CAPABILITIES else "role:"
    return matrix_url(tenant, subject, kind).rpartition("column=")[0] + "column={column}"


def _by_server(accounts: Sequence[Account], rows: Sequence[Row]) -> Iterator[RowGroup]:
    """Yield the rows by server."""
    found: dict[str, list[Row]] = {}
    for account, row in zip(accounts, rows, strict=True):
        found.setdefault(account.tenant.realm.scope.server.name, []).append(row)
    for server, some in found.items():
        yield RowGroup(server, tuple(some))
