"""Doing what a plan says, batch by batch, with the intent on record before each write."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from console.engine.batches import batches
from console.engine.kinds import described
from console.engine.operation import Operation
from console.engine.plan import Plan
from console.engine.target import Outcome, Result, Target


class Journal(Protocol):
    """Where a run writes down what it is going to do and what came of it.

    `begin` brings the ledger up to `plan.bookkeeping` and keeps `plan.implied` for later. `intend`
    raises `LostLease` if another run holds the scope. `record` writes the ledger: what was made,
    changed or adopted with the id and fields of its outcome; for a rename every row at
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


@dataclass(frozen=True, slots=True)
class Report:
    """How many operations were done, and the first that was not, in a sentence."""

    state: Ending
    done: int
    sentence: str = ""


def apply(plan: Plan, *, target: Target, journal: Journal) -> Report:
    """Execute a plan and return how it ended. Nothing follows a batch that was not wholly done.

    Raises what the journal raises, `LostLease` above all: then nothing more is written.
    """
    journal.begin(plan)
    done = 0
    for batch in batches(plan.operations):
        journal.intend(batch)
        outcomes = target.execute(batch)
        journal.record(batch, outcomes)
        done += sum(outcome.result is Result.DONE for outcome in outcomes)
        if stop := _first_bad(batch, outcomes):
            return Report(_ending(outcomes), done, stop)
    return Report(Ending.DONE, done)


def _ending(outcomes: Sequence[Outcome]) -> Ending:
    """A write that may have landed outweighs one that surely did not."""
    unknown = any(outcome.result is Result.UNKNOWN for outcome in outcomes)
    return Ending.UNKNOWN if unknown else Ending.FAILED


def _first_bad(batch: Sequence[Operation], outcomes: Sequence[Outcome]) -> str | None:
    for operation, outcome in zip(batch, outcomes, strict=True):
        if outcome.result is not Result.DONE:
            return f"{operation.action} {described(operation.address)}: {outcome.sentence or outcome.result}"
    return None
