"""Whether the conditions of a grant are met, and by what.

An answer is True, False, or None: it hangs on something that could not be read. Nothing here raises: a
property that is missing, or cannot be compared, does not meet its condition.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from console.graph.catalogue import EVERY, AllOf, AnyOf, Catalogue, Condition, Entitled, Not, Owner, Property
from console.graph.edges import Node, NodeKind

Truth = bool | None
_MISSING = object()
DEEPEST = 20


class Asked(StrEnum):
    """How far conditions of enforcement (entitlements and ownership) count."""

    YES = "yes"
    NOT_ENFORCED = "not enforced"  # they hold for everybody
    EXEMPT = "exempt"  # they do not count, and neither does their opposite


@dataclass(frozen=True, slots=True)
class Met:
    """One condition that was looked at. `by` is what met it: entitlements, `owner`, or the value found.

    `needed` is what would meet it: the entitlements at this level and the stronger ones, weakest first.
    """

    condition: Condition
    met: Truth
    by: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Everything that conditions look at. `resource` is `type:name`, "" where nothing is named."""

    catalogue: Catalogue
    rights: frozenset[Node]
    owns: frozenset[str] = frozenset()
    resource: str = ""
    properties: Mapping[str, Any] | None = None  # None: there is no request, so they are not known
    asked: Asked = Asked.YES
    is_unread: Callable[[NodeKind], bool] = lambda _: False


def look(condition: Condition | None, about: Circumstances) -> tuple[Truth, tuple[Met, ...]]:
    """Return whether a condition is met, and each simple condition in it with its own answer."""
    if condition is None:
        return True, ()
    looked = tuple(_simple(condition, about))
    return _truth(condition, about, {id(one.condition): one.met for one in looked}, favours=True), looked


def is_enforced(condition: Condition | None) -> bool:
    """Say whether a condition asks for entitlements or ownership anywhere."""
    return any(isinstance(one, Entitled | Owner) for one in parts_of(condition))


def parts_of(condition: Condition | None) -> Iterator[Entitled | Owner | Property]:
    """Yield the simple conditions of a condition, in their order."""
    match condition:
        case None:
            return
        case AllOf() | AnyOf():
            for one in condition.conditions:
                yield from parts_of(one)
        case Not():
            yield from parts_of(condition.condition)
        case _:
            yield condition


def names_of(value: str) -> tuple[str, str, str] | None:
    """Return type, resource and level of an entitlement, or None for a text that is none."""
    kind, _, rest = value.partition(":")
    name, _, level = rest.rpartition(":")
    return (kind, name, level) if kind and name and level else None


@lru_cache(maxsize=2048)  # the same rights are asked about for each capability
def entitlements_in(rights: frozenset[Node]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the levels of the entitlements among some rights, by type and resource."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in rights:
        if one.kind is NodeKind.ENTITLEMENT and (parts := names_of(one.name)):
            found[parts[:2]].add(parts[2])
    return {key: frozenset(levels) for key, levels in found.items()}


def _simple(condition: Condition, about: Circumstances) -> Iterator[Met]:
    for one in parts_of(condition):
        match one:
            case Entitled():
                yield _entitled(one, about)
            case Owner():
                yield _owner(one, about)
            case Property():
                yield _property(one, about)


def _truth(condition: Condition, about: Circumstances, met: Mapping[int, Truth], *, favours: bool) -> Truth:
    """Return the answer of a whole condition. Within an odd number of nots, what does not count is False."""
    match condition:
        case AllOf():
            return _all(_truth(one, about, met, favours=favours) for one in condition.conditions)
        case AnyOf():
            answers = [_truth(one, about, met, favours=favours) for one in condition.conditions]
            return _not(_all(_not(one) for one in answers))
        case Not():
            return _not(_truth(condition.condition, about, met, favours=not favours))
        case Property():
            return met[id(condition)]
    return favours if about.asked is Asked.EXEMPT else met[id(condition)]


def _all(answers: Iterable[Truth]) -> Truth:
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def _not(answer: Truth) -> Truth:
    return None if answer is None else not answer


# --- entitlements and ownership -------------------------------------------------------------------


def _entitled(one: Entitled, about: Circumstances) -> Met:
    levels = about.catalogue.levels_from(one.type, one.level)
    name = about.resource.partition(":")[2]
    needed = tuple(f"{one.type}:{name}:{level}" for level in levels) if name else ()
    if about.asked is not Asked.YES:
        return Met(one, True, (about.asked.value,), needed)
    entitled = entitlements_in(about.rights)
    by = tuple(
        f"{one.type}:{place}:{level}"
        for place in dict.fromkeys((name, EVERY))
        for level in levels
        if level in entitled.get((one.type, place), ())
    )
    if by:
        return Met(one, True, by, needed)
    return Met(one, None if about.is_unread(NodeKind.ENTITLEMENT) else False, (), needed)


def _owner(one: Owner, about: Circumstances) -> Met:
    if about.asked is not Asked.YES:
        return Met(one, True, (about.asked.value,))
    owns = bool(about.resource) and about.resource in about.owns
    return Met(one, owns, ("owner",) if owns else ())


# --- properties of the request --------------------------------------------------------------------


def _property(one: Property, about: Circumstances) -> Met:
    if about.properties is None:
        return Met(one, None)
    found = _at(about.properties, one.path)
    wanted = _at(about.properties, str(one.value)) if one.operator == "same as" else one.value
    if found is _MISSING or wanted is _MISSING:
        return Met(one, False)
    compare = _OPERATORS.get(one.operator)
    return Met(one, compare is not None and compare(found, wanted), (_told(found),))


def _told(found: Any) -> str:
    """Return a value of the request as text; what is no plain value is told by its kind."""
    if isinstance(found, str):
        return found[:200]
    is_plain = isinstance(found, bool | float) or (isinstance(found, int) and found.bit_length() < 64)
    return str(found) if is_plain or found is None else type(found).__name__


def _at(properties: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path such as `resource.properties.status`, or _MISSING."""
    found: Any = properties
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return _MISSING
        found = found[part]
    return found


def _same(found: Any, wanted: Any, depth: int = 0) -> bool:
    """Compare as JSON does: true is not 1, and 1 is 1.0. Deeper than 20 nothing is equal."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if depth > DEEPEST:
        return False
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return found.keys() == wanted.keys() and all(
            _same(found[key], wanted[key], depth + 1) for key in found
        )
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple):
        pairs = zip(found, wanted, strict=False)
        return len(found) == len(wanted) and all(_same(one, other, depth + 1) for one, other in pairs)
    if isinstance(found, Mapping | list | tuple) or isinstance(wanted, Mapping | list | tuple):
        return False
    return bool(found == wanted)


def _among(found: Any, wanted: Any) -> bool:
    return isinstance(wanted, list | tuple | set | frozenset) and any(_same(found, one) for one in wanted)


def _comparable(found: Any, wanted: Any) -> bool:
    """Say whether one can be more than the other: both are numbers, or both are texts."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return False
    numbers = isinstance(found, int | float) and isinstance(wanted, int | float)
    return numbers or (isinstance(found, str) and isinstance(wanted, str))


def _at_least(found: Any, wanted: Any) -> bool:
    return _comparable(found, wanted) and found >= wanted


def _at_most(found: Any, wanted: Any) -> bool:
    return _comparable(found, wanted) and found <= wanted


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "at least": _at_least,
    "at most": _at_most,
    "in": _among,
    "is": _same,
    "is not": lambda found, wanted: not _same(found, wanted),
    "same as": _same,
}
