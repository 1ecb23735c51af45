"""The changes that a form can ask for, by name, so that a stored preview can be replayed exactly.

A command is a service: keyword arguments that are plain JSON (ids, names, texts), an `actor` and
a `cause`. Preview and apply call the same function with the same values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Service = TypeVar("Service", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    key: str
    run: Callable[..., Any]


_COMMANDS: dict[str, Command] = {}


class Refused(Exception):
    """A service refuses. The message is a sentence for the administrator; `field` is where it belongs."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class Gone(Refused):
    """Something that the change names no longer exists, or is not of this tenant."""


class Conflict(Refused):
    """Somebody else changed the same thing meanwhile. `theirs` holds the present value of each field."""

    def __init__(self, sentence: str, *, theirs: dict[str, Any], revision: int) -> None:
        super().__init__(sentence)
        self.theirs = theirs
        self.revision = revision


def command(key: str) -> Callable[[Service], Service]:
    """Register a service under its event-like name. Raises ValueError when the name is taken."""

    def register(service: Service) -> Service:
        if key in _COMMANDS:
            raise ValueError(f"The command {key} is registered twice.")
        _COMMANDS[key] = Command(key=key, run=service)
        return service

    return register


def command_named(key: str) -> Command:
    """Return the command of that name. Raises Gone when a stored plan names one that is no more."""
    try:
        return _COMMANDS[key]
    except KeyError:
        raise Gone("This kind of change no longer exists. Discard the plan.") from None
