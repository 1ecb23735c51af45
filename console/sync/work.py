"""Work that apps above leave to the workers: known by a name, about one thing known by its key.

A piece of work may be done twice: when its worker dies, another one begins it anew.
"""

from collections.abc import Callable
from datetime import datetime

_WORK: dict[str, Callable[[str], None]] = {}
_PURGES: list[Callable[[datetime], int]] = []


def register(name: str, do: Callable[[str], None]) -> None:
    """Let workers do this under a name. Raises ValueError when the name is taken."""
    if name in _WORK and _WORK[name] is not do:
        raise ValueError(f"The work {name} is registered twice.")
    _WORK[name] = do


def do(name: str, key: str) -> None:
    """Do a piece of work. What a later version named and this one does not know is left alone."""
    if name in _WORK:
        _WORK[name](key)


def register_purge(purge: Callable[[datetime], int]) -> None:
    """Let the sweep call this now and then; it deletes what is too old and returns how much."""
    if purge not in _PURGES:
        _PURGES.append(purge)


def purge(now: datetime) -> int:
    """Delete all that is too old, and return how much."""
    return sum(one(now) for one in _PURGES)
