"""How a view gets plans, runs and scopes: only those of tenants that the actor may know of.

A scope may serve several tenants (shares of one realm), so its runs are for those who see the whole
console; a tenant's administrators follow their own plans.
"""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404

from console.identity.actor import Actor
from console.permissions.policy import decide, visible_tenants
from console.permissions.vocabulary import Permission
from console.sync import queue
from console.sync.models import Plan, Run, Scope, Step, Touched


def plan_for(actor: Actor, pk: UUID) -> Plan:
    """Return a plan of a visible tenant. Raises Http404."""
    plan = plans_for(actor).filter(pk=pk).select_related("scope__server").first()
    if plan is None:
        raise Http404("There is no such plan, or you may not know of it.")
    return plan


def plans_for(actor: Actor) -> QuerySet[Plan]:
    visible = visible_tenants(actor)
    return Plan.objects.all() if visible == "all" else Plan.objects.filter(tenant__in=visible)


def scopes_for(actor: Actor) -> QuerySet[Scope]:
    """Return the scopes with a plan of a visible tenant, or all."""
    visible = visible_tenants(actor)
    rows = Scope.objects.select_related("server").order_by("server__name", "realm")
    if visible == "all":
        return rows
    own = Plan.objects.filter(tenant__in=visible, scope__isnull=False).values("scope_id")
    return rows.filter(pk__in=own)


def scope_for(actor: Actor, pk: int) -> Scope:
    """Return a scope. Raises Http404."""
    scope = scopes_for(actor).filter(pk=pk).first()
    if scope is None:
        raise Http404("There is no such realm, or you may not know of it.")
    return scope


def scope_to_change(actor: Actor, pk: int, permission: Permission) -> Scope:
    """Return a scope in which the actor holds the right, everywhere or through a tenant that it serves.

    Raises Http404, PermissionDenied. To see a scope is not enough: an auditor sees all.
    """
    scope = scope_for(actor, pk)
    served = Plan.objects.filter(scope=scope).exclude(tenant="").values_list("tenant", flat=True).distinct()
    if not any(decide(actor, permission, tenant) for tenant in (None, *served)):
        raise PermissionDenied
    return scope


def steps_for(actor: Actor, run: Run) -> QuerySet[Step]:
    """Return the steps of a run that one may see: of a share, those of its own plans."""
    visible = visible_tenants(actor)
    steps = run.steps.order_by("number")
    if visible == "all":
        return steps
    return steps.filter(plan_id__in=Plan.objects.filter(tenant__in=visible).values("pk"))


def runs_for(actor: Actor) -> QuerySet[Run]:
    """Return the runs that carried out a visible tenant's plans, newest first."""
    rows = Run.objects.select_related("scope__server").order_by("-started_at", "-pk")
    visible = visible_tenants(actor)
    if visible == "all":
        return rows
    own = Plan.objects.filter(tenant__in=visible).values("pk")
    return rows.filter(Q(steps__plan_id__in=own)).distinct()


def run_for(actor: Actor, pk: UUID) -> Run:
    """Return a run. Raises Http404."""
    run = runs_for(actor).filter(pk=pk).first()
    if run is None:
        raise Http404("There is no such run, or you may not know of it.")
    return run


def retry(scope: Scope) -> None:
    """Forget what stopped the scope, and enqueue it."""
    with transaction.atomic():
        Touched.objects.filter(scope=scope).update(
            sentence="", is_blocked=False, is_set_aside=False, is_unknown=False, attempts=0
        )
        Scope.objects.filter(pk=scope.pk).update(attempts=0, next_attempt_at=None)
        queue.enqueue(scope)


def read_again(scope: Scope) -> None:
    """Enqueue a complete read."""
    with transaction.atomic():
        queue.enqueue_read(scope)
