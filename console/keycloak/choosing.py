"""One call for each address, or complete lists: which of the two asks less of Keycloak."""

from collections.abc import Collection

from console.engine.kinds import ends
from console.engine.state import Address, Kind
from console.keycloak import bulk
from console.keycloak.errors import Permanent, understood
from console.keycloak.realm import Realm, gathered

OF_PEOPLE = frozenset({Kind.PERSON, Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE})
_LISTS = {Kind.ROLE: bulk.roles, Kind.GROUP: bulk.groups}

FEW = 100  # names up to which nobody asks how large the realm is
PEOPLE_A_CALL = 20  # in a list, for what one call for one person costs


async def lists_for(realm: Realm, addresses: Collection[Address]) -> frozenset[Kind]:
    """Read the lists of roles, groups and people that cost less, and return the kinds to read by them.

    What is listed answers every later question of this read. Raises Temporary.
    """
    named = _named(addresses)
    await gathered(_listed(realm, kind) for kind in _LISTS if len(named[kind]) > FEW)
    if len(named[Kind.PERSON]) <= FEW or not await _is_worth_it(realm, addresses, named[Kind.PERSON]):
        return frozenset()
    try:
        with understood():
            await bulk.people(realm)
    except Permanent:
        return frozenset()  # one call each will say whose it is and why
    return OF_PEOPLE


def _named(addresses: Collection[Address]) -> dict[Kind, set[Address]]:
    """Return the roles, groups and people that are asked for, or named in what is asked for."""
    named: dict[Kind, set[Address]] = {Kind.ROLE: set(), Kind.GROUP: set(), Kind.PERSON: set()}
    for address in addresses:
        for one in (address, *(end for _, end in ends(address))):
            if one.kind in named:
                named[one.kind].add(one)
    return named


async def _listed(realm: Realm, kind: Kind) -> None:
    """Read a list; where that is not allowed, one call each says why."""
    try:
        with understood():
            await _LISTS[kind](realm)
    except Permanent:
        return


async def _is_worth_it(realm: Realm, addresses: Collection[Address], people: Collection[Address]) -> bool:
    kinds = {one.kind for one in addresses} & OF_PEOPLE
    lists = {(one.kind, one.path[1:]) for one in addresses if one.kind in OF_PEOPLE and len(one.path) > 1}
    try:
        with understood():
            count: int = await realm.get("users", "count")
    except Permanent:
        return False
    return 2 * len(lists) + count / PEOPLE_A_CALL < len(people) * len(kinds)
