"""Who belongs to a tenant: the first half of every decision. What is outside is as if it were not there."""

from collections.abc import Collection, Iterator

from django.db import connection
from django.db.models import Q, QuerySet

from access.concern import concerns
from access.models import Person
from console.engine.state import Kind
from console.graph.edges import Node, NodeKind
from console.sync.models import Observed
from tenants.models import Tenant

STRANGER = "does not belong to this tenant, or does not exist"
CLOSED = "may not sign in: the account is disabled"


def refused(tenant: Tenant, subjects: Collection[Node]) -> dict[Node, str]:
    """Return which subjects are no members, each with why. One query, two where somebody is not declared."""
    people = [one.name for one in subjects if one.kind is NodeKind.PERSON]
    known = _people(tenant, people)
    found = {Node(NodeKind.PERSON, name): known.get(name, STRANGER) for name in people}
    others = [one for one in subjects if one.kind is not NodeKind.PERSON]
    found |= {one: "" if concerns(tenant, one) else STRANGER for one in others}
    return {one: why for one, why in found.items() if why}


def usernames_after(tenant: Tenant, last: str, *, limit: int) -> list[str]:
    """Return the next user names of a tenant in alphabetical order: declared ones and those in Keycloak."""
    declared = Person.objects.of(tenant).filter(username__gt=last, enabled=True)
    mine = declared.order_by("username").values_list("username", flat=True)[:limit]
    theirs = _observed(tenant).filter(owner__gt=last).order_by("owner").values_list("owner", flat=True)
    return sorted({*mine, *theirs.distinct()[:limit]})[:limit]


def _people(tenant: Tenant, usernames: Collection[str]) -> dict[str, str]:
    if not usernames:
        return {}
    found = dict(_declared(tenant, usernames))
    missing = [name for name in usernames if name not in found]
    return found | dict(_only_in_keycloak(tenant, missing)) if missing else found


_DECLARED = "SELECT username, enabled FROM access_person WHERE realm_id = %s AND username = ANY(%s)"


def _declared(tenant: Tenant, usernames: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the declared ones, in plain SQL: this is done for every decision. Of a share, those in it."""
    if tenant.is_share:
        rows = Person.objects.of(tenant).filter(username__in=usernames).values_list("username", "enabled")
    else:
        with connection.cursor() as cursor:
            cursor.execute(_DECLARED, [tenant.realm_id, list(usernames)])
            rows = cursor.fetchall()
    for name, enabled in rows:
        yield name, "" if enabled else CLOSED


def _only_in_keycloak(tenant: Tenant, usernames: Collection[str]) -> Iterator[tuple[str, str]]:
    rows = _observed(tenant).filter(owner__in=usernames)
    for name, fields in rows.values_list("owner", "fields"):
        yield name, "" if fields.get("enabled", True) else CLOSED


def _observed(tenant: Tenant) -> "QuerySet[Observed]":
    """Return what was read of people in Keycloak; of a share, who is in one of its groups there."""
    rows = Observed.objects.filter(scope_id=tenant.realm.scope_id)
    if not tenant.is_share:
        return rows.filter(kind=Kind.PERSON)
    inside = Q(target=tenant.group_name) | Q(target__startswith=f"{tenant.group_name}/")
    return rows.filter(inside, kind=Kind.MEMBERSHIP)
