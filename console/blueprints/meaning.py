"""What a schema cannot say: placeholders, conditions, and all that a blueprint becomes with any choice.

A blueprint is expanded with its defaults, with each other choice in turn, and with all that is optional
given; what is wrong in any of these is a fault at the place in the text that it comes from.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from console.blueprints import meaning_realm, meaning_rights
from console.blueprints.asking import faults_of_parameters
from console.blueprints.expand import expanded
from console.blueprints.model import Blueprint, Parameter, ParameterType, Path, Value
from console.blueprints.parameters import default_of
from console.blueprints.placeholders import (
    CHOOSE,
    EACH,
    ITEM,
    WHEN,
    has_open_placeholder,
    is_name,
    placeholders_in,
    resolved,
)
from console.blueprints.when import NoCondition, fault_of

Found = tuple[Path, str]
MOST_TRIALS = 200
MOST_TRIED = 150_000  # values in all trials together: some seconds of work
_TYPED = {"settings", "config", "enforced", "exempt", "unclear", "for_everybody"}


def faults_of(blueprint: Blueprint) -> Iterator[Found]:
    """Yield what is wrong with a blueprint that is as the schema says, with where it stands."""
    asking = list(faults_of_parameters(blueprint))
    written = list(_texts(blueprint))
    yield from asking
    yield from written
    yield from _notes(blueprint)
    if not asking:
        yield from _tried(blueprint, unsure=frozenset(path for path, _ in written))


def is_about_absence(reason: str) -> bool:
    """Tell whether a fault says that something is missing which something else names."""
    return reason.startswith(_ABSENT) or " is no role of this family" in reason


_ABSENT = ("There is no ", "A grant names at least one")


# --- what stands in the texts ---------------------------------------------------------------------


def _texts(blueprint: Blueprint) -> Iterator[Found]:
    known = {one.name: one for one in blueprint.parameters}
    yield from _walked(blueprint.body, (), known)


def _walked(data: Any, path: Path, known: Mapping[str, Parameter]) -> Iterator[Found]:
    if isinstance(data, Mapping):
        yield from _conditions(data, path, known)
        inner = {**known, ITEM: Parameter(name=ITEM, label=ITEM)} if EACH in data else known
        for key, value in data.items():
            if key == "secrets" and isinstance(value, Mapping):
                yield from _secrets(value, (*path, key), known)
            elif key not in (WHEN, EACH):
                yield from _walked(value, (*path, key), inner)
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _walked(value, (*path, place), known)
    elif isinstance(data, str):
        yield from ((path, reason) for reason in _placeholders(data, known))
        if not _is_typed(path) and (wrong := _not_a_text(data, path, known)):
            yield path, wrong


def _conditions(data: Mapping[str, Any], path: Path, known: Mapping[str, Parameter]) -> Iterator[Found]:
    if WHEN in data and (wrong := _wrong_condition(data[WHEN], known)):
        yield (*path, WHEN), wrong
    if CHOOSE in data and not _is_choice(data):
        yield (
            (*path, CHOOSE),
            "A choice is `{choose: [{when: …, value: …}, {value: …}]}` and nothing beside it.",
        )
    if EACH in data:
        parameter = known.get(data[EACH]) if isinstance(data[EACH], str) else None
        if parameter is None:
            yield (*path, EACH), f"There is no parameter {data[EACH]}."
        elif parameter.type is not ParameterType.TEXTS:
            yield (*path, EACH), f"{data[EACH]} is no list: only a parameter of type texts is repeated."


def _wrong_condition(data: Any, known: Mapping[str, Parameter]) -> str:
    return fault_of(data, known) if isinstance(data, str) else "A condition is a text."


def _is_choice(data: Mapping[str, Any]) -> bool:
    """Tell whether this is a choice of values: among settings, which may hold anything, it may be spoilt."""
    return set(data) == {CHOOSE} and all(
        isinstance(one, Mapping) and "value" in one and one.keys() <= {"value", WHEN}
        for one in (data[CHOOSE] if isinstance(data[CHOOSE], list) else [None])
    )


def _placeholders(text: str, known: Mapping[str, Parameter]) -> Iterator[str]:
    if has_open_placeholder(text):
        yield "A placeholder has no name or no end. Write ${name}, or $${ for the signs themselves."
    found = placeholders_in(text)
    for inner in found:
        if not is_name(inner):
            if wrong := fault_of(inner, known):
                yield wrong
        elif inner not in known:
            yield f"There is no parameter {inner}."
        elif known[inner].is_secret:
            yield f"{inner} is a secret: it stands only in `secrets`, where it is written and not shown."
        elif known[inner].type is ParameterType.TEXTS and text != f"${{{inner}}}":
            yield f"{inner} is a list: it cannot stand inside a text. Use it alone, or `for_each`."


def _is_typed(path: Path) -> bool:
    """Tell whether a value may stand here that is no text."""
    return bool(_TYPED & set(path))


def _not_a_text(text: str, path: Path, known: Mapping[str, Parameter]) -> str:
    """Return why a placeholder that is the whole text cannot stand where a text must."""
    (inner,) = found if len(found := placeholders_in(text)) == 1 and text == f"${{{found[0]}}}" else ("",)
    parameter = known.get(inner)
    if inner and not is_name(inner):
        return "A condition is yes or no: it cannot stand where a text must."
    if parameter is None or parameter.type in (ParameterType.TEXT, ParameterType.CHOICE):
        return ""
    if parameter.type is ParameterType.TEXTS and isinstance(path[-1], int):
        return ""
    return f"{inner} is no text, and only a text can stand here."


def _secrets(data: Mapping[str, Any], path: Path, known: Mapping[str, Parameter]) -> Iterator[Found]:
    for key, text in data.items():
        found = placeholders_in(text) if isinstance(text, str) else ()
        parameter = known.get(found[0]) if len(found) == 1 else None
        if parameter is None or not parameter.is_secret or text != f"${{{parameter.name}}}":
            yield (*path, key), "A secret is `${name}` of a parameter of type secret, and nothing else."


# --- notes ----------------------------------------------------------------------------------------


def _notes(blueprint: Blueprint) -> Iterator[Found]:
    keys = [one.key for one in blueprint.notes]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield ("notes", place, "key"), f"The note “{key}” stands twice."
    for place, parameter in enumerate(blueprint.parameters):
        if parameter.note and parameter.note not in keys:
            yield ("parameters", place, "note"), f"There is no note “{parameter.note}”."
    for section, data in blueprint.body.items():
        if section != "notes":
            yield from _referred(data, (section,), frozenset(keys))


def _referred(data: Any, path: Path, keys: frozenset[str]) -> Iterator[Found]:
    if isinstance(data, list):
        for place, one in enumerate(data):
            yield from _referred(one, (*path, place), keys)
    if not isinstance(data, Mapping):
        return
    for word, one in data.items():
        here = (*path, word)
        if word == "notes" and isinstance(one, list):
            named = [((*here, place), key) for place, key in enumerate(one)]
            yield from ((at, f"There is no note “{key}”.") for at, key in named if key not in keys)
        elif word in ("note", "open") and isinstance(one, str):
            if one not in keys:
                yield here, f"There is no note “{one}”."
        elif word not in ("settings", "config"):
            yield from _referred(one, here, keys)


# --- what it becomes ------------------------------------------------------------------------------


class _Guesses(dict[str, Value]):
    """Values of parameters; one that nobody knows is some text."""

    def __missing__(self, name: str) -> Value:
        return "example"


def _tried(blueprint: Blueprint, unsure: frozenset[Path]) -> Iterator[Found]:
    """Yield what is wrong in any trial. Of texts that are wrong themselves, `unsure`, no more is said."""
    if any(path[-1] in (WHEN, EACH, CHOOSE) for path in unsure):
        return
    seen: set[Found] = set()
    for values in islice(_trials(blueprint), max(2, min(MOST_TRIALS, MOST_TRIED // _size(blueprint.body)))):
        try:
            found = resolved(blueprint.body, _Guesses(values) if unsure else values)
        except NoCondition:
            return
        for path, reason in _of_trial(blueprint, found.data, values, is_sure=not unsure):
            fault = found.origin(path), reason
            if fault not in seen and not any(_is_within(one, fault[0]) for one in unsure):
                seen.add(fault)
                yield fault


def _size(data: Any) -> int:
    inside = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    return 1 + sum(map(_size, inside))


def _is_within(path: Path, other: Path) -> bool:
    return path[: len(other)] == other or other[: len(path)] == path


def _of_trial(
    blueprint: Blueprint, data: Any, values: Mapping[str, Value], *, is_sure: bool
) -> Iterator[Found]:
    wrong = [*meaning_realm.faults_of(data), *meaning_rights.faults_of(data)]
    yield from wrong
    if is_sure and not wrong:
        expanded(blueprint, values, data)  # what the checks let through must expand


def _trials(blueprint: Blueprint) -> Iterator[dict[str, Value]]:
    """Yield values to try: the defaults, all that is optional given, and each other choice with both."""
    least = {one.name: _least(one) for one in blueprint.parameters}
    most = {one.name: _most(one) for one in blueprint.parameters}
    yield least
    yield most
    for parameter in blueprint.parameters:
        for other in _others(parameter):
            yield least | {parameter.name: other}
            yield most | {parameter.name: other}


def _least(parameter: Parameter) -> Value:
    given = parameter.example
    is_asked = parameter.required and parameter.default in ("", ())
    return given if is_asked and given is not None else default_of(parameter)


def _most(parameter: Parameter) -> Value:
    if parameter.type is ParameterType.YES_NO:
        return True
    if parameter.type is ParameterType.SECRET:
        return "secret"
    return default_of(parameter) if parameter.example is None else parameter.example


def _others(parameter: Parameter) -> tuple[Value, ...]:
    if parameter.type is ParameterType.YES_NO:
        return (True, False)
    if parameter.type is ParameterType.CHOICE:
        return tuple(one.value for one in parameter.choices)
    if parameter.type in (ParameterType.TEXT, ParameterType.TEXTS):
        empty: Value = "" if parameter.type is ParameterType.TEXT else ()
        return () if parameter.required else (empty,)
    ends = (parameter.minimum, parameter.maximum)
    return tuple(one for one in ends if one is not None)
