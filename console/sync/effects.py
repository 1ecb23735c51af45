"""The right side of the plan page: what a change does to people, by right or by person."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.graph.nodes import NodeKind
from console.sync.models import Plan

NAMES = 2
ROWS = 12
_ICONS = {"group": "users-group", "organization-group": "users-group", "person": "user"}


@dataclass(frozen=True, slots=True)
class Effect:
    """One right that people gain, lose or keep, with the way it comes."""

    right: str
    kind: str
    count: int
    names: str
    more: int
    icon: str
    through: tuple[str, ...]
    whole: str
    begins: datetime | None = None
    until: datetime | None = None
    differing: str = ""  # where it is not the same for all of them


@dataclass(frozen=True, slots=True)
class Part:
    """The effects of one sign. `hidden`: how many more there are than `rows` shows."""

    sign: str
    title: str
    note: str
    total: int
    rows: tuple[Any, ...]
    hidden: int


@dataclass(slots=True)
class PersonEffect:
    """What one person gains, loses and keeps."""

    username: str
    name: str
    gained: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tally:
    """One of the four figures."""

    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Effects:
    """The figures and the table. `by` is what the rows stand for; `is_cut`: people were left out of rows.

    `outside` are people of the realm who are none of this tenant's: counted, never named.
    """

    by: str
    tallies: tuple[Tally, ...]
    parts: tuple[Part, ...]
    people: tuple[PersonEffect, ...]
    hidden: int
    is_cut: bool
    outside: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.parts

    @property
    def has_gains(self) -> bool:
        return any(one.gained for one in self.people)

    @property
    def has_later(self) -> bool:
        return any(one.later for one in self.people)

    @property
    def has_times(self) -> bool:
        return any(row.begins or row.until for part in self.parts for row in part.rows)

    @property
    def has_losses(self) -> bool:
        return any(one.lost for one in self.people)

    @property
    def has_kept(self) -> bool:
        return any(one.kept for one in self.people)


def effects_of(plan: Plan, *, by_person: bool = False, whole: bool = False) -> Effects:
    """Return what the plan does to people. Without `whole`, each list is cut and says by how much."""
    impact = plan.impact
    most = 10**6 if whole else ROWS
    parts = tuple(_parts(impact, most))
    people = _people(impact) if by_person else ()
    hidden = max(0, len(people) - most) if by_person else sum(part.hidden for part in parts)
    return Effects(
        by="person" if by_person else "right",
        tallies=_tallies(impact),
        parts=parts,
        people=people[:most],
        hidden=hidden,
        is_cut=any(_is_cut(row) for name in _TITLES for row in impact.get(name, ())),
        outside=impact.get("outside", 0),
    )


def _is_cut(row: Mapping[str, Any]) -> bool:
    return bool(row["count"] > len(row["people"]) + row.get("outside", 0))


_TITLES = {
    "gained": ("plus", "Gained", ""),
    "later": ("plus", "Gained later", "Nothing of it before its time."),
    "lost": ("minus", "Lost", ""),
    "kept": ("equal", "Kept by another path", "Removing this is not enough to end it."),
}


def _parts(impact: Mapping[str, Any], most: int) -> Iterator[Part]:
    for name, (sign, title, note) in _TITLES.items():
        rows = impact.get(name, [])
        if rows:
            shown = tuple(_effect(row) for row in rows[:most])
            total = sum(row["count"] for row in rows)
            yield Part(sign, title, note, total, shown, len(rows) - len(shown))


def _effect(row: Mapping[str, Any]) -> Effect:
    names = [name for _, name in row["people"][:NAMES]]
    through = row["through"]
    return Effect(
        right=row["right"],
        kind=NodeKind(row["kind"]).noun.capitalize(),
        count=row["count"],
        names=", ".join(names),
        more=row["count"] - len(names),
        icon=_ICONS.get(through[0][0], "hierarchy-2") if through else "user",
        through=ends_of([short(words) for _, words in through]),
        whole=" › ".join(words for _, words in through),
        begins=_first(row, "from"),
        until=_first(row, "until"),
        differing=_differing(row),
    )


def _first(row: Mapping[str, Any], side: str) -> datetime | None:
    """Return the earliest beginning or end of a right, of those who gain it."""
    return datetime.fromisoformat(row[side][0]) if row.get(side) else None


def _differing(row: Mapping[str, Any]) -> str:
    """Return what is not the same for all who gain a right, "" where all have one time."""
    told = {"from": "begin", "until": "end"}
    several = [word for side, word in told.items() if len(set(row.get(side, ()))) > 1]
    if not several and len(row.get("until", ())) == 1:
        return "Some have it without an end."
    return f"Not all {' and '.join(several)} then: this is the first." if several else ""


def short(words: str) -> str:
    """Return the last name of a group's path: the whole one stands in the hint."""
    return words.rpartition(" / ")[2]


def ends_of(steps: Sequence[str]) -> tuple[str, ...]:
    """Return a way that fits a column: the first and the last of many steps, all in the hint."""
    return tuple(steps) if len(steps) < 3 else (steps[0], "…", steps[-1])


def _people(impact: Mapping[str, Any]) -> tuple[PersonEffect, ...]:
    found: dict[str, PersonEffect] = {}
    for part in _TITLES:
        for row in impact.get(part, ()):
            for username, name in row["people"]:
                one = found.setdefault(username, PersonEffect(username, name))
                getattr(one, part).append(row["right"] + _in_words(row))
    return tuple(sorted(found.values(), key=lambda one: (-len(one.lost), -len(one.gained), one.name)))


def _in_words(row: Mapping[str, Any]) -> str:
    """Return the time of a right behind its name: ` (until 1 Dec 2026)`."""
    moments = {side: _first(row, side) for side in ("from", "until")}
    words = " ".join(f"{side} {moment:%-d %b %Y}" for side, moment in moments.items() if moment)
    return f" ({words})" if words else ""


def _tallies(impact: Mapping[str, Any]) -> tuple[Tally, ...]:
    """Return the four figures: who gains, who loses, who stays, and how many rights change."""
    counts = defaultdict(int, {name: value for name, value in impact.items() if isinstance(value, int)})
    gainers, losers, both = counts["gainers"], counts["losers"], counts["both"]
    also = gainers > 0 and losers == both
    return (
        Tally(gainers, f"{_people_word(gainers)} {_verb('gain', gainers)} access"),
        Tally(both, f"of them also {_verb('lose', both)} access")
        if also
        else Tally(losers, f"{_people_word(losers)} {_verb('lose', losers)} access"),
        Tally(counts["same"], "stays as it is" if counts["same"] == 1 else "stay as they are"),
        Tally(counts["rights"], f"effective {'right changes' if counts['rights'] == 1 else 'rights change'}"),
    )


def _people_word(count: int) -> str:
    return "person" if count == 1 else "people"


def _verb(word: str, count: int) -> str:
    return f"{word}s" if count == 1 else word


def names_in(plan: Plan) -> dict[str, str]:
    """Return what the people whom a plan concerns are called, by user name."""
    names: dict[str, str] = plan.impact.get("names", {})
    return names
