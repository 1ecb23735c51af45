"""Many rows in one statement: sent as one text of JSON, of which PostgreSQL makes rows, several times faster
than one parameter for each value.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
from django.db import connection
from django.db.models import Field, Model

Row = Sequence[Any]
CHUNK = 5_000  # rows in one statement: some megabytes of text


def add(
    model: type[Model], columns: Sequence[str], rows: Iterable[Row], *, same: Mapping[str, Any] | None = None
) -> None:
    """Add rows of a model, each with a value for every column, in the caller's transaction.

    `same` holds what all rows have alike. Columns that are not named have Django's defaults, or the
    database's own. Raises IntegrityError, DataError, and ValueError for NUL, which no column can hold.
    """
    _insert(model, columns, rows, same=same or {})


def put(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    unique: Sequence[str],
    update: Sequence[str],
    same: Mapping[str, Any] | None = None,
) -> None:
    """Add rows, and where one of them is there already, bring what is named in `update` up to date."""
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(name)} = EXCLUDED.{quote(name)}" for name in update)
    conflict = f" ON CONFLICT ({', '.join(map(quote, unique))}) DO UPDATE SET {sets}"
    _insert(model, columns, rows, same=same or {}, conflict=conflict)


def _insert(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    same: Mapping[str, Any],
    conflict: str = "",
) -> None:
    """Insert some thousand rows a statement. https://www.postgresql.org/docs/current/functions-json.html."""
    quote = connection.ops.quote_name
    constants = {**_defaults(model, {*columns, *same}), **same}
    typed = ", ".join(f"{quote(name)} {_type(model, name)}" for name in columns)
    given = ", ".join(f"%s::{_type(model, name)}" for name in constants)
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, [*columns, *constants]))})"
        f" SELECT {', '.join(f'given.{quote(name)}' for name in columns)}{', ' if given else ''}{given}"
        f" FROM json_to_recordset(%s::json) AS given({typed}){conflict}"
    )
    alike = [_plain(value, _type(model, name)) for name, value in constants.items()]
    waiting = iter(rows)
    while some := list(islice(waiting, CHUNK)):
        with connection.cursor() as cursor:
            cursor.execute(sql, [*alike, _text(columns, some)])


def _defaults(model: type[Model], named: set[str]) -> dict[str, Any]:
    """Return what Django would put into the other columns: the same in all rows."""
    return {
        str(one.column): one.get_default()
        for one in model._meta.concrete_fields
        if one.column not in named and _has_own_default(one)
    }


def _has_own_default(field: "Field[Any, Any]") -> bool:
    return not (field.primary_key or field.generated or field.has_db_default())


def _type(model: type[Model], column: str) -> str:
    """Return a column's type without its length: a cast to a shorter one would cut text off in silence."""
    field = next(one for one in model._meta.concrete_fields if one.column == column)
    return str(field.db_type(connection)).partition("(")[0]


def _plain(value: Any, type: str) -> Any:
    return orjson.dumps(value, default=str).decode() if type == "jsonb" else value


def _text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return rows as JSON. Raises ValueError for NUL, which no column of text can hold."""
    text = orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str)
    if b"\\u0000" in text and _has_nul(text):
        raise ValueError("A text with a NUL character cannot be stored.")
    return text.decode()


def _has_nul(text: bytes) -> bool:
    """Tell a NUL from a backslash that is followed by the same letters."""
    return b"\\u0000" in text.replace(b"\\\\", b"")
