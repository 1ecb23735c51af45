"""One of three Keycloak servers hangs: how long changes on the other two take, beside the time before it."""

import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from console.sync.models import Circuit, KeycloakServer, Scope
from tests.bench.figures import head, line
from tests.factories import Platform, platforms
from tests.faults.hanging import Switch
from tests.faults.workers import REAL, workers
from tests.keycloak.forwarder import serving

CHANGES = 20  # on each of the two other servers, one after the other
REALMS = 4  # on the server that hangs
WORKERS, CONCURRENCY = 2, 4
PATIENCE = 120  # seconds

Watch = Callable[[], None]


def measure(place: Any, worlds: Any) -> None:
    """Print the time from apply to applied on two servers, alone and while the third hangs."""
    head(f"1 of 3 servers hangs, {REALMS} realms on it; {WORKERS} workers of {CONCURRENCY} places")
    connection = KeycloakServer.objects.order_by("pk")[0].connection()
    with ExitStack() as whole:
        third = whole.enter_context(platforms(connection))
        slow = [third() for _ in range(REALMS)]
        others = [whole.enter_context(platforms(connection))() for _ in range(2)]
        switches = [whole.enter_context(serving(Switch(connection.url))) for _ in range(3)]
        for platform, switch in zip((slow[0], *others), switches, strict=True):
            whole.enter_context(platform.reached_at(switch.url))
        whole.enter_context(workers(WORKERS, settings=REAL, concurrency=CONCURRENCY))
        _changes(others, "warm", 2)
        before = _changes(others, "alone", CHANGES)
        _hang(slow, switches[0])
        start, opened = time.monotonic(), []
        during = _changes(others, "hanging", CHANGES, watch=lambda: _note_open(slow[0], opened))
        line("the circuit opened after", f"{opened[0] - start:.1f} s" if opened else "not yet")
        switches[0].is_hanging = False
    line("others, all three answer", _told(before))
    line("others, the third hangs", _told(during))
    line("p95 compared", f"{_p95(during) / _p95(before):.2f} times")


def _hang(slow: list[Platform], switch: Switch) -> None:
    """Let changes wait for each of its realms, and hang right when the workers begin."""
    pks = [one.scope.pk for one in slow]
    Scope.objects.filter(pk__in=pks).update(is_paused=True)
    for platform in slow:
        platform.approve("access:role:create", name="hung")
    switch.is_hanging = True
    Scope.objects.filter(pk__in=pks).update(is_paused=False)


def _changes(others: list[Platform], word: str, count: int, watch: Watch = lambda: None) -> list[float]:
    """Return the seconds from apply to applied of so many changes on each server, one after the other."""
    times = []
    for number in range(count):
        for platform in others:
            plan = platform.preview("access:role:create", name=f"{word}-{number}")
            start = time.monotonic()
            platform.apply(plan)
            while not platform.is_in_sync:
                time.sleep(0.02)
                watch()
                if time.monotonic() - start > PATIENCE:
                    raise TimeoutError(f"{platform.realm} is not in sync after {PATIENCE} s")
            times.append(time.monotonic() - start)
    return times


def _note_open(platform: Platform, opened: list[float]) -> None:
    if not opened and Circuit.objects.filter(server=platform.server, opened_at__isnull=False).exists():
        opened.append(time.monotonic())


def _told(times: list[float]) -> str:
    return f"median {1000 * median(times):6.0f}   p95 {1000 * _p95(times):6.0f} ms   ({len(times)} changes)"


def _p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]
