"""What happens to rows on their way to Keycloak: one fails alone, is tried again, all can be paused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.bulk import uploads
from access.bulk.files import result_file
from access.models import Person
from console.bulk import flow, orders, working
from console.bulk.models import BulkJob, BulkRow
from console.bulk.orders import NotNow
from console.bulk.standing import standing_of
from console.identity.models import SignIn
from console.sync import runs, work
from console.sync.commands import Gone
from console.sync.models import Plan, Run, Scope, Step, Touched
from tests.access.bulk.conftest import Imports, csv_of, outcomes, sentences

HEAD = ("User name", "E-mail", "Groups", "Roles")


def results(job: BulkJob) -> dict[str, str]:
    """Return the result of each row as the result file has it."""
    lines = "".join(result_file(job)).splitlines()
    return {cells[0]: cells[-3] for cells in (line.split(",") for line in lines[1:])}


def foreign_account(imports: Imports, username: str, email: str) -> None:
    """An account that nobody declared holds an e-mail: Keycloak refuses it to anybody else."""
    account = {"username": username, "email": email, "enabled": True}
    imports.platform.keycloak.post("users", json=account)


@pytest.fixture
def ready(imports: Imports) -> Imports:
    names = imports.platform.row.realm
    if not Person.objects.filter(realm=names, username="fixed").exists():
        imports.platform.build(
            ("access:group:create", {"name": "crew"}),
            ("access:role:create", {"name": "reader"}),
            ("access:person:create", {"username": "fixed"}),
        )
    return imports


def test_a_row_that_keycloak_refuses_fails_alone_and_is_tried_again_alone(ready: Imports) -> None:
    platform = ready.platform
    foreign_account(ready, "squatter", "taken@example.org")
    names = [f"row-{number}" for number in range(6)]
    rows = [(one, f"{one}@example.org", "crew", "reader") for one in names]
    rows[3] = ("row-3", "taken@example.org", "crew", "reader")
    job = ready.apply(ready.check("people", csv_of(HEAD, *rows)))

    runs.sync(platform.scope.pk)

    standing = standing_of(job, now=timezone.now())
    assert standing is not None
    assert (standing.done, standing.failed, standing.total, standing.word) == (5, 1, 6, "failed")
    assert results(job) == {one: "failed" if one == "row-3" else "done" for one in names}
    assert platform.effective_roles("row-5") == {"reader"}
    waiting = Touched.objects.filter(plan=job.plan_id)
    assert set(waiting.values_list("part", flat=True)) == {"row-3"}

    before = Step.objects.filter(plan_id=job.plan_id).exclude(part="row-3").count()
    squatter = platform.person_id("squatter")
    platform.keycloak.delete("users", squatter)
    assert flow.retry_failed(job) == 1
    run = platform.sync()

    assert run.state == Run.State.DONE, run.sentence
    assert set(results(job).values()) == {"done"}
    assert platform.effective_roles("row-3") == {"reader"}
    assert platform.groups_of("row-3") == {"crew"}
    assert Step.objects.filter(plan_id=job.plan_id).exclude(part="row-3").count() == before
    with pytest.raises(NotNow, match="No row of this failed"):
        flow.retry_failed(job)


def test_a_paused_import_waits_and_what_has_not_begun_can_be_cancelled(ready: Imports) -> None:
    platform = ready.platform
    job = ready.check("people", csv_of(HEAD, ("kept-1", "", "crew", ""), ("gone-1", "", "crew", "reader")))
    job = ready.apply(job)
    with pytest.raises(NotNow, match="Pause first"):
        uploads.cancel_not_begun(job, actor=ready.actor)
    flow.pause(job)
    assert runs.sync(platform.scope.pk) is None

    # One of the two was begun before the pause.
    Step.objects.create(
        run=Run.objects.create(
            scope=platform.scope,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            state=Run.State.PAUSED,
            generation=1,
        ),
        number=1,
        address="person:kept-1",
        action="create",
        phase=2,
        words="x",
        plan_id=job.plan_id,
        part="kept-1",
        started_at=timezone.now(),
    )
    count = uploads.cancel_not_begun(job, actor=ready.actor)
    flow.resume(job)
    run = platform.sync()

    assert (count, run.state) == (1, Run.State.DONE)
    assert results(job) == {"kept-1": "done", "gone-1": "left out"}
    assert not Person.objects.filter(username="gone-1").exists()
    assert platform.keycloak.get("users", username="gone-1", exact="true") == []
    assert platform.groups_of("kept-1") == {"crew"}
    assert "Cancelled on" in sentences(job)[3][0]
    assert not Scope.objects.get(pk=platform.scope.pk).is_paused


def test_what_moved_since_the_plan_is_planned_anew(ready: Imports) -> None:
    """What was approved is what is applied: the apply compares once more."""
    job = ready.check("people", csv_of(HEAD, ("moved-1", "", "crew", ""), ("moved-2", "", "crew", "")))
    ready.platform.keycloak.post("users", json={"username": "moved-1", "enabled": True})

    again = ready.apply(job)

    assert again.state == BulkJob.State.READY
    assert "Something changed since this preview" in again.sentence
    assert again.plan_id != job.plan_id
    assert not Person.objects.filter(username="moved-1").exists()
    assert ready.apply(again).state == BulkJob.State.APPLIED
    assert ready.platform.sync().state == Run.State.DONE


def test_assignments_and_choices_go_the_same_way(ready: Imports) -> None:
    platform = ready.platform
    people = csv_of(HEAD, *((f"as-{number}", "", "", "") for number in range(3)))
    ready.apply(ready.check("people", people))
    platform.sync()

    file = csv_of(("person", "groups", "roles"), ("as-0", "crew", "reader"), ("as-1", "crew", ""))
    job = ready.apply(ready.check("assignments", file))
    platform.sync()

    assert outcomes(job) == {2: "change", 3: "change"}
    assert (platform.groups_of("as-0"), platform.effective_roles("as-0")) == ({"crew"}, {"reader"})

    chosen = ready.select(list="people", action="disable", filter="q=as-", targets=[])
    ready.apply(chosen)
    assert platform.sync().state == Run.State.DONE

    found = [platform.keycloak.get("users", platform.person_id(f"as-{one}")) for one in range(3)]
    assert [one["enabled"] for one in found] == [False, False, False]


def test_a_worker_that_begins_anew_leaves_one_result(ready: Imports) -> None:
    """A worker that dies leaves its order to another one; one that was overtaken writes nothing."""
    job = ready.check("people", csv_of(HEAD, ("anew-1", "", "", "")))
    BulkJob.objects.filter(pk=job.pk).update(state=BulkJob.State.CHECKING)
    working.check(f"{job.pk}:{job.order}")
    again = ready.again(job)
    assert (again.state, again.rows.count()) == (BulkJob.State.READY, 1)

    orders.check(again, actor=ready.actor)
    working.check(f"{job.pk}:{job.order}")  # the order of before
    assert ready.again(job).state == BulkJob.State.CHECKING
    orders.cancel(ready.again(job))
    working.check(f"{job.pk}:{job.order + 1}")
    assert ready.again(job).state == BulkJob.State.CANCELLED


def test_who_is_gone_when_the_work_is_done_has_asked_for_nothing(ready: Imports) -> None:
    """T1: rights are those of the moment of the work."""
    job = ready.keep("people", csv_of(HEAD, ("late-1", "", "", "")))
    options = {**uploads.DEFAULTS, "separator": "|"}
    fields = ["username", "email", "groups", "roles"]
    uploads.name_columns(job, actor=ready.actor, fields=fields, options=options)
    SignIn.objects.update(ended_at=timezone.now(), ended_why="signed out")

    stopped = ready.work(job)

    assert stopped.state == BulkJob.State.FAILED
    assert stopped.sentence == "Whoever asked for this is no longer signed in."
    assert stopped.rows.count() == 0


def test_an_applied_import_can_be_reverted_from_its_plan(ready: Imports) -> None:
    platform = ready.platform
    platform.do("access:membership:add", people=["fixed"], groups=["crew"])
    rows = (("back-1", "", "crew", "reader"), ("fixed", "fixed@example.org", "", "reader"))
    job = ready.apply(ready.check("people", csv_of(HEAD, *rows)))
    platform.sync()

    platform.do("access:plan:revert", plan=str(job.plan_id))

    assert platform.keycloak.get("users", username="back-1", exact="true") == []
    fixed = platform.keycloak.get("users", platform.person_id("fixed"))
    assert not fixed.get("email")
    assert (platform.groups_of("fixed"), platform.effective_roles("fixed")) == ({"crew"}, set())


def test_what_is_older_than_thirty_days_is_deleted_by_the_sweep(ready: Imports) -> None:
    old = ready.check("people", csv_of(HEAD, ("old-1", "", "", "")))
    young = ready.check("people", csv_of(HEAD, ("young-1", "", "", "")))
    now = timezone.now()
    BulkJob.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=30, seconds=1))
    BulkJob.objects.filter(pk=young.pk).update(created_at=now - timedelta(days=29))

    assert work.purge(now) >= 1

    left = BulkJob.objects.filter(pk__in=[old.pk, young.pk])
    assert [one.pk for one in left] == [young.pk]
    assert not BulkRow.objects.filter(job=old.pk).exists()
    assert BulkRow.objects.filter(job=young.pk).exists()
    with pytest.raises(Gone, match="thirty days"):
        ready.platform.apply(Plan.objects.get(pk=old.plan_id))
