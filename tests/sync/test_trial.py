"""A preview holds nobody up: while it is open, the realm is free for changes; and a view without locks."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction

from console.audit.models import EventKind
from console.change import change
from console.engine.state import Kind
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.models import Scope
from console.sync.snapshot import snapshot
from tests.factories import MIRA, Platform, at


@contextmanager
def beside() -> Iterator[psycopg.Connection]:
    """Another connection to the same database."""
    given = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: given[name] for name in names}, autocommit=True) as other:
        yield other


def is_free(scope: Scope) -> bool:
    """Tell whether another change could lock the realm now."""
    with beside() as other:
        sql = f"SELECT 1 FROM {Scope._meta.db_table} WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"
        return other.execute(sql, [scope.pk]).fetchone() is not None


@pytest.mark.parametrize("is_trial", [True, False])
def test_only_a_change_that_stands_holds_the_realm(platform: Platform, is_trial: bool) -> None:
    scope = platform.scope
    with transaction.atomic():
        with change(
            actor=MIRA,
            permission=Permission.ROLE_CREATE,
            event=EventKind.ACCESS_ROLE_CREATED,
            scope=scope,
            tenant=platform.tenant,
            cause=Cause(is_trial=is_trial),
        ) as made:
            made.touch(at(Kind.ROLE, "trial"))
            made.record("Role trial")
        assert scope.touched.count() == 1
        assert is_free(scope) is is_trial
        transaction.set_rollback(True)

    assert not scope.touched.exists()
    assert Scope.objects.get(pk=scope.pk).generation == platform.scope.generation


def test_a_snapshot_sees_one_moment_and_locks_nothing(platform: Platform) -> None:
    scope = platform.scope
    with snapshot():
        before = Scope.objects.get(pk=scope.pk).generation
        assert is_free(scope)
        with beside() as other:
            table = Scope._meta.db_table
            other.execute(f"UPDATE {table} SET generation = generation + 1 WHERE id = %s", [scope.pk])
        assert Scope.objects.get(pk=scope.pk).generation == before

    assert Scope.objects.get(pk=scope.pk).generation == before + 1
    Scope.objects.filter(pk=scope.pk).update(generation=before)
