"""Work that apps above leave to the workers: known by a name, about one thing known by its key.

A piece of work may be done twice: when its worker dies, another one begins it anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_WORK: dict[str, Callable[[str], None]] = {}
_PURGES: list[Callable[[datetime], int]] = []
_WATCHES: dict[str, "Watch"] = {}


@dataclass(frozen=True, slots=True)
class Watch:
    """What each worker looks after again and again, beside its jobs; it returns how much it did."""

    name: str
    look: Callable[[], int]
    every: float


def register(name: str, do: Callable[[str], None]) -> None:
    """Let workers do this under a name. Raises ValueError when the name is taken."""
    if name in _WORK and _WORK[name] is not do:
        raise ValueError(f"The work {name} is registered twice.")
    _WORK[name] = do


def do(name: str, key: str) -> None:
    """Do a piece of work. What a later version named and this one does not know is left alone."""
    if name in _WORK:
        _WORK[name](key)


def register_watch(name: str, look: Callable[[], int], *, every: float) -> None:
    """Let each worker call this so many seconds after it last did. A fault of one call ends no other."""
    _WATCHES[name] = Watch(name, look, every)


def watches() -> tuple[Watch, ...]:
    """Return what apps above look after."""
    return tuple(_WATCHES.values())


def register_purge(purge: Callable[[datetime], int]) -> None:
    """Let the sweep call this now and then; it deletes what is too old and returns how much."""
    if purge not in _PURGES:
        _PURGES.append(purge)


def purge(now: datetime) -> int:
    """Delete all that is too old, and return how much."""
    return sum(one(now) for one in _PURGES)
