"""`address__among=names`: very many values in one question, sent as one text instead of one parameter each.

`__in` makes a parameter of every value: with tens of thousands, most of the time goes into the question.
"""

from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.models import CharField, Field, ForeignKey, IntegerField, Lookup


class Among(Lookup):
    """Whether a value is one of some. https://www.postgresql.org/docs/current/functions-json.html."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        left, params = self.process_lhs(compiler, connection)
        type = str(self.lhs.output_field.rel_db_type(connection)).partition("(")[0]
        # Joined, not compared with an array: that is searched from end to end for each row of a table whose
        # size PostgreSQL does not know yet.
        one_of = f"SELECT one::{type} FROM json_array_elements_text(%s::json) AS one"
        return f"{left} IN ({one_of})", (*params, orjson.dumps(list(self.rhs)).decode())


def register() -> None:
    """Let names and ids be asked for so."""
    kinds: tuple[type[Field[Any, Any]], ...] = (CharField, IntegerField, ForeignKey)
    for kind in kinds:
        kind.register_lookup(Among)
