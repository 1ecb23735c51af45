"""What is wrong with the part of a blueprint that says what rights open, once placeholders are filled in."""

from collections.abc import Iterator, Mapping
from typing import Any

from console.blueprints import needs
from console.blueprints.cycles import cycle_in
from console.blueprints.known_rights import NAME, KnownRights, known_rights
from console.blueprints.model import Path
from console.blueprints.rights import RIGHTS, capabilities
from console.graph.catalogue import EVERY, Pattern

Data = Mapping[str, Any]
Found = tuple[Path, str]
_FLAGS = ("exempt", "unclear")


def faults_of(data: Data) -> Iterator[Found]:
    """Yield what is wrong, with where it stands in these data."""
    levels = {one["name"]: tuple(one["levels"]) for one in _entitlements(data).get("types") or ()}
    known = capabilities(data)
    yield from _doubles(data)
    yield from _of_entitlements(data, levels)
    for path, one in _entries_of_capabilities(data):
        yield from _capability(path, one, levels)
    yield from _families(data)
    rights = known_rights(data)
    for place, one in enumerate(data.get("grants") or ()):
        yield from _grant(("grants", place), one, rights, known, levels)
    yield from _look_alikes(data)


def _entitlements(data: Data) -> Data:
    found: Data = data.get("entitlements") or {}
    return found


def _entries_of_capabilities(data: Data) -> Iterator[tuple[Path, Data]]:
    for number, service in enumerate(data.get("services") or ()):
        for place, one in enumerate(service.get("capabilities") or ()):
            yield ("services", number, "capabilities", place), one


def _doubles(data: Data) -> Iterator[Found]:
    lists: list[tuple[Path, Any, str]] = [
        (("services",), data.get("services") or (), "key"),
        (("families",), data.get("families") or (), "key"),
    ]
    for number, service in enumerate(data.get("services") or ()):
        lists.append((("services", number, "capabilities"), service.get("capabilities") or (), "key"))
    for section in ("types", "named"):
        lists.append((("entitlements", section), _entitlements(data).get(section) or (), "name"))
    for path, entries, key in lists:
        seen: set[str] = set()
        for place, one in enumerate(entries):
            if one[key] in seen:
                yield (*path, place, key), f"“{one[key]}” stands twice."
            seen.add(one[key])
    yield from _double_actions(data)


def _double_actions(data: Data) -> Iterator[Found]:
    """Yield further names of capabilities that would name two of one type of resource."""
    seen: set[tuple[str, str]] = set()
    for path, one in _entries_of_capabilities(data):
        for place, action in enumerate(one.get("actions") or ()):
            name = one.get("resource", ""), action
            if name in seen:
                yield (*path, "actions", place), f"Another capability of this type answers to “{action}”."
            seen.add(name)


