"""What the engine asks of a place that holds state: the database, Keycloak, memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from console.engine.state import Fields, Selection, State

if TYPE_CHECKING:
    from console.engine.operation import Operation


class Result(StrEnum):
    """How one operation ended. `UNKNOWN`: the write may have landed and could not be read back."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one operation, with the id and the fields as read back after the write."""

    result: Result
    sentence: str = ""
    id: str | None = None
    fields: Fields = field(default_factory=dict)
    retryable: bool = False


class Target(Protocol):
    """A place that can be read and, where it executes, written.

    `execute` gets operations that do not depend on each other (it may run them at once), writes
    each at most once, reads back what it wrote, and answers one outcome per operation, in order.
    It raises nothing for a failed operation; it raises `console.engine.target.LostLease` only if
    the caller's `before_write` did.
    """

    def read(self, selection: Selection) -> State: ...

    def execute(self, operations: Sequence["Operation"]) -> Sequence[Outcome]: ...


class LostLease(Exception):
    """Another run holds this scope now: this one must not write any more."""
