"""Stops: what the guard holds back, either for good or until somebody types why it must be.

A stop has an identity, so that a run can tell what was confirmed from what is new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from console.engine.judge import Finding
from console.engine.state import Address


class Rule(StrEnum):
    """Why the guard holds something back. The names are stored: they stay."""

    PROTECTED = "protected"
    MASKED = "masked"
    OBSERVED = "observed"
    OWN_REALM = "own-realm"
    SCRIPT_ADDRESS = "script-address"
    DELETIONS = "deletions"
    REALM_DELETION = "realm-deletion"
    LAST_ADMINISTRATOR = "last-administrator"
    OWN_LOCK_OUT = "own-lock-out"
    OPEN_ADDRESS = "open-address"
    WEAK_FLOW = "weak-flow"
    ADMIN_RIGHT = "admin-right"


HEADINGS = {
    Rule.DELETIONS: "Many deletions",
    Rule.REALM_DELETION: "Realm deletion",
    Rule.LAST_ADMINISTRATOR: "Last administrator",
    Rule.OWN_LOCK_OUT: "Own lock-out",
    Rule.OPEN_ADDRESS: "Open address",
    Rule.WEAK_FLOW: "Weak sign-in",
    Rule.ADMIN_RIGHT: "Admin right",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One thing that the guard holds back.

    `rule` and `about` are its identity (`about` defaults to the address). `subjects` are those whom or
    what it concerns: who confirmed a stop confirmed it for these and for no others. `name` must be typed to
    confirm it, where that is asked for. What `is_forbidden` no reason lifts.
    """

    rule: Rule
    address: Address
    sentence: str
    consequence: str = ""
    about: str = ""
    subjects: frozenset[str] = field(default=frozenset())
    name: str = ""
    is_forbidden: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.rule.value, self.about

    @property
    def heading(self) -> str:
        """Return in two or three words what kind of stop it is."""
        return HEADINGS.get(self.rule, "Never")

    @property
    def finding(self) -> Finding:
        return Finding(self.address, " ".join(part for part in (self.sentence, self.consequence) if part))

    def covers(self, other: "Stop") -> bool:
        """Tell whether who confirmed this stop confirmed the other one, too."""
        return not other.is_forbidden and self.key == other.key and other.subjects <= self.subjects

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON, which `from_json` turns back."""
        return {
            "rule": self.rule.value,
            "address": self.address.key,
            "sentence": self.sentence,
            "consequence": self.consequence,
            "about": self.about,
            "subjects": sorted(self.subjects),
            "name": self.name,
            "is_forbidden": self.is_forbidden,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Stop":
        """Return the stop of a stored row. Raises ValueError for a rule or kind that is no more."""
        return cls(
            rule=Rule(row["rule"]),
            address=Address.parse(row["address"]),
            sentence=row["sentence"],
            consequence=row["consequence"],
            about=row["about"],
            subjects=frozenset(row["subjects"]),
            name=row["name"],
            is_forbidden=row["is_forbidden"],
        )


def joined(confirmed: Iterable[Stop]) -> tuple[Stop, ...]:
    """Return one stop a key, for all the subjects for whom somebody confirmed it."""
    found: dict[tuple[str, str], Stop] = {}
    for stop in confirmed:
        known = found.get(stop.key)
        found[stop.key] = replace(stop, subjects=known.subjects | stop.subjects) if known else stop
    return tuple(found.values())


def beyond(stops: Iterable[Stop], others: Iterable[Stop]) -> tuple[Stop, ...]:
    """Return the stops that the others do not hold already."""
    known = joined(others)
    return tuple(stop for stop in stops if not any(_is_same(one, stop) for one in known))


def _is_same(known: Stop, stop: Stop) -> bool:
    return known.key == stop.key and stop.subjects <= known.subjects
