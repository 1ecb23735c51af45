"""What fails by itself: five tries, then it is dead with its reason, and the rest of the realm goes on."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from console.engine.state import Kind
from console.sync import loaders, runs, sweep
from console.sync.models import Plan, Run, Scope, Touched
from console.sync.pages import progress_of
from console.sync.times import MOST_ATTEMPTS
from tests.factories import Platform, at
from tests.faults.hanging import Switch
from tests.faults.workers import REAL, until, workers
from tests.keycloak.forwarder import Fault
from tests.operators import sign_in_as


def try_again(platform: Platform) -> None:
    """Let the next attempt come now."""
    Scope.objects.filter(pk=platform.scope.pk).update(next_attempt_at=None)
    try:
        runs.sync(platform.scope.pk)
    except ValueError:  # what nobody can read; the worker writes it into its log
        return


def poison(platform: Platform) -> Touched:
    """Leave a row that no run can read, as a later version of the console could."""
    plan = Plan.objects.create(
        title="poison", command="", values={}, tenant=platform.tenant, read_at=timezone.now()
    )
    Scope.objects.filter(pk=platform.scope.pk).update(generation=platform.scope.generation + 1)
    return Touched.objects.create(
        scope=platform.scope, address="no-such-kind:x", generation=platform.scope.generation, plan=plan
    )


def test_what_nobody_can_read_is_dead_after_five_tries_and_the_others_go_on(platform: Platform) -> None:
    """F19: the first tries are of all together; then it is kept apart."""
    platform.approve("access:role:create", name="beside-poison")
    row = poison(platform)

    tries = 0
    while not platform.scope.touched.get(pk=row.pk).is_set_aside and tries < 10:
        try_again(platform)
        tries += 1

    row.refresh_from_db()
    assert tries == MOST_ATTEMPTS
    assert row.word == "dead"
    assert "Given up after 5 tries." in row.sentence
    assert Run.objects.filter(scope=platform.scope).latest("started_at").state == Run.State.DEAD
    assert "beside-poison" in platform.role_names()
    assert list(platform.scope.touched.values_list("pk", flat=True)) == [row.pk]


def test_a_write_that_fails_each_time_is_dead_after_five_tries_and_can_be_tried_again(
    platform: Platform, switch: Switch
) -> None:
    switch.spoil("POST", "/roles", Fault(forwarded=False, status=500), times=MOST_ATTEMPTS)
    plan = platform.approve("access:role:create", name="stubborn")

    for number in range(MOST_ATTEMPTS):
        row = platform.touched(at(Kind.ROLE, "stubborn"))
        assert (row.attempts, row.is_set_aside) == (number, False)
        try_again(platform)

    told = progress_of(plan)
    assert told is not None
    assert (told.word, told.is_over) == ("dead", True)
    assert "Given up after 5 tries." in told.sentence
    assert sweep.enqueue_due() == 0

    loaders.retry(platform.scope)
    runs.sync(platform.scope.pk)

    assert platform.is_in_sync
    assert switch.count("POST", "/roles") == MOST_ATTEMPTS + 1


def test_the_page_of_a_plan_says_when_it_is_tried_next_and_how_often_it_was(
    platform: Platform, switch: Switch, client: Client
) -> None:
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    switch.spoil("POST", "/roles", Fault(forwarded=False, status=500), times=2)
    plan = platform.approve("access:role:create", name="counted")
    for _ in range(2):
        try_again(platform)
    due = timezone.now() + timedelta(minutes=1)
    Scope.objects.filter(pk=platform.scope.pk).update(next_attempt_at=due)

    for page in (plan.get_absolute_url(), reverse("sync:run-list")):
        text = client.get(page).content.decode()
        assert f"Next try at {due:%H:%M:%S} UTC (3rd of 5)." in text
        assert "Try again" in text


def test_a_write_of_which_nobody_knows_is_unknown_until_it_is_looked_at(
    platform: Platform, switch: Switch, client: Client
) -> None:
    """F11: the reply and the look back are both lost. The next try finds it done."""
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    plan = platform.approve("access:role:create", name="in-the-dark")
    switch.spoil("POST", "/roles", Fault(cut_after=0))
    switch.spoil("GET", "/roles/in-the-dark", Fault(status=500), skip=1, times=2)

    run = platform.sync()

    assert run.state == Run.State.UNKNOWN, run.sentence
    assert platform.touched(at(Kind.ROLE, "in-the-dark")).word == "unknown"
    text = client.get(plan.get_absolute_url()).content.decode()
    assert "The next try first looks whether it was done." in text
    switch.rules.clear()
    try_again(platform)
    assert platform.is_in_sync
    assert switch.count("POST", "/roles") == 1


def test_a_right_that_was_cut_stops_its_plan_and_is_not_tried_again(
    platform: Platform, switch: Switch
) -> None:
    """F9: no storm of tries, and another plan goes on."""
    switch.spoil(
        "POST", "/groups", Fault(forwarded=False, status=403, content_type="application/json", body=b"{}")
    )
    platform.approve("access:group:create", name="not-allowed")
    platform.approve("access:role:create", name="allowed")

    runs.sync(platform.scope.pk)
    assert runs.sync(platform.scope.pk) is None

    row = platform.touched(at(Kind.GROUP, "not-allowed"))
    assert row.word == "failed"
    assert "may not do this" in row.sentence
    assert switch.count("POST", "/groups") == 1
    assert "allowed" in platform.role_names()


def test_each_write_can_fail_and_the_plan_arrives(platform: Platform, switch: Switch) -> None:
    """F3, F31: an error of the server's at the n-th write, for each n, done or not done."""
    for number, forwarded in ((number, forwarded) for number in range(3) for forwarded in (False, True)):
        name = f"step-{number}-{'done' if forwarded else 'undone'}"
        plan = platform.approve("access:person:create", username=name)
        platform.approve("access:group:create", name=name)
        platform.approve("access:membership:add", people=[name], groups=[name])
        method, ending = (("POST", "/groups"), ("POST", "/users"), ("PUT", ""))[number]
        switch.spoil(method, ending, Fault(forwarded=forwarded, status=500))
        tries = 0
        while not platform.is_in_sync:
            try_again(platform)
            tries += 1
            assert tries < MOST_ATTEMPTS, progress_of(plan)
        assert platform.groups_of(name) == {name}
        switch.rules.clear()


