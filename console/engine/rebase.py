"""Addresses after a rename. A renamed thing is the same thing, and so is all that refers to it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from console.engine.kinds import ends, spec_of
from console.engine.state import Address, Kind, Selection

Move = Callable[[Address], Address]


def rebased(address: Address, move: Move) -> Address:
    """Return an address with every role, group and person in it replaced by what `move` answers."""
    if spec_of(address).has_name:
        return move(address)
    path = list(address.path)
    for index, end in ends(address):
        if spec_of(end).has_name:
            path[index] = move(end).path[0]
    return address if tuple(path) == address.path else replace(address, path=tuple(path))


def moved(address: Address, was: Address, now: Address) -> Address:
    """Return where an address stands after the one rename from `was` to `now`.

    What lies under a renamed group moves along. For the ledger: after a RENAME operation is done,
    every row's address becomes `moved(row, operation.was, operation.address)`.
    """
    return rebased(address, lambda end: _moved_end(end, was, now))


def _moved_end(end: Address, was: Address, now: Address) -> Address:
    if end == was:
        return now
    if was.kind is Kind.GROUP and end.kind is Kind.GROUP and end.path[0].startswith(was.path[0] + "/"):
        return Address(Kind.GROUP, (now.path[0] + end.path[0].removeprefix(was.path[0]),))
    return end


def with_former_names(selection: Selection) -> frozenset[Address]:
    """Return the selected addresses as they are and as they were before the selection's renames.

    For a target that reads a selection: until a rename is done, what is asked for stands there
    under the former names.
    """
    return (
        selection.addresses
        | {rebased(address, lambda end: former(end, selection)) for address in selection.addresses}
        | frozenset(selection.renames.values())
    )


def former(end: Address, selection: Selection) -> Address:
    """Return what a role, group or person was called before the renames of the selection."""
    if end in selection.renames:
        return selection.renames[end]
    if end.kind is not Kind.GROUP or "/" not in end.path[0]:
        return end
    above, _, name = end.path[0].rpartition("/")
    return Address(Kind.GROUP, (f"{former(Address(Kind.GROUP, (above,)), selection).path[0]}/{name}",))


def later(end: Address, renamed: Mapping[Address, Address]) -> Address:
    """Return what a role, group or person is called after these renames (former to new), all at once."""
    if end in renamed or end.kind is not Kind.GROUP or "/" not in end.path[0]:
        return renamed.get(end, end)
    above, _, name = end.path[0].rpartition("/")
    return Address(Kind.GROUP, (f"{later(Address(Kind.GROUP, (above,)), renamed).path[0]}/{name}",))
