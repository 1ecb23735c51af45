"""What is left of a text without the entries that the schema refuses, so that the rest can be judged, too."""

from collections.abc import Collection
from typing import Any

from console.blueprints.model import Path
from console.blueprints.placeholders import Resolved


def pruned(data: Any, refused: Collection[Path]) -> Resolved:
    """Return data without the nearest entry of a list around each refused place, or without that place."""
    found = Resolved(None)
    found.data = _kept(data, (), (), {_entry(path) for path in refused}, found.origins)
    return found


def _entry(path: Path) -> Path:
    """Return the path of the nearest entry of a list, or the path itself where there is none around it."""
    places = [length for length, part in enumerate(path, start=1) if isinstance(part, int)]
    return path[: places[-1]] if places else path


def _kept(data: Any, path: Path, at: Path, gone: set[Path], origins: dict[Path, Path]) -> Any:
    """`path` is where a value stood, `at` where it comes to stand."""
    if isinstance(data, dict):
        return {
            key: _kept(value, (*path, key), (*at, key), gone, origins)
            for key, value in data.items()
            if (*path, key) not in gone
        }
    if not isinstance(data, list):
        return data
    kept: list[Any] = []
    for place, value in enumerate(data):
        if (*path, place) not in gone:
            here = (*at, len(kept))
            origins[here] = (*path, place)
            kept.append(_kept(value, (*path, place), here, gone, origins))
    return kept
