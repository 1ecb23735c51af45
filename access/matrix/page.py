"""One page of the matrix, calculated from the graph with the same number of queries whatever its size."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator

from access.matrix.address import Address, nowhere
from access.matrix.asked import Asked, Show
from access.matrix.columns import narrowed, window_of, windows
from access.matrix.families import Families
from access.matrix.grid import ColumnGroup, Grid, folded
from access.matrix.part import Matrix, Part, differing
from access.models import Role
from console.engine.state import Kind
from console.graph.catalogue import Capability, Catalogue
from console.sync.models import Observed
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

ROWS = 50  # with at most 60 columns a page has 3,000 cells; browsers get slow from 6,000 on


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPage:
    """What the template shows: the grid, the page of rows, and which columns these are."""

    grid: Grid
    rows: "Page[Any]"
    show: Show
    capability: Capability | None
    capabilities: tuple[Capability, ...]
    has_capabilities: bool
    window: int
    window_count: int
    columns_shown: int
    columns_all: int
    column_labels: tuple[str, ...]
    is_folded: bool
    read_at: datetime | None
    unreadable: dict[str, str]
    look_alikes: dict[str, str]


def matrix_of(tenant: Tenant, asked: Asked, *, address: Address = nowhere) -> Matrix:
    """Return what is asked of a tenant. `address` gives addresses of the same page."""
    return Matrix(tenant, asked, Families(catalogue_of(tenant), asked.opened, address))


def matrix_page(matrix: Matrix, *, number: str | None) -> MatrixPage:
    """Return the page of the matrix that is asked for."""
    asked = matrix.asked
    found = differing(matrix) if asked.only_differences else matrix.found
    rows = Paginator(found, ROWS).get_page(number)
    part = matrix.part(rows)
    wanted = narrowed(part.groups, asked.columns)
    pages = windows(wanted)
    window = min(asked.window or window_of(pages, asked.column), len(pages))
    is_folded = len(wanted) > 1 and len(pages) > 1 and not (asked.window or asked.columns or asked.column)
    return MatrixPage(
        grid=_grid(part, pages[window - 1], wanted if is_folded else None),
        rows=rows,
        show=matrix.show,
        capability=matrix.capability if matrix.show is Show.RESOURCES else None,
        capabilities=matrix.capabilities,
        has_capabilities=bool(matrix.catalogue.capabilities),
        window=window,
        window_count=len(pages),
        columns_shown=sum(len(group.columns) for group in pages[window - 1]),
        columns_all=sum(len(group.columns) for group in wanted),
        column_labels=tuple(group.label for group in part.groups),
        is_folded=is_folded,
        read_at=matrix.tenant.realm.scope.read_at,
        unreadable=matrix.tenant.realm.scope.unreadable,
        look_alikes=look_alikes(matrix.tenant, matrix.catalogue),
    )


def _grid(part: Part, shown: tuple[ColumnGroup, ...], counted: tuple[ColumnGroup, ...] | None) -> Grid:
    if counted is None:
        return Grid(shown, part.row_groups(shown))
    return Grid(
        (folded(counted, part.matrix.families.address),),
        part.row_groups(shown, folded=counted),
        is_folded=True,
    )


def look_alikes(tenant: Tenant, catalogue: Catalogue) -> dict[str, str]:
    """Return the roles here or in Keycloak that only look like a role of the platform, with that one."""
    if not catalogue.looks_like:
        return {}
    names = list(catalogue.looks_like)
    found = set(Role.objects.of(tenant).filter(name__in=names).values_list("name", flat=True))
    if not tenant.is_share:
        seen = Observed.objects.filter(scope=tenant.realm.scope, kind=Kind.ROLE.value, target__in=names)
        found.update(seen.values_list("target", flat=True))
    return {name: catalogue.looks_like[name] for name in sorted(found)}
