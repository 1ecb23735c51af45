"""Rows of grants with a time: how they are kept, and how they are taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from access.models.base import TimedLink
from access.services.base import Door
from access.services.periods import Period, told_of, words
from console.engine.state import Address
from console.sync.commands import Refused
from console.timed import Term
from tenants.models import Declaration
from tenants.services.declarations import subject


class NothingToDo(Refused):
    """Everything that was asked for is so already."""


def keep(
    opened: Door,
    model: Any,
    wanted: Mapping[Any, Any],
    standing: Mapping[Any, Any],
    period: Period,
    *,
    field: str,
) -> None:
    """Keep the rows that are wanted and do not stand yet, by their ends. Raises NothingToDo.

    What is planned takes the new period. What holds already stays as it is: its end is changed by a renewal.
    """
    new = [row for ends, row in wanted.items() if ends not in standing]
    planned = [row for row in standing.values() if row.state == Term.PLANNED]
    if not new and not planned:
        raise NothingToDo(_already(standing.values(), period), field=field)
    _make(opened, model, new, period)
    for row in planned:
        _move(opened, row, period)
    note_of(opened, period)


def take(opened: Door, model: Any, rows: Sequence[Any]) -> None:
    """Take grants back; what was only planned never was in Keycloak."""
    for row in rows:
        tell(opened, row, old=dict(told_of(row)))
    _remove(model, rows)


def tell(
    opened: Door, row: Any, *, old: dict[str, Any] | None = None, new: dict[str, Any] | None = None
) -> None:
    """Record what became of a grant, and let Keycloak hold it, or no longer hold it, where it is in force."""
    address = address_of(row)
    if row.state == Term.ACTIVE:
        opened.made.touch(address)
    opened.made.record(words_of(row), address=address, old=old, new=new)


def address_of(row: Any) -> Address:
    """Return the address of a grant, which a declaration keeps as text."""
    return row.at if isinstance(row, Declaration) else row.address


def words_of(row: Any) -> str:
    """Return what people call a grant."""
    return subject(row.at) if isinstance(row, Declaration) else str(row)


def note_of(opened: Door, period: Period) -> None:
    """Say on the plan page what of a period no operation shows."""
    if period.starts_at is not None and period.state(opened.now) == Term.PLANNED:
        opened.made.tell(
            f"This begins {words(period.starts_at)}. Nothing is written before.",
            follows="A worker begins it then; what the guard stops, it leaves to you.",
        )
    if period.ends_at is not None:
        opened.made.tell(
            f"This ends {words(period.ends_at)}, by itself.",
            follows="A worker takes it back then. Tokens issued before stay valid for their own life.",
        )


def _make(opened: Door, model: Any, rows: Sequence[Any], period: Period) -> None:
    for row in rows:
        _set(row, period, opened)
    for row in model.every.bulk_create(rows):
        tell(opened, row, new=period.told)


def _move(opened: Door, row: Any, period: Period) -> None:
    old = dict(told_of(row))
    row.save(update_fields=_set(row, period, opened))
    tell(opened, row, old=old, new=period.told)


def _remove(model: Any, rows: Sequence[Any]) -> None:
    model.every.filter(pk__in=[row.pk for row in rows]).delete()


def _set(row: Any, period: Period, opened: Door) -> list[str]:
    """Give a row its time, and say in which share it was planned. Returns the columns."""
    columns = period.columns(opened.now)
    if isinstance(row, TimedLink):
        columns["given_in"] = opened.share
    for name, value in columns.items():
        setattr(row, name, value)
    return list(columns)


def _already(rows: Any, period: Period) -> str:
    ends = {row.ends_at for row in rows}
    if period.ends_at is not None or ends != {None}:
        return "Everything that you chose is so already. To change how long it lasts, renew it."
    return "Everything that you chose is so already."
