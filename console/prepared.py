"""Statements that a connection to the database prepares once, for what is asked again and again.

Django sends the text of a statement with its values in it, and PostgreSQL plans it anew each time. Here the
text is sent once and the values alone after that; answers come in binary. The plans are general ones
(`plan_cache_mode` in the settings): planning for certain values takes longer than such a statement itself.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


class _Prepared(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> "_Prepared":
        super().execute(query, params, prepare=True, binary=True)
        return self


def rows_of(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return all rows. Everything that Django does around a statement is done, errors are Django's, too.

    The text must always be the same. Cast each value (`%(names)s::text[]`), and JSON that is read to text.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()  # as Django does before each cursor of its own
    database.ensure_connection()
    cursor: Any = _Prepared(database.connection)
    make = database.make_debug_cursor if database.queries_logged else database.make_cursor
    with make(cursor) as wrapped:
        wrapped.execute(statement, values)
        return list(wrapped.fetchall())
