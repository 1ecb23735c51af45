"""The part of a blueprint that stands in the realm, as resources of the registry's kinds.

Each comes with where it stands in the data, so that whatever is wrong with it can be said of a line.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from console.blueprints.model import Path
from console.engine.fields import FieldSpec, unjudged
from console.engine.kinds import KINDS
from console.engine.state import Address, Kind, Resource

Data = Mapping[str, Any]
# What may stand among further things: entitlements are granted, and the realm has a section of its own.
POSSIBLE = frozenset(kind.value for kind in Kind) - {Kind.ENTITLEMENT.value, Kind.REALM.value}


@dataclass(frozen=True, slots=True)
class Placed:
    """A resource, and where the data say it. `fields_at` is where its settings stand."""

    path: Path
    resource: Resource
    fields_at: Path = ()


def placed(data: Data) -> Iterator[Placed]:
    """Yield all that is declared in the realm by data without placeholders."""
    # Keycloak makes a realm that is off unless it is told otherwise.
    settings = {"enabled": True, **(data["realm"].get("settings") or {})}
    yield _made(("realm",), Kind.REALM, (), {"settings": settings})
    yield from _profile(data.get("user_profile"))
    for path, one in _entries(data, "required_actions"):
        yield _made(path, Kind.REQUIRED_ACTION, (one["alias"],), one)
    for section, read in _SECTIONS.items():
        for path, one in _entries(data, section):
            yield from read(path, one)


def _entries(data: Data, section: str, above: Path = ()) -> Iterator[tuple[Path, Data]]:
    for place, one in enumerate(data.get(section) or ()):
        yield (*above, section, place), one


def _made(path: Path, kind: Kind, names: Iterable[str], one: Data, **extra: Any) -> Placed:
    fields = {**(one.get("settings") or {}), **extra}
    resource = Resource(Address(kind, tuple(names)), canonical(kind, fields))
    return Placed(path, resource, (*path, "settings"))


def _link(path: Path, kind: Kind, *names: str) -> Placed:
    return Placed(path, Resource(Address(kind, names)))


def canonical(kind: Kind, fields: Data) -> dict[str, Any]:
    """Return fields as they are compared: lists sorted and each value once, settings in order."""
    known = KINDS[kind].fields
    return {
        name: _sorted(known[name], value) if name in known else value
        for name, value in sorted(fields.items())
        if value is not None
    }


def _sorted(spec: FieldSpec, value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return sorted(set(value))
    if not isinstance(value, dict):
        return value
    is_text = spec.is_open or spec.between is unjudged
    return {key: _as_text(one) if is_text else one for key, one in sorted(value.items())}


def _profile(data: Data | None) -> Iterator[Placed]:
    if data is None:
        return
    if data.get("settings"):
        yield _made(("user_profile",), Kind.USER_PROFILE, (), data)
    for path, one in _entries(data, "attributes", ("user_profile",)):
        yield _made(path, Kind.PROFILE_ATTRIBUTE, (one["name"],), one)


def _role(path: Path, one: Data) -> Iterator[Placed]:
    name = one["name"]
    yield Placed(path, Resource(Address(Kind.ROLE, (name,)), {"description": one.get("description", "")}))
    yield from _links(path, one, "includes", Kind.COMPOSITE, name)
    yield from _of_clients(path, one, "includes_client_roles", Kind.COMPOSITE_CLIENT_ROLE, name)


def _group(path: Path, one: Data) -> Iterator[Placed]:
    name = one["path"]
    yield Placed(path, Resource(Address(Kind.GROUP, (name,)), {"description": one.get("description", "")}))
    yield from _links(path, one, "roles", Kind.GROUP_ROLE, name)
    yield from _of_clients(path, one, "client_roles", Kind.GROUP_CLIENT_ROLE, name)
    if one.get("for_everybody") is True:
        yield _link((*path, "for_everybody"), Kind.DEFAULT_GROUP, name)


def _scope(path: Path, one: Data) -> Iterator[Placed]:
    name = one["name"]
    yield _made(path, Kind.CLIENT_SCOPE, (name,), one)
    yield from _mappers(path, one, Kind.MAPPER, name)
    yield from _links(path, one, "roles", Kind.SCOPE_ROLE, name)
    yield from _of_clients(path, one, "client_roles", Kind.SCOPE_CLIENT_ROLE, name)
    if (kind := _NEW_CLIENTS.get(one.get("new_clients", "none"))) is not None:
        yield _link((*path, "new_clients"), kind, name)


_NEW_CLIENTS = {"default": Kind.DEFAULT_SCOPE, "optional": Kind.OPTIONAL_SCOPE}


def _client(path: Path, one: Data) -> Iterator[Placed]:
    name = one["id"]
    titled = {"name": one["title"]} if one.get("title") else {}
    yield _made(path, Kind.CLIENT, (name,), {"settings": {**titled, **(one.get("settings") or {})}})
    for place, role in _entries(one, "roles", path):
        yield from _client_role(place, role, name)
    yield from _mappers(path, one, Kind.CLIENT_MAPPER, name)
    for key, kind in _CLIENT_LINKS.items():
        yield from _links(path, one, key, kind, name)
    for key, kind in _CLIENT_ROLE_LINKS.items():
        yield from _of_clients(path, one, key, kind, name)


_CLIENT_LINKS = {
    "default_scopes": Kind.CLIENT_DEFAULT_SCOPE,
    "optional_scopes": Kind.CLIENT_OPTIONAL_SCOPE,
    "allowed_roles": Kind.ALLOWED_ROLE,
    "service_roles": Kind.SERVICE_ROLE,
}
_CLIENT_ROLE_LINKS = {
    "allowed_client_roles": Kind.ALLOWED_CLIENT_ROLE,
    "service_client_roles": Kind.SERVICE_CLIENT_ROLE,
}


def _client_role(path: Path, one: Data, client: str) -> Iterator[Placed]:
    fields = {"description": one.get("description", "")}
    yield Placed(path, Resource(Address(Kind.CLIENT_ROLE, (client, one["name"])), fields))
    yield from _links(path, one, "includes", Kind.CLIENT_COMPOSITE, client, one["name"])
    inner = Kind.CLIENT_COMPOSITE_CLIENT_ROLE
    yield from _of_clients(path, one, "includes_client_roles", inner, client, one["name"])


def _thing(path: Path, one: Data) -> Iterator[Placed]:
    if one["kind"] in POSSIBLE:
        yield _made(path, Kind(one["kind"]), one.get("path") or (), one)


def _mappers(path: Path, one: Data, kind: Kind, name: str) -> Iterator[Placed]:
    for place, mapper in _entries(one, "mappers", path):
        fields = canonical(kind, {"config": mapper.get("config") or {}, "type": mapper["type"]})
        resource = Resource(Address(kind, (name, mapper["name"])), fields)
        yield Placed(place, resource, place)


def _as_text(value: Any) -> Any:
    """Return a plain value as Keycloak keeps it among settings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _links(path: Path, one: Data, key: str, kind: Kind, *names: str) -> Iterator[Placed]:
    for place, target in enumerate(one.get(key) or ()):
        yield _link((*path, key, place), kind, *names, target)


def _of_clients(path: Path, one: Data, key: str, kind: Kind, *names: str) -> Iterator[Placed]:
    """Yield links to roles of clients, written `client/role`: a client's name may hold a slash, too."""
    for place, target in enumerate(one.get(key) or ()):
        client, _, role = target.rpartition("/")
        yield _link((*path, key, place), kind, *names, client, role)


_SECTIONS = {"roles": _role, "groups": _group, "scopes": _scope, "clients": _client, "things": _thing}
