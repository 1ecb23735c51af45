"""The one comparison: what is declared against what is there, told as operations in a safe order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from console.engine.judge import Case, Finding, Judgement, Keep, case_of, judged, rows_of
from console.engine.kinds import is_kept, managed
from console.engine.ledger import Bookkeeping, Ledger, LedgerFact
from console.engine.operation import Action, Operation, Phase, digest_of
from console.engine.order import Draft, drafted
from console.engine.rebase import rebased
from console.engine.renames import Renames, resolved
from console.engine.state import Address, Selection, State


@dataclass(frozen=True)
class Plan:
    """What a run would do, and what it would leave alone and why.

    Operations speak the names of their moment: before a rename the former ones. `unchanged` and
    `conflicts` speak the declared names, `unmanaged` the present ones. `implied` are, by the address
    of a DELETE operation, what Keycloak deletes with it. `bookkeeping` is for the ledger before a run.
    """

    operations: tuple[Operation, ...] = ()
    unchanged: tuple[Address, ...] = ()
    unmanaged: tuple[Address, ...] = ()
    conflicts: tuple[Finding, ...] = ()
    unreadable: tuple[Finding, ...] = ()
    implied: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    bookkeeping: Bookkeeping = Bookkeeping()

    @cached_property
    def digest(self) -> str:
        """What an approval covers: the operations in their order, and all that stands in the way."""
        found = [[one.address.key, one.sentence] for one in (*self.conflicts, *self.unreadable)]
        return digest_of([[one.fingerprint for one in self.operations], found])

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(one.fingerprint for one in self.operations)

    @property
    def counts(self) -> Mapping[Phase, int]:
        """Operations by phase, every phase named."""
        counted = Counter(one.phase for one in self.operations)
        return {phase: counted[phase] for phase in Phase}

    @property
    def is_empty(self) -> bool:
        """Tell whether a run would write nothing. Conflicts may stand all the same."""
        return not self.operations


def plan(*, desired: State, actual: State, ledger: Ledger, selection: Selection) -> Plan:
    """Return what brings `actual` to `desired`, at the selected addresses only.

    Deletes only what the ledger has, and overwrites nothing that it does not have, save what Keycloak
    itself made along with something that we created (docs/adr/0012). Same input, same plan. `actual`
    should also hold what stands below a selected group or scope, so that nothing of others is deleted
    along with it.
    """
    renames = resolved(desired=desired, selection=selection, ledger=ledger, actual=actual)
    case = case_of(desired=desired, actual=actual, ledger=ledger, selection=selection, renames=renames)
    judgement, draft = _settled(case)
    return Plan(
        operations=draft.operations,
        unchanged=tuple(verdict.address for verdict in judgement.of(Keep.UNCHANGED)),
        unmanaged=tuple(rebased(verdict.address, renames.now) for verdict in judgement.of(Keep.UNMANAGED)),
        conflicts=judgement.conflicts,
        unreadable=judgement.unreadable,
        implied=draft.implied,
        bookkeeping=_bookkeeping(case, judgement, ledger, actual),
    )


def _settled(case: Case) -> tuple[Judgement, Draft]:
    """Judge and order until nothing impossible is left: each round refuses at least one address more."""
    while True:
        judgement = judged(case)
        draft = drafted(case, judgement)
        if not draft.stuck:
            return judgement, draft
        case = replace(case, refused={**draft.stuck, **case.refused})


def _bookkeeping(case: Case, judgement: Judgement, ledger: Ledger, actual: State) -> Bookkeeping:
    rows = rows_of(ledger, case.renames)
    gone = _gone(case, rows, ledger, actual) | _reborn(judgement, rows)
    return Bookkeeping(
        gone=tuple(sorted(gone)),
        renamed=_renamed_rows(ledger.keys() - gone, case.renames),
        seen=tuple(_seen(case, judgement, rows)),
    )


def _renamed_rows(rows: Iterable[Address], renames: Renames) -> tuple[tuple[Address, Address], ...]:
    if not renames.declared:
        return ()
    now = {row: rebased(row, renames.of_row) for row in sorted(rows)}
    return tuple((row, present) for row, present in now.items() if present != row)


def _gone(case: Case, rows: Mapping[Address, Address], ledger: Ledger, actual: State) -> set[Address]:
    """Return the rows whose thing is neither declared nor there."""
    gone = {
        row
        for final, row in rows.items()
        if final in case.selection and final not in case.desired and _is_forgettable(case, final)
    }
    outweighed = set(ledger) - set(rows.values())
    return gone | {row for row in outweighed if row not in actual and not case.why_unreadable(row)}


def _reborn(judgement: Judgement, rows: Mapping[Address, Address]) -> set[Address]:
    """Return the rows of things to be made again: if that is cut short, a dead id must not stay behind."""
    created = (verdict.address for verdict in judgement.of(Action.CREATE))
    return {rows[address] for address in created if address in rows}


def _is_forgettable(case: Case, final: Address) -> bool:
    if case.why_unreadable(final) or final in case.refused or final in case.renames.strayed:
        return False
    return final not in case.actual or is_kept(final)


def _seen(
    case: Case, judgement: Judgement, rows: Mapping[Address, Address]
) -> list[tuple[Address, LedgerFact]]:
    """Return the rows that know less than what was read and is as declared."""
    seen = []
    for verdict in judgement.of(Keep.UNCHANGED):
        fact, after = case.ledger[verdict.address], verdict.after or {}
        if managed(verdict.address, fact.fields, after) == after and (fact.id or not verdict.id):
            continue
        row = rebased(rows[verdict.address], case.renames.of_row)
        seen.append((row, LedgerFact(verdict.id or fact.id, after, fact.is_made)))
    return seen
