"""Operations as sentences: what an administrator reads on the plan page, in a run and in the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.engine.kinds import KINDS, TREES, ends, phrased
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
    spec = KINDS[address.kind]
    if spec.noun:
        return spec.noun.replace('"', "").format(*_read(address))
    return f"{spec.label} {_named(address)}".strip()


_VERBS = {
    Action.CREATE: "Create ",
    Action.UPDATE: "Change ",
    Action.DELETE: "Delete ",
    Action.ADOPT: "Take over as it is: ",
}


def sentence(operation: Operation, *, realm: str = "") -> Sentence:
    """Return the operation in words."""
    address, spec = operation.address, KINDS[operation.address.kind]
    if spec.is_link and operation.action in (Action.CREATE, Action.DELETE):
        template = spec.give if operation.action is Action.CREATE else spec.take
        return Sentence(phrased(template, _read(address)))
    name, label = _named(address), spec.label
    if spec.is_link:
        label, name = "", thing(address)
    if address.kind is Kind.REALM:
        name = realm
        label = label if operation.action is Action.UPDATE else "realm"
    if operation.action is Action.RENAME and operation.was is not None:
        return Sentence((f"Rename {label} ", _named(operation.was), " to ", name))
    return Sentence((f"{_VERBS[operation.action]}{label} ".replace("  ", " "), name))


def _read(address: Address) -> tuple[str, ...]:
    """Return the parts of a path for reading: a group's path with room between its names."""
    trees = {first + len(one.path) - 1 for first, one in ends(address) if one.kind in TREES}
    if address.kind in TREES:
        trees.add(len(address.path) - 1)
    return tuple(group_words(part) if index in trees else part for index, part in enumerate(address.path))


def _named(address: Address) -> str:
    return KINDS[address.kind].name.format(*_read(address))


def changes(operation: Operation) -> list[tuple[str, str, str]]:
    """Return (field, before, after) for each field that an update changes.

    What is made has no before: of its fields those stand here that Keycloak would not choose by itself.
    """
    before, after = operation.before or {}, operation.after or {}
    if operation.action is Action.CREATE:
        known = KINDS[operation.address.kind].fields
        own = {name: one for name, one in after.items() if name not in known or one != known[name].default}
        return [(_field(name), "", shown(own[name])) for name in sorted(own)]
    if operation.action is not Action.UPDATE:
        return []
    return [
        (_field(name), shown(before.get(name)), shown(after[name]))
        for name in sorted(after)
        if before.get(name) != after[name]
    ]


def _field(name: str) -> str:
    return name.replace("_", " ")


def shown(value: Any) -> str:
    """Return a field's value for reading."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={shown(one)}" for key, one in sorted(value.items())) or "none"
    return "empty" if value in ("", None) else str(value)
