"""Who belongs to a tenant: the first half of every decision. What is outside is as if it were not there."""

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet

from access.concern import concerns
from access.facts import known_of
from access.models import Person
from console.engine.state import Kind
from console.graph.decisions import Facts
from console.graph.edges import Node, NodeKind
from console.sync.models import Observed
from tenants.models import Tenant

STRANGER = "does not belong to this tenant, or does not exist"
CLOSED = "may not sign in: the account is disabled"


def members_of(tenant: Tenant, subjects: Collection[Node]) -> tuple[dict[Node, Facts], dict[Node, str]]:
    """Return what is known of members, and of the other subjects why they are none.

    One query for all of them, and of a share one or two more: who of its realm belongs to it.
    """
    known = known_of(tenant, subjects)
    strangers = _refused(tenant, subjects, known.accounts)
    return {one: facts for one, facts in known.facts.items() if one not in strangers}, strangers


def refused(tenant: Tenant, subjects: Collection[Node]) -> dict[Node, str]:
    """Return which subjects are no members, each with why."""
    return members_of(tenant, subjects)[1]


def _refused(tenant: Tenant, subjects: Collection[Node], accounts: Mapping[str, bool]) -> dict[Node, str]:
    people = [one.name for one in subjects if one.kind is NodeKind.PERSON]
    inside = _of_share(tenant, people) if tenant.is_share and people else accounts
    found = {}
    for one in subjects:
        if one.kind is not NodeKind.PERSON:
            why = "" if concerns(tenant, one) else STRANGER
        else:
            is_enabled = inside.get(one.name)
            why = STRANGER if is_enabled is None else "" if is_enabled else CLOSED
        if why:
            found[one] = why
    return found


def usernames_after(tenant: Tenant, last: str, *, limit: int) -> list[str]:
    """Return the next user names of a tenant in alphabetical order: declared ones and those in Keycloak."""
    declared = Person.objects.of(tenant).filter(username__gt=last, enabled=True)
    mine = declared.order_by("username").values_list("username", flat=True)[:limit]
    theirs = _observed(tenant).filter(owner__gt=last).order_by("owner").values_list("owner", flat=True)
    return sorted({*mine, *theirs.distinct()[:limit]})[:limit]


def _of_share(tenant: Tenant, usernames: Collection[str]) -> dict[str, bool]:
    """Return who of these is in a group of the share, and whether the account may sign in."""
    rows = Person.objects.of(tenant).filter(username__in=usernames).values_list("username", "enabled")
    found = dict(rows)
    missing = [name for name in usernames if name not in found]
    theirs = _observed(tenant).filter(owner__in=missing).values_list("owner", "fields") if missing else ()
    return found | {name: bool(fields.get("enabled", True)) for name, fields in theirs}


def _observed(tenant: Tenant) -> "QuerySet[Observed]":
    """Return what was read of people in Keycloak; of a share, who is in one of its groups there."""
    rows = Observed.objects.filter(scope_id=tenant.realm.scope_id)
    if not tenant.is_share:
        return rows.filter(kind=Kind.PERSON)
    inside = Q(target=tenant.group_name) | Q(target__startswith=f"{tenant.group_name}/")
    return rows.filter(inside, kind=Kind.MEMBERSHIP)
