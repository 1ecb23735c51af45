"""What the pages of the access side show, each with a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Count, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from access.graphs import Access, access_of
from access.hierarchy import branches_of, drawn_of, picture_of
from access.impact import people_linked
from access.models import (
    Composite,
    Entitlement,
    EntitlementType,
    Group,
    GroupRole,
    Membership,
    Person,
    PersonRole,
    Role,
)
from access.querysets import within
from console.graph.edges import Node, NodeKind, group, role
from console.graph.paths import shortest
from console.sync.effects import ends_of
from console.sync.status import statuses
from tenants.models import Tenant

NAMES_SHOWN = 2
DIRECT = 50
MEMBERS = 200


def with_status(tenant: Tenant, rows: Iterable[Any]) -> list[Any]:
    """Return the rows as a list, each with `status` set."""
    found = list(rows)
    known = statuses(tenant.realm.scope, [row.address for row in found])
    for row in found:
        row.status = known[row.address]
    return found


def _counted(rows: QuerySet[Any], by: str) -> Coalesce:
    counts = (
        rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(count=Count("pk")).values("count")
    )
    return Coalesce(Subquery(counts), Value(0))


def roles_with_counts(tenant: Tenant) -> QuerySet[Role]:
    """Return the roles by name, with the numbers of direct links."""
    return (
        Role.objects.of(tenant)
        .annotate(
            people_count=_counted(PersonRole.objects.all(), "role"),
            group_count=_counted(GroupRole.objects.all(), "role"),
            includes_count=_counted(Composite.objects.all(), "parent"),
        )
        .order_by("name")
    )


def groups_with_counts(tenant: Tenant) -> QuerySet[Group]:
    """Return the groups in tree order, with the numbers of direct links."""
    return (
        Group.objects.of(tenant)
        .annotate(
            people_count=_counted(Membership.objects.all(), "group"),
            role_count=_counted(GroupRole.objects.all(), "group"),
            entitlement_count=_counted(Entitlement.objects.all(), "group"),
        )
        .order_by(string_to_array("path"))
    )


def string_to_array(column: str) -> Func:
    """Return the names of a path, to sort by. As text, `data 2` would come before `data/eng`."""
    return Func(F(column), Value("/"), function="string_to_array", output_field=ArrayField(CharField()))


def people_with_counts(tenant: Tenant) -> QuerySet[Person]:
    """Return the people by user name, with the numbers of direct links."""
    return (
        Person.objects.of(tenant)
        .annotate(
            group_count=_counted(Membership.objects.all(), "person"),
            role_count=_counted(PersonRole.objects.all(), "person"),
            entitlement_count=_counted(Entitlement.objects.all(), "person"),
        )
        .order_by("username")
    )


def types_of(tenant: Tenant) -> list[EntitlementType]:
    """Return the entitlement types with their resources."""
    return list(EntitlementType.objects.of(tenant).prefetch_related("resources").order_by("name"))


def grants_of(tenant: Tenant) -> QuerySet[Entitlement]:
    """Return every grant on the tenant's resources."""
    own = EntitlementType.objects.of(tenant).values("pk")
    return (
        Entitlement.objects.filter(resource__type__in=own)
        .select_related("person", "group", "resource__type")
        .order_by("resource__type__name", "resource__name", "level", "pk")
    )


def role_page(tenant: Tenant, shown: Role) -> dict[str, Any]:
    """Return what a role's page shows: its place among roles, and everybody who has it, by way."""
    node = role(shown.name)
    structure = access_of(tenant.realm, people=()).graph
    drawn = drawn_of(structure, node)
    above = {upper for one in drawn for upper in structure.upstream_of(one)}
    access = access_of(tenant.realm, people=people_linked(tenant.realm, above))
    counts = {one: len(access.graph.holders_of(one)) for one in drawn}
    holders = sorted(access.graph.holders_of(node))
    names = names_of(tenant, [one.name for one in holders])
    ids = dict(Role.objects.of(tenant).filter(name__in=[one.name for one in drawn]).values_list("name", "pk"))
    ways = _ways(access, node, holders, names)
    return {
        "access": access,
        "status": with_status(tenant, [shown])[0].status,
        "picture": picture_of(structure, node, ids=ids, holders=counts),
        "branches": branches_of(structure, node, ids=ids, holders=counts),
        "below_count": sum(one.kind is NodeKind.ROLE for one in structure.downstream_of(node)) - 1,
        "includes": list(shown.includes.select_related("child").order_by("child__name")),
        "included_in": list(shown.included_in.select_related("parent").order_by("parent__name")),
        "groups": list(shown.group_links.select_related("group").order_by("group__path")),
        "direct": list(shown.person_links.select_related("person").order_by("person__username")[:DIRECT]),
        "direct_count": shown.person_links.count(),
        "holder_count": len(holders),
        "ways": ways,
        "bars": _bars(ways),
    }


