"""What the pages of the access side show, each with a fixed number of queries."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Count, F, Func, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from access.concern import concerning
from access.graphs import Access, access_of
from access.models import (
    Composite,
    Entitlement,
    EntitlementType,
    Group,
    GroupRole,
    Membership,
    NamedEntitlement,
    Person,
    PersonRole,
    Resource,
    ResourceOwner,
    Role,
)
from access.querysets import within
from access.terms_page import ends_of as last_moments
from access.terms_page import untils
from console.graph.edges import Node, NodeKind, group
from console.graph.paths import shortest
from console.sync.effects import ends_of
from console.sync.status import statuses
from console.sync.words import group_words
from console.timed import NOT_ENDED
from tenants.models import Tenant

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
    """Return the people by user name, with the numbers of direct links to what is the tenant's."""
    links = {"group": Membership, "role": PersonRole, "resource": Entitlement}
    memberships, roles, entitlements = (_to_own(tenant, model, end) for end, model in links.items())
    return (
        Person.objects.of(tenant)
        .annotate(
            group_count=_counted(memberships, "person"),
            role_count=_counted(roles, "person"),
            entitlement_count=_counted(entitlements, "person"),
        )
        .order_by("username")
    )


def _to_own(tenant: Tenant, links: Any, end: str) -> QuerySet[Any]:
    """Return the links that lead to a thing of the tenant: in a realm of its own, all."""
    if not tenant.is_share:
        return links.objects.all()
    things: dict[str, Any] = {"group": Group, "role": Role, "resource": Resource}
    return links.objects.filter(**{f"{end}__in": things[end].objects.of(tenant)})


def types_of(tenant: Tenant) -> list[EntitlementType]:
    """Return the entitlement types with their resources, and with the names and owners of each."""
    things = Resource.objects.order_by("name").prefetch_related(
        Prefetch("names", NamedEntitlement.objects.order_by("pk")),
        Prefetch("owners", ResourceOwner.objects.select_related("person", "client").order_by("pk")),
    )
    types = EntitlementType.objects.of(tenant).prefetch_related(Prefetch("resources", things))
    return list(types.order_by("name"))


def grants_of(tenant: Tenant) -> QuerySet[Entitlement]:
    """Return every grant on the tenant's resources, those that begin later too."""
    own = EntitlementType.objects.of(tenant).values("pk")
    return (
        Entitlement.every.filter(NOT_ENDED, resource__type__in=own)
        .select_related("person", "group", "client", "resource__type")
        .order_by("resource__type__name", "resource__name", "level", "pk")
    )


def group_page(tenant: Tenant, shown: Group) -> dict[str, Any]:
    """Return what a group's page shows: what it gives, itself and through those above, and who is in it."""
    access = access_of(tenant.realm, people=())
    node = group(shown.path)
    links = _own_links(tenant, shown)
    roles = {link.role.name: link for link in links["roles"] if not link.is_planned}
    grants = {grant.value: grant for grant in links["grants"] if not grant.is_planned}
    rights = sorted(concerning(tenant, access.graph.rights_of(node)))
    ends = untils(access.graph, node, rights, last_moments(tenant.realm, people=()))
    members = shown.memberships(manager="every").filter(NOT_ENDED).select_related("person")
    return {
        "access": access,
        "status": with_status(tenant, [shown])[0].status,
        "rights": [
            right_of(access, node, right, roles, grants) | {"until": ends.get(right)} for right in rights
        ],
        "planned": [_later(link) for some in links.values() for link in some if link.is_planned],
        "members": list(members.order_by("person__username")[:MEMBERS]),
        "member_count": shown.memberships.count(),
        "inside_count": _inside(tenant, shown),
        "is_parent_own": shown.parent is not None
        and not (tenant.is_share and shown.path == tenant.group_name),
        "children": list(groups_with_counts(tenant).filter(parent=shown)),
    }


def _own_links(tenant: Tenant, shown: Group) -> dict[str, list[Any]]:
    """Return what the group itself is given, also what begins later."""
    roles = shown.role_links(manager="every").filter(NOT_ENDED, role__in=Role.objects.of(tenant))
    grants = shown.entitlements(manager="every").filter(NOT_ENDED)
    return {
        "roles": list(roles.select_related("role").order_by("role__name")),
        "grants": list(grants.select_related("resource__type", "group", "person", "client").order_by("pk")),
    }


def _later(link: Any) -> dict[str, Any]:
    """Return a right that the group is given from a later time on."""
    is_role = isinstance(link, GroupRole)
    return {
        "name": link.role.name if is_role else link.value,
        "kind": (NodeKind.ROLE if is_role else NodeKind.ENTITLEMENT).noun.capitalize(),
        "role": link if is_role else None,
        "grant": None if is_role else link,
        "link": link,
    }


def _inside(tenant: Tenant, shown: Group) -> int:
    """Return how many people are in the group or in one below it."""
    inside = Membership.objects.filter(within(shown.path, "group__"), realm=tenant.realm)
    return inside.values("person_id").distinct().count()


def right_of(
    access: Access, node: Node, right: Node, roles: Mapping[str, Any], grants: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one right of a group's members, by which way it comes, and the own link that gives it."""
    path = shortest(access.graph, node, right)
    through = path.through if path else ()
    is_role = right.kind is NodeKind.ROLE
    first = path.edges[0] if path else None
    return {
        "name": right.name,
        "kind": right.kind.noun.capitalize(),
        "role": roles.get(right.name) if is_role else None,
        "grant": None if is_role else grants.get(right.name),
        "steps": ends_of([short_words(step) for step in through]),
        "whole": " › ".join(whole_words(step) for step in through),
        "icon": _ICONS.get(through[0].kind, "hierarchy-2") if through else "users-group",
        "since": first.provenance.since if first and path and path.is_direct else None,
        "by": first.provenance.by if first and path and path.is_direct else "",
        "is_live": first is None or first.provenance.live is not False,
    }


def short_words(node: Node) -> str:
    """Return a group's last name: the whole path stands in the hint."""
    return node.name.rpartition("/")[2] if node.kind is NodeKind.GROUP else node.name


def whole_words(node: Node) -> str:
    return group_words(node.name) if node.kind is NodeKind.GROUP else node.name


_ICONS = {NodeKind.GROUP: "folder", NodeKind.ROLE: "hierarchy-2"}
