"""Tenants by roles: which role exists where, declared here and in Keycloak."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse

from access.matrix.columns import narrowed, windows
from access.matrix.families import Families
from access.matrix.grid import Cell, Column, ColumnGroup, Grid, Mark, Row, RowGroup, Width
from access.models import Role
from console.engine.kinds import PROTECTED_ROLES
from console.engine.state import Kind
from console.sync.models import Observed
from tenants.blueprints import catalogues_of
from tenants.models import Tenant

ROWS = 50
LEGEND = {Mark.ALLOWED: "The role is there", Mark.ABSENT: "It is not"}
EVERYWHERE, SOMEWHERE = "In all tenants shown", "In some"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantsPage:
    """What the template shows: the grid, the page of tenants, and which columns these are."""

    grid: Grid
    rows: "Page[Any]"
    window: int
    window_count: int
    columns_shown: int
    columns_all: int
    unread: tuple[Tenant, ...]


def tenants_page(
    found: "QuerySet[Tenant]", *, columns: str = "", window: int = 0, number: str | None
) -> TenantsPage:
    """Return a page of tenants by roles; the same number of queries for any number of either."""
    rows = Paginator(found.order_by("name", "slug"), ROWS).get_page(number)
    shown = list(rows)
    held = _Held(shown)
    groups = narrowed(held.groups, columns)
    pages = windows(groups)
    window = min(max(window, 1), len(pages))
    part = pages[window - 1]
    return TenantsPage(
        grid=held.grid(part),
        rows=rows,
        window=window,
        window_count=len(pages),
        columns_shown=sum(len(group.columns) for group in part),
        columns_all=sum(len(group.columns) for group in groups),
        unread=_unread(shown),
    )


def whole_page(found: "QuerySet[Tenant]", *, columns: str = "") -> TenantsPage:
    """Return all tenants by all roles on one page, for a file."""
    rows = Paginator(found.order_by("name", "slug"), max(1, found.count())).get_page(1)
    shown = list(rows)
    held = _Held(shown)
    groups = narrowed(held.groups, columns)
    count = sum(len(group.columns) for group in groups)
    return TenantsPage(
        grid=held.grid(groups),
        rows=rows,
        window=1,
        window_count=1,
        columns_shown=count,
        columns_all=count,
        unread=_unread(shown),
    )


def _unread(tenants: Iterable[Tenant]) -> tuple[Tenant, ...]:
    return tuple(one for one in tenants if one.realm.scope.read_at is None)


class _Held:
    """The roles of some tenants under the names that they have in any: without the prefix of a share."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = tenants
        self._catalogues = catalogues_of(tenants)
        self._families = {pk: Families(one) for pk, one in self._catalogues.items()}
        self.declared = self._by_tenant(_declared(tenants))
        self.live = self._by_tenant(_live(tenants))

    def _by_tenant(self, rows: Mapping[int, Iterable[str]]) -> dict[int, Counter[str]]:
        """Return the names of each tenant, those of a family under its pattern with their number."""
        return {pk: Counter(self._called(pk, name) for name in names) for pk, names in rows.items()}

    def _called(self, tenant: int, name: str) -> str:
        family = self._families[tenant].of(name)
        return family.pattern if family else name

    @cached_property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """The roles of most tenants first: those that all have, then the rest."""
        held = [set(self.declared[one.pk]) | set(self.live[one.pk]) for one in self._tenants]
        counts = Counter(name for names in held for name in names)
        ordered = sorted(counts, key=lambda name: (-counts[name], name))
        everywhere = [name for name in ordered if counts[name] == len(held) > 1]
        rest = [name for name in ordered if name not in set(everywhere)]
        groups = ((EVERYWHERE, everywhere), (SOMEWHERE if everywhere else "Roles", rest))
        return tuple(
            ColumnGroup(label, tuple(self._column(name, counts[name]) for name in names))
            for label, names in groups
            if names
        )

    def grid(self, groups: tuple[ColumnGroup, ...]) -> Grid:
        """Return the rows of all tenants with these columns."""
        rows = tuple(self.row(one, groups) for one in self._tenants)
        return Grid(groups, (RowGroup("", rows),), words=LEGEND)

    def _column(self, name: str, count: int) -> Column:
        titles = {one.titles[name] for one in self._catalogues.values() if name in one.titles}
        said = f"{name} ({', '.join(sorted(titles))})" if titles else name
        width = Width.COUNT if "<" in name else Width.MARK
        return Column(f"role:{name}", name, f"{said}: in {count} tenant{'' if count == 1 else 's'}", width)

    def row(self, tenant: Tenant, groups: Iterable[ColumnGroup]) -> Row:
        ours, theirs = self.declared[tenant.pk], self.live[tenant.pk]
        base = reverse("access:matrix", kwargs={"tenant": tenant.slug})
        return Row(
            key=tenant.slug,
            name=tenant.name,
            url=f"{base}?view=roles",
            icon="building-community",
            gloss=self._catalogues[tenant.pk].key or tenant.realm.name,
            reach=len(set(ours) | set(theirs)),
            cells=tuple(self._cell(tenant, column.label) for group in groups for column in group.columns),
            why=f"{base}?view=roles&show=rights&q={{name}}",
        )

    def _cell(self, tenant: Tenant, name: str) -> Cell:
        """Return whether a tenant has a role. A ring: only declared, or only in Keycloak."""
        scope = tenant.realm.scope
        ours, theirs = self.declared[tenant.pk][name], self.live[tenant.pk][name]
        number = max(ours, theirs)
        differs = scope.read_at is not None and not scope.is_observed and ours != theirs
        if not number:
            return Cell(Mark.UNKNOWN if Kind.ROLE.value in scope.unreadable else Mark.ABSENT)
        return Cell(Mark.ALLOWED, differs, str(number) if "<" in name else "")


