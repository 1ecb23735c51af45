"""A ledger in memory. It shows, in the fewest words, what every journal must do."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from console.engine.ledger import Bookkeeping, LedgerFact
from console.engine.operation import Action, Operation
from console.engine.plan import Plan
from console.engine.rebase import moved
from console.engine.state import Address
from console.engine.target import Outcome, Result


@dataclass
class MemoryLedger:
    """Implements `Journal`. `renames` are those still open, declared to applied address.

    The right side of a rename is a ledger address: it moves whenever the ledger's row moves, and the
    rename is over when both sides are the same.
    """

    facts: dict[Address, LedgerFact] = field(default_factory=dict)
    renames: dict[Address, Address] = field(default_factory=dict)
    implied: dict[Address, tuple[Address, ...]] = field(default_factory=dict)

    def begin(self, plan: Plan) -> None:
        self.implied = dict(plan.implied)
        self._keep_books(plan.bookkeeping)

    def _keep_books(self, bookkeeping: Bookkeeping) -> None:
        for address in bookkeeping.gone:
            self.facts.pop(address, None)
        moves = dict(bookkeeping.renamed)
        moved_facts = {moves[row]: fact for row, fact in self.facts.items() if row in moves}
        stay = {row: fact for row, fact in self.facts.items() if row not in moves}
        self.facts = stay | moved_facts | dict(bookkeeping.seen)
        open_ = {new: old for new, old in self.renames.items() if old not in bookkeeping.gone}
        self._set_renames({new: moves.get(old, old) for new, old in open_.items()})

    def intend(self, operations: Sequence[Operation]) -> None:
        """Nobody else writes to a memory."""

    def record(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        for operation, outcome in zip(operations, outcomes, strict=True):
            if outcome.result is Result.DONE:
                self._record(operation, outcome)

    def _record(self, operation: Operation, outcome: Outcome) -> None:
        if operation.action is Action.DELETE:
            for address in (operation.address, *self.implied.get(operation.address, ())):
                self.facts.pop(address, None)
        elif operation.action is Action.RENAME and operation.was:
            self._move(operation.was, operation.address)
        else:
            known = self.facts.get(operation.address, LedgerFact())
            is_made = operation.action is Action.CREATE or (known.is_made and known.id == outcome.id)
            self.facts[operation.address] = LedgerFact(outcome.id, outcome.fields, is_made)

    def _move(self, was: Address, now: Address) -> None:
        self.facts = {moved(row, was, now): fact for row, fact in self.facts.items()}
        self._set_renames({new: moved(old, was, now) for new, old in self.renames.items()})

    def _set_renames(self, renames: dict[Address, Address]) -> None:
        self.renames = {new: old for new, old in renames.items() if new != old}
