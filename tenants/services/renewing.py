"""Asking anew for what an applied plan could not bring to Keycloak."""

from console.audit.models import EventKind
from console.change import change
from console.engine.state import Address
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Gone, command
from console.sync.models import Plan
from tenants.loaders import tenant_named


@command("tenants:plan:renew")
def renew(*, actor: Actor, tenant: str, plan: str, cause: Cause | None = None) -> None:
    """Ask for all of a plan that waits, as Keycloak is now. What is declared stays as it is.

    The way out for a deletion that was stopped: it cannot be asked for by its form a second time.
    Raises Gone where nothing of the plan waits any more.
    """
    owner = tenant_named(actor, tenant)
    row = Plan.objects.filter(pk=plan, tenant=owner.slug, state=Plan.State.APPLIED).first()
    if row is None:
        raise Gone("There is no such applied plan of this tenant.")
    with change(
        actor=actor,
        permission=Permission.PLAN_APPLY,
        event=EventKind.SYNC_PLAN_RENEWED,
        scope=owner.realm.scope,
        tenant=owner.slug,
        cause=cause,
    ) as made:
        waiting = list(owner.realm.scope.touched.filter(plan=row).values_list("address", flat=True))
        if not waiting:
            raise Gone("Nothing of this plan waits any more.")
        made.touch(*(Address.parse(key) for key in waiting))
        made.record(f"Plan {row.title}", new={"waiting": sorted(waiting)})
