"""The changes that a form can ask for, by name, so that a stored preview can be replayed exactly.

A command is a service: keyword arguments that are plain JSON (ids, names, texts), an `actor` and
a `cause`. Preview and apply call the same function with the same values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Service = TypeVar("Service", bound=Callable[..., Any])


class Later(Protocol):
    """How a change that is too large for a web request is looked at and applied: by a worker."""

    def begin(self, *, actor: Any, **asked: Any) -> str | None:
        """Leave the preview of a large change to a worker, and return the page that shows how far it is.

        None for a change that a request can look at. `asked` are the arguments of `preview`.
        """

    def takes(self, plan: Any) -> bool:
        """Tell whether this plan was made by a worker, and so is a worker's to apply."""

    def apply(self, *, actor: Any, plan: Any, reason: str, ticket: str, confirmed: str = "") -> None:
        """Leave the apply to a worker, with the name typed where the guard asks for one.

        Raises Refused, Forbidden.
        """

    def look_again(self, *, actor: Any, plan: Any) -> None:
        """Leave a new preview to a worker. Raises Refused, Forbidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    key: str
    run: Callable[..., Any]
    later: Later | None = None


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


def command(key: str, *, later: Later | None = None) -> Callable[[Service], Service]:
    """Register a service under its event-like name. Raises ValueError when the name is taken."""

    def register(service: Service) -> Service:
        if key in _COMMANDS:
            raise ValueError(f"The command {key} is registered twice.")
        _COMMANDS[key] = Command(key=key, run=service, later=later)
        return service

    return register


def command_named(key: str) -> Command:
    """Return the command of that name. Raises Gone when a stored plan names one that is no more."""
    try:
        return _COMMANDS[key]
    except KeyError:
        raise Gone("This kind of change no longer exists. Discard the plan.") from None
