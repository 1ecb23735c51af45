"""The columns of the matrix: roles, then entitlements by type, then what only Keycloak knows."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from access.matrix.grid import Column, ColumnGroup
from access.models import Resource, Role
from console.graph.edges import Node, NodeKind, entitlement, role
from console.portions import portions
from tenants.models import Tenant

WINDOW = 60
KEYCLOAK_ONLY = "Keycloak only"


def node_of(key: str) -> Node | None:
    """Return the right that a column's key names, or None."""
    kind, _, name = key.partition(":")
    return (
        {"role": role, "entitlement": entitlement}[kind](name)
        if kind in ("role", "entitlement") and name
        else None
    )


def key_of(right: Node) -> str:
    return f"{right.kind.value}:{right.name}"


def title_of(right: Node) -> str:
    """Return a right as people say it: `Role viewer`, `Entitlement demo (READ) of type package`."""
    if right.kind is NodeKind.ROLE:
        return f"Role {right.name}"
    kind, name, level = _parts(right)
    return f"Entitlement {name} ({level}) of type {kind}"


def column_groups(tenant: Tenant, rights: Iterable[Node]) -> tuple[ColumnGroup, ...]:
    """Return all columns of a tenant; two queries.

    `rights` are those of the realm's graph: what is not declared here is shown last, unless the
    tenant has only a share of the realm.
    """
    roles = [role(name) for name in Role.objects.of(tenant).order_by("name").values_list("name", flat=True)]
    declared = [*roles, *_entitlements(tenant)]
    groups = [("Roles", roles), *_by_type(declared[len(roles) :])]
    if not tenant.is_share:
        known = set(declared)
        groups.append((KEYCLOAK_ONLY, sorted(one for one in rights if one not in known)))
    return tuple(ColumnGroup(label, tuple(_columns(found))) for label, found in groups if found)


def narrowed(groups: Iterable[ColumnGroup], wanted: str) -> tuple[ColumnGroup, ...]:
    """Return the groups of that name, and elsewhere the columns that have the text in their title."""
    text = wanted.lower()
    if not text:
        return tuple(groups)
    made = (
        group
        if text == group.label.lower()
        else ColumnGroup(group.label, tuple(one for one in group.columns if text in one.title.lower()))
        for group in groups
    )
    return tuple(group for group in made if group.columns)


def windows(groups: Iterable[ColumnGroup], size: int = WINDOW) -> list[tuple[ColumnGroup, ...]]:
    """Return the groups in pages of at most `size` columns. A group is split only if it must be."""
    pages: list[list[ColumnGroup]] = [[]]
    room = size
    for part in _split(groups, size):
        if len(part.columns) > room:
            pages.append([])
            room = size
        pages[-1].append(part)
        room -= len(part.columns)
    return [tuple(page) for page in pages]


def folded(groups: Iterable[ColumnGroup]) -> ColumnGroup:
    """Return one column for each group, to begin with where there are too many to show at once."""
    columns = (Column(f"group:{one.label}", one.label, f"{one.label}: {len(one.columns)}") for one in groups)
    return ColumnGroup("Groups", tuple(columns))


def window_of(pages: Iterable[tuple[ColumnGroup, ...]], key: str) -> int:
    """Return the number of the window that holds a column, from 1; the first where none does."""
    for number, page in enumerate(pages, start=1):
        if any(column.key == key for group in page for column in group.columns):
            return number
    return 1


def _split(groups: Iterable[ColumnGroup], size: int) -> Iterator[ColumnGroup]:
    for group in groups:
        for some in portions(group.columns, size):
            yield ColumnGroup(group.label, tuple(some))


def _entitlements(tenant: Tenant) -> list[Node]:
    """Return every level of every resource, as it stands in tokens."""
    rows = (
        Resource.objects.of(tenant)
        .order_by("type__name", "name")
        .values_list("type__name", "name", "type__levels")
    )
    return [entitlement(f"{kind}:{name}:{level}") for kind, name, levels in rows for level in levels]


def _by_type(entitlements: list[Node]) -> Iterator[tuple[str, list[Node]]]:
    for kind, found in groupby(entitlements, lambda one: _parts(one)[0]):
        yield kind, list(found)


def _columns(rights: Iterable[Node]) -> Iterator[Column]:
    for right in rights:
        yield Column(key_of(right), label_of(right), title_of(right))


def label_of(right: Node) -> str:
    if right.kind is NodeKind.ROLE:
        return right.name
    _, name, level = _parts(right)
    return f"{name} ({level})"


def _parts(right: Node) -> tuple[str, str, str]:
    kind, _, rest = right.name.partition(":")
    name, _, level = rest.rpartition(":")
    return kind, name or rest, level
