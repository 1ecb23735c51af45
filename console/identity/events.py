"""Who wants to know of sign-ins. The audit registers here at start, since it stands above this package."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from console.identity.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One beginning or end of a session, or one change of a second factor."""

    name: str
    """`signed-in`, `signed-out`, `refused`, `factor-added`, `factor-removed`,
    `created`, `closed` or `opened`."""
    actor: Actor
    address: str = ""
    detail: str = ""


class Listener(Protocol):
    def __call__(self, event: Event) -> None: ...


_listeners: list[Callable[[Event], None]] = []


def listen(listener: Listener) -> None:
    """Call the listener for every event from now on. What it raises stops the sign-in."""
    if listener not in _listeners:
        _listeners.append(listener)


def forget(listener: Listener) -> None:
    """Call the listener no more."""
    _listeners.remove(listener)


def tell(event: Event) -> None:
    """Call every listener, in the order of registration."""
    for listener in _listeners:
        listener(event)
