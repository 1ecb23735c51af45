"""Operations as sentences: what an administrator reads on the plan page, in a run and in the audit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind


@dataclass(frozen=True, slots=True)
class Sentence:
    """Plain words around names: `parts` alternate text and name, beginning with text."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(self.parts).strip()

    @property
    def marked(self) -> list[tuple[str, bool]]:
        """Return (text, is a name) in order, for a template that sets names in bold."""
        return [(part, index % 2 == 1) for index, part in enumerate(self.parts) if part]


def group_words(path: str) -> str:
    return path.replace("/", " / ")


def thing(address: Address) -> str:
    """Return what an address is, e.g. `role developer`, for places without room for a sentence."""
    label, names = _THINGS[address.kind]
    return f"{label} {names(address.path)}".strip()


_THINGS: Mapping[Kind, tuple[str, Callable[[tuple[str, ...]], str]]] = {
    Kind.REALM: ("realm settings", lambda path: ""),
    Kind.PROFILE_ATTRIBUTE: ("user-profile attribute", lambda path: path[0]),
    Kind.CLIENT_SCOPE: ("client scope", lambda path: path[0]),
    Kind.MAPPER: ("mapper", lambda path: f"{path[1]} of {path[0]}"),
    Kind.DEFAULT_SCOPE: ("default client scope", lambda path: path[0]),
    Kind.ROLE: ("role", lambda path: path[0]),
    Kind.COMPOSITE: ("composite", lambda path: f"{path[0]} includes {path[1]}"),
    Kind.GROUP: ("group", lambda path: group_words(path[0])),
    Kind.GROUP_ROLE: ("role of group", lambda path: f"{group_words(path[0])}: {path[1]}"),
    Kind.PERSON: ("person", lambda path: path[0]),
    Kind.MEMBERSHIP: ("membership", lambda path: f"{path[0]} in {group_words(path[1])}"),
    Kind.PERSON_ROLE: ("role of person", lambda path: f"{path[0]}: {path[1]}"),
    Kind.ENTITLEMENT: ("entitlement", lambda path: f"{path[2]} of {group_words(path[1])}"),
}

_LINK_CREATED: Mapping[Kind, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    Kind.DEFAULT_SCOPE: lambda path: ("Give every new client the scope ", path[0]),
    Kind.COMPOSITE: lambda path: ("Let ", path[0], " include ", path[1]),
    Kind.GROUP_ROLE: lambda path: ("Give group ", group_words(path[0]), " the role ", path[1]),
    Kind.MEMBERSHIP: lambda path: ("Add ", path[0], " to ", group_words(path[1])),
    Kind.PERSON_ROLE: lambda path: ("Give ", path[0], " the role ", path[1]),
    Kind.ENTITLEMENT: lambda path: ("Grant ", group_words(path[1]), " the entitlement ", path[2]),
}

_LINK_DELETED: Mapping[Kind, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    Kind.DEFAULT_SCOPE: lambda path: ("No longer give new clients the scope ", path[0]),
    Kind.COMPOSITE: lambda path: ("Let ", path[0], " no longer include ", path[1]),
    Kind.GROUP_ROLE: lambda path: ("Take role ", path[1], " from group ", group_words(path[0])),
    Kind.MEMBERSHIP: lambda path: ("Remove ", path[0], " from ", group_words(path[1])),
    Kind.PERSON_ROLE: lambda path: ("Take role ", path[1], " from ", path[0]),
    Kind.ENTITLEMENT: lambda path: ("Revoke the entitlement ", path[2], " of ", group_words(path[1])),
}

_VERBS = {
    Action.CREATE: "Create ",
    Action.UPDATE: "Change ",
    Action.DELETE: "Delete ",
    Action.ADOPT: "Take over as it is: ",
}


def sentence(operation: Operation, *, realm: str = "") -> Sentence:
    """Return the operation in words."""
    kind, path = operation.address.kind, operation.address.path
    if operation.action is Action.CREATE and kind in _LINK_CREATED:
        return Sentence(_LINK_CREATED[kind](path))
    if operation.action is Action.DELETE and kind in _LINK_DELETED:
        return Sentence(_LINK_DELETED[kind](path))
    label, names = _THINGS[kind]
    name = realm if kind is Kind.REALM else names(path)
    if kind is Kind.REALM and operation.action is not Action.UPDATE:
        label = "realm"
    if operation.action is Action.RENAME and operation.was is not None:
        return Sentence((f"Rename {label} ", names(operation.was.path), " to ", name))
    return Sentence((f"{_VERBS[operation.action]}{label} ", name))


def changes(operation: Operation) -> list[tuple[str, str, str]]:
    """Return (field, before, after) for each field that an update changes."""
    if operation.action is not Action.UPDATE:
        return []
    before, after = operation.before or {}, operation.after or {}
    return [
        (name.replace("_", " "), shown(before.get(name)), shown(after[name]))
        for name in sorted(after)
        if before.get(name) != after[name]
    ]


def shown(value: Any) -> str:
    """Return a field's value for reading."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "empty" if value in ("", None) else str(value)
