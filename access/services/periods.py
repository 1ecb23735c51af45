"""From when until when something is given: what was typed, and what it says of a grant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.sync.commands import Refused
from console.timed import Term


class WrongTime(Refused):
    """A beginning or an end cannot be as it was typed."""


@dataclass(frozen=True, slots=True)
class Period:
    """A time with a zone, open at either side where nothing is given."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @classmethod
    def of(cls, starts_at: str, ends_at: str, *, now: datetime) -> "Period":
        """Return the period of a command's two texts (ISO 8601 with a zone, or empty). Raises WrongTime."""
        period = cls(_moment(starts_at, field="starts_at"), _moment(ends_at, field="ends_at"))
        if period.ends_at is not None and period.ends_at <= now:
            raise WrongTime("The end lies in the past.", field="ends_at")
        if period.starts_at and period.ends_at and period.ends_at <= period.starts_at:
            raise WrongTime("The end lies before the beginning.", field="ends_at")
        return period

    def state(self, now: datetime) -> Term:
        """Return whether this holds now or begins later."""
        return Term.PLANNED if self.starts_at is not None and self.starts_at > now else Term.ACTIVE

    def columns(self, now: datetime) -> dict[str, Any]:
        """Return what a row of this period has."""
        return {"starts_at": self.starts_at, "ends_at": self.ends_at, "state": self.state(now)}

    @property
    def told(self) -> dict[str, str]:
        """Return what the record says of it: nothing where it is open at both sides."""
        ends = {"from": self.starts_at, "until": self.ends_at}
        return {word: words(moment) for word, moment in ends.items() if moment is not None}

    @property
    def sentence(self) -> str:
        """Return it in words, e.g. `from 1 December 2026, 09:00 UTC until …`, "" where it is open."""
        return " ".join(f"{word} {moment}" for word, moment in self.told.items())


def told_of(row: Any) -> Mapping[str, str]:
    """Return what the record says of the time of a row."""
    return Period(row.starts_at, row.ends_at).told


def words(moment: datetime) -> str:
    """Return a moment as people read it, with its zone: `1 December 2026, 09:00 UTC`."""
    return f"{moment:%-d %B %Y, %H:%M} UTC"


def _moment(text: str, *, field: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongTime("This is no date and time.", field=field) from error
    if moment.tzinfo is None:
        raise WrongTime("A date and time needs its zone.", field=field)
    return moment