def _of_entitlements(data: Data, levels: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    found = _entitlements(data)
    if not isinstance(found.get("enforced", False), bool):
        yield ("entitlements", "enforced"), "This must be true or false."
    for place, one in enumerate(found.get("types") or ()):
        if len(set(one["levels"])) != len(one["levels"]):
            yield ("entitlements", "types", place, "levels"), "A level stands twice."
    resources = {(one["type"], one["name"]) for one in found.get("resources") or ()}
    for place, one in enumerate(found.get("resources") or ()):
        if one["type"] not in levels:
            yield ("entitlements", "resources", place, "type"), _no_type(one["type"])
    for place, one in enumerate(found.get("named") or ()):
        path: Path = ("entitlements", "named", place)
        if one["type"] not in levels:
            yield (*path, "type"), _no_type(one["type"])
        elif one["level"] not in levels[one["type"]]:
            yield (*path, "level"), f"{one['type']} has no level “{one['level']}”."
        elif one["resource"] != EVERY and (one["type"], one["resource"]) not in resources:
            yield (*path, "resource"), f"There is no {one['type']} “{one['resource']}” among the resources."


def _no_type(name: str) -> str:
    return f"There is no type of entitlement “{name}”."


def _capability(path: Path, one: Data, levels: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    own = one.get("levels") or []
    if len(set(own)) != len(own):
        yield (*path, "levels"), "A level stands twice."
    yield from _needs(one.get("needs"), (*path, "needs"), one, levels)
    yield from _uncertain(path, one)


def _uncertain(path: Path, one: Data) -> Iterator[Found]:
    if one.get("reading", "stated") in ("ambiguous", "contradicted") and not one.get("notes"):
        yield (*path, "reading"), "What is not certain carries the note that says so: name it in `notes`."


def _needs(data: Any, path: Path, capability: Data, levels: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    wrong = list(needs.faults_of(data, path, levels))
    yield from wrong
    if wrong:
        return
    resource = capability.get("resource", "")
    for at, name in _bound(data, path):
        if not resource:
            yield at, "This capability acts on no resource that one could own or be entitled to."
        elif name and name != resource:
            yield at, f"This capability acts on {resource}, and the entitlement is to {name}."


def _bound(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield each need that is about the resource, with the type of entitlement, "" for ownership."""
    if data == "owner":
        yield path, ""
    elif isinstance(data, dict) and "entitled" in data:
        yield path, data["entitled"]
    elif isinstance(data, dict):
        for word in ("any", "all"):
            for place, one in enumerate(data.get(word) or ()):
                yield from _bound(one, (*path, word, place))
        yield from _bound(data.get("not"), (*path, "not"))


# --- families -------------------------------------------------------------------------------------


def _families(data: Data) -> Iterator[Found]:
    for place, one in enumerate(data.get("families") or ()):
        yield from _family(("families", place), one)


def _family(path: Path, one: Data) -> Iterator[Found]:
    names = [role["pattern"] for role in one["roles"]]
    parameters = set()
    for place, name in enumerate(names):
        at = (*path, "roles", place, "pattern")
        if not NAME.fullmatch(name) or not Pattern(name).parameter:
            yield at, f"“{name}” must hold one <parameter>."
        elif name in names[:place]:
            yield at, f"“{name}” stands twice."
        else:
            parameters.add(Pattern(name).parameter)
    if len(parameters) > 1:
        yield (*path, "roles"), f"The roles have different parameters: {', '.join(sorted(parameters))}."
    if one.get("given") and one["given"] not in names:
        yield (*path, "given"), f"“{one['given']}” is no role of this family."
    for place, role in enumerate(one["roles"]):
        for number, name in enumerate(role.get("includes") or ()):
            if name not in names:
                yield (*path, "roles", place, "includes", number), f"“{name}” is no role of this family."
    if cycle := cycle_in({role["pattern"]: role.get("includes") or [] for role in one["roles"]}):
        last = names.index(cycle[-2])
        yield (*path, "roles", last, "includes"), f"These roles include each other: {' → '.join(cycle)}."


# --- grants ---------------------------------------------------------------------------------------


def _grant(
    path: Path, one: Data, rights: KnownRights, known: dict[str, Data], levels: dict[str, tuple[str, ...]]
) -> Iterator[Found]:
    for flag in _FLAGS:
        if not isinstance(one.get(flag, False), bool):
            yield (*path, flag), "This must be true or false."
    if not any(one.get(key) for key in RIGHTS):
        yield path, "A grant names at least one of roles, client_roles and scopes."
    yield from _uncertain(path, one)
    for place, name in enumerate(one.get("gives") or ()):
        if name in known:
            yield from _given(path, one, name, known[name], levels)
        else:
            yield (*path, "gives", place), f"There is no capability “{name}”."
    yield from _rights(path, one, rights)


def _given(
    path: Path, one: Data, name: str, capability: Data, levels: dict[str, tuple[str, ...]]
) -> Iterator[Found]:
    level, own = one.get("level", ""), capability.get("levels") or []
    if level and level not in own:
        has = f"It has: {', '.join(own)}." if own else "It is held or not."
        yield (*path, "level"), f"{name} has no level “{level}”. {has}"
    elif own and not level:
        yield path, f"{name} is held at a level: name one of {', '.join(own)} in `level`."
    if one.get("resource") and not capability.get("resource"):
        yield (*path, "resource"), f"{name} acts on no resource."
    yield from _needs(one.get("needs"), (*path, "needs"), capability, levels)


def _rights(path: Path, one: Data, rights: KnownRights) -> Iterator[Found]:
    for key in RIGHTS:
        for place, right in enumerate(one.get(key) or ()):
            at = (*path, key, place)
            if not NAME.fullmatch(right):
                yield at, f"“{right}” holds more than one <parameter>."
            elif not rights.has(key, right):
                yield at, f"There is no {_NOUNS[key]} “{right}” in this blueprint."
            elif reason := _unbound(Pattern(right), one):
                yield at, reason


def _unbound(right: Pattern, one: Data) -> str:
    wanted = f"<{right.parameter}>" if right.parameter else ""
    if one.get("resource", "") == wanted:
        return ""
    if wanted:
        return f"“{right.text}” names one {wanted}: say `resource: {wanted}`, or it would reach each of them."
    return (
        f"“{right.text}” has no {one['resource']}: a resource can only be what the name of the right names."
    )


_NOUNS = {"roles": "role", "client_roles": "client role", "scopes": "client with the client scope"}


def _look_alikes(data: Data) -> Iterator[Found]:
    names = {one["name"] for one in data.get("roles") or ()}
    for name, meant in (data.get("looks_like") or {}).items():
        if meant not in names:
            yield ("looks_like", name), f"There is no role “{meant}” in this blueprint."
        if name in names:
            yield ("looks_like", name), f"“{name}” is a role of this blueprint: it cannot stand for another."
