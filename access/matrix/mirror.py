"""Two tenants side by side: which roles, composites and groups one has and the other has not.

The names of a share begin with its prefix, and its groups stand in its own: both are left out, so that what
means the same is called the same.
"""

from collections.abc import Iterator
from datetime import datetime

from access.matrix.compare import SHOWN, Comparison, Line, sections_of
from access.matrix.grid import Cell, Mark
from access.models import Composite, EntitlementType, Group, GroupRole, Role
from console.engine.state import Address, Kind
from console.sync.models import Observed
from tenants.models import Tenant

TOLD = ("created_by", "created_at")
YES, NO = Cell(Mark.ALLOWED), Cell(Mark.NONE)


def mirrored(first: Tenant, second: Tenant, *, most: int | None = SHOWN) -> Comparison:
    """Return what the structure of two tenants has in common and what not; ten queries."""
    left, right = (dict(_named(one)) for one in (first, second))
    lines = [
        Line(
            title=words,
            group=kind,
            left=YES if (kind, words) in left else NO,
            right=YES if (kind, words) in right else NO,
            way=(left.get((kind, words)) or right[kind, words],),
        )
        for kind, words in sorted({*left, *right})
    ]
    read = [one.realm.scope.read_at for one in (first, second)]
    unreadable = {**first.realm.scope.unreadable, **second.realm.scope.unreadable}
    return Comparison(
        left=first.name,
        right=second.name,
        sections=sections_of((first.name, second.name), lines, most=most),
        read_at=min(one for one in read if one) if all(read) else None,
        unreadable=unreadable,
    )


Named = tuple[tuple[str, str], str]


def _named(tenant: Tenant) -> Iterator[Named]:
    """Yield each thing of a tenant by kind and words, with where it comes from."""
    if tenant.realm.scope.is_observed:
        yield from _read(tenant)
        return
    roles, groups = Role.objects.of(tenant), Group.objects.of(tenant)
    for name, *told in roles.values_list("name", *TOLD):
        yield ("Role", _role(tenant, name)), _told(*told)
    links = Composite.objects.filter(parent__in=roles, child__in=roles)
    for parent, child, *told in links.values_list("parent__name", "child__name", *TOLD):
        yield ("Included role", _includes(_role(tenant, parent), _role(tenant, child))), _told(*told)
    for path, *told in groups.values_list("path", *TOLD):
        yield ("Group", _group(tenant, path)), _told(*told)
    given = GroupRole.objects.filter(group__in=groups, role__in=roles)
    for path, name, *told in given.values_list("group__path", "role__name", *TOLD):
        yield ("Role of a group", _has(_group(tenant, path), _role(tenant, name))), _told(*told)
    types = EntitlementType.objects.of(tenant).values_list("name", "levels", *TOLD)
    for name, levels, *told in types:
        words = f"{name.removeprefix(tenant.type_prefix)}: {', '.join(levels)}"
        yield ("Entitlement type", words), _told(*told)


def _read(tenant: Tenant) -> Iterator[Named]:
    """Yield what Keycloak held of a realm that is only observed."""
    kinds = [kind.value for kind in (Kind.ROLE, Kind.COMPOSITE, Kind.GROUP, Kind.GROUP_ROLE)]
    rows = Observed.objects.filter(scope=tenant.realm.scope, kind__in=kinds)
    for key in rows.values_list("address", flat=True):
        address = Address.parse(key)
        ends = [end.replace("/", " / ") for end in address.path]
        words = {Kind.COMPOSITE: _includes, Kind.GROUP_ROLE: _has}.get(address.kind)
        yield (_KINDS[address.kind], words(*ends) if words else ends[0]), "read in Keycloak"


_KINDS = {
    Kind.ROLE: "Role",
    Kind.COMPOSITE: "Included role",
    Kind.GROUP: "Group",
    Kind.GROUP_ROLE: "Role of a group",
}


def _includes(parent: str, child: str) -> str:
    return f"{parent} includes {child}"


def _has(group: str, name: str) -> str:
    return f"{group} has {name}"


def _role(tenant: Tenant, name: str) -> str:
    return name.removeprefix(tenant.role_prefix) if tenant.is_share else name


def _group(tenant: Tenant, path: str) -> str:
    """Return a group's path without the group of a share; that itself stands for the whole of it."""
    if not tenant.is_share:
        return path.replace("/", " / ")
    return path.removeprefix(tenant.group_name).lstrip("/").replace("/", " / ") or "(the tenant's group)"


def _told(by: str, at: datetime) -> str:
    return f"declared by {by}, {at:%-d %b %Y}"
