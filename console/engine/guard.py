"""What a run may do: only what was approved, and what is dangerous only when confirmed with a reason."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from console.engine.judge import Finding
from console.engine.kinds import PROTECTED_REALM, REALM, described, is_protected
from console.engine.masked import has_mask
from console.engine.operation import Action, Operation
from console.engine.plan import Plan
from console.engine.stops import Rule, Stop

NOUNS = {
    Action.CREATE: "its creation",
    Action.UPDATE: "this change",
    Action.RENAME: "this name",
    Action.DELETE: "its deletion",
    Action.ADOPT: "its adoption",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What of a scope the guard must know, and its brakes: deletions beyond both figures are a stop.

    `ledger_size` is how many things the ledger of the scope has, `realm` the realm's name.
    """

    ledger_size: int
    realm: str
    share: float = 0.2
    deletions: int = 10


def guard(
    plan: Plan,
    *,
    approved: frozenset[str] | None,
    stops: Iterable[Stop],
    accepted: Collection[Stop] = (),
) -> tuple[Finding, ...]:
    """Return what forbids this run, nothing if it may go. `approved` None: nobody approved anything.

    An approval names fingerprints. It covers each of them once, in part or in whole, and nothing else.
    `stops` are all that the rules found in this plan, `accepted` those that somebody confirmed with a
    reason. What is forbidden stays forbidden, whatever was confirmed.
    """
    refused = tuple(stop.finding for stop in stops if not any(one.covers(stop) for one in accepted))
    if approved is None:
        return refused
    return (*refused, *_unapproved(plan, approved))


def stops_of(plan: Plan, *, limits: Limits) -> tuple[Stop, ...]:
    """Return what in a plan is forbidden or asks for a reason, as far as the plan alone tells it."""
    return (*_protected(plan, limits), *_masked(plan), *_braked(plan, limits))


def is_approved(operation: Operation, approved: frozenset[str]) -> bool:
    """Tell whether an approval covers an operation.

    An approved creation that landed unrecorded shows as an adoption of the very same thing.
    """
    if operation.fingerprint in approved:
        return True
    if operation.action is not Action.ADOPT:
        return False
    return replace(operation, action=Action.CREATE, before=None).fingerprint in approved


def _unapproved(plan: Plan, approved: frozenset[str]) -> Iterator[Finding]:
    for operation in plan.operations:
        if not is_approved(operation, approved):
            why = f"{NOUNS[operation.action]} was not approved"
            yield Finding(operation.final, f"{_named(operation)}: {why}.")


def _protected(plan: Plan, limits: Limits) -> Iterator[Stop]:
    for operation in plan.operations:
        if operation.action is Action.ADOPT:
            continue
        if is_protected(operation.address) or (operation.was and is_protected(operation.was)):
            yield _forbidden(Rule.PROTECTED, operation, "it belongs to Keycloak itself and is never changed")
        if limits.realm == PROTECTED_REALM and operation.address == REALM:
            yield _forbidden(Rule.PROTECTED, operation, "the realm master is never changed")


def _masked(plan: Plan) -> Iterator[Stop]:
    for operation in plan.operations:
        if operation.action is not Action.DELETE and has_mask(operation.after):
            why = "a value is only asterisks, a masked secret: it is never written"
            yield _forbidden(Rule.MASKED, operation, why)


def _braked(plan: Plan, limits: Limits) -> Iterator[Stop]:
    deleted = [one for one in plan.operations if one.action is Action.DELETE]
    if any(operation.address == REALM for operation in deleted):
        yield Stop(
            rule=Rule.REALM_DELETION,
            address=REALM,
            sentence=f"The realm {limits.realm} is deleted.",
            consequence="All its people, sessions and settings go with it, and nothing brings them back.",
            name=limits.realm,
        )
    count = len(deleted) + sum(len(along) for along in plan.implied.values())
    if count > limits.deletions and count > limits.share * limits.ledger_size:
        yield Stop(
            rule=Rule.DELETIONS,
            address=deleted[0].final,
            sentence=f"{count} of {limits.ledger_size} things that we made here are deleted.",
            consequence=(
                "So many at once are mostly an accident: a wrong file, a wrong filter. "
                "Made again, they have other ids in Keycloak."
            ),
        )


def _forbidden(rule: Rule, operation: Operation, why: str) -> Stop:
    sentence = f"{_named(operation)}: {why}."
    return Stop(rule=rule, address=operation.final, sentence=sentence, is_forbidden=True)


def _named(operation: Operation) -> str:
    name = described(operation.address)
    return f"{name[0].upper()}{name[1:]}"
