"""When a realm is checked, and that no two checks of one realm run at once."""

import random
from collections.abc import Iterable
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from console.sync import queue
from console.sync.drift.models import Watch
from console.sync.lease import database_now
from console.sync.models import Scope

T = TypeVar("T")

BEAT = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=40)
JITTER = 0.1
RETRY = timedelta(minutes=5)
FIRST_WITHIN = timedelta(minutes=10)  # realms that were never watched are not all checked at once
MOST_AT_ONCE = 50


class Running(Exception):
    """Another check of this realm runs."""

    def __init__(self, since: datetime | None) -> None:
        super().__init__("This realm is being checked already.")
        self.since = since


class Overtaken(Exception):
    """This check was taken for dead, and another one began."""


def begin(scope: Scope) -> UUID:
    """Return the token of a new check. Raises Running while another one lives."""
    token, now = uuid4(), database_now()
    Watch.objects.get_or_create(scope=scope)
    free = Q(token__isnull=True) | Q(beat_at__lt=now - DEAD_AFTER)
    taken = Watch.objects.filter(free, scope=scope).update(
        token=token, started_at=now, beat_at=now, stage="Waiting for Keycloak"
    )
    if not taken:
        raise Running(Watch.objects.filter(scope=scope).values_list("started_at", flat=True).first())
    return token


def beat(scope: Scope, token: UUID, stage: str | None = None) -> None:
    """Say that the check lives, and what it does now. Raises Overtaken."""
    told = {} if stage is None else {"stage": stage}
    if not Watch.objects.filter(scope=scope, token=token).update(beat_at=database_now(), **told):
        raise Overtaken("Another check of this realm took over.")


def waited(scope: Scope, token: UUID, work: "Future[T]") -> T:
    """Return what other work gives, and say meanwhile that the check lives. Raises what the work raises."""
    while not wait([work], timeout=BEAT.total_seconds()).done:
        beat(scope, token)
    return work.result()


def release(scope: Scope, token: UUID, *, sentence: str) -> None:
    """End a check, if it is still ours, and say what came of it, "" if nothing is to be said."""
    watch = Watch.objects.filter(scope=scope, token=token).first()
    if watch is None:
        return
    watch.token = watch.beat_at = watch.asked_at = None
    watch.stage, watch.sentence = "", sentence
    watch.due_at = next_time(watch, failed=bool(sentence))
    watch.save(update_fields=["token", "beat_at", "asked_at", "stage", "sentence", "due_at"])


def next_time(watch: Watch, *, failed: bool = False) -> datetime | None:
    """Return when the realm is due again, with some chance in it; None where nobody wants that."""
    if not watch.every_minutes:
        return None
    every = timedelta(minutes=watch.every_minutes)
    spread = random.uniform(1 - JITTER, 1 + JITTER)
    return timezone.now() + (min(RETRY, every) if failed else every) * spread


def ask(scope: Scope) -> None:
    """Enqueue a check of this realm now. One that waits already is enough."""
    with transaction.atomic():
        watch, _ = Watch.objects.get_or_create(scope=scope)
        Watch.objects.filter(pk=watch.pk).update(asked_at=timezone.now())
        queue.enqueue_read(scope)


def enqueue_due() -> list[Scope]:
    """Enqueue a check of each realm that is due, and return them."""
    _watch_all()
    now = timezone.now()
    due = Watch.objects.filter(due_at__lte=now, token__isnull=True).select_related("scope__server")
    dead = Watch.objects.filter(beat_at__lt=now - DEAD_AFTER).select_related("scope__server")
    asked = list({one.pk: one for one in (*due.order_by("due_at")[:MOST_AT_ONCE], *dead)}.values())
    for watch in asked:
        # Put off before it is asked for: a sweep that comes meanwhile does not ask again.
        Watch.objects.filter(pk=watch.pk).update(due_at=next_time(watch, failed=True))
        queue.enqueue_read(watch.scope)
    return [one.scope for one in asked]


def _watch_all() -> None:
    """Watch what is not watched yet: realms that were read at least once, and have something to compare."""
    unwatched: Iterable[Scope] = Scope.objects.filter(watch__isnull=True, read_at__isnull=False)
    Watch.objects.bulk_create(
        [Watch(scope=scope, due_at=timezone.now() + FIRST_WITHIN * random.random()) for scope in unwatched],
        ignore_conflicts=True,
    )
