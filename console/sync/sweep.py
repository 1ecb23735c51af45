"""What keeps work going whatever was lost: it looks at what waits, not at jobs.

Every worker sweeps in a thread of its own, outside the job queue: full places do not stop it, and nothing of
it is left behind when its worker is killed, so the other workers simply go on.
"""

import logging
from datetime import timedelta
from threading import Event, Thread

from django.db import close_old_connections, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from console.sync import circuit, makers, queue
from console.sync.drift import watching
from console.sync.models import Scope, Touched
from console.sync.times import TIMES
from console.sync.work import Watch, watches

log = logging.getLogger(__name__)

AT_ONCE = 20  # of one server: the others follow as these end


def start() -> Event:
    """Sweep in the background until the event that is returned is set."""
    over = Event()
    watched = (
        Watch("sweep", once, TIMES.sweep),
        Watch("look at servers", circuit.look_where_due, TIMES.sweep),
        Watch("confirm who made API tokens", makers.confirm_due, makers.EVERY),
        *watches(),
    )
    for one in watched:
        Thread(target=_keep_on, args=(one.look, one.every, over), name=one.name, daemon=True).start()
    return over


def _keep_on(task: "queue.Work", every: float, over: Event) -> None:
    while not over.wait(every):
        close_old_connections()
        try:
            task()
        except Exception:  # the database may be away; the next round tries again
            log.exception("A sweep failed. The next one follows.")
        finally:
            close_old_connections()


def once() -> int:
    """Give back what dead workers left, and take up what is due. Return how many things were done."""
    return queue.give_back_stalled() + enqueue_due() + enqueue_reads() + len(watching.enqueue_due())


def enqueue_due(server_id: int | None = None, *, most: int = AT_ONCE) -> int:
    """Enqueue each scope with something to do whose time has come, and return how many.

    One whose job was lost, or failed before it began, is due as well: only what waits counts.
    """
    return sum(_enqueue(scope) for scope in _spread(_due(server_id), most))


def _due(server_id: int | None) -> QuerySet[Scope]:
    waiting = Touched.objects.filter(scope=OuterRef("pk"), is_set_aside=False)
    is_time = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=timezone.now())
    answers = Q(server__circuit__isnull=True) | Q(server__circuit__opened_at__isnull=True)
    rows = Scope.objects.filter(
        is_time, answers, Exists(waiting), ~Exists(queue.jobs_of_scope()), is_paused=False
    )
    rows = rows.filter(server=server_id) if server_id is not None else rows
    return rows.order_by(F("next_attempt_at").asc(nulls_first=True), "pk")


def _spread(rows: QuerySet[Scope], most: int) -> list[Scope]:
    """Return at most so many of each server."""
    of_server: dict[int, list[Scope]] = {}
    for scope in rows:
        of_server.setdefault(scope.server_id, []).append(scope)
    return [scope for scopes in of_server.values() for scope in scopes[:most]]


def _enqueue(scope: Scope) -> bool:
    """Enqueue a scope unless a job of it is there already. Other sweeps wait meanwhile."""
    with transaction.atomic():
        free = Scope.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        idle = free.filter(~Exists(queue.jobs_of_scope()), pk=scope.pk)
        if not idle.values_list("pk", flat=True):
            return False
        Scope.objects.filter(pk=scope.pk).update(next_attempt_at=None)
        queue.enqueue(scope)
    return True


def enqueue_reads() -> int:
    """Enqueue the complete reads that were put off, and return how many."""
    due = list(Scope.objects.filter(next_read_at__lte=timezone.now()))
    for scope in due:
        Scope.objects.filter(pk=scope.pk).update(next_read_at=None)
        queue.enqueue_read(scope)
    return len(due)


def put_off_read(scope_id: int, *, seconds: float) -> None:
    """Read a scope later."""
    due = timezone.now() + timedelta(seconds=seconds)
    Scope.objects.filter(pk=scope_id).update(next_read_at=due)