def _declared(tenants: Sequence[Tenant]) -> dict[int, list[str]]:
    """Return the roles that are declared for each tenant, with one query."""
    rows = Role.objects.filter(realm__in={one.realm_id for one in tenants}).values_list("realm_id", "name")
    return _shared_out(tenants, rows.order_by("realm_id", "name"), lambda one: one.realm_id)


def _live(tenants: Sequence[Tenant]) -> dict[int, list[str]]:
    """Return the roles that Keycloak had when it was last read, with one query."""
    scopes = {one.realm.scope_id for one in tenants}
    rows = Observed.objects.filter(scope__in=scopes, kind=Kind.ROLE.value).values_list("scope_id", "target")
    return _shared_out(tenants, rows.order_by("scope_id", "target"), lambda one: one.realm.scope_id)


def _shared_out(
    tenants: Sequence[Tenant], rows: Iterable[tuple[int, str]], place: Any
) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for where, name in rows:
        names.setdefault(where, []).append(name)
    return {
        one.pk: [_called(one, name) for name in names.get(place(one), ()) if _is_of(one, name)]
        for one in tenants
    }


def _is_of(tenant: Tenant, name: str) -> bool:
    """Say whether a role is the tenant's; what Keycloak itself has in every realm is nobody's."""
    is_keycloaks = name in PROTECTED_ROLES or name == tenant.realm.default_role
    return name.startswith(tenant.role_prefix) and not is_keycloaks


def _called(tenant: Tenant, name: str) -> str:
    return name.removeprefix(tenant.role_prefix)


def matching(tenants: "QuerySet[Tenant]", text: str) -> "QuerySet[Tenant]":
    """Return the tenants that have every word in their names or their realm's."""
    for word in text.split():
        tenants = tenants.filter(
            Q(name__icontains=word) | Q(slug__icontains=word) | Q(realm__scope__realm__icontains=word)
        )
    return tenants
