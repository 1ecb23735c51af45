"""The record: rows are added and never changed, whoever asks (`console/audit`)."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.utils import DatabaseError

from console.audit.models import AuditEvent, EventKind

pytestmark = pytest.mark.django_db


def written() -> AuditEvent:
    return AuditEvent.objects.create(
        kind=EventKind.ACCESS_ROLE_CREATED, actor_key="sso:mira", actor_name="Mira Torres", subject="Role one"
    )


def refused(statement: str) -> str:
    """Return how the database refuses a statement. Fails when it does not."""
    with pytest.raises((DatabaseError, ProgrammingError)) as error, transaction.atomic():
        connection.cursor().execute(statement)
    return str(error.value)


@pytest.mark.parametrize(
    ("verb", "statement"),
    [
        ("UPDATE", "UPDATE audit_event SET subject = 'Role two'"),
        ("UPDATE", "UPDATE audit_event SET id = id WHERE true"),
        ("DELETE", "DELETE FROM audit_event"),
        ("TRUNCATE", "TRUNCATE audit_event"),
        ("TRUNCATE", "TRUNCATE audit_event CASCADE"),
        ("DELETE", "WITH gone AS (DELETE FROM audit_event RETURNING id) SELECT count(*) FROM gone"),
        (
            "UPDATE",
            "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id) DO UPDATE SET at = now()",
        ),
    ],
)
def test_the_database_itself_refuses(verb: str, statement: str) -> None:
    row = written()

    told = refused(statement)

    assert f"append-only: {verb} is refused" in told
    assert AuditEvent.objects.get(pk=row.pk).subject == "Role one"


def test_the_model_cannot_change_or_delete_either() -> None:
    row = written()
    row.subject = "Role two"

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.save(update_fields=["subject"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(reason="other")

    assert AuditEvent.objects.get(pk=row.pk).subject == "Role one"


def test_an_event_is_written_once_only() -> None:
    row = written()

    with pytest.raises(DatabaseError, match="event_id"), transaction.atomic():
        AuditEvent.objects.create(
            event_id=row.event_id,
            kind=EventKind.ACCESS_ROLE_CREATED,
            actor_key="sso:mira",
            actor_name="Mira Torres",
            subject="Role one",
        )


def test_no_row_of_the_record_depends_on_a_row_that_may_go() -> None:
    """Row: names stay readable after the things themselves are gone."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT count(*) FROM pg_constraint WHERE conrelid = 'audit_event'::regclass AND contype = 'f'"
    )

    assert cursor.fetchone() == (0,)
