"""Which parameters are to blame for what is wrong with an expansion."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.blueprints.model import Blueprint, Path
from console.blueprints.placeholders import EACH, ITEM, Resolved, placeholders_in
from console.blueprints.reading import every_text
from console.blueprints.when import names_in


def blamed(blueprint: Blueprint, found: Resolved, wrong: Iterable[tuple[Path, str]]) -> dict[str, str]:
    """Return a sentence for each parameter that something wrong comes from, under "" where none does."""
    errors: dict[str, str] = {}
    homeless: dict[str, str] = {}
    for path, reason in wrong:
        names = _parameters_at(blueprint, found.origin(path))
        for name in names:
            errors.setdefault(name, reason)
        if not names:
            homeless.setdefault(reason, "")
    left = [reason for reason in homeless if reason not in errors.values()]
    return errors | ({"": " ".join(left)} if left else {})


def _parameters_at(blueprint: Blueprint, path: Path) -> tuple[str, ...]:
    way = _way(blueprint.body, path)
    inside = [
        name for _, text in every_text(way[-1]) for one in placeholders_in(text) for name in names_in(one)
    ]
    repeated = [one[EACH] for one in way if isinstance(one, Mapping) and EACH in one]
    named = [name for one in inside for name in (repeated if one == ITEM else [one])]
    return tuple(dict.fromkeys(name for name in named if blueprint.parameter(name)))


def _way(data: Any, path: Path) -> list[Any]:
    """Return what stands at each step of a path, as far as it leads."""
    way = [data]
    for part in path:
        try:
            way.append(way[-1][part])
        except (KeyError, IndexError, TypeError):
            break
    return way
