"""Rows that are streamed into a table say the same as rows of Django."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from console.sync import rows
from console.sync.models import LedgerEntry
from tests.factories import Platform

COLUMNS = ("scope_id", "address", "fields", "keycloak_id", "applied_at")
NOW = datetime(2026, 11, 22, 8, 30, 15, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "tab\there",
        "two\nlines",
        "back\\slash",
        "\\N",
        "\\.",
        "carriage\rreturn",
        "Ü “ö” 🙂",
        "'",
    ],
)
def test_every_text_comes_back_as_it_went_in(platform: Platform, text: str) -> None:
    address = f"role:{uuid4()}"
    fields: dict[str, Any] = {"description": text, "list": [text, None, 1.5, True], text: {}}

    rows.add(LedgerEntry, COLUMNS, [(platform.scope.pk, address, fields, text[:64], NOW)])

    row = LedgerEntry.objects.get(address=address)
    assert (row.fields, row.keycloak_id, row.applied_at) == (fields, text, NOW)


def test_very_many_rows_arrive(platform: Platform) -> None:
    count = 5000

    rows.add(
        LedgerEntry,
        COLUMNS,
        ((platform.scope.pk, f"group:many-{number}", {"n": number}, "", NOW) for number in range(count)),
    )

    found = LedgerEntry.objects.filter(scope=platform.scope, address__startswith="group:many-")
    assert {row.fields["n"] for row in found} == set(range(count))


def test_a_row_that_breaks_a_rule_leaves_nothing_behind(platform: Platform) -> None:
    fresh, twice = f"role:{uuid4()}", f"role:{uuid4()}"
    row = (platform.scope.pk, twice, {}, "", NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.add(LedgerEntry, COLUMNS, [(platform.scope.pk, fresh, {}, "", NOW), row, row])

    assert not LedgerEntry.objects.filter(address__in=[fresh, twice]).exists()


def test_what_no_column_can_hold_is_refused_before_anything_is_sent(platform: Platform) -> None:
    with pytest.raises(ValueError, match="NUL"), transaction.atomic():
        rows.add(LedgerEntry, COLUMNS, [(platform.scope.pk, "role:\x00", {}, "", NOW)])

    assert not LedgerEntry.objects.filter(scope=platform.scope, address="role:").exists()
