"""What is needed besides a right, read from a blueprint's plain data."""

from collections.abc import Iterator
from typing import Any

from console.blueprints.model import Path, frozen
from console.graph.catalogue import AllOf, AnyOf, Condition, Entitled, Not, Owner, Property

_ROOTS = ("subject.", "resource.", "action.", "context.")
_FORMS = (
    {"entitled", "level"},
    {"any"},
    {"all"},
    {"not"},
    {"property", "operator", "value"},
)


def condition(data: Any) -> Condition | None:
    """Return the condition that data without faults says, None for none."""
    if data is None:
        return None
    if data == "owner":
        return Owner()
    if "entitled" in data:
        return Entitled(data["entitled"], data["level"])
    if "property" in data:
        return Property(data["property"], data["operator"], frozen(data["value"]))
    if "not" in data:
        return Not(_needed(data["not"]))
    several = tuple(_needed(one) for one in data.get("any") or data["all"])
    return AnyOf(several) if "any" in data else AllOf(several)


def _needed(data: Any) -> Condition:
    found = condition(data)
    assert found is not None
    return found


def faults_of(data: Any, path: Path, levels: dict[str, tuple[str, ...]]) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with a condition. `levels` are those of each type of entitlement."""
    if data is None or data == "owner":
        return
    if not isinstance(data, dict) or set(data) not in _FORMS:
        yield (
            path,
            (
                "This is no need. Write `owner`, `{entitled: …, level: …}`, `{any: […]}`, `{all: […]}`, "
                "`{not: …}` or `{property: …, operator: …, value: …}`."
            ),
        )
    elif "entitled" in data:
        yield from _entitled(data, path, levels)
    elif "property" in data:
        yield from _property(data, path)
    else:
        (word,) = data
        several = data[word] if word != "not" else [data["not"]]
        for place, one in enumerate(several):
            yield from faults_of(one, (*path, word) if word == "not" else (*path, word, place), levels)


def _entitled(data: Any, path: Path, levels: dict[str, tuple[str, ...]]) -> Iterator[tuple[Path, str]]:
    if data["entitled"] not in levels:
        yield (*path, "entitled"), f"There is no type of entitlement “{data['entitled']}”."
    elif data["level"] not in levels[data["entitled"]]:
        known = ", ".join(levels[data["entitled"]])
        yield (*path, "level"), f"{data['entitled']} has no level “{data['level']}”. It has: {known}."


def _property(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    places = [("property", data["property"])]
    if data["operator"] == "same as":
        places.append(("value", data["value"]))
    for key, text in places:
        if not isinstance(text, str) or not text.startswith(_ROOTS) or not all(text.split(".")):
            yield (
                (*path, key),
                "A property begins with subject., resource., action. or context.",
            )
    if data["operator"] == "in" and not isinstance(data["value"], list):
        yield (*path, "value"), "With `in` the value is a list."
