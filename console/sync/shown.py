"""What of a plan its page holds: some operations of every sort, and how many there are of each."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from console.engine.operation import Operation

MOST = 500

Sort = tuple[int, str, str]  # phase, kind, action
Counts = list[list[int | str]]  # phase, kind, action, how many


def sort_of(operation: Operation) -> Sort:
    """Return what operations have in common that are counted together."""
    return operation.phase.value, operation.address.kind.value, operation.action.value


def some_of(operations: Sequence[Operation]) -> list[Operation]:
    """Return at most `MOST` operations in their order, and the first of every sort among them.

    A sort that has few gives its room to those that have many.
    """
    if len(operations) <= MOST:
        return list(operations)
    sorts = Counter(map(sort_of, operations))
    room, share = MOST, dict[Sort, int]()
    for place, (sort, count) in enumerate(sorted(sorts.items(), key=lambda item: (item[1], item[0]))):
        share[sort] = min(count, room // (len(sorts) - place))
        room -= share[sort]
    taken: defaultdict[Sort, int] = defaultdict(int)
    chosen = []
    for operation in operations:
        sort = sort_of(operation)
        if taken[sort] < share[sort]:
            taken[sort] += 1
            chosen.append(operation)
    return chosen


def counts_of(operations: Sequence[Operation]) -> Counts:
    """Return how many operations there are of each sort, in the order in which the first of each comes."""
    return [[*sort, count] for sort, count in Counter(map(sort_of, operations)).items()]
