"""What a run may do: only what was approved, or, unapproved, nothing that looks like an accident."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from console.engine.judge import Finding
from console.engine.kinds import PROTECTED_REALM, REALM, described, is_protected
from console.engine.masked import has_mask
from console.engine.operation import Action, Operation
from console.engine.plan import Plan

NOUNS = {
    Action.CREATE: "its creation",
    Action.UPDATE: "this change",
    Action.RENAME: "this name",
    Action.DELETE: "its deletion",
    Action.ADOPT: "its adoption",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The brakes of an unapproved run. Deletions beyond both figures stop it.

    `ledger_size` is how many things the ledger of the scope has, `realm` the realm's name.
    """

    ledger_size: int
    realm: str
    share: float = 0.2
    deletions: int = 10


def guard(plan: Plan, *, approved: frozenset[str] | None, limits: Limits) -> tuple[Finding, ...]:
    """Return what forbids this run, nothing if it may go. `approved` None: nobody approved anything.

    An approval names fingerprints. It covers each of them once, in part or in whole, and nothing else;
    it lifts the brakes, but neither the protection of what Keycloak owns nor the ban on masked values.
    """
    findings = [*_protected(plan, limits), *_masked(plan)]
    if approved is None:
        return (*findings, *_braked(plan, limits))
    return (*findings, *_unapproved(plan, approved))


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
            yield _finding(operation, f"{NOUNS[operation.action]} was not approved")


def _protected(plan: Plan, limits: Limits) -> Iterator[Finding]:
    for operation in plan.operations:
        if operation.action is Action.ADOPT:
            continue
        if is_protected(operation.address) or (operation.was and is_protected(operation.was)):
            yield _finding(operation, "it belongs to Keycloak itself and is never changed")
        if operation.address == REALM and limits.realm == PROTECTED_REALM:
            yield _finding(operation, "the realm master is never changed")


def _masked(plan: Plan) -> Iterator[Finding]:
    for operation in plan.operations:
        if operation.action is not Action.DELETE and has_mask(operation.after):
            yield _finding(operation, "a value is only asterisks, a masked secret: it is never written")


def _braked(plan: Plan, limits: Limits) -> Iterator[Finding]:
    deleted = [one for one in plan.operations if one.action is Action.DELETE]
    for operation in deleted:
        if operation.address == REALM:
            yield _finding(operation, "a realm is deleted only when that was approved")
    count = len(deleted) + sum(len(along) for along in plan.implied.values())
    if count > limits.deletions and count > limits.share * limits.ledger_size:
        sentence = f"{count} of {limits.ledger_size} things would be deleted: this needs an approval."
        yield Finding(deleted[0].final, sentence)


def _finding(operation: Operation, why: str) -> Finding:
    name = described(operation.address)
    return Finding(operation.final, f"{name[0].upper()}{name[1:]}: {why}.")
