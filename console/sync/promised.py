"""Changes of links that were approved earlier and fall due now: they stand at once, whatever Keycloak does.

Nothing is read before: the run compares, and its guard judges. What it may write is what follows from the
links alone, so each is its own part, and one that is blocked holds up no other.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.engine import guard
from console.engine.operation import Action, Operation, Phase, digest_of
from console.engine.plan import Plan as EnginePlan
from console.engine.state import Address, Selection, State
from console.engine.stops import Rule, Stop
from console.identity.actor import Actor
from console.integrity import tried_again
from console.sync import approvals, shown
from console.sync.cause import Cause
from console.sync.commands import command_named
from console.sync.desired import DatabaseTarget
from console.sync.guarding import Ground
from console.sync.models import Plan, Scope
from console.sync.preview import described


@tried_again
def stand(
    *, actor: Actor, command: str, values: Mapping[str, Any], title: str, tenant: str, reason: str
) -> Plan:
    """Let a change of links stand without a look at Keycloak, and return its plan, applied.

    Raises what the service refuses. Of the guard's stops only the brake on many deletions is confirmed by
    this: that each of them ends was approved when it was given.
    """
    now = timezone.now()
    with transaction.atomic():
        plan = Plan(
            title=title[:300],
            tenant=tenant,
            command=command,
            values=dict(values),
            actor_key=actor.key,
            actor_name=actor.name,
            read_at=now,
            state=Plan.State.APPLIED,
            reason=reason,
            applied_at=now,
            applied_by=actor.name,
        )
        plan.save(force_insert=True)
        cause = Cause(reason=reason, plan_id=plan.pk)
        command_named(command).run(actor=actor, cause=cause, **values)
        scope = next(made.scope for made in cause.changes if made.scope is not None)
        addresses = sorted({one for made in cause.changes for one in made.touched})
        _fill(plan, scope, addresses)
        plan.save()
    return plan


def _fill(plan: Plan, scope: Scope, addresses: list[Address]) -> None:
    """Say in the plan what the run may do: exactly what follows from these links."""
    own = Selection(frozenset(addresses))
    desired = DatabaseTarget(scope).read(own)
    operations = [_operation(one, desired) for one in addresses]
    plan.scope, plan.scope_name = scope, str(scope)
    plan.digest = digest_of([one.fingerprint for one in operations])
    plan.fingerprints = [one.fingerprint for one in operations]
    plan.targets = [*approvals.ends_of(operations), *approvals.ends_declared(own, desired)]
    plan.operations = [described(one, realm=scope.realm) for one in shown.some_of(operations)]
    plan.size, plan.counts = len(operations), shown.counts_of(operations)
    plan.stops = [one.as_json() for one in _brakes(scope, operations)]


def _operation(address: Address, desired: State) -> Operation:
    if address in desired:
        return Operation(Action.CREATE, address, Phase.GRANT, after={}, reason="begins now")
    return Operation(Action.DELETE, address, Phase.REVOKE, before={}, reason="its time is over")


def _brakes(scope: Scope, operations: Iterable[Operation]) -> list[Stop]:
    found = guard.stops_of(EnginePlan(operations=tuple(operations)), limits=Ground(scope=scope).limits)
    return [one for one in found if one.rule is Rule.DELETIONS]
