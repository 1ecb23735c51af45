"""What an approval covers: the writes that were shown, and the ends that were shown, from what is ours.

All of it speaks declared names, so that it still holds after a rename landed in between.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from console.engine.judge import Finding
from console.engine.kinds import REALM
from console.engine.ledger import Ledger
from console.engine.operation import Action, Operation, digest_of
from console.engine.plan import Plan as EnginePlan
from console.engine.rebase import former, rebased
from console.engine.state import Address, Selection, State
from console.engine.stops import Stop

_ANOTHERS = (
    "{name} exists in this realm and is not of this tenant. "
    "Choose another name, or ask an administrator of the whole realm."
)
End = tuple[str, str]  # the declared address, and the mark of what shall be there


@dataclass(frozen=True, kw_only=True)
class Own:
    """The part of a plan that one change asked for: the rest waited before it."""

    operations: tuple[Operation, ...]
    unchanged: tuple[Address, ...]
    findings: tuple[Finding, ...]
    stops: tuple[Stop, ...] = ()

    @classmethod
    def of(cls, found: EnginePlan, addresses: Collection[Address]) -> "Own":
        findings = (*found.conflicts, *found.unreadable)
        return cls(
            operations=tuple(one for one in found.operations if one.final in addresses),
            unchanged=tuple(one for one in found.unchanged if one in addresses),
            findings=tuple(one for one in findings if one.address in addresses or one.address == REALM),
        )

    def without(self, taken: Collection[Address]) -> "Own":
        """Return the same where these things stand in Keycloak and are another's.

        Nothing is said of how they differ from what was typed: that would tell what they hold.
        """
        if not taken:
            return self
        others = [Finding(one, _ANOTHERS.format(name=one.path[-1])) for one in sorted(taken)]
        return Own(
            operations=tuple(one for one in self.operations if one.final not in taken),
            unchanged=self.unchanged,
            findings=(*others, *(one for one in self.findings if one.address not in taken)),
        )

    @property
    def digest(self) -> str:
        """What the administrator saw: the operations in their order, and all that stands in the way."""
        findings = [[one.address.key, one.sentence] for one in self.findings]
        stops = [[*one.key, sorted(one.subjects)] for one in self.stops]
        return digest_of([[one.fingerprint for one in self.operations], findings, stops])


def ends_of(operations: Iterable[Operation]) -> list[End]:
    """Return where operations end."""
    return [_end_of(one) for one in operations]


def ends_declared(own: Selection, desired: State) -> list[End]:
    """Return where the change's addresses shall end, also those that are there already."""
    return [
        (one.key, digest_of(found.fields if (found := desired.get(one)) else None))
        for one in sorted(own.addresses)
    ]


def covered(
    found: EnginePlan, *, shown: frozenset[str], ends: Collection[End], ledger: Ledger, selection: Selection
) -> frozenset[str]:
    """Return the fingerprints that may be done: those `shown`, and approved ends reached from what is ours.

    Between a preview and its run an earlier run of ours may have moved the thing; then the write
    starts from another value, which is ours, and ends where it was approved to end.
    """
    ours = _Ours(ledger, selection)
    others = (one for one in found.operations if one.fingerprint not in shown)
    reached = (one.fingerprint for one in others if _end_of(one) in ends and ours.holds(one))
    return shown | frozenset(reached)


def _end_of(operation: Operation) -> End:
    after = "renamed" if operation.action is Action.RENAME else operation.after
    return operation.final.key, digest_of(after)


class _Ours:
    """Whether an operation starts from what the ledger says that we applied."""

    def __init__(self, ledger: Ledger, selection: Selection) -> None:
        self.ledger = ledger
        self.selection = selection
        self.ids: Mapping[str | None, Address] = {fact.id: address for address, fact in ledger.items()}

    def holds(self, operation: Operation) -> bool:
        if operation.action is Action.RENAME:
            return bool(operation.id) and operation.id in self.ids
        applied = rebased(operation.final, lambda end: former(end, self.selection))
        fact = self.ledger.get(operation.address) or self.ledger.get(applied)
        before = operation.before
        if fact is None or before is None:
            return False
        return all(fact.fields.get(name) == value for name, value in before.items())
