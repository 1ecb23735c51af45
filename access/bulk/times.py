"""From and until in the cells of a file: a date, or a date and time, in UTC where no zone stands there."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
LIKE = "Write a date like 2027-01-31, or a date and time like 2027-01-31 18:00 (in UTC)."


class NoMoment(Exception):
    """A cell holds no date and no time. The message says how to write one."""


@dataclass(frozen=True, slots=True)
class Times:
    """From and until as commands take them: ISO 8601 with a zone, or empty."""

    starts_at: str = ""
    ends_at: str = ""

    def __bool__(self) -> bool:
        return bool(self.starts_at or self.ends_at)

    @property
    def told(self) -> dict[str, str]:
        """Return what a row's wish keeps of them: nothing where they are open."""
        ends = {"starts_at": self.starts_at, "ends_at": self.ends_at}
        return {name: text for name, text in ends.items() if text}


def times_of(starts_at: datetime | None, ends_at: datetime | None) -> Times:
    """Return the times of a row that is there."""
    return Times(_text(starts_at), _text(ends_at))


def moment_of(cell: str, *, is_end: bool) -> str:
    """Return the moment that a cell names, "" for none. A day is meant as a whole. Raises NoMoment."""
    text = cell.strip()
    if not text:
        return ""
    if not _MOMENT.fullmatch(text):
        raise NoMoment(LIKE)
    try:
        return _text(_day(text, is_end=is_end) if len(text) == len("2027-01-31") else _moment(text))
    except (ValueError, OverflowError) as error:
        raise NoMoment(LIKE) from error


def _day(text: str, *, is_end: bool) -> datetime:
    day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
