"""Operations that may run at once."""

from collections.abc import Iterable
from itertools import groupby

from console.engine.operation import Operation

Batch = tuple[Operation, ...]


def batches(operations: Iterable[Operation]) -> tuple[Batch, ...]:
    """Return the operations in order, those of one phase and rank together: a plan gives one rank
    only to operations that do not depend on each other."""
    grouped = groupby(operations, key=lambda one: (one.phase, one.rank))
    return tuple(tuple(group) for _, group in grouped)
