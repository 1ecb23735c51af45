"""The values of parameters: read from what was typed or sent, checked, with defaults."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from console.blueprints.model import Blueprint, Parameter, ParameterType, Value, Values, WrongParameters
from console.blueprints.when import parsed

LONGEST_TEXT = 2_000
MOST_TEXTS = 500
LARGEST_NUMBER = 2**31 - 1
_YES = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False, "": False}


class _Wrong(ValueError):
    """A value that the parameter does not take. The message is a sentence."""


def checked(blueprint: Blueprint, given: Mapping[str, Any]) -> dict[str, Value]:
    """Return a value for every parameter, defaults filled in. Raises WrongParameters with all faults.

    What is not asked for, by the values of others, has its default, whatever was given.
    """
    known = {one.name for one in blueprint.parameters}
    errors = {name: "This blueprint has no such parameter." for name in given if name not in known}
    values: dict[str, Value] = {}
    for parameter in blueprint.parameters:
        try:
            asked = is_asked(parameter, values)
            values[parameter.name] = (
                _value(parameter, given.get(parameter.name)) if asked else default_of(parameter)
            )
        except _Wrong as error:
            errors[parameter.name] = str(error)
            values[parameter.name] = default_of(parameter)
    if errors:
        raise WrongParameters(errors)
    return values


def is_asked(parameter: Parameter, values: Values) -> bool:
    """Tell whether a parameter is asked for, by the values of those above it."""
    return not parameter.when or parsed(parameter.when).holds(values)


def default_of(parameter: Parameter) -> Value:
    """Return the value where none is given."""
    if parameter.default not in ("", ()):
        return parameter.default
    match parameter.type:
        case ParameterType.NUMBER:
            return 0
        case ParameterType.YES_NO:
            return False
        case ParameterType.TEXTS:
            return ()
        case ParameterType.CHOICE:
            return parameter.choices[0].value if parameter.choices else ""
    return ""


def wrong_with(parameter: Parameter, value: Any) -> str:
    """Return why a value is not right for a parameter, "" for a right one."""
    try:
        _value(parameter, value)
    except _Wrong as error:
        return str(error)
    return ""


def _value(parameter: Parameter, given: Any) -> Value:
    if given is None and parameter.default not in ("", ()):
        return parameter.default
    if given is None or given in ("", [], ()):
        if parameter.required:
            raise _Wrong("This must be given.")
        return default_of(parameter) if given is None else _emptied(parameter)
    return _READ[parameter.type](parameter, given)


def _emptied(parameter: Parameter) -> Value:
    """Return what an emptied field means: a text or a list is empty, all else has its default."""
    if parameter.type is ParameterType.TEXTS:
        return ()
    return "" if parameter.type is ParameterType.TEXT else default_of(parameter)


def _text(parameter: Parameter, given: Any) -> str:
    if not isinstance(given, str):
        raise _Wrong("This must be a text.")
    if len(given) > LONGEST_TEXT:
        raise _Wrong(f"This has at most {LONGEST_TEXT} characters.")
    if not given.isprintable() or given != given.strip():
        raise _Wrong("This cannot begin or end with a space, nor hold control or invisible characters.")
    if parameter.pattern and not re.fullmatch(parameter.pattern, given):
        raise _Wrong(parameter.pattern_says or f"This must fit {parameter.pattern}")
    return given


def _number(parameter: Parameter, given: Any) -> int:
    if isinstance(given, str) and re.fullmatch(r"-?[0-9]{1,12}", given):
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise _Wrong("This must be a whole number.")
    lowest = 0 if parameter.minimum is None else parameter.minimum
    highest = LARGEST_NUMBER if parameter.maximum is None else parameter.maximum
    if not lowest <= given <= highest:
        raise _Wrong(f"This is from {lowest} to {highest}.")
    return given


def _yes_no(parameter: Parameter, given: Any) -> bool:
    if isinstance(given, str | bool) and given in _YES:
        return _YES[given]
    raise _Wrong("This is yes or no.")


def _choice(parameter: Parameter, given: Any) -> str:
    values = [one.value for one in parameter.choices]
    if not isinstance(given, str) or given not in values:
        raise _Wrong(f"This is one of: {', '.join(values)}.")
    return given


def _texts(parameter: Parameter, given: Any) -> tuple[str, ...]:
    several = given.splitlines() if isinstance(given, str) else given
    if not isinstance(several, list | tuple):
        raise _Wrong("This must be a list, one a line.")
    if len(several) > MOST_TEXTS:
        raise _Wrong(f"These are more than {MOST_TEXTS}.")
    found = [_text(parameter, one.strip() if isinstance(given, str) else one) for one in several if one != ""]
    if len(set(found)) != len(found):
        raise _Wrong("One of these stands twice.")
    return tuple(found)


def _secret(parameter: Parameter, given: Any) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_TEXT:
        raise _Wrong(f"This must be a text of at most {LONGEST_TEXT} characters.")
    if set(given) == {"*"}:
        raise _Wrong("Only asterisks: that is a masked secret, and is never written.")
    return given


_READ: dict[ParameterType, Callable[[Parameter, Any], Value]] = {
    ParameterType.TEXT: _text,
    ParameterType.NUMBER: _number,
    ParameterType.YES_NO: _yes_no,
    ParameterType.CHOICE: _choice,
    ParameterType.TEXTS: _texts,
    ParameterType.SECRET: _secret,
}
