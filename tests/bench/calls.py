"""Calls to Keycloak for one saved change, in a realm of 10 and in a realm of very many people."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench import figures
from tests.bench.place import Place
from tests.bench.saving import Part, Saved
from tests.bench.world import World, Worlds

SMALL = 10
PARTS = ("preview", "apply", "run")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of change, with the command that asks for it."""

    words: str
    command: str
    values: dict[str, Any]


def measure(place: Place, worlds: Worlds) -> None:
    """Print the calls of each part at both sizes, side by side."""
    sizes = (SMALL, place.large)
    first, second = (_all_saved(worlds.of(size)) for size in sizes)
    figures.head(f"Calls to Keycloak for one saved change: {SMALL:,} people | {place.large:,} people")
    for words, small in first.items():
        large = second[words]
        figures.line(words, f"{_counts(small)} | {_counts(large)}   {_verdict(small, large)}")
        figures.line("", f"{_times(small)} | {_times(large)}")


def _all_saved(world: World) -> dict[str, Saved]:
    return {case.words: world.save(case.command, **case.values) for case in _cases(world)}


def _cases(world: World) -> Iterator[Case]:
    """Yield the changes. Everybody is in the group, so a role of the group concerns everybody."""
    role, other = world.roles[-1].pk, world.roles[-2].pk
    ann, staff = world.person.pk, world.group.pk
    holders = {"resource": world.resource, "level": "READ"}
    yield Case("a role of a person", "access:person-role:give", {"people": [ann], "roles": [role]})
    yield Case("a role of everybody's group", "access:group-role:give", {"groups": [staff], "roles": [other]})
    yield Case("a membership", "access:membership:add", {"people": [ann], "groups": [staff]})
    yield Case(
        "an entitlement of a person", "access:entitlement:grant", holders | {"people": [ann], "groups": []}
    )
    yield Case(
        "an entitlement of the group", "access:entitlement:grant", holders | {"people": [], "groups": [staff]}
    )


def _counts(saved: Saved) -> str:
    told = ", ".join(f"{name} {part.count:2}" for name, part in zip(PARTS, saved.parts, strict=True))
    return f"{told}, all {_all(saved):2}"


def _times(saved: Saved) -> str:
    told = ", ".join(f"{_milliseconds(part)}" for part in saved.parts)
    return f"{told:<33} ms"


def _milliseconds(part: Part) -> str:
    return f"{1000 * part.seconds:.0f}"


def _all(saved: Saved) -> int:
    return sum(part.count for part in saved.parts)


def _verdict(small: Saved, large: Saved) -> str:
    """Return whether each part makes the same number of calls, or the calls that make the difference."""
    pairs = zip(PARTS, small.parts, large.parts, strict=True)
    different = [f"{name}: {more.made}" for name, less, more in pairs if less.count != more.count]
    return f"NOT THE SAME {' '.join(different)}" if different else "the same"
