"""Conditions in words: what is asked for, and what met it."""

from dataclasses import dataclass

from console.graph.catalogue import EVERY, Capability, Entitled, Owner, Property
from console.graph.conditions import Asked, Met, names_of

OPERATORS = {"at least": "is at least", "at most": "is at most", "same as": "is the same as", "in": "is in"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionWords:
    """A condition as it is read: what is asked, by what it is met, and whether it is. None: not known."""

    asked: str
    by: str
    met: bool | None


def condition_words(capability: Capability, met: Met) -> ConditionWords:
    """Return one condition of a chain in words."""
    return ConditionWords(asked=_asked(capability, met), by=_by(met), met=met.met)


def _asked(capability: Capability, met: Met) -> str:
    match met.condition:
        case Entitled(type=kind, level=level):
            return f"Entitled to {level} on the {kind}"
        case Owner():
            return f"Owns the {capability.resource or 'resource'}"
        case Property(path=path, operator=operator, value=value):
            return f"{path.replace('.', ' ')} {OPERATORS.get(operator, operator)} {value}"
    return "A condition"


def _by(met: Met) -> str:
    """Return what met a condition, or why it does not count."""
    if Asked.NOT_ENFORCED.value in met.by:
        return "not asked for: entitlements are not enforced here"
    if Asked.EXEMPT.value in met.by:
        return "does not count for this role"
    if met.met is None:
        return "not known: it hangs on what could not be read, or on the request"
    if not met.met:
        return "not met"
    words = [entitlement_words(one) if one.count(":") > 1 else one for one in met.by]
    return f"by {', '.join(words)}" if words else "met"


def entitlement_words(value: str) -> str:
    """Return an entitlement as people say it: `demo (READ)`, `every package (READ)`."""
    parts = names_of(value)
    if parts is None:
        return value
    kind, name, level = parts
    return f"every {kind} ({level})" if name == EVERY else f"{name} ({level})"
