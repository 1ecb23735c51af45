"""The columns of the matrix: roles, then entitlements by type, then what only Keycloak knows."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from access.matrix.grid import Column, ColumnGroup
from access.models import Resource, Role
from console.graph.edges import Node, NodeKind, entitlement, role
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


def column_groups(tenant: Tenant, rights: Iterable[Node], wanted: str = "") -> tuple[ColumnGroup, ...]:
    """Return all columns of a tenant, or those that the text `wanted` names; two queries.

    `rights` are those of the realm's graph: what is not declared here is shown last, unless the
    tenant has only a share of the realm.
    """
    roles = [role(name) for name in Role.objects.of(tenant).order_by("name").values_list("name", flat=True)]
    declared = [*roles, *_entitlements(tenant)]
    groups = [("Roles", roles), *_by_type(declared[len(roles) :])]
    if not tenant.is_share:
        known = set(declared)
        groups.append((KEYCLOAK_ONLY, sorted(one for one in rights if one not in known)))
    made = (ColumnGroup(label, tuple(_columns(found, wanted, label))) for label, found in groups)
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


def _split(groups: Iterable[ColumnGroup], size: int) -> Iterator[ColumnGroup]:
    for group in groups:
        for start in range(0, len(group.columns), size):
            yield ColumnGroup(group.label, group.columns[start : start + size])


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


def _columns(rights: Iterable[Node], wanted: str, group: str) -> Iterator[Column]:
    for right in rights:
        title = title_of(right)
        if not wanted or wanted.lower() == group.lower() or wanted.lower() in title.lower():
            yield Column(key_of(right), label_of(right), title)


def label_of(right: Node) -> str:
    if right.kind is NodeKind.ROLE:
        return right.name
    _, name, level = _parts(right)
    return f"{name} ({level})"


def _parts(right: Node) -> tuple[str, str, str]:
    kind, _, rest = right.name.partition(":")
    name, _, level = rest.rpartition(":")
    return kind, name or rest, level
