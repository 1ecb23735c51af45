"""The columns of the matrix: which rights, and in which windows columns of any kind are shown."""

from collections.abc import Container, Iterable, Iterator
from itertools import groupby

from access.matrix.families import Families, Family
from access.matrix.grid import Column, ColumnGroup, Width
from access.models import Resource, Role
from console.graph.edges import Node, NodeKind, role
from console.graph.edges import entitlement as entitled
from console.portions import portions
from tenants.models import Tenant

WINDOW = 60
KEYCLOAK_ONLY = "Keycloak only"
_OF_CLIENTS = frozenset({NodeKind.CLIENT_ROLE, NodeKind.CLIENT_SCOPE})
_KINDS = {kind.value: kind for kind in NodeKind if Node(kind, "").is_right}


def node_of(key: str) -> Node | None:
    """Return the right that a column's key names, or None."""
    kind, _, name = key.partition(":")
    return Node(_KINDS[kind], name) if kind in _KINDS and name else None


def key_of(right: Node) -> str:
    return f"{right.kind.value}:{right.name}"


def title_of(right: Node) -> str:
    """Return a right as people say it: `Role viewer`, `Entitlement demo (READ) of type package`."""
    if right.kind is NodeKind.ENTITLEMENT:
        kind, name, level = parts_of(right)
        return f"Entitlement {name} ({level}) of type {kind}"
    if right.kind is NodeKind.ROLE:
        return f"Role {right.name}"
    client, _, name = right.name.partition("/")
    return f"{right.kind.noun.capitalize()} {name} of {client}"


def label_of(right: Node) -> str:
    if right.kind is NodeKind.ENTITLEMENT:
        _, name, level = parts_of(right)
        return f"{name} ({level})"
    return right.name if right.kind is NodeKind.ROLE else right.name.partition("/")[2]


def parts_of(right: Node) -> tuple[str, str, str]:
    """Return the type, the resource and the level of an entitlement."""
    kind, _, rest = right.name.partition(":")
    name, _, level = rest.rpartition(":")
    return kind, name or rest, level


def column_groups(
    tenant: Tenant, rights: Iterable[Node], families: Families | None = None
) -> tuple[ColumnGroup, ...]:
    """Return all rights of a tenant as columns; two queries.

    `rights` are those of the realm's graph: what is not declared here is shown last, unless the
    tenant has only a share of the realm. The roles of a family are one column until it is opened.
    """
    names = Role.objects.of(tenant).order_by("name").values_list("name", flat=True)
    roles = [role(name) for name in names]
    entitlements = _entitlements(tenant)
    groups = [*_of_roles(roles, families or Families()), *_by_type(entitlements)]
    if not tenant.is_share:
        groups.extend(_not_declared(rights, {*roles, *entitlements}))
    return tuple(group for group in groups if group.columns)


def declared_of(groups: Iterable[ColumnGroup], linked: Container[Node]) -> frozenset[Node]:
    """Return the rights among columns that are declared here; of clients those that are `linked` here."""
    kept = (group.columns for group in groups if not group.label.startswith(KEYCLOAK_ONLY))
    rights = (right for columns in kept for one in columns if (right := node_of(one.key)))
    return frozenset(one for one in rights if one.kind not in _OF_CLIENTS or one in linked)


def narrowed(groups: Iterable[ColumnGroup], wanted: str) -> tuple[ColumnGroup, ...]:
    """Return the groups of that name, and elsewhere the columns that have the text in their title."""
    text = wanted.lower()
    if not text:
        return tuple(groups)
    made = (
        group
        if text == group.label.lower()
        else ColumnGroup(
            group.label, tuple(one for one in group.columns if text in one.title.lower()), group.short
        )
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


def window_of(pages: Iterable[tuple[ColumnGroup, ...]], key: str) -> int:
    """Return the number of the window that holds a column, from 1; the first where none does."""
    for number, page in enumerate(pages, start=1):
        if any(column.key == key for group in page for column in group.columns):
            return number
    return 1


def _split(groups: Iterable[ColumnGroup], size: int) -> Iterator[ColumnGroup]:
    for group in groups:
        for some in portions(group.columns, size):
            yield ColumnGroup(group.label, tuple(some), group.short)


def _of_roles(roles: Iterable[Node], families: Families) -> Iterator[ColumnGroup]:
    """Yield the roles of no family, then each family: one column a role of it, or all its members."""
    members: dict[Family, list[Node]] = {one: [] for one in families.all}
    plain: list[Node] = []
    for one in roles:
        family = families.of(one.name)
        (members[family] if family else plain).append(one)
    yield ColumnGroup("Roles", tuple(_columns(plain)))
    for label, found in groupby(members, lambda family: family.label):
        yield ColumnGroup(label, tuple(_folded_or_open(found, members, families)))


def _folded_or_open(
    found: Iterable[Family], members: dict[Family, list[Node]], families: Families
) -> Iterator[Column]:
    for family in found:
        if not members[family]:
            continue
        if families.is_open(family):
            yield from _columns(members[family])
        else:
            title = f"{family.title}: {len(members[family])} roles {family.pattern}"
            yield Column(family.key, family.pattern, title, Width.COUNT, url=families.url(family))


def _entitlements(tenant: Tenant) -> list[Node]:
    """Return every level of every resource, as it stands in tokens."""
    rows = (
        Resource.objects.of(tenant)
        .order_by("type__name", "name")
        .values_list("type__name", "name", "type__levels")
    )
    return [entitled(f"{kind}:{name}:{level}") for kind, name, levels in rows for level in levels]


def _by_type(entitlements: list[Node]) -> Iterator[ColumnGroup]:
    for kind, found in groupby(entitlements, lambda one: parts_of(one)[0]):
        yield ColumnGroup(kind, tuple(_columns(found)))


def _not_declared(rights: Iterable[Node], known: set[Node]) -> Iterator[ColumnGroup]:
    """Yield what only Keycloak knows: roles and entitlements, then the roles and scopes of each client."""
    found = sorted(one for one in rights if one not in known)
    of_realm = [one for one in found if one.kind in (NodeKind.ROLE, NodeKind.ENTITLEMENT)]
    yield ColumnGroup(KEYCLOAK_ONLY, tuple(_columns(of_realm)))
    of_clients = [one for one in found if one not in set(of_realm)]
    of_clients.sort(key=lambda one: (one.name.partition("/")[0], one.kind, one.name))
    for client, some in groupby(of_clients, lambda one: one.name.partition("/")[0]):
        yield ColumnGroup(f"Client {client}", tuple(_columns(some)))


def _columns(rights: Iterable[Node]) -> Iterator[Column]:
    for right in rights:
        yield Column(key_of(right), label_of(right), title_of(right))
