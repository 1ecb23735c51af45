"""Whether the parameters of a blueprint can be asked for, and whether their own values are right."""

import re
from collections.abc import Iterator
from re import _parser as regex_parser  # type: ignore[attr-defined]
from typing import Any

from console.blueprints.model import Blueprint, Parameter, ParameterType, Path
from console.blueprints.parameters import LONGEST_TEXT, wrong_with
from console.blueprints.placeholders import ITEM
from console.blueprints.when import fault_of

Found = tuple[Path, str]
MOST_WAYS = 5_000_000  # so many take less than a second
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}


def faults_of_parameters(blueprint: Blueprint) -> Iterator[Found]:
    """Yield what is wrong with the parameters, with where it stands."""
    names: dict[str, Parameter] = {}
    for place, one in enumerate(blueprint.parameters):
        path: Path = ("parameters", place)
        if one.name in names:
            yield (*path, "name"), f"The parameter {one.name} stands twice."
        if one.name == ITEM:
            yield (*path, "name"), f"{ITEM} is the name of the repeated value in `for_each`."
        if one.when and (reason := fault_of(one.when, names)):
            yield (*path, "when"), f"{reason} Only parameters above this one can be asked about."
        names[one.name] = one
        yield from (((*path, key), reason) for key, reason in _wrong(one))


def _wrong(one: Parameter) -> Iterator[tuple[str, str]]:
    if one.pattern and (reason := _wrong_pattern(one.pattern)):
        yield "pattern", reason
        return
    if (one.type is ParameterType.CHOICE) is not bool(one.choices):
        yield "choices", "A parameter of type choice has choices, and no other has."
        return
    if len({choice.value for choice in one.choices}) != len(one.choices):
        yield "choices", "One of these stands twice."
    if one.is_secret and (one.default != "" or one.required or one.example is not None):
        yield "type", "A secret has no default and no example, and is never required."
        return
    yield from _values(one)


def _values(one: Parameter) -> Iterator[tuple[str, str]]:
    if one.required and one.example is None and one.default in ("", ()):
        yield "required", "What is required needs a default or an example: the blueprint is checked with it."
    for key, value in (("default", one.default), ("example", one.example)):
        if value not in ("", None, ()) and (reason := wrong_with(one, value) or _wrong_kind(one, value)):
            yield key, reason


def _wrong_kind(one: Parameter, value: Any) -> str:
    """Return what is wrong with the type of a value in YAML: forms may send texts, a blueprint may not."""
    wanted = {ParameterType.NUMBER: int, ParameterType.YES_NO: bool, ParameterType.TEXTS: tuple}
    words = {int: "a whole number", bool: "true or false", tuple: "a list"}
    kind = wanted.get(one.type)
    return f"This must be {words[kind]}." if kind and not isinstance(value, kind) else ""


def _wrong_pattern(pattern: str) -> str:
    """Return why a pattern cannot be used. One that repeats what repeats may take for ever on a bad text."""
    try:
        parsed = regex_parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"This is no regular expression: {error}."
    if _takes_long(parsed, inside=False):
        return "A repetition or a choice inside of a repetition can take for ever. Write it without."
    if _ways(parsed) > MOST_WAYS:
        return "So many repetitions can take for ever. Say how long each may be, e.g. {1,60}, or use fewer."
    return ""


def _ways(parsed: Any) -> int:
    """Return, roughly, in how many ways a pattern can be tried on the longest text that a value may be."""
    ways = 1
    for operator, argument in parsed:
        inner = [_ways(part) for part in _parts(argument)]
        if str(operator) in _REPEATS:
            lowest, highest = (min(int(one), LONGEST_TEXT) for one in argument[:2])
            ways *= (highest - lowest + 1) * (inner[0] ** highest if inner[0] > 1 else 1)
        else:
            ways *= max(1, sum(inner))
        if ways > MOST_WAYS:
            break
    return ways


def _takes_long(parsed: Any, *, inside: bool) -> bool:
    for operator, argument in parsed:
        repeats = str(operator) in _REPEATS and argument[1] > 1
        if inside and (repeats or str(operator) == "BRANCH"):
            return True
        parts = _parts(argument)
        if any(_takes_long(part, inside=inside or repeats) for part in parts):
            return True
    return False


def _parts(argument: Any) -> list[Any]:
    """Return the patterns inside of an operator's argument, wherever they stand in it."""
    if isinstance(argument, regex_parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for one in argument for part in _parts(one)]
    return []
