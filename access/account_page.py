"""What a service account's page shows: what it holds, by which way, and what it is given directly."""

from typing import Any

from django.db.models import Q

from access.concern import concerning
from access.graphs import access_of
from access.models import Entitlement, Group, Role
from access.queries import right_of
from access.services.accounts import accounts_in
from access.services.terms import OF_SERVICES
from access.terms_page import ends_of, lines_of, names_of, untils
from console.audit.models import AuditEvent
from console.engine.state import Address, Kind
from console.graph.edges import service_account
from console.sync.status import statuses
from tenants.models import Declaration, Tenant

EVENTS = 20


def accounts_with_counts(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the service accounts by client id, each with the numbers of its direct links: three queries."""
    rows = list(accounts_in(tenant).order_by("address"))
    links = Declaration.objects.filter(realm=tenant.realm, kind__in=[kind.value for kind in OF_SERVICES])
    counted: dict[tuple[str, str], int] = {}
    for kind, key in links.values_list("kind", "address"):
        name = Address.parse(key).path[0]
        counted[name, kind] = counted.get((name, kind), 0) + 1
    granted = list(Entitlement.objects.filter(client__in=rows).values_list("client", flat=True))
    known = statuses(tenant.realm.scope, [row.at for row in rows])
    return [
        {
            "row": row,
            "name": row.at.path[0],
            "description": row.fields.get("description", ""),
            "roles": counted.get((row.at.path[0], Kind.SERVICE_ROLE), 0)
            + counted.get((row.at.path[0], Kind.SERVICE_CLIENT_ROLE), 0),
            "groups": counted.get((row.at.path[0], Kind.SERVICE_MEMBERSHIP), 0),
            "entitlements": granted.count(row.pk),
            "status": known[row.at],
        }
        for row in rows
    ]


def account_page(tenant: Tenant, client: Declaration, *, now: Any) -> dict[str, Any]:
    """Return what the page of one service account shows, with a fixed number of queries."""
    name = client.at.path[0]
    node = service_account(name)
    links, grants = _links(tenant, name), _grants(client)
    access = access_of(tenant.realm, people=())
    rights = sorted(concerning(tenant, access.graph.rights_of(node)), key=lambda one: (one.kind, one.name))
    until = untils(access.graph, node, rights, ends_of(tenant.realm, people=(), clients=[client.pk]))
    names = names_of(tenant.realm)
    return {
        "access": access,
        "name": name,
        "rights": [
            right_of(access, node, right, {}, {})
            | {"until": until.get(right), "called": names.get(right.name)}
            for right in rights
        ],
        "direct_count": len(links),
        "roles": _roles(tenant, links),
        "groups": _groups(tenant, links),
        "grants": grants,
        "names": names,
        "lines": lines_of(tenant, _narrowed(client, name), now=now),
        "events": list(_events(tenant, client)[:EVENTS]),
        "status": statuses(tenant.realm.scope, [client.at])[client.at],
    }


def _links(tenant: Tenant, name: str) -> list[Declaration]:
    return list(Declaration.objects.filter(_of(name), realm=tenant.realm).order_by("kind", "address"))


def _of(name: str) -> Q:
    """Return the condition of being a link of this client's account."""
    condition = Q()
    for kind in OF_SERVICES:
        condition |= Q(kind=kind.value, address__startswith=Address(kind, (name, "")).key)
    return condition


def _roles(tenant: Tenant, links: list[Declaration]) -> list[dict[str, Any]]:
    """Return the roles given directly, those of the realm with their ids."""
    given = [one for one in links if one.kind != Kind.SERVICE_MEMBERSHIP]
    names = [one.at.path[-1] for one in given if one.kind == Kind.SERVICE_ROLE]
    ids = dict(Role.objects.of(tenant).filter(name__in=names).values_list("name", "pk"))
    return [
        {
            "name": one.at.path[-1],
            "of": one.at.path[1] if one.kind == Kind.SERVICE_CLIENT_ROLE else "",
            "pk": ids.get(one.at.path[-1]) if one.kind == Kind.SERVICE_ROLE else None,
            "link": one,
        }
        for one in given
    ]


def _groups(tenant: Tenant, links: list[Declaration]) -> list[dict[str, Any]]:
    """Return the groups that the account is in itself."""
    given = {one.at.path[1]: one for one in links if one.kind == Kind.SERVICE_MEMBERSHIP}
    rows = Group.objects.of(tenant).filter(path__in=given).order_by("path")
    return [{"group": row, "link": given[row.path]} for row in rows]


def _grants(client: Declaration) -> list[Entitlement]:
    rows = Entitlement.objects.filter(client=client).select_related("resource__type", "client")
    return list(rows.order_by("resource__type__name", "resource__name", "level"))


def _narrowed(client: Declaration, name: str) -> dict[str, Q]:
    return {"entitlement": Q(client=client), "service": _of(name)}


def _events(tenant: Tenant, client: Declaration) -> Any:
    name = client.at.path[0]
    mine = Q(address=client.address) | Q(
        address__startswith=Address(Kind.ENTITLEMENT, (Kind.CLIENT.value, name, "")).key
    )
    for kind in OF_SERVICES:
        mine |= Q(address__startswith=Address(kind, (name, "")).key)
    return AuditEvent.objects.filter(mine, tenant=tenant.slug).order_by("-at", "-id")
