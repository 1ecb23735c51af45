"""Preview and apply of a change: the same service, the same values, and a digest of what was seen.

Preview runs the service in a transaction that is rolled back, reads Keycloak after it closed, and
stores what would happen. Apply does the same again, refuses if anything differs, and only then
lets the service stand. Nothing waits on Keycloak inside a transaction.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.audit.models import AuditEvent
from console.engine.kinds import REALM, SWITCH_OF, above_of, ends, spec_of
from console.engine.operation import Action, Operation
from console.engine.state import Address, Selection, State
from console.identity.actor import Actor
from console.integrity import tried_again
from console.keycloak.errors import KeycloakError
from console.keycloak.target import KeycloakTarget
from console.seal import CannotOpen
from console.sync import approvals, circuit, confirming, guarding, here, impact, observed, observing, shown
from console.sync.administration import Asked
from console.sync.cause import Cause
from console.sync.collect import Work, collect, compared
from console.sync.commands import Refused, command_named
from console.sync.models import Plan, Scope, Touched
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


@dataclass(frozen=True, slots=True)
class Effects:
    """Whom a change concerns, with what makes the graph without it and with it."""

    before: impact.Make
    after: impact.View


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A change tried and rolled back: what it touched, and its effects where they were asked for.

    `not_to_adopt` must be new in Keycloak. `work` holds more than the change's `own` addresses: what
    waits and bears on them.
    """

    scope: Scope
    is_new: bool
    own: Selection
    not_to_adopt: frozenset[Address]
    needs: list[tuple[str, str]]
    notes: list[tuple[str, str]]
    rows: list[AuditEvent]
    work: Work
    effects: Effects | None


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


def apply(*, actor: Actor, plan: Plan, reason: str, ticket: str, confirmed: str = "") -> Plan:
    """Let an open plan stand and return it, applied. The sync of its scope is enqueued with it.

    `confirmed` is the name that was typed where the guard asks for one. Raises Changed with a new plan
    when Keycloak or the declared state moved since the preview, Blocked when the plan holds conflicts or
    what is forbidden, Unconfirmed when a stop lacks its reason, and what the service refuses.
    """
    if not plan.is_open:
        raise Refused(f"This plan is {plan.get_state_display().lower()}.")
    if _digest_now(plan, actor) != plan.digest:
        fresh = preview(
            actor=actor,
            command=plan.command,
            values=plan.values,
            title=plan.title,
            tenant=plan.tenant,
            back=plan.back,
        )
        _mark_stale(plan)
        raise Changed("Something changed since this preview. This is what would happen now.", plan=fresh)
    refuse_unsettled(plan, reason=reason, confirmed=confirmed)
    return _stand(plan, actor=actor, reason=reason, ticket=ticket)


def refuse_unsettled(plan: Plan, *, reason: str, confirmed: str) -> None:
    """Refuse what stands in the way of a plan or waits for a typed reason. Raises Blocked, Unconfirmed."""
    if plan.findings:
        raise Blocked("Settle the conflicts first.")
    if any(stop.is_forbidden for stop in plan.held):
        raise Blocked("This plan holds something that is never written. Discard it.")
    confirming.require(plan.held, reason=reason, name=confirmed)


def _digest_now(plan: Plan, actor: Actor) -> str:
    """Return the digest of what would happen now. Whom it concerns is left out: that may be thousands."""
    draft = Plan(command=plan.command, values=plan.values, tenant=plan.tenant)
    _look(draft, actor, with_effects=False)
    return draft.digest


@tried_again
def _stand(plan: Plan, *, actor: Actor, reason: str, ticket: str) -> Plan:
    with transaction.atomic():
        row = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        if not row.is_open:
            raise Refused(f"This plan is {row.get_state_display().lower()}.")
        cause = Cause(reason=reason, ticket=ticket, plan_id=row.pk, confirmed=row.held)
        command_named(row.command).run(actor=actor, cause=cause, **row.values)
        row.scope = next((made.scope for made in cause.changes if made.scope), row.scope)
        row.state, row.reason, row.ticket = Plan.State.APPLIED, reason, ticket
        row.applied_at, row.applied_by = timezone.now(), actor.name
        row.save(update_fields=["scope", "state", "reason", "ticket", "applied_at", "applied_by"])
    return row