def _ways(access: Access, node: Node, holders: list[Node], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return by which way people have the role: each person once, by the shortest way."""
    counted: Counter[tuple[Node, ...]] = Counter()
    examples: dict[tuple[Node, ...], list[str]] = {}
    for one in holders:
        path = shortest(access.graph, one, node)
        if path is None:
            continue
        counted[path.through] += 1
        examples.setdefault(path.through, []).append(names.get(one.name, one.name))
    return [
        {
            "steps": ends_of([_short(step) for step in through]),
            "whole": " › ".join(_words(step) for step in through),
            "by": through[0].kind.value if through else "direct",
            "count": number,
            "names": ", ".join(examples[through][:NAMES_SHOWN]),
            "more": number - len(examples[through][:NAMES_SHOWN]),
        }
        for through, number in counted.most_common()
    ]


def _short(node: Node) -> str:
    """Return a group's last name: the whole path stands in the hint."""
    return node.name.rpartition("/")[2] if node.kind is NodeKind.GROUP else node.name


def _words(node: Node) -> str:
    return node.name.replace("/", " / ") if node.kind is NodeKind.GROUP else node.name


BAR = 640


def _bars(ways: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts of the bar of who has a role: how many by which kind of way, and where each begins."""
    counts = {kind: sum(way["count"] for way in ways if way["by"] == kind) for kind in BAR_WORDS}
    total = sum(counts.values())
    parts, start = [], 0
    for kind, number in counts.items():
        if number:
            width = round(BAR * number / total)
            parts.append(
                {"kind": kind, "count": number, "words": BAR_WORDS[kind], "x": start, "width": width}
            )
            start += width
    return parts


BAR_WORDS = {"group": "through groups", "role": "through other roles", "direct": "direct"}


def group_page(tenant: Tenant, shown: Group) -> dict[str, Any]:
    """Return what a group's page shows: what it gives, itself and through those above, and who is in it."""
    access = access_of(tenant.realm, people=())
    node = group(shown.path)
    roles = {link.role.name: link for link in shown.role_links.select_related("role")}
    grants = {
        grant.value: grant for grant in shown.entitlements.select_related("resource__type", "group", "person")
    }
    return {
        "access": access,
        "status": with_status(tenant, [shown])[0].status,
        "rights": [
            _right(access, node, right, roles, grants) for right in sorted(access.graph.rights_of(node))
        ],
        "members": list(shown.memberships.select_related("person").order_by("person__username")[:MEMBERS]),
        "member_count": shown.memberships.count(),
        "inside_count": _inside(tenant, shown),
        "is_parent_own": shown.parent is not None
        and not (tenant.is_share and shown.path == tenant.group_name),
        "children": list(groups_with_counts(tenant).filter(parent=shown)),
    }


def _inside(tenant: Tenant, shown: Group) -> int:
    """Return how many people are in the group or in one below it."""
    inside = Membership.objects.filter(within(shown.path, "group__"), realm=tenant.realm)
    return inside.values("person_id").distinct().count()


def _right(
    access: Access, node: Node, right: Node, roles: Mapping[str, Any], grants: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one right of a group's members, by which way it comes, and the own link that gives it."""
    path = shortest(access.graph, node, right)
    through = path.through if path else ()
    is_role = right.kind is NodeKind.ROLE
    first = path.edges[0] if path else None
    return {
        "name": right.name,
        "kind": "Role" if is_role else "Entitlement",
        "role": roles.get(right.name) if is_role else None,
        "grant": None if is_role else grants.get(right.name),
        "steps": ends_of([_short(step) for step in through]),
        "whole": " › ".join(_words(step) for step in through),
        "icon": _ICONS[through[0].kind] if through else "users-group",
        "since": first.provenance.since if first and path and path.is_direct else None,
        "by": first.provenance.by if first and path and path.is_direct else "",
        "is_live": first is None or first.provenance.live is not False,
    }


_ICONS = {NodeKind.GROUP: "folder", NodeKind.ROLE: "hierarchy-2"}


def names_of(tenant: Tenant, usernames: Iterable[str]) -> dict[str, str]:
    """Return what people are called, by user name. Who is not declared here is missing."""
    rows = Person.objects.filter(realm=tenant.realm, username__in=list(usernames))
    return {row.username: str(row) for row in rows}
