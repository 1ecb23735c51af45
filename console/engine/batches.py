"""Operations that may run at once, and new groups and people together with what they get."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from console.engine.kinds import ends, needs
from console.engine.operation import Action, Operation, Phase
from console.engine.state import Address, Kind

Batch = tuple[Operation, ...]
# Links that a person can be created with.
WITH_A_PERSON = frozenset({Kind.MEMBERSHIP, Kind.PERSON_ROLE})


def batches(operations: Iterable[Operation]) -> tuple[Batch, ...]:
    """Return the operations in order, those of one phase and rank together: a plan gives one rank
    only to operations that do not depend on each other.

    New people wait until the first of them is needed, and are then one batch with their links
    (docs/adr/0008): so nobody can do more before GRANT begins, and a target may make many at once. So do
    new groups with their roles (docs/adr/0014).
    """
    levels = [tuple(group) for _, group in groupby(operations, key=lambda one: (one.phase, one.rank))]
    levels = _with_trees(levels)
    place, needed = _needed_people(levels)
    if not needed:
        return tuple(levels)
    together = {id(one) for one in _together(levels, needed)}
    return tuple(_rearranged(levels, place, together))


def owner_of(operation: Operation) -> Address | None:
    """Return the person that a link can be created with, None for all else."""
    if operation.action is not Action.CREATE or operation.address.kind not in WITH_A_PERSON:
        return None
    return Address(Kind.PERSON, operation.address.path[:1])


def group_of(operation: Operation) -> Address | None:
    """Return the group that a role can come with, None for all else."""
    if operation.action is not Action.CREATE or operation.address.kind is not Kind.GROUP_ROLE:
        return None
    return Address(Kind.GROUP, operation.address.path[:1])


def is_new_group(operation: Operation) -> bool:
    return operation.action is Action.CREATE and operation.address.kind is Kind.GROUP


def _with_trees(levels: list[Batch]) -> list[Batch]:
    """Put new groups, those below others among them, into one batch with the roles that they get.

    Where groups are renamed or moved all stays as it is: names are those of the moment.
    """
    every = list(chain.from_iterable(levels))
    new = {one.address for one in every if is_new_group(one) and one.phase is Phase.BUILD}
    if not any(group_of(one) in new for one in every) or any(map(_renames_a_group, every)):
        return levels
    together = {
        id(one) for one in every if (is_new_group(one) and one.address in new) or group_of(one) in new
    }
    return list(_rearranged(levels, _first_in_need(levels, new), together))


def _renames_a_group(operation: Operation) -> bool:
    return operation.action is Action.RENAME and operation.address.kind is Kind.GROUP


def _first_in_need(levels: list[Batch], new: set[Address]) -> int:
    """Return the first level in which something else needs one of these groups."""
    return next(
        index
        for index, level in enumerate(levels)
        if any(not is_new_group(one) and not new.isdisjoint(needs(one.address)) for one in level)
    )


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
    """Yield what goes together before the level at this place, and all else as it was."""
    for index, level in enumerate(levels):
        if index == place:
            yield tuple(one for one in chain.from_iterable(levels) if id(one) in together)
        if rest := tuple(one for one in level if id(one) not in together):
            yield rest
