"""Statements that a connection prepares once."""

import psycopg
import pytest
from django.conf import settings
from django.db import DataError, connection, transaction
from django.db.utils import ProgrammingError

from console.prepared import rows_of

SUM = "SELECT name || '!', %(add)s::bigint + 1, '{\"a\": 1}'::jsonb::text FROM unnest(%(names)s::text[]) name"


@pytest.mark.django_db
def test_rows_come_as_python_has_them() -> None:
    assert rows_of(SUM, {"names": ["a", "b"], "add": 41}) == [("a!", 42, '{"a": 1}'), ("b!", 42, '{"a": 1}')]
    assert rows_of(SUM, {"names": [], "add": 0}) == []


@pytest.mark.django_db
def test_a_statement_is_planned_once_and_not_for_its_values() -> None:
    for number in range(8):
        rows_of(SUM, {"names": ["a"], "add": number})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%|| '!'%"],
        )
        assert cursor.fetchall() == [(8, 0)]


@pytest.mark.django_db
def test_errors_are_those_of_django_and_the_statement_can_be_asked_again() -> None:
    with pytest.raises(DataError), transaction.atomic():
        rows_of("SELECT 1 / %(by)s::bigint", {"by": 0})
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows_of("SELECT nothing FROM nowhere", {})
    assert rows_of("SELECT 1 / %(by)s::bigint", {"by": 1}) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_replaced_in_the_next_request() -> None:
    ((pid,),) = rows_of("SELECT pg_backend_pid()", {})
    given = settings.DATABASES["default"]
    where = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    name, password = connection.settings_dict["NAME"], given["PASSWORD"]
    with psycopg.connect(**where, password=password, dbname=name, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close_if_unusable_or_obsolete()  # as when a request begins
    assert rows_of("SELECT pg_backend_pid()", {}) != [(pid,)]
