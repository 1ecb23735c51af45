"""One call for each address, or complete lists: which of the two asks less of Keycloak."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress

from console.engine.kinds import ends
from console.engine.state import Address, Kind
from console.keycloak import bulk, clients
from console.keycloak.errors import Permanent, understood
from console.keycloak.exported import exported
from console.keycloak.realm import PAGE, Realm, gathered

OF_PEOPLE = frozenset({Kind.PERSON, Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE})

OF_ROLES = frozenset({Kind.COMPOSITE, Kind.COMPOSITE_CLIENT_ROLE})

FEW = 100  # names up to which what is asked for depends on them alone
FEW_THINGS = 10  # roles, groups or clients up to which nobody asks for a list
THINGS_A_CALL = 20  # in a list, for what one call for one of them costs
PEOPLE_A_CALL = 20
GROUPS_A_NAME = 2  # in the realm, for each that is asked for


async def lists_for(realm: Realm, addresses: Collection[Address]) -> frozenset[Kind]:
    """Read the lists of roles, groups, clients and people that cost less; return the kinds to read by them.

    What is listed answers every later question of this read. Raises Temporary.
    """
    named = _named(addresses)
    sizes = {kind: len(named[kind]) for kind in _LISTS if len(named[kind]) > FEW_THINGS}
    *_, listed = await gathered(
        [*(_listed(_LISTS[kind](realm, size)) for kind, size in sizes.items()), _included(realm, addresses)]
    )
    if len(named[Kind.PERSON]) <= FEW or not await _is_worth_it(realm, addresses, named[Kind.PERSON]):
        return listed
    try:
        with understood():
            await bulk.people(realm)
    except Permanent:
        return listed  # one call each will say whose it is and why
    return listed | OF_PEOPLE


async def _included(realm: Realm, addresses: Collection[Address]) -> frozenset[Kind]:
    """Read what roles include by an export where many roles are asked for; return the kinds to read by it."""
    asked = {one.kind for one in addresses} & OF_ROLES
    holders = {one.path[0] for one in addresses if one.kind in asked}
    if len(holders) <= FEW_THINGS or await exported(realm) is None:
        return frozenset()
    return frozenset(asked)


def _named(addresses: Collection[Address]) -> dict[Kind, set[Address]]:
    """Return the roles, groups, clients and people that are asked for, or named in what is asked for."""
    named: dict[Kind, set[Address]] = {kind: set() for kind in (*_LISTS, Kind.PERSON)}
    for address in addresses:
        for one in (address, *(end for _, end in ends(address))):
            if one.kind in named:
                named[one.kind].add(one)
    return named


async def _roles(realm: Realm, names: int) -> None:
    if names > FEW:
        await bulk.roles(realm)
    else:
        await bulk.roles_up_to(realm, min(PAGE, THINGS_A_CALL * names))


async def _clients(realm: Realm, names: int) -> None:
    await clients.all_up_to(realm, min(PAGE, THINGS_A_CALL * names))


async def _groups(realm: Realm, names: int) -> None:
    """Sub groups are listed by a call for each parent, of which there are at most as many as groups."""
    if (await realm.get("groups", "count"))["count"] <= names * GROUPS_A_NAME:
        await bulk.groups(realm)


_LISTS: Mapping[Kind, Callable[[Realm, int], Awaitable[None]]] = {
    Kind.ROLE: _roles,
    Kind.GROUP: _groups,
    Kind.CLIENT: _clients,
}


async def _listed(reading: Awaitable[None]) -> frozenset[Kind]:
    """Read a list; where that is not allowed, one call each says why."""
    with suppress(Permanent), understood():
        await reading
    return frozenset()


async def _is_worth_it(realm: Realm, addresses: Collection[Address], people: Collection[Address]) -> bool:
    kinds = {one.kind for one in addresses} & OF_PEOPLE
    lists = {(one.kind, one.path[1:]) for one in addresses if one.kind in OF_PEOPLE and len(one.path) > 1}
    try:
        with understood():
            count: int = await realm.get("users", "count")
    except Permanent:
        return False
    return 2 * len(lists) + count / PEOPLE_A_CALL < len(people) * len(kinds)
