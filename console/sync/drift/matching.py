"""Which admin events can be about a difference: by the ids and names in their paths, and what was sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from console.engine.kinds import ends, needs, spec_of
from console.engine.state import Address, Kind
from console.keycloak.admin_events import AdminEvent
from console.sync.drift.models import Change, DriftItem

Ids = Mapping[Address, str]

# Things that Keycloak's paths call by name. All others stand there by id.
_BY_NAME = frozenset({Kind.ROLE, Kind.CLIENT_ROLE, Kind.IDENTITY_PROVIDER, Kind.REQUIRED_ACTION})
# Things that are part of one document: the path of its events.
_DOCUMENTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.REALM: (),
    Kind.USER_PROFILE: ("users", "profile"),
    Kind.PROFILE_ATTRIBUTE: ("users", "profile"),
}
# Links whose path alone tells two kinds apart.
_PLACES: Mapping[Kind, str] = {
    Kind.DEFAULT_SCOPE: "default-default-client-scopes",
    Kind.OPTIONAL_SCOPE: "default-optional-client-scopes",
    Kind.DEFAULT_GROUP: "default-groups",
    Kind.CLIENT_DEFAULT_SCOPE: "default-client-scopes",
    Kind.CLIENT_OPTIONAL_SCOPE: "optional-client-scopes",
}
_OPERATIONS: Mapping[str, frozenset[str]] = {
    Change.ADDED: frozenset({"CREATE", "ACTION"}),
    Change.REMOVED: frozenset({"DELETE", "ACTION"}),
    Change.CHANGED: frozenset({"UPDATE", "ACTION"}),
    Change.RENAMED: frozenset({"UPDATE", "ACTION"}),
    Change.REPLACED: frozenset({"CREATE", "DELETE"}),
}


def concerns(event: AdminEvent, item: DriftItem, ids: Ids) -> bool:
    """Tell whether an event can be what made this difference."""
    address = Address.parse(item.address)
    if address.kind in _DOCUMENTS:
        return event.path == _DOCUMENTS[address.kind] and event.operation == "UPDATE"
    if address.kind is Kind.ENTITLEMENT:
        return event.operation == "UPDATE" and _is_about(event, _holder(address), ids)
    if event.operation not in _OPERATIONS[item.change]:
        return False
    if spec_of(address).is_link:
        return _links(event, address, ids)
    return any(_is_about(event, one, ids) for one in _names_of(item)) or _has_id(event, item.keycloak_id)


def _names_of(item: DriftItem) -> Iterator[Address]:
    yield Address.parse(item.address)
    if item.stands_at:
        yield Address.parse(item.stands_at)


def _holder(address: Address) -> Address:
    return Address(Kind(address.path[0]), (address.path[1],))


def _is_about(event: AdminEvent, thing: Address, ids: Ids) -> bool:
    """Tell whether the path ends with this thing, or the event holds it as new or moved."""
    if thing.kind is Kind.CLIENT_ROLE and not _called(needs(thing)[0], ids).intersection(event.path):
        return False  # other clients may have a role of this name
    return bool(event.path) and event.path[-1] in _called(thing, ids) or _has_id(event, ids.get(thing, ""))


def _has_id(event: AdminEvent, id: str) -> bool:
    if not id:
        return False
    is_content = isinstance(event.content, dict) and event.content.get("id") == id
    return bool(event.path) and event.path[-1] == id or is_content


def _called(thing: Address, ids: Ids) -> set[str]:
    """Return how paths call a thing."""
    names = {thing.path[-1]} if thing.kind in _BY_NAME and thing.path else set()
    return names | ({ids[thing]} if thing in ids else set())


def _links(event: AdminEvent, address: Address, ids: Ids) -> bool:
    """Tell whether the path names the first end, and the path or what was sent the other one."""
    place = _PLACES.get(address.kind)
    if place is not None and place not in event.path:
        return False
    first, *others = [end for _, end in ends(address)]
    if not _called(first, ids).intersection(event.path):
        return False
    return all(_is_named(event, other, first, ids) for other in others)


def _is_named(event: AdminEvent, thing: Address, first: Address, ids: Ids) -> bool:
    called = _called(thing, ids) | {thing.path[-1]}
    if called.intersection(event.path) or event.content is None:
        return True  # without details nothing contradicts it, and two accounts are not told apart
    told = set(_told(event.content))
    return bool(called & told) or bool((_called(first, ids) | {first.path[-1]}) & told)


def _told(content: Any) -> Iterator[str]:
    """Yield the ids and names of things that were sent."""
    for one in content if isinstance(content, list) else [content]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from (str(one[key]) for key in ("id", "name", "alias", "username") if key in one)
