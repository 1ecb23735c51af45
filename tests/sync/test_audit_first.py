"""No audit, no write: the intent of each write to Keycloak is on record before it, its end after it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from console.audit.models import EventKind
from console.engine.state import Kind
from console.sync.models import Run, Step
from console.transport import calls
from tests.factories import Platform, at

WRITES = ("POST", "PUT", "DELETE")


@contextmanager
def audit_refused(kind: EventKind) -> Iterator[None]:
    """Let the database refuse audit rows of one kind, as a full disk or a lost right would."""
    cursor = connection.cursor()
    cursor.execute(
        "CREATE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room for the record'; END $$"
    )
    cursor.execute(
        "CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_event FOR EACH ROW "
        f"WHEN (NEW.kind = '{kind.value}') EXECUTE FUNCTION refuse_audit()"
    )
    try:
        yield
    finally:
        cursor.execute("DROP TRIGGER refuse_audit ON audit_event")
        cursor.execute("DROP FUNCTION refuse_audit()")


def writes(made: list[str]) -> list[str]:
    return [one for one in made if one.startswith(WRITES) and "openid-connect" not in one]


def test_without_room_for_the_intent_nothing_is_written_to_keycloak(platform: Platform) -> None:
    platform.approve("access:role:create", name="unseen")

    with (
        audit_refused(EventKind.SYNC_WRITE_INTENDED),
        calls() as made,
        pytest.raises(Exception, match="no room"),
    ):
        platform.sync()

    assert writes(made.made) == []
    assert "unseen" not in platform.role_names()
    assert platform.scope.is_pending


def test_when_there_is_room_again_the_run_goes_through(platform: Platform) -> None:
    platform.approve("access:role:create", name="seen")
    with audit_refused(EventKind.SYNC_WRITE_INTENDED), pytest.raises(Exception, match="no room"):
        platform.sync()

    run = platform.sync()

    assert run.state == Run.State.DONE
    assert "seen" in platform.role_names()


def test_a_write_whose_end_cannot_be_recorded_is_taken_up_without_doing_it_twice(platform: Platform) -> None:
    """F14, F25: the write landed, our record of it did not. The next run finds it and goes on."""
    platform.build(
        ("access:person:create", {"username": "half"}), ("access:role:create", {"name": "half-role"})
    )
    platform.approve("access:person-role:give", people=["half"], roles=["half-role"])
    with audit_refused(EventKind.SYNC_WRITE_ENDED), pytest.raises(Exception, match="no room"):
        platform.sync()
    assert platform.effective_roles("half") == {"half-role"}
    assert platform.ledger(at(Kind.PERSON_ROLE, "half", "half-role")) is None

    with calls() as made:
        run = platform.sync()

    assert run.state == Run.State.DONE, run.sentence
    assert writes(made.made) == []
    assert platform.ledger(at(Kind.PERSON_ROLE, "half", "half-role")) is not None
    assert platform.is_in_sync


def test_every_write_has_its_intent_before_and_its_end_after_it(platform: Platform) -> None:
    platform.build(("access:person:create", {"username": "ann"}), ("access:role:create", {"name": "reader"}))

    plan = platform.do("access:person-role:give", people=["ann"], roles=["reader"])

    intended, ended = (
        platform.audit(plan_id=plan.pk, kind=kind)
        for kind in (EventKind.SYNC_WRITE_INTENDED, EventKind.SYNC_WRITE_ENDED)
    )
    (step,) = Step.objects.filter(plan_id=plan.pk)
    assert [row.subject for row in intended] == [row.subject for row in ended] == ["Give ann the role reader"]
    assert [row.address for row in intended] == [at(Kind.PERSON_ROLE, "ann", "reader").key]
    assert intended[0].id < ended[0].id
    assert intended[0].at <= ended[0].at
    assert intended[0].run_id == ended[0].run_id == step.run_id
    assert ended[0].reason.startswith("done")
    assert intended[0].actor_name == f"sync for {plan.applied_by}"


def test_the_end_of_a_write_that_failed_says_why(platform: Platform) -> None:
    platform.build(("access:person:create", {"username": "bea"}), ("access:role:create", {"name": "writer"}))
    plan = platform.approve("access:person-role:give", people=["bea"], roles=["writer"])
    platform.keycloak.delete("users", platform.person_id("bea"))

    run = platform.sync()

    assert run.state != Run.State.DONE
    failed = platform.audit(plan_id=plan.pk, kind=EventKind.SYNC_WRITE_ENDED)
    assert all(row.reason.startswith("failed: ") for row in failed)
    assert platform.touched(at(Kind.PERSON_ROLE, "bea", "writer")).sentence
