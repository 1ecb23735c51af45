"""Decisions about who may do what in this console: its own policy, asked as any service is.

The subject is an `operator`, by the key of the account or by its subject at Keycloak; the resource is a
`tenant` by its slug; the action is a permission. First membership in the tenant counts, then what comes with
it; administrators by role and members of CLUSTER_ADMIN_GROUPS stand above all tenants.
"""

from datetime import datetime

from django.db.models import Q

from console.api.authzen.messages import Ask
from console.api.authzen.reasons import Answered, denied, reasoned
from console.graph.decisions import Mark
from console.identity.actor import Actor, actor_for
from console.identity.models import SignIn
from console.permissions.policy import decide, ways_of
from console.permissions.vocabulary import Permission
from tenants.models import Tenant


def answered(ask: Ask, tenant: Tenant, *, now: datetime) -> Answered:
    """Return what the policy says of an operator's newest confirmed roles and groups."""
    operator = operator_named(ask.subject.id) if ask.subject.is_possible else None
    permission = permission_named(ask.action.name) if ask.action else None
    if operator is None or permission is None or ask.resource.id != tenant.slug:
        return denied("No such operator, tenant or permission is known here.", tenant=tenant.slug, now=now)
    verdict = decide(operator, permission, tenant.slug)
    ways = " Or: ".join(ways_of(operator, permission, tenant.slug))
    admin = f"{verdict.reason} {verdict.who}".strip() + (f" {operator.name} {ways}" if ways else "")
    mark, user = (Mark.ALLOWED, "") if verdict else (Mark.NONE, verdict.reason)
    context = reasoned(mark, admin=admin, user=user, tenant=tenant.slug, now=now)
    return Answered(decision=verdict.allowed, context=context)


def operator_named(name: str) -> Actor | None:
    """Return an operator with the roles and groups of the newest sign-in, or None for one never seen."""
    known = Q(user__username=name.removeprefix("local:"))
    rows = SignIn.objects.filter(known | Q(subject=name), user__is_active=True, is_complete=True)
    sign_in = rows.select_related("user").order_by("-signed_in_at", "-pk").first() if name else None
    return actor_for(user=sign_in.user, sign_in=sign_in) if sign_in else None


def permission_named(name: str) -> Permission | None:
    try:
        return Permission(name.removeprefix("console:"))
    except ValueError:
        return None