def test_jobs_that_cannot_run_do_not_hold_up_their_realm(platform: Platform) -> None:
    """F18, F19, F26: malformed arguments, an unknown task, a job delivered twice, a job that was lost."""
    scope = platform.scope
    plan = platform.approve("access:role:create", name="among-bad-jobs")
    good = ProcrastinateJob.objects.filter(args__scope_id=scope.pk).latest("id")
    bad = [("sync.scope", {"scope_id": "x"}), ("sync.scope", {}), ("sync.scope", {"scope_id": 10**9})]
    for task, arguments in [*bad, ("sync.nothing", {"scope_id": scope.pk})]:
        first = app.configure_task(task, queue="sync", lock=good.lock, priority=5, allow_unknown=True)
        first.defer(**arguments)
    with workers(1, settings=REAL):
        until(lambda: platform.is_in_sync)
        ProcrastinateJob.objects.filter(pk=good.pk).update(status="todo")
        until(lambda: ProcrastinateJob.objects.get(pk=good.pk).status == "succeeded")
        platform.approve("access:role:create", name="job-lost")
        ProcrastinateJob.objects.filter(args__scope_id=scope.pk, status="todo").update(status="cancelled")
        until(lambda: platform.is_in_sync)

    assert {"among-bad-jobs", "job-lost"} <= platform.role_names()
    assert plan.scope is not None
    steps = Run.objects.filter(scope=scope).values_list("steps__address", flat=True)
    assert sorted(one for one in steps if one and one.startswith("role:")).count("role:among-bad-jobs") == 1
