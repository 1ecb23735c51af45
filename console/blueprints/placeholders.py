"""Placeholders `${...}` filled in, entries left out by `when`, repeated by `for_each`, and `choose`.

A text that is nothing but one placeholder becomes the value with its type; in a list, a list's values take
its place. `${smtp_host is set}` is yes or no. `$${` stands for the two signs themselves.
"""

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from console.blueprints.model import Path, Value, Values, plain
from console.blueprints.when import NAME, parsed

WHEN, EACH, CHOOSE = "when", "for_each", "choose"
ITEM = "each"  # the name of a repeated value inside what is repeated
_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_NAME = re.compile(NAME)
_MISSING = object()


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return what stands in each placeholder of a text."""
    return tuple(one for one in _PLACEHOLDER.findall(text) if one)


def has_open_placeholder(text: str) -> bool:
    """Tell whether a `${` stands there that is no placeholder: it never ends, or is empty."""
    return "${" in _PLACEHOLDER.sub(lambda found: "" if found.group(1) else "$", text) or any(
        found.group(0) == "${}" for found in _PLACEHOLDER.finditer(text)
    )


def is_name(text: str) -> bool:
    """Tell whether a placeholder is the plain name of a parameter, and no condition."""
    return _NAME.fullmatch(text) is not None


@dataclass
class Resolved:
    """Plain data without placeholders. `origins` say where an entry stands in the blueprint itself."""

    data: Any
    origins: dict[Path, Path] = field(default_factory=dict)

    def origin(self, path: Path) -> Path:
        """Return where in the blueprint that stands which stands here at this path."""
        for length in range(len(path), -1, -1):
            if (known := self.origins.get(path[:length])) is not None:
                return (*known, *path[length:])
        return path


def resolved(data: Any, values: Values) -> Resolved:
    """Return data with the values of the parameters. All names in it must be known."""
    found = Resolved(None)
    value = _Resolving(found).value(data, values, (), ())
    found.data = None if value is _MISSING else plain(value)
    return found


@dataclass
class _Resolving:
    """`at` is where a value comes to stand, `path` where it stands in the blueprint."""

    found: Resolved

    def value(self, data: Any, values: Values, at: Path, path: Path) -> Any:
        if isinstance(data, str):
            return _filled(data, values)
        if isinstance(data, list):
            return self._list(data, values, at, path)
        if not isinstance(data, Mapping):
            return data
        if set(data) == {CHOOSE}:
            return self._chosen(data[CHOOSE], values, at, (*path, CHOOSE))
        return self._mapping(data, values, at, path)

    def _mapping(self, data: Mapping[str, Any], values: Values, at: Path, path: Path) -> dict[str, Any]:
        pairs = {
            key: self.value(value, values, (*at, key), (*path, key))
            for key, value in data.items()
            if key not in (WHEN, EACH)
        }
        return {key: plain(value) for key, value in pairs.items() if value is not _MISSING}

    def _chosen(self, alternatives: list[Mapping[str, Any]], values: Values, at: Path, path: Path) -> Any:
        for place, one in enumerate(alternatives):
            if _holds(one, values):
                origin = (*path, place, "value")
                self.found.origins[at] = origin
                return self.value(one["value"], values, at, origin)
        return _MISSING

    def _list(self, data: list[Any], values: Values, at: Path, path: Path) -> list[Any]:
        entries: list[Any] = []
        for place, one in enumerate(data):
            for inner in _repeated(one, values):
                if _holds(one, inner):
                    here = (*at, len(entries))
                    self.found.origins[here] = (*path, place)
                    self._append(entries, self.value(one, inner, here, (*path, place)), (*path, place), at)
        return entries

    def _append(self, entries: list[Any], value: Any, path: Path, at: Path) -> None:
        several = list(value) if isinstance(value, tuple) else [value]
        for one in several:
            if one is not _MISSING:
                if len(several) > 1 or (*at, len(entries)) not in self.found.origins:
                    self.found.origins[(*at, len(entries))] = path
                entries.append(one)


def _repeated(one: Any, values: Values) -> list[Values]:
    if not isinstance(one, Mapping) or EACH not in one:
        return [values]
    found = values[one[EACH]]
    several = found if isinstance(found, tuple) else (str(found),)
    return [_with(values, value) for value in several]


def _with(values: Values, value: Value) -> Values:
    """Return the values with that of one repetition. Whatever manners the others have stay."""
    inner = copy(values)
    assert isinstance(inner, dict)
    inner[ITEM] = value
    return inner


def _holds(one: Any, values: Values) -> bool:
    return not isinstance(one, Mapping) or WHEN not in one or parsed(one[WHEN]).holds(values)


def _filled(text: str, values: Values) -> Any:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole and whole.group(1):
        return _value_of(whole.group(1), values)
    return _PLACEHOLDER.sub(
        lambda found: _as_text(_value_of(found.group(1), values)) if found.group(1) else "${", text
    )


def _value_of(inner: str, values: Values) -> Any:
    return values[inner] if is_name(inner) else parsed(inner).holds(values)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
