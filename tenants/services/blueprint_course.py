"""What following a blueprint changes of what is declared: three states compared, value by value.

`base` is what the blueprint made before, `ours` what is declared now, `new` what it says now. What was
changed here since is kept and said; only what the blueprint made is ever taken away. No database here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.engine.kinds import all_needs, spec_of
from console.engine.state import Address, Fields

Found = Mapping[Address, Fields]
_Leaf = tuple[str, ...]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays as it is here, and why."""

    address: Address
    why: str


@dataclass
class Course:
    """What is to be declared, what no longer, what stays, and what counts as the blueprint's from now on."""

    put: dict[Address, dict[str, Any]] = field(default_factory=dict)
    drop: list[Address] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    parts: dict[Address, Fields] = field(default_factory=dict)

    def hold_back(self, hanging: Iterable[Address]) -> None:
        """Keep what is to go and has something on it that the blueprint did not make.

        `hanging` are the addresses of all that is declared in the realm.
        """
        going, users = set(self.drop), dict[Address, int]()
        for one in hanging:
            if one not in going:
                for need in set(all_needs(one)) & going:
                    users[need] = users.get(need, 0) + 1
        self.drop = [one for one in self.drop if one not in users]
        self.kept += [
            Kept(one, f"the blueprint has it no more, and {number} declared here rest on it")
            for one, number in sorted(users.items())
        ]


def course_of(*, base: Found, ours: Found, new: Found) -> Course:
    """Return what to do, so that what the blueprint says now is declared as far as nobody changed it here."""
    course = Course()
    for address in sorted(new):
        _follow(course, address, base.get(address), ours.get(address), new[address])
    for address in sorted(base.keys() - new.keys()):
        _leave(course, address, base[address], ours.get(address))
    return course


def _follow(course: Course, address: Address, was: Fields | None, ours: Fields | None, new: Fields) -> None:
    if was is None and ours is None:
        course.put[address], course.parts[address] = dict(new), new
    elif ours is None:
        course.parts[address] = new
        course.kept.append(Kept(address, "it was deleted here, and is not made again"))
    elif was is None:
        if differing := _differing(ours, new):
            course.kept.append(Kept(address, f"it was here before: {_words(differing)}"))
    else:
        course.parts[address] = new
        _update(course, address, _flat(was), _flat(ours), _flat(new))


def _update(
    course: Course,
    address: Address,
    was: Mapping[_Leaf, Any],
    ours: Mapping[_Leaf, Any],
    new: Mapping[_Leaf, Any],
) -> None:
    """Change the values that the blueprint changed and nobody else did."""
    result, own = dict(ours), []
    for leaf in sorted(was.keys() | new.keys()):
        before, now, here = (one.get(leaf, _ABSENT) for one in (was, new, ours))
        if now in (before, here):
            continue
        if here == before or here is _ABSENT:
            result = _with(address, result, leaf, now)
        else:
            own.append(leaf)
    if result != ours:
        course.put[address] = _nested(result)
    if own:
        course.kept.append(Kept(address, f"changed here since: {_words(own)}"))


def _with(address: Address, result: Mapping[_Leaf, Any], leaf: _Leaf, now: Any) -> dict[_Leaf, Any]:
    """Return the values with one more; one that the blueprint says no more gets its kind's default."""
    if now is not _ABSENT:
        return {**result, leaf: now}
    rest = {one: value for one, value in result.items() if one != leaf}
    if len(leaf) > 1:
        return {**rest, leaf: ""}  # an empty key is how Keycloak is told to forget one
    known = spec_of(address).fields
    return {**rest, leaf: known[leaf[0]].default} if leaf[0] in known else rest


def _leave(course: Course, address: Address, was: Fields, ours: Fields | None) -> None:
    if ours is None:
        return
    if differing := _differing(ours, was):
        course.kept.append(
            Kept(address, f"the blueprint has it no more; changed here since: {_words(differing)}")
        )
    elif address.path or spec_of(address).has_name:
        course.drop.append(address)


def _differing(ours: Fields, theirs: Fields) -> list[_Leaf]:
    """Return where `ours` says something else of what `theirs` names."""
    here = _flat(ours)
    return sorted(
        leaf
        for leaf, value in _flat(theirs).items()
        if here.get(leaf, _ABSENT) != value and (value or here.get(leaf))
    )


def _flat(fields: Fields) -> dict[_Leaf, Any]:
    """Return every value by its place; the keys of a map are places of their own."""
    found: dict[_Leaf, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            found |= {(name, str(key)): one for key, one in value.items()}
        else:
            found[(name,)] = list(value) if isinstance(value, tuple) else value
    return found


def _nested(leaves: Mapping[_Leaf, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for leaf, value in leaves.items():
        if len(leaf) == 1:
            found[leaf[0]] = value
        else:
            found.setdefault(leaf[0], {})[leaf[1]] = value
    return found


def _words(leaves: Iterable[_Leaf]) -> str:
    return ", ".join(" ".join(leaf).replace("_", " ") for leaf in leaves)