def _mark_stale(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(state=Plan.State.STALE)


def _look(draft: Plan, actor: Actor, *, with_effects: bool = True) -> None:
    """Fill in what the change would do; with its effects, whom it concerns too."""
    trial = _try(draft, actor, with_effects=with_effects)
    actual = _read(trial)
    now = timezone.now()
    found = compared(trial.work, actual)
    if not trial.is_new:
        observed.keep(trial.scope, actual, looked_at=trial.work.to_read.addresses, now=now)
        draft.scope = trial.scope
    own = approvals.Own.of(found, trial.own.addresses).without(_anothers(trial, actual))
    observing.refuse_writes(trial.scope, own.operations)
    asked = Asked(actor_key=actor.key, tenant=draft.tenant)
    read = partial(_read_selected, trial.scope)
    ground = guarding.Ground(scope=trial.scope, is_new=trial.is_new, asked=(asked,), read=read)
    own = replace(own, stops=guarding.stops_of_part(found, own.operations, ground=ground))
    draft.scope_name, draft.read_at, draft.digest = str(trial.scope), now, own.digest
    draft.fingerprints = [one.fingerprint for one in own.operations]
    draft.targets = [
        *approvals.ends_of(own.operations),
        *approvals.ends_declared(trial.own, trial.work.desired),
    ]
    draft.operations = [described(one, realm=trial.scope.realm) for one in shown.some_of(own.operations)]
    draft.size, draft.counts = len(own.operations), shown.counts_of(own.operations)
    draft.unchanged = [one.key for one in own.unchanged]
    draft.findings = [{"address": one.address.key, "sentence": one.sentence} for one in own.findings]
    draft.stops, draft.needs = [one.as_json() for one in own.stops], trial.needs
    draft.notes, draft.here = trial.notes, here.here_of(trial.rows, own.operations)
    if trial.effects is not None:
        draft.impact = impact.told(before=trial.effects.before, view=trial.effects.after)


def _anothers(trial: Trial, actual: State) -> frozenset[Address]:
    """Return what stands in Keycloak, not made by us, and is not for this change to take over."""
    ledger = trial.work.ledger
    return frozenset(one for one in trial.not_to_adopt if one in actual and one not in ledger)


@tried_again
def _try(draft: Plan, actor: Actor, *, with_effects: bool) -> Trial:
    """Run the service in a transaction that is rolled back, and look at what it left."""
    cause = Cause(is_trial=True)
    with transaction.atomic():
        command_named(draft.command).run(actor=actor, cause=cause, **draft.values)
        scope = next(made.scope for made in cause.changes if made.scope is not None)
        server = scope.server  # loaded here: a new scope is gone after the roll-back
        addresses = frozenset(address for made in cause.changes for address in made.touched)
        work = collect(scope, _concerned(scope, addresses))
        own = replace(work.selection, addresses=addresses)
        rows = [row for made in cause.changes for row in made.rows]
        told = {Address.parse(row.address) for row in rows if row.address}
        view = impact.after_change(scope, own, tenant=draft.tenant, told=told) if with_effects else None
        transaction.set_rollback(True)
    scope.server = server
    is_new = not Scope.objects.filter(pk=scope.pk).exists()
    return Trial(
        scope=scope,
        is_new=is_new,
        own=own,
        not_to_adopt=frozenset(one for made in cause.changes for one in made.not_to_adopt),
        needs=sorted({(made.permission.value, made.tenant) for made in cause.changes}),
        notes=[note for made in cause.changes for note in made.notes],
        rows=rows,
        work=work,
        effects=Effects(impact.before_change(None if is_new else scope, view), view) if view else None,
    )


def _concerned(scope: Scope, own: Collection[Address]) -> list[Touched]:
    """Return what waits because of this change, and what waits and bears on it: renames, what is given to
    or stands below the same things, and the realm's settings where it must switch something on.
    """
    named = {one for one in own if spec_of(one).has_name}
    asked = {*own, REALM} if any(one.kind in SWITCH_OF for one in own) else {*own}
    return [
        row
        for row in scope.touched.all()
        if row.was or (address := Address.parse(row.address)) in asked or _bears_on(address, named)
    ]


def _bears_on(address: Address, named: Collection[Address]) -> bool:
    """Tell whether an address is, or refers to, one of these things or something below it."""
    things = [address] if spec_of(address).has_name else [end for _, end in ends(address)]
    return any(above in named for one in things for above in _upwards(one))


def _upwards(thing: Address) -> Iterator[Address]:
    above: Address | None = thing
    while above is not None:
        yield above
        above = above_of(above)


def _read(trial: Trial) -> State:
    return _read_selected(trial.scope, trial.work.to_read)


def _read_selected(scope: Scope, selection: Selection) -> State:
    try:
        with circuit.through(scope.server):
            return KeycloakTarget(scope.server.connection(), scope.realm).read(selection)
    except CannotOpen as error:
        raise Unreachable(str(error)) from error
    except KeycloakError as error:
        raise Unreachable(f"{scope.server.name} could not be read. {error.sentence}") from error


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
