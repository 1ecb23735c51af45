"""Many new rows at once: PostgreSQL takes them as a stream of text, several times faster than by Django."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from console.portions import portions

_SPECIAL = re.compile(r"[\\\t\n\r\x00]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
LINES = 500  # sent at once


def add(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows of a model, each with a value for every column, in the caller's transaction.

    Columns that are not named have the database's own defaults. Raises IntegrityError.
    https://www.postgresql.org/docs/current/sql-copy.html
    """
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    into = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    # Made before the stream is open: meanwhile the connection answers nothing else.
    lines = ["\t".join(map(_text, row)) + "\n" for row in rows]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for some in portions(lines, LINES):
            copy.write("".join(some))


def put(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    unique: Sequence[str],
    update: Sequence[str],
) -> None:
    """Add rows, and where one of them is there already, bring what is named in `update` up to date.

    Each column is sent as one list, not each value as a parameter of its own. Raises IntegrityError.
    https://www.postgresql.org/docs/current/functions-array.html
    """
    quote = connection.ops.quote_name
    types = [_type(model, name) for name in columns]
    lists = [
        [_plain(value, type) for value in values]
        for type, values in zip(types, zip(*rows, strict=True), strict=False)
    ]
    if not lists:
        return
    sets = ", ".join(f"{quote(name)} = EXCLUDED.{quote(name)}" for name in update)
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"
        f" SELECT * FROM unnest({', '.join(f'%s::{type}[]' for type in types)})"
        f" ON CONFLICT ({', '.join(map(quote, unique))}) DO UPDATE SET {sets}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, lists)


def _type(model: type[Model], column: str) -> str:
    """Return a column's type without its length: a cast to a shorter one would cut text off in silence."""
    field = next(one for one in model._meta.concrete_fields if one.column == column)
    return str(field.db_type(connection)).partition("(")[0]


def _plain(value: Any, type: str) -> Any:
    return json.dumps(value, cls=DjangoJSONEncoder) if type == "jsonb" else value


def _text(value: Any) -> str:
    """Return a value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        value = json.dumps(value, cls=DjangoJSONEncoder)
    text = str(value)
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    """Return an escape. Raises ValueError for NUL, which no column of text can hold."""
    if found.group() == "\x00":
        raise ValueError("A text with a NUL character cannot be stored.")
    return _ESCAPES[found.group()]
