"""Preview and apply of a change: the same service, the same values, and a digest of what was seen.

Preview runs the service in a transaction that is rolled back, reads Keycloak after it closed, and
stores what would happen. Apply does the same again, refuses if anything differs, and only then
lets the service stand. Nothing waits on Keycloak inside a transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.engine.operation import Action, Operation, digest_of
from console.engine.plan import Plan as EnginePlan
from console.engine.plan import plan as compare
from console.engine.state import Address, State
from console.graph.closure import Graph
from console.identity.actor import Actor
from console.keycloak.errors import KeycloakError
from console.keycloak.target import KeycloakTarget
from console.seal import CannotOpen
from console.sync import impact, observed
from console.sync.cause import Cause
from console.sync.collect import Work, collect
from console.sync.commands import Refused, command_named
from console.sync.models import Plan, Scope
from console.sync.words import changes, sentence


class Unreachable(Refused):
    """Keycloak could not be read, so nothing can be said about what would happen."""


class Changed(Refused):
    """What the preview showed no longer holds. `plan` is what would happen now."""

    def __init__(self, sentence: str, *, plan: Plan) -> None:
        super().__init__(sentence)
        self.plan = plan


class Blocked(Refused):
    """The plan holds conflicts that must be settled first."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A change tried and rolled back: what it touched, and the graph with it and without it."""

    scope: Scope
    is_new: bool
    work: Work
    view: impact.View
    before: Graph


def preview(
    *,
    actor: Actor,
    command: str,
    values: Mapping[str, Any],
    title: str,
    tenant: str = "",
    back: str = "",
    undo_of: Plan | None = None,
) -> Plan:
    """Return a stored plan of the change. Raises what the service refuses, and Unreachable."""
    draft = Plan(
        title=title[:300],
        tenant=tenant,
        command=command,
        values=dict(values),
        back=back,
        actor_key=actor.key,
        actor_name=actor.name,
        undo_of=undo_of,
    )
    _look(draft, actor)
    draft.save(force_insert=True)
    return draft


def apply(*, actor: Actor, plan: Plan, reason: str, ticket: str) -> Plan:
    """Let an open plan stand and return it, applied. The sync of its scope is enqueued with it.

    Raises Changed with a new plan when Keycloak or the declared state moved since the preview,
    Blocked when the plan holds conflicts, and what the service refuses.
    """
    if not plan.is_open:
        raise Refused(f"This plan is {plan.get_state_display().lower()}.")
    fresh = preview(
        actor=actor,
        command=plan.command,
        values=plan.values,
        title=plan.title,
        tenant=plan.tenant,
        back=plan.back,
    )
    if fresh.digest != plan.digest:
        _mark_stale(plan)
        raise Changed("Something changed since this preview. This is what would happen now.", plan=fresh)
    fresh.delete()
    if plan.findings:
        raise Blocked("Settle the conflicts first.")
    return _stand(plan, actor=actor, reason=reason, ticket=ticket)


def _stand(plan: Plan, *, actor: Actor, reason: str, ticket: str) -> Plan:
    with transaction.atomic():
        row = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        if not row.is_open:
            raise Refused(f"This plan is {row.get_state_display().lower()}.")
        cause = Cause(reason=reason, ticket=ticket, plan_id=row.pk)
        command_named(row.command).run(actor=actor, cause=cause, **row.values)
        row.scope = next((made.scope for made in cause.changes if made.scope), row.scope)
        row.state, row.reason, row.ticket = Plan.State.APPLIED, reason, ticket
        row.applied_at, row.applied_by = timezone.now(), actor.name
        row.save(update_fields=["scope", "state", "reason", "ticket", "applied_at", "applied_by"])
    return row


def _mark_stale(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(state=Plan.State.STALE)


def _look(draft: Plan, actor: Actor) -> None:
    """Fill in what the change would do."""
    trial = _try(draft, actor)
    actual = _read(trial)
    now = timezone.now()
    found = compare(
        desired=trial.work.desired,
        actual=actual,
        ledger=trial.work.ledger,
        selection=trial.work.selection,
    )
    if not trial.is_new:
        observed.keep(trial.scope, actual, looked_at=trial.work.to_read.addresses, now=now)
        draft.scope = trial.scope
    draft.scope_name, draft.read_at, draft.digest = str(trial.scope), now, found.digest
    draft.fingerprints = [one.fingerprint for one in found.operations]
    draft.targets = [[one.address.key, digest_of(one.after)] for one in found.operations]
    draft.operations = [described(one, realm=trial.scope.realm) for one in found.operations]
    draft.unchanged = [one.key for one in found.unchanged]
    draft.findings = list(_findings(found))
    draft.impact = impact.told(before=trial.before, view=trial.view)


def _try(draft: Plan, actor: Actor) -> Trial:
    """Run the service in a transaction that is rolled back, and look at what it left."""
    cause = Cause()
    with transaction.atomic():
        command_named(draft.command).run(actor=actor, cause=cause, **draft.values)
        scope = next(made.scope for made in cause.changes if made.scope is not None)
        server = scope.server  # loaded here: a new scope is gone after the roll-back
        keys = [address.key for made in cause.changes for address in made.touched]
        work = collect(scope, scope.touched.filter(address__in=keys))
        view = impact.after_change(scope, work.selection)
        transaction.set_rollback(True)
    scope.server = server
    is_new = not Scope.objects.filter(pk=scope.pk).exists()
    before = impact.before_change(None if is_new else scope, view)
    return Trial(scope=scope, is_new=is_new, work=work, view=view, before=before)


def _read(trial: Trial) -> State:
    try:
        target = KeycloakTarget(trial.scope.server.connection(), trial.scope.realm)
        return target.read(trial.work.to_read)
    except CannotOpen as error:
        raise Unreachable(str(error)) from error
    except KeycloakError as error:
        raise Unreachable(f"{trial.scope.server.name} could not be read. {error.sentence}") from error


def described(operation: Operation, *, realm: str) -> dict[str, Any]:
    """Return an operation as plain JSON for the plan page."""
    return {
        "action": operation.action.value,
        "phase": operation.phase.value,
        "address": operation.address.key,
        "was": operation.was.key if operation.was else "",
        "before": dict(operation.before) if operation.before is not None else None,
        "words": [list(part) for part in sentence(operation, realm=realm).marked],
        "reason": operation.reason,
        "changes": [list(one) for one in changes(operation)],
        "writes": operation.action is not Action.ADOPT,
    }


def _findings(found: EnginePlan) -> Iterable[dict[str, str]]:
    for one in (*found.conflicts, *found.unreadable):
        yield {
            "address": one.address.key if isinstance(one.address, Address) else "",
            "sentence": one.sentence,
        }
