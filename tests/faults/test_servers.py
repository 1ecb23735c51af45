"""A server that does not answer: known to all processes at once, left alone, looked at by one, found back."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from console.sync import bulkhead, circuit, runs, sweep, tasks
from console.sync.models import Circuit, Run, Scope
from console.sync.preview import Unreachable
from tests.factories import Platform
from tests.faults.hanging import Switch
from tests.keycloak.forwarder import HTML, Fault
from tests.operators import sign_in_as


def is_open(platform: Platform) -> bool:
    return Circuit.objects.filter(server=platform.server, opened_at__isnull=False).exists()


def its_time_has_come(platform: Platform) -> None:
    Circuit.objects.filter(server=platform.server).update(retry_at=timezone.now() - timedelta(seconds=1))


def shut(platform: Platform) -> None:
    """Let two runs find nobody at the server's address."""
    with platform.reached_at("http://127.0.0.1:9"):
        for _ in range(circuit.MOST_SILENT):
            runs.sync(platform.scope.pk)


def test_two_calls_without_an_answer_open_the_circuit_and_nobody_asks_any_more(
    platform: Platform, switch: Switch
) -> None:
    """F1: what waits stays, its jobs end at once, and nothing is counted against it."""
    platform.approve("access:role:create", name="patient")
    shut(platform)
    switch.seen.clear()

    tasks.sync_scope(scope_id=platform.scope.pk)
    with pytest.raises(Unreachable) as told:
        platform.preview("access:role:create", name="asked")

    assert is_open(platform)
    assert "has not answered since" in str(told.value)
    assert switch.seen == []
    row = platform.scope.touched.get()
    assert (row.word, row.attempts) == ("failed", 0)
    assert platform.scope.next_attempt_at is not None


def test_a_server_that_hangs_opens_the_circuit_too(platform: Platform, switch: Switch) -> None:
    """F2: each run waits ten seconds for its first call, and two of them are enough."""
    platform.approve("access:role:create", name="hung")
    switch.is_hanging = True

    for _ in range(circuit.MOST_SILENT):
        run = runs.sync(platform.scope.pk)

    assert run is not None
    assert run.state == Run.State.FAILED
    assert "did not answer in time" in run.sentence
    assert is_open(platform)


def test_one_process_looks_and_what_waited_goes_on(platform: Platform, switch: Switch) -> None:
    """F49: half open means one look, however many workers there are."""
    platform.approve("access:role:create", name="found-back")
    shut(platform)
    ProcrastinateJob.objects.filter(status="todo").update(status="cancelled")
    Scope.objects.filter(pk=platform.scope.pk).update(next_attempt_at=timezone.now() + timedelta(minutes=4))
    its_time_has_come(platform)
    switch.seen.clear()
    switch.spoil("GET", "/admin/realms/master", Fault(seconds=1))

    in_threads(circuit.look_where_due, times=4)

    assert switch.count("GET", "/admin/realms/master") == 1
    assert not is_open(platform)
    due = platform.scope.next_attempt_at
    assert due is not None
    assert due < timezone.now() + timedelta(seconds=5)
    Scope.objects.filter(pk=platform.scope.pk).update(next_attempt_at=timezone.now())
    assert sweep.enqueue_due() == 1
    tasks.sync_scope(scope_id=platform.scope.pk)
    assert platform.is_in_sync


def test_a_look_that_fails_is_followed_by_a_later_one(platform: Platform, switch: Switch) -> None:
    platform.approve("access:role:create", name="still-away")
    shut(platform)
    waits = []
    for _ in range(3):
        its_time_has_come(platform)
        switch.spoil("GET", "/admin/realms/master", Fault(status=503))
        start = timezone.now()
        assert circuit.look_where_due() == 1
        due = Circuit.objects.get(server=platform.server).retry_at
        assert due is not None
        waits.append(due - start)

    assert waits == sorted(waits)
    assert is_open(platform)


def in_threads(work: Any, *, times: int) -> None:
    def body() -> None:
        work()
        connection.close()

    threads = [Thread(target=body) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_page_of_a_proxy_is_a_server_that_is_away(platform: Platform, switch: Switch, status: int) -> None:
    """F4: HTML for JSON is no surprise, and its words are nobody's sentence."""
    platform.approve("access:role:create", name=f"behind-{status}")
    switch.spoil("GET", platform.realm, Fault(status=status, body=HTML))

    run = platform.sync()

    assert run.state == Run.State.FAILED
    assert str(status) in run.sentence
    assert "password" not in run.sentence
    assert platform.scope.touched.get().attempts == 0
    Circuit.objects.all().delete()
    assert platform.sync().state == Run.State.DONE


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_time_gets_it(platform: Platform, switch: Switch, status: int) -> None:
    """F4, F5: Retry-After holds for everybody, and a page does not wait for it."""
    platform.approve("access:role:create", name=f"slower-{status}")
    start = timezone.now()
    switch.spoil("GET", platform.realm, Fault(status=status, headers=(("retry-after", "40"),)))
    platform.sync()
    switch.seen.clear()

    with pytest.raises(Unreachable, match="slow down"):
        platform.preview("access:role:create", name="not-now")

    assert switch.seen == []
    row = Circuit.objects.get(server=platform.server)
    assert row.retry_at is not None
    assert row.retry_at >= start + timedelta(seconds=40)
    due = platform.scope.next_attempt_at
    assert due is not None
    assert due >= start + timedelta(seconds=40)


def test_a_page_answers_while_a_server_hangs(platform: Platform, switch: Switch, client: Client) -> None:
    """F2: the form comes back with what was typed and why; nothing is lost."""
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    switch.is_hanging = True
    address = reverse("access:role-create", args=[platform.tenant])

    answer = client.post(address, {"name": "typed", "description": "Kept"})

    assert "did not answer in time" in answer.content.decode()
    assert "Kept" in answer.content.decode()


def test_pages_say_that_a_server_does_not_answer(platform: Platform, client: Client) -> None:
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    platform.approve("access:role:create", name="shown")
    shut(platform)

    pages = [reverse("home"), reverse("tenants:server-list")]
    pages += [reverse("tenants:server-detail", args=[platform.server.pk]), reverse("sync:run-list")]
    told = [client.get(page).content.decode() for page in pages]

    assert "no answer since" in told[0]
    assert "No answer" in told[1]
    assert "nobody asks it for now" in told[2]
    assert "The server cannot be reached." in told[3]
    assert "Next try at" in told[3]


def test_a_server_has_half_of_the_places_where_there_is_another(platform: Platform) -> None:
    """A server that hangs takes its own places, and leaves the others theirs."""
    bulkhead.made_for(4)
    assert bulkhead.places() == 4
    with platform.reached_at("http://127.0.0.1:9"):
        other = type(platform.server).objects.create(name="another", url="http://127.0.0.1:9", client_id="x")
    try:
        with bulkhead.place(platform.server.pk), bulkhead.place(platform.server.pk):
            with pytest.raises(bulkhead.Full), bulkhead.place(platform.server.pk):
                raise AssertionError("a third place was given")
            tasks.sync_scope(scope_id=platform.scope.pk)
            assert platform.scope.next_attempt_at is not None
            with bulkhead.place(other.pk):
                pass
        with bulkhead.place(platform.server.pk):
            pass
    finally:
        other.delete()
