"""One difference for each change: what came or went with something else is told with that, not beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from console.engine.kinds import all_needs
from console.engine.state import Address, Kind
from console.sync.drift.difference import Difference
from console.sync.drift.models import Change, Standing

CARRIER_ATTRIBUTE = Address(Kind.PROFILE_ATTRIBUTE, ("entitlements",))


def grouped(items: Mapping[Address, Difference]) -> Iterator[Difference]:
    """Yield the differences that stand for themselves, each with what belongs to it."""
    along: dict[Address, list[Address]] = {}
    for address in items:
        if carrier := _topmost(address, items):
            along.setdefault(carrier, []).append(address)
    carried = {one for some in along.values() for one in some}
    for address in sorted(items.keys() - carried):
        yield replace(items[address], along=tuple(sorted(along.get(address, ()))))


def _topmost(address: Address, items: Mapping[Address, Difference]) -> Address | None:
    """Return the topmost thing that this one came or went with."""
    carrier: Address | None = None
    while (above := _next(carrier or address, items)) is not None:
        carrier = above
    return carrier


def _next(address: Address, items: Mapping[Address, Difference]) -> Address | None:
    own = items[address]
    if own.state is Standing.PENDING or own.change not in (Change.ADDED, Change.REMOVED):
        return None
    for need in _grounds(address):
        other = items.get(need)
        if other is None or other.state is Standing.PENDING:
            continue
        if other.change in (own.change, Change.REPLACED):
            return need
    return None


def _grounds(address: Address) -> Iterator[Address]:
    """Yield what an address cannot be without, nearest first."""
    yield from all_needs(address)
    if address.kind is Kind.ENTITLEMENT and address.path[0] != "group":
        yield CARRIER_ATTRIBUTE  # without it Keycloak shows nobody's values
