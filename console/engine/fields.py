"""What a field of a kind is: its default, and what a change of it does to access."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Risk(StrEnum):
    """What a change does to access. `MIXED` takes something away and gives something."""

    NEUTRAL = "neutral"
    NARROWS = "narrows"
    WIDENS = "widens"
    MIXED = "mixed"


Between = Callable[[Any, Any], Any]


def both_true(before: Any, after: Any) -> bool:
    return bool(before and after)


def either_true(before: Any, after: Any) -> bool:
    return bool(before or after)


def shared(before: Any, after: Any) -> list[Any]:
    return sorted(set(before) & set(after))


def unjudged(before: Any, _after: Any) -> Any:
    """For fields whose effect we cannot judge: the new value counts as widening, so it goes last."""
    return before


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One managed field. `between` gives the value that allows no more than before nor after.

    It is None for a field without effect on access. Through it any change can be done in two
    steps, first what narrows, much later what widens.

    An `is_open` field is a map of which only the keys that are declared are managed: the others
    stay as they are in Keycloak, and a key declared empty is taken away. `help` stands beside the
    field in a form, `unit` behind it; `choices` are all the values that there are. A map that
    `takes_several` may have a list of texts behind a key. `is_needed` says that Keycloak does not work
    without a value. An `is_switch` field is what whole kinds of things stand on: it goes on before any of
    them is made, and off after they are gone.
    """

    label: str
    default: Any
    between: Between | None = None
    is_open: bool = False
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    takes_several: bool = False
    is_needed: bool = False
    is_switch: bool = False

    def risk(self, before: Any, after: Any) -> Risk:
        if before == after or self.between is None:
            return Risk.NEUTRAL
        middle = self.between(before, after)
        if middle == after:
            return Risk.NARROWS
        return Risk.WIDENS if middle == before else Risk.MIXED


def text(label: str, *, default: str = "", between: Between | None = None, **extra: Any) -> FieldSpec:
    return FieldSpec(label, default, between, **extra)


def flag(label: str, default: bool, between: Between | None = None, **extra: Any) -> FieldSpec:
    return FieldSpec(label, default, between, **extra)


def seconds(label: str, default: int, between: Between | None = min, **extra: Any) -> FieldSpec:
    """Return a span of time: a longer one lets more be done."""
    return FieldSpec(label, default, between, unit="seconds", **extra)


def listed(label: str, between: Between | None = shared, **extra: Any) -> FieldSpec:
    """Return a set of texts, kept sorted: each one more lets more be done."""
    return FieldSpec(label, [], between, **extra)


def settings(label: str, between: Between | None = unjudged, **extra: Any) -> FieldSpec:
    """Return an open map of texts: keys that are not declared belong to others."""
    return FieldSpec(label, {}, between, is_open=True, **extra)
