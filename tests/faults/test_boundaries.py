"""Boundaries that no write of a kind has: between two batches of a run, and around a realm as a whole.

F14, F16, F31, F32. `test_kills.py` has those of every kind of thing inside a realm.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from console.engine.state import Kind
from console.keycloak.connection import Connection
from console.sync import preview
from console.sync.models import LedgerEntry, Run, Step
from tests.engine.world import defaults
from tests.factories import MIRA, Platform, at
from tests.faults.gate import Gate, Side
from tests.faults.scenario import Stage, declare, found_in, give_up
from tests.faults.workers import Workers, until, workers
from tests.keycloak.forwarder import serving
from tests.keycloak.world import World

HELD = 471147  # the advisory lock that holds the third step of a run
HOLD = f"""
CREATE FUNCTION hold_step() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared({HELD}); RETURN NEW; END $$;
CREATE TRIGGER hold_step BEFORE INSERT ON sync_step
FOR EACH ROW WHEN (NEW.number = 3) EXECUTE FUNCTION hold_step();
"""
UNHOLD = "DROP TRIGGER hold_step ON sync_step; DROP FUNCTION hold_step()"
WAITS = f"""
SELECT client_port FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND objid = {HELD} AND NOT granted AND datname = current_database()
"""


@contextmanager
def third_step_held() -> Iterator[None]:
    """The database takes the third step of a run only after this: its worker stands between two batches."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD)
        cursor.execute(f"SELECT pg_advisory_lock({HELD})")
        try:
            yield
        finally:
            cursor.execute(f"SELECT pg_advisory_unlock({HELD})")
            until(lambda: not _waiting(), what="the end of who waited")
            cursor.execute(UNHOLD)


def _waiting() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return [port for (port,) in cursor.fetchall()]


def two_batches() -> Stage:
    """Two roles, which one batch makes, and what needs both of them."""
    roles = {at(Kind.ROLE, name): defaults(Kind.ROLE) for name in ("outer", "inner")}
    return Stage("two batches", {**roles, at(Kind.COMPOSITE, "outer", "inner"): {}}, {})


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=lambda sign: sign.name)
def test_a_worker_caught_between_two_batches_leaves_the_second_one_to_another(
    new_platform: Callable[..., Platform], sign: signal.Signals
) -> None:
    """The first batch is done and recorded. A sleeper holds its lease and a row of the database."""
    platform = new_platform()
    stage, gate = two_batches(), Gate(platform.keycloak.connection.url)
    with serving(gate), platform.reached_at(gate.url), workers(2) as crew:
        with third_step_held():
            declare(platform, stage)
            (port,) = until(_waiting, what="the second batch")
            assert _states(platform) == ["done", "done"]
            worker = crew.at_port(port, to=int(connection.settings_dict["PORT"]))
            assert worker is not None
            (crew.kill if sign is signal.SIGKILL else crew.stop)(worker)
        until(lambda: platform.is_in_sync, seconds=120)
        until(lambda: not Run.objects.filter(scope=platform.scope, state=Run.State.RUNNING).exists())
        assert found_in(platform, stage.declared).keys() == stage.declared.keys()
        _ends_alone(platform, crew, worker, sign)

    assert set(gate.done.values()) == {1}
    assert _states(platform) == ["done"] * 3


def _ends_alone(platform: Platform, crew: Workers, worker: int, sign: signal.Signals) -> None:
    """Wake who slept, and let it work alone: it adds nothing to its old run, and takes up the next."""
    if sign is signal.SIGKILL:
        return
    for other in crew.alive - {worker}:
        crew.kill(other)
    crew.wake(worker)
    platform.approve("access:group:create", name="woken")
    until(lambda: platform.is_in_sync, seconds=120)


def _states(platform: Platform) -> list[str]:
    """Return how the steps of the two batches stand, in all runs."""
    keys = [one.key for one in two_batches().declared]
    steps = Step.objects.filter(run__scope=platform.scope, address__in=keys)
    return list(steps.order_by("pk").values_list("state", flat=True))


def killed_at_each(platform: Platform, gate: Gate, crew: Workers) -> list[Side]:
    """Kill each worker that the gate catches until the realm is in sync. Return where they were."""
    sides = []

    def is_there() -> bool:
        caught = gate.next(seconds=0.2)
        if caught is None:
            return platform.is_in_sync
        worker = crew.at_port(caught.exchange.port, to=gate.port)
        if worker is None:
            caught.lose(again=caught.side is Side.BEFORE)
            return False
        crew.kill(worker)
        caught.lose()
        crew.start()
        sides.append(caught.side)
        return False

    until(is_there, seconds=120, what="the end")
    return sides


def _approved_tenant(slug: str, platform: Platform, gate: Gate, connection: Connection) -> Platform:
    """Approve a tenant with a realm of its own. Its realm is made by the workers."""
    made = Platform(tenant=slug, server=platform.server, keycloak=World(connection, slug))
    values = {"slug": slug, "name": "Killed", "server": platform.server.pk, "realm": slug}
    plan = preview.preview(
        actor=MIRA, command="tenants:tenant:create", values=values, title="create", tenant=slug
    )
    gate.round, gate.only = "made", "/admin/realms"
    made.apply(plan)
    return made


def test_a_realm_is_made_and_deleted_once_by_workers_that_are_killed(
    platform: Platform, keycloak_connection: Connection, realm_name: Callable[..., str]
) -> None:
    gate = Gate(keycloak_connection.url)
    with serving(gate), platform.reached_at(gate.url), workers(2) as crew:
        made = _approved_tenant(realm_name("killed"), platform, gate, keycloak_connection)
        assert killed_at_each(made, gate, crew) == [Side.BEFORE, Side.AFTER]
        assert made.keycloak.get()["displayName"] == "Killed"

        gate.round, gate.only = "deleted", f"/{made.realm}"
        give_up(made)
        assert killed_at_each(made, gate, crew) == [Side.BEFORE, Side.AFTER]

    assert made.keycloak.find() is None
    assert set(gate.done.values()) == {1}
    assert not LedgerEntry.objects.filter(scope=made.scope).exists()
