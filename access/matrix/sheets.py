"""Comparisons and the views across tenants as rows for the one exporter."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from access.matrix.compare import Comparison
from access.matrix.elsewhere import ElsewherePage
from access.matrix.export import called, dated, said
from access.matrix.grid import Grid
from access.matrix.tenants import TenantsPage
from tenants.models import Tenant

Table = tuple[Sequence[str], list[Sequence[str]]]  # the head, and the rows below it


def compared_rows(comparison: Comparison) -> Table:
    """Return a line for each thing that either of two has, with how it comes to it."""
    head = ("Turn", "Access", comparison.left, comparison.right, "Of", "Through", "Doubtful")
    return head, [
        (
            section.title,
            line.title,
            said(line.left),
            said(line.right),
            line.group,
            " > ".join(line.way),
            line.note,
        )
        for section in comparison.sections
        for line in section.lines
    ]


def grid_rows(grid: Grid, *, first: Sequence[str]) -> Table:
    """Return the rows of a grid under the full titles of its columns. `first` names what stands before."""
    head = (*first, *(column.title for column in grid.columns))
    return head, [
        (group.label, row.key, row.name, row.gloss, str(row.reach), *map(said, row.cells))
        for group in grid.row_groups
        for row in group.rows
    ]


def tenants_rows(page: TenantsPage) -> Table:
    """Return the tenants by their roles."""
    return grid_rows(page.grid, first=("Group", "Key", "Tenant", "Platform or realm", "Roles"))


def accounts_rows(page: ElsewherePage) -> Table:
    """Return the accounts of one person by what they open or have."""
    return grid_rows(page.grid, first=("Server", "Key", "Tenant", "Account, and how it was matched", "Reach"))


def about_compared(
    found: Comparison, tenants: Iterable[Tenant], *, query: str, by: str, now: datetime
) -> dict[str, str]:
    """Return what a comparison in a file is of: scope, filter, time, and what could not be read."""
    return {
        "Tenant": ", ".join(map(called, tenants)),
        "Compared": f"{found.left} with {found.right}",
        "Filter": query or "none",
        **dated(by=by, now=now, read_at=found.read_at, unread=found.unreadable),
    }


def about_across(
    tenants: Sequence[Tenant],
    *,
    of: str,
    query: str,
    by: str,
    now: datetime,
    unreadable: Mapping[str, str],
) -> dict[str, str]:
    """Return what a view across tenants in a file is of. Its live side is as old as the oldest reading."""
    read = [one.realm.scope.read_at for one in tenants]
    oldest = min((one for one in read if one), default=None)
    never = {one.name: "never read" for one, at in zip(tenants, read, strict=True) if at is None}
    return {
        "Of": of,
        "Tenants": ", ".join(map(called, tenants)) or "none",
        "Filter": query or "none",
        **dated(by=by, now=now, read_at=oldest, unread={**never, **unreadable}),
    }
