"""The small conditions of a blueprint, on its parameters: `smtp_host is set and reading is guarded`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from console.blueprints.model import Parameter, ParameterType, Value, Values

NAME = r"[a-z][a-z0-9_]*"
_FORMS = (
    ("no", re.compile(rf"not ({NAME})()")),
    ("not set", re.compile(rf"({NAME}) is not set()")),
    ("set", re.compile(rf"({NAME}) is set()")),
    ("above", re.compile(rf"({NAME}) is above (\d{{1,10}})")),
    ("below", re.compile(rf"({NAME}) is below (\d{{1,10}})")),
    ("is not", re.compile(rf"({NAME}) is not (\S.*)")),
    ("is", re.compile(rf"({NAME}) is (\S.*)")),
    ("yes", re.compile(rf"({NAME})()")),
)
_YES_NO = {"yes", "no"}
_WORDS = {"and", "is", "not"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of one parameter: `operator` is yes, no, set, not set, is, is not, above or below."""

    name: str
    operator: str
    value: str = ""

    def holds(self, values: Values) -> bool:
        found = values[self.name]
        match self.operator:
            case "yes" | "set":
                return bool(found)
            case "no" | "not set":
                return not found
            case "above":
                return isinstance(found, int) and found > int(self.value)
            case "below":
                return isinstance(found, int) and found < int(self.value)
            case "is":
                return _is(found, self.value)
        return not _is(found, self.value)


@dataclass(frozen=True, slots=True)
class When:
    """All clauses must hold."""

    clauses: tuple[Clause, ...]

    def holds(self, values: Values) -> bool:
        return all(clause.holds(values) for clause in self.clauses)


class NoCondition(ValueError):
    """A text is no condition. The message says why, for an administrator."""


def parsed(text: str) -> When:
    """Return the condition that a text says. Raises NoCondition."""
    return When(tuple(_clause(part.strip()) for part in text.split(" and ")))


def names_in(text: str) -> tuple[str, ...]:
    """Return the parameters that a right condition asks about; a plain name is one."""
    return tuple(clause.name for clause in parsed(text).clauses)


def fault_of(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return what is wrong with a condition on these parameters, "" for a right one."""
    try:
        clauses = parsed(text).clauses
    except NoCondition as error:
        return str(error)
    return next((wrong for one in clauses if (wrong := _wrong(one, parameters))), "")


def _clause(text: str) -> Clause:
    for operator, form in _FORMS:
        if (found := form.fullmatch(text)) and found.group(1) not in _WORDS:
            return Clause(found.group(1), operator, found.group(2))
    raise NoCondition(
        f"“{text}” is no condition. Write `name`, `not name`, `name is set`, `name is value`, "
        "`name is not value`, `name is above 10`, joined by ` and `."
    )


def _is(found: Value, wanted: str) -> bool:
    if isinstance(found, bool):
        return found is (wanted == "yes")
    return wanted in found if isinstance(found, tuple) else str(found) == wanted


def _wrong(clause: Clause, parameters: Mapping[str, Parameter]) -> str:
    parameter = parameters.get(clause.name)
    if parameter is None:
        return f"There is no parameter {clause.name}."
    if clause.operator in ("above", "below") and parameter.type is not ParameterType.NUMBER:
        return f"{clause.name} is no number."
    if clause.operator not in ("is", "is not"):
        return ""
    known = {one.value for one in parameter.choices}
    if parameter.type is ParameterType.YES_NO:
        known = _YES_NO
    if known and clause.value not in known:
        return f"{clause.name} is never “{clause.value}”: it is one of {', '.join(sorted(known))}."
    return ""
