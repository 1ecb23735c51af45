"""Doing what a plan says, batch by batch, with the intent on record before each write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from console.engine.batches import Batch, batches
from console.engine.kinds import all_needs, described
from console.engine.operation import Action, Operation
from console.engine.plan import Plan
from console.engine.state import Address
from console.engine.target import Outcome, Result, Target

Ended = tuple[Operation, Outcome]
Parts = Mapping[Address, str]


class Journal(Protocol):
    """Where a run writes down what it is going to do and what came of it.

    `begin` brings the ledger up to `plan.bookkeeping` and keeps `plan.implied` for later. `intend`
    raises `LostLease` if another run holds the scope, `Paused` if somebody asked for that. `record` gets
    each operation once, some of a batch while others are still being written, and writes the ledger: what
    was made, changed or adopted with the id and fields of its outcome; for a rename every row at
    `rebase.moved(row, operation.was, operation.address)`; for a deletion its own row and the implied.
    """

    def begin(self, plan: Plan) -> None: ...

    def intend(self, operations: Sequence[Operation]) -> None: ...

    def record(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None: ...


class Ending(StrEnum):
    """How a run ended. `UNKNOWN`: a write may have landed; the next run reads it back."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Report:
    """How many operations were done, and the first that was not, in a sentence.

    `bad` are all that failed or whose end is unknown. `fallen` are the parts that did not come to their end,
    each with why; "" among them says that the plan stopped there. `undone` are the declared addresses of all
    operations that were not done, also of those that were not begun.
    """

    state: Ending
    done: int
    sentence: str = ""
    bad: tuple[Ended, ...] = ()
    fallen: Mapping[str, str] = field(default_factory=dict)
    undone: frozenset[Address] = frozenset()


def apply(plan: Plan, *, target: Target, journal: Journal, parts: Parts | None = None) -> Report:
    """Execute a plan and return how it ended.

    Without `parts`, nothing follows a batch that was not wholly done. `parts` names, by declared address,
    which operations belong together: of those, only the part that failed ends there, with what needs it.

    Raises what the journal raises, `LostLease` above all: then nothing more is written.
    """
    return _Applying(plan, target, journal, parts or {}).report()


class _Applying:
    def __init__(self, plan: Plan, target: Target, journal: Journal, parts: Parts) -> None:
        self.plan = plan
        self.target = target
        self.journal = journal
        self.parts = parts
        self.done = 0
        self.bad: list[Ended] = []
        self.fallen: dict[str, str] = {}
        self.missing: set[Address] = set()
        self.recorded: set[int] = set()
        self.finished: set[int] = set()

    def report(self) -> Report:
        self.journal.begin(self.plan)
        for batch in batches(self.plan.operations):
            is_paused = self._do(self._standing(batch))
            if "" in self.fallen:
                break
            if is_paused:
                return self._ended(Ending.PAUSED, "It was paused.")
        if not self.fallen:
            return self._ended(Ending.DONE, "")
        return self._ended(_ending(self.bad), next(iter(self.fallen.values())))

    def _ended(self, state: Ending, sentence: str) -> Report:
        undone = frozenset(one.final for one in self.plan.operations if id(one) not in self.finished)
        return Report(state, self.done, sentence, tuple(self.bad), self.fallen, undone)

    def _part(self, operation: Operation) -> str:
        return self.parts.get(operation.final, "")

    def _standing(self, batch: Batch) -> Batch:
        """Return what of a batch may still be done: nothing of a part that failed, nothing that needs it."""
        if not self.fallen:
            return batch
        for one in batch:
            part = self._part(one)
            if part not in self.fallen and (need := self._missing_need(one)):
                self.fallen[part] = f"{_words(one)}: {described(need)} could not be made."
        return tuple(one for one in batch if not {self._part(one), ""} & self.fallen.keys())

    def _missing_need(self, operation: Operation) -> Address | None:
        return next((need for need in all_needs(operation.address) if need in self.missing), None)

    def _do(self, batch: Batch) -> bool:
        """Execute and record a batch, and tell whether some of it was left for a pause."""
        if not batch:
            return False
        outcomes = self.target.execute(batch, before=self.journal.intend, after=self._end)
        pairs = list(zip(batch, outcomes, strict=True))
        ended = [pair for pair in pairs if pair[1].result is not Result.LEFT]
        self._end([pair for pair in ended if id(pair[0]) not in self.recorded])
        return len(ended) < len(batch)

    def _end(self, ended: Sequence[Ended]) -> None:
        """Record what has come to its end, and count it."""
        if not ended:
            return
        self.journal.record([one for one, _ in ended], [outcome for _, outcome in ended])
        for operation, outcome in ended:
            self.recorded.add(id(operation))
            self._count(operation, outcome)

    def _count(self, operation: Operation, outcome: Outcome) -> None:
        if outcome.result is Result.DONE:
            self.done += 1
            self.finished.add(id(operation))
            return
        self.bad.append((operation, outcome))
        self.fallen.setdefault(
            self._part(operation), f"{_words(operation)}: {outcome.sentence or outcome.result}"
        )
        if operation.action in (Action.CREATE, Action.ADOPT, Action.RENAME):
            self.missing.add(operation.address)


def _words(operation: Operation) -> str:
    return f"{operation.action} {described(operation.address)}"


def _ending(bad: Sequence[Ended]) -> Ending:
    """A write that may have landed outweighs one that surely did not."""
    unknown = any(outcome.result is Result.UNKNOWN for _, outcome in bad)
    return Ending.UNKNOWN if unknown else Ending.FAILED
