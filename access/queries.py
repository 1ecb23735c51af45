"""What the pages of the access side show, each with a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from access.graphs import Access, access_of
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
from console.graph.edges import Node, NodeKind, group, role
from console.graph.paths import Path, shortest
from console.sync.status import statuses
from tenants.models import Tenant

NAMES_SHOWN = 3


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
        .order_by("path")
    )


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
    people = people_linked(tenant.realm, _above(tenant, node))
    access = access_of(tenant.realm, people=people)
    holders = sorted(access.graph.holders_of(node))
    names = names_of(tenant, [one.name for one in holders])
    return {
        "access": access,
        "status": with_status(tenant, [shown])[0].status,
        "includes": list(shown.includes.select_related("child").order_by("child__name")),
        "included_in": list(shown.included_in.select_related("parent").order_by("parent__name")),
        "groups": list(shown.group_links.select_related("group").order_by("group__path")),
        "direct": list(shown.person_links.select_related("person").order_by("person__username")[:50]),
        "holders": [(one.name, names.get(one.name, one.name)) for one in holders],
        "ways": _ways(access, node, holders, names),
        "chain": _chain(access, node),
    }


def _above(tenant: Tenant, node: Node) -> frozenset[Node]:
    return access_of(tenant.realm, people=()).graph.upstream_of(node) | {node}


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
            "through": through,
            "count": number,
            "names": examples[through][:NAMES_SHOWN],
            "more": number - NAMES_SHOWN,
        }
        for through, number in counted.most_common()
    ]


def _chain(access: Access, node: Node) -> list[dict[str, Any]]:
    """Return the roles that come with this one, as an indented list; a role met twice is named once."""
    rows: list[dict[str, Any]] = []
    seen: set[Node] = set()

    def visit(one: Node, depth: int) -> None:
        is_again = one in seen
        rows.append({"name": one.name, "depth": depth, "again": is_again})
        if is_again:
            return
        seen.add(one)
        for edge in access.graph.leaving.get(one, ()):
            if edge.target.kind is NodeKind.ROLE:
                visit(edge.target, depth + 1)

    visit(node, 0)
    return rows


def group_page(tenant: Tenant, shown: Group) -> dict[str, Any]:
    """Return what a group's page shows: what it gives, by itself and through those above, and who is in it."""
    access = access_of(tenant.realm, people=())
    node = group(shown.path)
    rights = sorted(access.graph.rights_of(node))
    return {
        "access": access,
        "status": with_status(tenant, [shown])[0].status,
        "roles": list(shown.role_links.select_related("role").order_by("role__name")),
        "entitlements": list(
            shown.entitlements.select_related("resource__type", "group", "person").order_by("pk")
        ),
        "members": list(shown.memberships.select_related("person").order_by("person__username")[:200]),
        "member_count": shown.memberships.count(),
        "children": list(shown.children.order_by("path")),
        "rights": [{"right": right, "path": _path(access, node, right)} for right in rights],
    }


def _path(access: Access, subject: Node, right: Node) -> Path | None:
    return shortest(access.graph, subject, right)


def names_of(tenant: Tenant, usernames: Iterable[str]) -> dict[str, str]:
    """Return what people are called, by user name. Who is not declared here is missing."""
    rows = Person.objects.filter(realm=tenant.realm, username__in=list(usernames))
    return {row.username: str(row) for row in rows}
