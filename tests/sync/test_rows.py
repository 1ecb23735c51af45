"""Rows that are streamed into a table say the same as rows of Django."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, transaction

from console.sync import rows
from console.sync.models import LedgerEntry, Touched
from tests.factories import Platform

COLUMNS = ("scope_id", "address", "fields", "keycloak_id", "applied_at")
NOW = datetime(2026, 11, 22, 8, 30, 15, 123456, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
TEXTS = [
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
]


@pytest.mark.parametrize("text", TEXTS)
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


def put(*facts: tuple[Any, ...]) -> None:
    rows.put(LedgerEntry, COLUMNS, facts, unique=("scope_id", "address"), update=("fields", "applied_at"))


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back_as_it_was_put(platform: Platform, text: str) -> None:
    address = f"role:{uuid4()}"
    fields: dict[str, Any] = {"description": text, "list": [text, None, 1.5, True], text: {}}

    put((platform.scope.pk, address, fields, text[:64], NOW), (platform.scope.pk, f"{address}2", {}, "", NOW))

    row = LedgerEntry.objects.get(address=address)
    assert (row.fields, row.keycloak_id, row.applied_at) == (fields, text, NOW)


def test_what_is_there_is_brought_up_to_date_where_that_is_asked_for(platform: Platform) -> None:
    known, new = f"role:{uuid4()}", f"role:{uuid4()}"
    put((platform.scope.pk, known, {"n": 1}, "first", NOW))
    before = LedgerEntry.objects.get(address=known)

    put((platform.scope.pk, known, {"n": 2}, "second", LATER), (platform.scope.pk, new, {}, "", LATER))

    after = LedgerEntry.objects.get(address=known)
    assert (after.pk, after.fields, after.keycloak_id, after.applied_at) == (
        before.pk,
        {"n": 2},
        "first",
        LATER,
    )
    assert LedgerEntry.objects.get(address=new).applied_at == LATER


def test_nothing_put_is_nothing_done_and_what_is_too_long_is_not_cut_off(platform: Platform) -> None:
    count = LedgerEntry.objects.count()
    put()

    with pytest.raises(DataError), transaction.atomic():
        put((platform.scope.pk, f"role:{uuid4()}", {}, "x" * 65, NOW))

    assert LedgerEntry.objects.count() == count


def test_what_all_rows_have_alike_is_given_once_and_the_rest_has_its_defaults(platform: Platform) -> None:
    address = f"role:{uuid4()}"

    rows.add(Touched, ("address",), [(address,)], same={"scope_id": platform.scope.pk, "generation": 7})

    row = Touched.objects.get(address=address)
    assert (row.generation, row.was, row.part, row.attempts, row.plan_id) == (7, "", "", 0, None)
    row.delete()


def test_very_many_names_are_asked_for_as_one_text(platform: Platform) -> None:
    known = [f"role:{uuid4()} 'Ü' \\ {number}" for number in range(3)]
    rows.add(LedgerEntry, COLUMNS, [(platform.scope.pk, one, {}, "", NOW) for one in known])

    found = LedgerEntry.objects.filter(scope=platform.scope)
    others = [f"role:nobody-{number}" for number in range(20_000)]

    assert set(found.filter(address__among=[*others, *known]).values_list("address", flat=True)) == set(known)
    assert not found.filter(address__among=[]).exists()
    assert found.filter(pk__among=list(found.values_list("pk", flat=True))).count() == found.count()
