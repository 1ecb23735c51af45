"""What the guard holds back of a plan in one scope, for previews and for runs alike."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.conf import settings

from console.engine import guard, open_doors
from console.engine.guard import Limits
from console.engine.operation import Operation
from console.engine.plan import Plan
from console.engine.stops import Stop, beyond
from console.sync import administration, observing
from console.sync.administration import Asked, Read
from console.sync.models import Scope


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a plan is judged on: its scope, of which the touched part was just read, and who asked for it.

    `read` asks Keycloak anew where an answer rests on what was read some time ago.
    """

    scope: Scope
    asked: tuple[Asked, ...] = ()
    read: Read | None = None
    is_new: bool = False

    @property
    def limits(self) -> Limits:
        return Limits(
            ledger_size=0 if self.is_new else self.scope.ledger.count(),
            realm=self.scope.realm,
            share=settings.GUARD_DELETION_SHARE,
            deletions=settings.GUARD_DELETIONS,
        )


def stops_of(plan: Plan, *, ground: Ground) -> tuple[Stop, ...]:
    """Return all that the guard holds back of a plan."""
    scope, operations = ground.scope, plan.operations
    return (
        *observing.stops(scope, operations),
        *guard.stops_of(plan, limits=ground.limits),
        *open_doors.stops_of(plan),
        *administration.stops_of(scope, operations, asked=ground.asked, read=ground.read),
    )


def stops_of_part(plan: Plan, own: Collection[Operation], *, ground: Ground) -> tuple[Stop, ...]:
    """Return what the guard holds back because of some operations of a plan: the rest waited before them."""
    whole = stops_of(plan, ground=ground)
    marks = {one.fingerprint for one in own}
    rest = tuple(one for one in plan.operations if one.fingerprint not in marks)
    if not whole or not rest:
        return whole
    return beyond(whole, stops_of(_only(plan, rest), ground=ground))


def _only(plan: Plan, operations: tuple[Operation, ...]) -> Plan:
    kept = {one.address for one in operations}
    implied = {address: along for address, along in plan.implied.items() if address in kept}
    return replace(plan, operations=operations, implied=implied)
