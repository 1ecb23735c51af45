"""Operations that may run at once, and new people together with what they get."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from console.engine.kinds import ends
from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind

Batch = tuple[Operation, ...]
# Links that a person can be created with.
WITH_A_PERSON = frozenset({Kind.MEMBERSHIP, Kind.PERSON_ROLE})


def batches(operations: Iterable[Operation]) -> tuple[Batch, ...]:
    """Return the operations in order, those of one phase and rank together: a plan gives one rank
    only to operations that do not depend on each other.

    New people wait until the first of them is needed, and are then one batch with their links
    (docs/adr/0008): so nobody can do more before GRANT begins, and a target may make many at once.
    """
    levels = [tuple(group) for _, group in groupby(operations, key=lambda one: (one.phase, one.rank))]
    place, needed = _needed_people(levels)
    if not needed:
        return tuple(levels)
    together = {id(one) for one in _together(levels, needed)}
    return tuple(batch for batch in _rearranged(levels, place, together) if batch)


def owner_of(operation: Operation) -> Address | None:
    """Return the person that a link can be created with, None for all else."""
    if operation.action is not Action.CREATE or operation.address.kind not in WITH_A_PERSON:
        return None
    return Address(Kind.PERSON, operation.address.path[:1])


def _needed_people(levels: list[Batch]) -> tuple[int, set[Address]]:
    """Return the new people that something in the plan needs, and the level that needs the first."""
    new: set[Address] = set()
    needed: set[Address] = set()
    place = len(levels)
    for index, level in enumerate(levels):
        found = {end for one in level for _, end in ends(one.address) if end in new} if new else set()
        place = min(place, index) if found else place
        needed |= found
        new |= {one.address for one in level if _is_new_person(one)}
    return place, needed


def _is_new_person(operation: Operation) -> bool:
    return operation.action is Action.CREATE and operation.address.kind is Kind.PERSON


def _together(levels: list[Batch], needed: set[Address]) -> Iterator[Operation]:
    for one in chain.from_iterable(levels):
        if (_is_new_person(one) and one.address in needed) or owner_of(one) in needed:
            yield one


def _rearranged(levels: list[Batch], place: int, together: set[int]) -> Iterator[Batch]:
    for index, level in enumerate(levels):
        if index == place:
            yield tuple(one for one in chain.from_iterable(levels) if id(one) in together)
        yield tuple(one for one in level if id(one) not in together)
