"""Reading a realm as a state: what was asked for, or everything; forbidden is said, never shown as empty."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial

from console.engine.kinds import HOLDERS
from console.engine.rebase import with_former_names
from console.engine.state import Address, Kind, Resource, Selection, State
from console.keycloak.choosing import lists_for
from console.keycloak.errors import Forbidden, Permanent, understood
from console.keycloak.kinds import HANDLERS
from console.keycloak.realm import Realm, gathered

Unreadable = dict[Address | Kind, str]


def _closed_with(kind: Kind) -> frozenset[Kind]:
    """Return the kinds that a kind is read through: what its addresses name, and what that stands in."""
    closing = frozenset(named for named, holders in HOLDERS.items() if kind in holders and named is not kind)
    # Where clients are hidden, people's and groups' entitlements are not: its handler says whose are.
    return closing - {Kind.CLIENT} if kind is Kind.ENTITLEMENT else closing


# Other kinds are read through these: where one is closed, so are they.
_THROUGH: Mapping[Kind, frozenset[Kind]] = {kind: _closed_with(kind) for kind in Kind}


async def read(realm: Realm, selection: Selection) -> State:
    """Return the state of the selection and of what stands below it.

    Raises Temporary when Keycloak cannot be asked, and Permanent when it refuses our credentials.

    The number of calls depends on the number of addresses, not on the realm's size. A realm that does not
    exist is an empty state; one that is closed to us is unreadable in every kind.
    """
    try:
        with understood():
            whole = await realm.representation()
    except Forbidden as error:
        return State(unreadable=dict.fromkeys(Kind, error.sentence))
    if whole is None:
        return State()
    if selection.everything:
        return await _everything(realm)
    return await _selected(realm, selection)


async def _everything(realm: Realm) -> State:
    results = await gathered(
        _or_why(kind, partial(handler.read_all, realm)) for kind, handler in HANDLERS.items()
    )
    state = _state(results)
    return State(state.resources, await _unclear(realm, state.unreadable) | dict(state.unreadable))


async def _unclear(realm: Realm, unreadable: Mapping[Address | Kind, str]) -> Unreadable:
    """Return what no call could hold or tell apart, unless its kind is closed anyway."""
    some = await gathered(one.unclear(realm) for kind, one in HANDLERS.items() if kind not in unreadable)
    return {address: why for unclear in some for address, why in unclear.items()}


async def _selected(realm: Realm, selection: Selection) -> State:
    return await of_addresses(realm, with_former_names(selection))


async def of_addresses(realm: Realm, asked: frozenset[Address], *, alone: bool = False) -> State:
    """Return what stands at these addresses, by complete lists where those cost less than a call each.

    `alone`: nobody asks what stands below them.
    """
    listed = await lists_for(realm, asked)
    work = []
    for kind, addresses in _by_kind(asked).items():
        handler = HANDLERS[kind]
        if kind in listed:
            work.append(_or_why(kind, partial(handler.read_many, realm, addresses)))
        else:
            read = handler.read_alone if alone else handler.read
            work += [_or_why(one, partial(read, realm, one)) for one in addresses]
    return _state(await gathered(work))


def _by_kind(addresses: Iterable[Address]) -> dict[Kind, list[Address]]:
    by_kind: dict[Kind, list[Address]] = defaultdict(list)
    for address in sorted(addresses):
        by_kind[address.kind].append(address)
    return by_kind


async def _or_why(
    what: Address | Kind, read_it: Callable[[], Awaitable[list[Resource]]]
) -> tuple[list[Resource], Unreadable]:
    """Return what was read, or why it was not, where Keycloak said so about this and not about us."""
    try:
        with understood():
            return await read_it(), {}
    except Forbidden as error:
        return [], {what if isinstance(what, Kind) else what.kind: error.sentence}
    except Permanent as error:
        if error.status == 401:
            raise
        return [], {what: error.sentence}


def _state(results: Iterable[tuple[list[Resource], Unreadable]]) -> State:
    resources: dict[Address, Resource] = {}
    unreadable: Unreadable = {}
    for found, why in results:
        resources |= {one.address: one for one in found}
        unreadable |= why
    for kind, through in _THROUGH.items():
        closed = next((unreadable[one] for one in through if one in unreadable), None)
        if closed and kind not in unreadable:
            unreadable[kind] = closed
    return State(resources, unreadable)
