"""Addresses after a rename. A renamed thing is the same thing, and so is all that refers to it."""

from collections.abc import Callable, Mapping

from console.engine.kinds import above_of, below, ends, spec_of
from console.engine.state import Address, Selection

Move = Callable[[Address], Address]


def rebased(address: Address, move: Move) -> Address:
    """Return an address with every thing in it that has a name replaced by what `move` answers."""
    if spec_of(address).has_name:
        return move(address)
    path = list(address.path)
    for first, end in ends(address):
        if spec_of(end).has_name:
            path[first : first + len(end.path)] = move(end).path
    return address if tuple(path) == address.path else address._replace(path=tuple(path))


def moved(address: Address, was: Address, now: Address) -> Address:
    """Return where an address stands after the one rename from `was` to `now`.

    What lies under a renamed group moves along. For the ledger: after a RENAME operation is done,
    every row's address becomes `moved(row, operation.was, operation.address)`.
    """
    return rebased(address, lambda end: _moved_end(end, was, now))


def _moved_end(end: Address, was: Address, now: Address) -> Address:
    if end == was:
        return now
    above = above_of(end)
    return below(_moved_end(above, was, now), end) if above else end


def with_former_names(selection: Selection) -> frozenset[Address]:
    """Return the selected addresses as they are and as they were before the selection's renames.

    For a target that reads a selection: until a rename is done, what is asked for stands there
    under the former names.
    """
    if not selection.renames:
        return selection.addresses
    return (
        selection.addresses
        | {rebased(address, lambda end: former(end, selection)) for address in selection.addresses}
        | frozenset(selection.renames.values())
    )


def former(end: Address, selection: Selection) -> Address:
    """Return what a thing was called before the renames of the selection."""
    if end in selection.renames:
        return selection.renames[end]
    above = above_of(end)
    return below(former(above, selection), end) if above else end


def later(end: Address, renamed: Mapping[Address, Address]) -> Address:
    """Return what a thing is called after these renames (former to new), all at once."""
    above = above_of(end)
    if end in renamed or above is None:
        return renamed.get(end, end)
    return below(later(above, renamed), end)
