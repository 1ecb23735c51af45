"""What the engine asks of a place that holds state: the database, Keycloak, memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from console.engine.state import Fields, Selection, State

if TYPE_CHECKING:
    from console.engine.operation import Operation


class Result(StrEnum):
    """How one operation ended. `UNKNOWN`: the write may have landed and could not be read back.

    `LEFT`: it was not begun, because the run pauses.
    """

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one operation, with the id and the fields as read back after the write."""

    result: Result
    sentence: str = ""
    id: str | None = None
    fields: Fields = field(default_factory=dict)
    retryable: bool = False


Before = Callable[[Sequence["Operation"]], None]
After = Callable[[Sequence[tuple["Operation", Outcome]]], None]


class Target(Protocol):
    """A place that can be read and, where it executes, written.

    `execute` gets one batch, writes each operation at most once, reads back what it wrote, and answers
    one outcome per operation, in order. Operations of a batch do not depend on each other (it may run
    them at once), with one exception: links of people whose creation is in the same batch.

    `before` is called with operations right before they are written, with each of them once, and some at
    a time where there are very many. If it raises `Paused`, these and all later ones are left; if it raises
    anything else, nothing more is written and `execute` raises it, as it does what the caller's own check
    before each write raised. It raises nothing for a failed operation.

    `after` is called with what has come to its end while others are still being written, so that it need not
    be recorded after all of them. Of the rest only the answer tells. What it raises is as of `before`.
    """

    def read(self, selection: Selection) -> State: ...

    def execute(
        self,
        operations: Sequence["Operation"],
        before: Before | None = None,
        after: After | None = None,
    ) -> Sequence[Outcome]: ...


class LostLease(Exception):
    """Another run holds this scope now: this one must not write any more."""


class Paused(Exception):
    """Somebody asked for a pause: what is under way ends, and nothing more begins."""
