"""People from a file, on the real Keycloak: judged like the single forms, planned as one change, applied."""

from typing import Any

import pytest
from django.db import connection

from access.models import Group, Person
from console.bulk import working
from console.bulk.models import BulkJob
from console.sync.models import Plan, Run
from tests.access.bulk.conftest import Imports, csv_of, outcomes, sentences

HEAD = ("User name", "E-mail", "First name", "Last name", "May sign in", "Groups", "Roles")
State = BulkJob.State


def test_a_file_becomes_people_in_keycloak_with_their_groups_and_roles(imports: Imports) -> None:
    platform = imports.platform
    platform.build(
        ("access:group:create", {"name": "crew"}),
        ("access:role:create", {"name": "reader"}),
        ("access:role:create", {"name": "writer"}),
    )
    job = imports.check(
        "people",
        csv_of(
            HEAD,
            ("imp-ann", "ANN@example.org", "Ann", "Ash", "yes", "crew", "reader|writer"),
            ("imp-bob", "", "Bob", "Bay", "no", "", ""),
            ("Imp Cas", "", "", "", "", "", ""),
            ("imp-dan", "not-an-address", "Dan|", "", "perhaps", "nowhere", "nothing"),
            ("imp-ann", "", "", "", "", "", ""),
        ),
    )

    assert job.state == State.READY, job.sentence
    assert outcomes(job) == {2: "create", 3: "create", 4: "error", 5: "error", 6: "error"}
    assert sentences(job)[6] == ["Line 2 has this user name already."]
    assert len(sentences(job)[5]) == 5
    assert not Person.objects.filter(username__startswith="imp-").exists()

    applied = imports.apply(job)
    run = platform.sync()

    assert applied.state == State.APPLIED
    assert run.state == Run.State.DONE, run.sentence
    assert platform.groups_of("imp-ann") == {"crew"}
    assert platform.effective_roles("imp-ann") == {"reader", "writer"}
    found = platform.keycloak.get("users", platform.person_id("imp-bob"))
    assert (found["enabled"], found["lastName"]) == (False, "Bay")
    assert platform.keycloak.get("users", platform.person_id("imp-ann"))["email"] == "ann@example.org"
    events = platform.audit(kind="access:bulk:apply", plan_id=applied.plan_id)
    assert [event.address for event in events] == ["", "person:imp-ann", "person:imp-bob"]
    assert events[1].new["groups"] == ["crew"]
    assert {event.reason for event in events} == {"for a test"}
    assert Plan.objects.get(pk=applied.plan_id).state == Plan.State.APPLIED
    assert Group.objects.get(path="crew", realm=platform.row.realm).memberships.count() == 1


def test_the_database_waits_longer_for_a_worker_with_many_rows(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand rows take a busy machine longer than a transaction may otherwise rest."""
    seen: list[str] = []
    judge = working._JUDGES[0]

    def looked(*how: Any) -> working.Judged:
        seen.append(patience())
        return judge(*how)

    monkeypatch.setattr(working, "_JUDGES", [looked])
    before = patience()
    imports.check("people", csv_of(HEAD, ("Bad Name", "", "", "", "", "", "")))

    assert (before, seen, patience()) == ("30s", ["2min"], "30s")


def patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return str(cursor.fetchone()[0])
