"""What is wrong with the part of a blueprint that stands in the realm, once placeholders are filled in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from console.blueprints import values
from console.blueprints.cycles import cycle_in
from console.blueprints.model import Path
from console.blueprints.realm_parts import POSSIBLE, Placed, placed
from console.engine.kinds import (
    KINDS,
    PROTECTED_REALM,
    TREES,
    all_needs,
    comes_with_realm,
    described,
    is_protected,
    kinds_of_names,
    needs,
)
from console.engine.open_doors import is_script, openness_of
from console.engine.state import Address, Kind, State
from console.graph.closure import Graph
from console.graph.edges import Node, edges_of, group, role

Data = Mapping[str, Any]
Found = tuple[Path, str]
LONGEST_NAME = 255
MARKUP = frozenset("<>\"'`")
CONSOLES_OWN = frozenset(
    {
        Address(Kind.CLIENT_SCOPE, ("gatehouse-entitlements",)),
        Address(Kind.PROFILE_ATTRIBUTE, ("entitlements",)),
    }
)
"""These carry the entitlements: the console makes them itself in every realm."""
_REALM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ADDRESSES = ("redirect_uris", "post_logout_redirect_uris")
_LINKS = ("root_url", "base_url", "admin_url", "backchannel_logout_url")


def faults_of(data: Data) -> Iterator[Found]:
    """Yield what is wrong, with where it stands in these data."""
    every = list(placed(data))
    things = [one for one in every if _is_whole(one.resource.address)]
    yield from _realm_name(data)
    yield from _unknown_kinds(data)
    yield from _secrets(data)
    yield from _twice(things)
    for one in every:
        yield from _of_one(one)
    yield from _unmet(things)
    yield from _composites(things)
    yield from _clients(data)
    yield from _handed_out(data, things)


def _is_whole(address: Address) -> bool:
    """Tell whether an address has all the names that its kind has."""
    return len(address.path) == len(KINDS[address.kind].parts) and all(address.path)


def _realm_name(data: Data) -> Iterator[Found]:
    name = data["realm"].get("name")
    if not isinstance(name, str) or not _REALM_NAME.fullmatch(name):
        yield ("realm", "name"), f"“{name or ''}” is no name of a realm: letters, digits, hyphens, dots."
    elif name == PROTECTED_REALM:
        yield ("realm", "name"), "The realm master is Keycloak's own."


def _unknown_kinds(data: Data) -> Iterator[Found]:
    for place, one in enumerate(data.get("things") or ()):
        if one["kind"] not in POSSIBLE:
            yield ("things", place, "kind"), f"“{one['kind']}” is no kind that can stand here."


def _secrets(data: Data) -> Iterator[Found]:
    for place, one in enumerate(data.get("things") or ()):
        known = KINDS[Kind(one["kind"])].secrets if one["kind"] in POSSIBLE else ()
        for name in one.get("secrets") or ():
            if name not in known:
                yield (
                    ("things", place, "secrets", name),
                    f"There is no secret “{name}” of {KINDS[Kind(one['kind'])].plural}.",
                )


def _twice(things: list[Placed]) -> Iterator[Found]:
    """Yield each place of what stands more than once."""
    seen: dict[Address, list[Path]] = {}
    for one in things:
        named = _NAMED_BY.get(str(one.path[0])) if len(one.path) == 2 else None
        seen.setdefault(one.resource.address, []).append((*one.path, named) if named else one.path)
    twice = {address for address, paths in seen.items() if len(paths) > 1}
    for address in twice:
        if twice.isdisjoint(all_needs(address)):  # else what it stands on is said
            yield from ((path, f"{_name(address)} stands twice.") for path in seen[address])


_NAMED_BY = {"roles": "name", "groups": "path", "scopes": "name", "clients": "id", "things": "path"}


def _of_one(one: Placed) -> Iterator[Found]:
    address = one.resource.address
    spec = KINDS[address.kind]
    if len(address.path) != len(spec.parts):
        yield (
            one.path,
            f"This is a {spec.label}: its path has {len(spec.parts)} names, not {len(address.path)}.",
        )
        return
    if "" in address.path and one.path[-2:-1] != ("things",):
        yield one.path, "This is no role of a client: write `client/role`."
        return
    if address.kind is Kind.PERSON and address.path[0] != address.path[0].lower():
        yield one.path, f"Keycloak writes user names in small letters: “{address.path[0].lower()}”."
    if is_protected(address):
        yield one.path, f"{_name(address)} is Keycloak's own: it is never made or changed."
    if address in CONSOLES_OWN:
        yield one.path, f"{_name(address)} carries the entitlements: the console makes it itself."
    yield from ((one.path, reason) for reason in _wrong_names(address))
    for name, reason in values.faults_of(address.kind, one.resource.fields):
        yield (*one.fields_at, name) if one.fields_at else one.path, reason


def _wrong_names(address: Address) -> Iterator[str]:
    kinds = kinds_of_names(address)
    for place, text in enumerate(address.path):
        kind = kinds.get(place)
        for name in text.split("/") if kind in TREES else (text,):
            if reason := _wrong_name(name, may_have_slash=kind is Kind.CLIENT_SCOPE):
                yield reason


def _wrong_name(name: str, *, may_have_slash: bool) -> str:
    """Return why a declaration would refuse this name. Client scopes go by their ids in every call."""
    plain = unquote(unquote(name))
    if not name or name != name.strip():
        return f"The name “{name}” is empty, or begins or ends with a space."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if not name.isprintable():
        return "A name cannot hold control or invisible characters."
    if MARKUP & set(name):
        return f"The name “{name}” cannot hold {' '.join(sorted(MARKUP & set(name)))}"
    if plain.strip() in (".", ".."):
        return "A name cannot be “.” or “..”."
    if not may_have_slash and ("/" in plain or "\\" in plain):
        return f"The name “{name}” cannot hold a slash or a backslash."
    return ""


def _unmet(things: list[Placed]) -> Iterator[Found]:
    declared = {one.resource.address for one in things}
    for one in things:
        for need in needs(one.resource.address):
            if need not in declared and not comes_with_realm(need):
                yield one.path, f"There is no {described(need)} in this blueprint."


_COMPOSITES = frozenset(
    {Kind.COMPOSITE, Kind.COMPOSITE_CLIENT_ROLE, Kind.CLIENT_COMPOSITE, Kind.CLIENT_COMPOSITE_CLIENT_ROLE}
)


def _composites(things: list[Placed]) -> Iterator[Found]:
    links: dict[str, list[str]] = {}
    places: dict[tuple[str, str], Path] = {}
    for one in things:
        if one.resource.address.kind in _COMPOSITES:
            source, target = ["/".join(end.path) for end in needs(one.resource.address)]
            links.setdefault(source, []).append(target)
            places[source, target] = one.path
    if cycle := cycle_in(links):
        yield (
            places[cycle[-2], cycle[-1]],
            f"These roles include each other: {' → '.join(cycle)}.",
        )


def _clients(data: Data) -> Iterator[Found]:
    for place, one in enumerate(data.get("clients") or ()):
        path: Path = ("clients", place)
        fields = one.get("settings") or {}
        yield from _addresses(fields, (*path, "settings"), is_open=bool(one.get("open")))
        for number, scope in enumerate(one.get("optional_scopes") or ()):
            if scope in (one.get("default_scopes") or ()):
                yield (*path, "optional_scopes", number), f"“{scope}” is a default scope already."
        acts = fields.get("service_accounts") is True
        if acts and fields.get("public") is True:
            yield (*path, "settings", "service_accounts"), "A public client has no service account."
        for key in ("service_roles", "service_client_roles"):
            if one.get(key) and not acts:
                yield (
                    (*path, key),
                    "Its service account is off: set `service_accounts: true`.",
                )


def _addresses(fields: Data, path: Path, *, is_open: bool) -> Iterator[Found]:
    for name in (*_ADDRESSES, *_LINKS, "web_origins"):
        value = fields.get(name) or ()
        for one in [value] if isinstance(value, str) else value:
            if isinstance(one, str) and is_script(one):
                yield (*path, name), f"{one[:80]} is a script, not an address: it is never written."
            elif isinstance(one, str) and not is_open and (why := _open(name, one)):
                yield (
                    (*path, name),
                    f"{one} is open: {why}. Name in `open` the note that says why it must be.",
                )


def _open(name: str, address: str) -> str:
    if name == "web_origins":
        return "pages of every origin may ask for tokens" if address == "*" else ""
    return openness_of(address) if name in _ADDRESSES else ""


def _handed_out(data: Data, things: list[Placed]) -> Iterator[Found]:
    """Yield mappers of identity providers that would give a protected role to people from elsewhere."""
    protected = [role(one) for one in data.get("protected_roles") or ()]
    graph = Graph(edges_of(State.of(one.resource for one in things)))
    names = {one.resource.address.path[0] for one in things if one.resource.address.kind is Kind.ROLE}
    for place, one in enumerate(protected):
        if one.name not in names:
            yield ("protected_roles", place), f'There is no role "{one.name}" in this blueprint.'
    for thing in things:
        for given in _given_by(thing):
            for one in protected:
                if graph.reaches(given, one):
                    yield (
                        thing.path,
                        (
                            f"It would make people of another server {one.name} here, which is protected: "
                            "whoever administers that server could give it to anybody."
                        ),
                    )


def _given_by(thing: Placed) -> Iterator[Node]:
    """Yield what a mapper of an identity provider gives to people: a role, or membership in a group."""
    if thing.resource.address.kind is Kind.IDENTITY_PROVIDER_MAPPER:
        config = thing.resource.fields.get("config") or {}
        if isinstance(config.get("role"), str):
            yield role(config["role"])
        if isinstance(config.get("group"), str):
            yield group(config["group"].strip("/"))


def _name(address: Address) -> str:
    words = described(address)
    return f"{words[0].upper()}{words[1:]}"
