"""With the real times: who takes over from a worker that was killed, told to end, or put to sleep."""

from procrastinate.contrib.django.models import ProcrastinateJob

from console.sync.models import Run, Step
from tests.factories import Platform
from tests.faults.gate import Caught, Gate
from tests.faults.workers import REAL, until, workers
from tests.keycloak.forwarder import Fault, serving


def caught_at(gate: Gate) -> Caught:
    return until(lambda: gate.next(seconds=1), what="a write")


def test_the_work_of_a_worker_that_was_killed_goes_on_within_a_minute(platform: Platform) -> None:
    """F14, F20, F21: its job is given back by another worker's sweep; its own sweep died with it."""
    gate = Gate(platform.keycloak.connection.url, round="killed")
    with serving(gate), platform.reached_at(gate.url), workers(2, settings=REAL) as crew:
        platform.approve("access:role:create", name="outlived")
        caught = caught_at(gate)
        worker = crew.at_port(caught.exchange.port, to=gate.port)
        assert worker is not None
        crew.kill(worker)
        caught.lose()

        after = until(lambda: gate.next(seconds=1), seconds=60, what="the second worker's write")
        gate.round = ""
        after.lose()
        until(lambda: platform.is_in_sync)

    assert "outlived" in platform.role_names()
    assert set(gate.done.values()) == {1}
    assert not Run.objects.filter(scope=platform.scope, state=Run.State.RUNNING).exists()


def test_a_worker_that_is_told_to_end_ends_what_it_has_begun(platform: Platform) -> None:
    """F15: SIGTERM in a step. Nothing is left for others, and nothing is done twice."""
    gate = Gate(platform.keycloak.connection.url)
    with serving(gate), platform.reached_at(gate.url), workers(1, settings=REAL) as crew:
        gate.spoil("POST", "/roles", Fault(seconds=3))
        platform.approve("access:role:create", name="ended-well")
        until(lambda: any(one.startswith("POST") and one.endswith("/roles") for one in gate.seen))
        (worker,) = crew.alive
        crew.terminate(worker)
        until(lambda: crew.is_gone(worker), seconds=45)

    assert platform.is_in_sync
    assert gate.count("POST", "/roles") == 1
    own = ProcrastinateJob.objects.filter(args__scope_id=platform.scope.pk)
    assert not own.filter(status="doing").exists()


def test_four_workers_without_the_lock_of_the_queue_write_each_thing_once(platform: Platform) -> None:
    """F17, F18: the lease fences, not the queue: each job may be seen by all of them at once."""
    names = [f"four-{number}" for number in range(6)]
    gate = Gate(platform.keycloak.connection.url)
    with serving(gate), platform.reached_at(gate.url):
        for name in names:
            platform.approve("access:role:create", name=name)
        own = ProcrastinateJob.objects.filter(args__scope_id=platform.scope.pk, status="todo")
        own.update(lock=None)
        with workers(4, settings=REAL, concurrency=2):
            until(lambda: platform.is_in_sync)

    assert gate.count("POST", "/roles") == len(names)
    steps = Step.objects.filter(run__scope=platform.scope, address__startswith="role:four-")
    assert sorted(steps.values_list("address", flat=True)) == [f"role:{name}" for name in names]
