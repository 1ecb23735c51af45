"""Two versions of a blueprint: what was added, changed and removed, in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from console.blueprints.model import Blueprint, Choice, Parameter
from console.blueprints.rights import capabilities

Entries = Mapping[str, Mapping[str, Any]]
LONGEST = 120


class Turn(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that differs. `before` and `after` are texts, "" for none; `sentence` says it whole."""

    section: str
    name: str
    turn: Turn
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def sentence(self) -> str:
        what = f"{self.section} “{self.name}”" if self.name else self.section
        if not self.field:
            return f"{what} is {self.turn}."
        return f"{what}: {self.field} changes from {self.before or 'nothing'} to {self.after or 'nothing'}."


def differences(old: Blueprint, new: Blueprint) -> tuple[Difference, ...]:
    """Return all that differs between two blueprints, section by section, in the order of the format."""
    return tuple(_differences(old, new))


def _differences(old: Blueprint, new: Blueprint) -> Iterator[Difference]:
    yield from _compared("About", {"": _about(old)}, {"": _about(new)})
    yield from _compared("Parameter", _parameters(old), _parameters(new))
    for section, noun, named in _SECTIONS:
        yield from _compared(noun, _keyed(old, section, named), _keyed(new, section, named))
    yield from _compared("Capability", capabilities(old.body), capabilities(new.body))


def _compared(noun: str, old: Entries, new: Entries) -> Iterator[Difference]:
    for name in [*old, *(one for one in new if one not in old)]:
        if name not in new:
            yield Difference(noun, name, Turn.REMOVED)
        elif name not in old:
            yield Difference(noun, name, Turn.ADDED)
        else:
            yield from _fields(noun, name, old[name], new[name])


def _fields(noun: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before, after = dict(_flat(old)), dict(_flat(new))
    for key in [*before, *(one for one in after if one not in before)]:
        if before.get(key) != after.get(key):
            texts = _text(before.get(key)), _text(after.get(key))
            yield Difference(noun, name, Turn.CHANGED, key.replace("_", " "), *texts)


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the plain values of an entry; what stands deeper has the keys on the way to it."""
    for key, value in data.items():
        here = f"{above} › {key}" if above else key
        if isinstance(value, Mapping) and value:
            yield from _flat(value, here)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            for place, one in enumerate(value, start=1):
                inner = one if isinstance(one, Mapping) else {"": one}
                yield from _flat(inner, f"{here} {_own_name(inner) or place}")
        else:
            yield here, value


def _own_name(one: Mapping[str, Any]) -> str:
    return next((str(one[key]) for key in ("name", "key", "id", "pattern") if key in one), "")


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(_text, value)) if isinstance(value, list | tuple) else _plain(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items())
    return str(value)


def _about(one: Blueprint) -> dict[str, Any]:
    found: dict[str, Any] = {key: one.body.get(key) for key in _WHOLE}
    profile, entitlements = one.body.get("user_profile") or {}, one.body.get("entitlements") or {}
    return {**found, "profile": profile.get("settings"), "enforced": entitlements.get("enforced")}


_WHOLE = (
    "name",
    "summary",
    "icon",
    "sources",
    "happens",
    "realm",
    "protected_roles",
    "looks_like",
    "restart",
)


def _parameters(one: Blueprint) -> Entries:
    return {parameter.name: _parameter(parameter) for parameter in one.parameters}


def _parameter(one: Parameter) -> dict[str, Any]:
    """Return what is asked, as people see it; whatever is new in a parameter is compared, too."""
    plain = {field.name: getattr(one, field.name) for field in fields(one)}
    choices = [{"name": choice.value, **_said(choice)} for choice in one.choices]
    return {**plain, "type": one.type.value, "choices": choices}


def _said(choice: Choice) -> dict[str, str]:
    return {"label": choice.label, "help": choice.help, "critical": choice.critical}


def _keyed(one: Blueprint, section: str, named: Callable[[Mapping[str, Any]], str]) -> Entries:
    """Return the entries of a section by what makes each one what it is; equal names are counted."""
    data: Any = one.body
    for key in section.split("."):
        data = (data or {}).get(key)
    found: dict[str, Mapping[str, Any]] = {}
    for entry in data or ():
        entry = {key: value for key, value in entry.items() if key != "capabilities"}
        name = named(entry)
        number = sum(1 for known in found if known == name or known.startswith(f"{name} ("))
        found[f"{name} ({number + 1})" if number else name] = entry
    return found


def _by(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda entry: str(entry[key])


def _grant(entry: Mapping[str, Any]) -> str:
    rights = [entry[key] for key in ("roles", "client_roles", "scopes") if entry.get(key)]
    return f"{', '.join(map(_text, rights))} → {_text(entry['gives'])}"


def _thing(entry: Mapping[str, Any]) -> str:
    return f"{entry['kind']} {'/'.join(entry['path'])}"


_SECTIONS: tuple[tuple[str, str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("user_profile.attributes", "Profile attribute", _by("name")),
    ("required_actions", "Required action", _by("alias")),
    ("roles", "Role", _by("name")),
    ("families", "Role family", _by("key")),
    ("groups", "Group", _by("path")),
    ("scopes", "Client scope", _by("name")),
    ("clients", "Client", _by("id")),
    ("things", "Further thing", _thing),
    ("entitlements.types", "Entitlement type", _by("name")),
    ("entitlements.resources", "Resource", _by("name")),
    ("entitlements.named", "Named entitlement", _by("name")),
    ("services", "Service", _by("key")),
    ("grants", "Grant", _grant),
    ("notes", "Note", _by("key")),
    ("kept_elsewhere", "Secret kept elsewhere", _by("name")),
)
