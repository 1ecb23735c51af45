"""A server that does not answer is left alone, by all processes at once, until one look finds it back.

Workers and pages go through `through`. It costs a query where the server answers. After two calls in a row
without an answer the circuit opens: everybody is refused at once with a sentence. Then one worker looks,
first soon, later once a minute; when the server answers, what waits for it goes on.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from console.keycloak.client import News, client_for
from console.keycloak.errors import KeycloakError, Temporary
from console.keycloak.probe import look
from console.seal import CannotOpen
from console.sync.lease import database_now
from console.sync.models import Circuit, KeycloakServer, Scope
from console.sync.times import TIMES
from console.transport import within

log = logging.getLogger(__name__)

MOST_SILENT = 2
LOOK_SECONDS = 5.0
OVERDUE = timedelta(seconds=30)  # no worker looks: whoever comes next does
LONGEST_ASKED = 300.0


class Open(Temporary):
    """The server does not answer and is not asked before `until`."""

    def __init__(self, sentence: str, *, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


@contextmanager
def through(server: KeycloakServer) -> Iterator[None]:
    """Let the calls inside the block go to a server. Raises Open at once where it does not answer."""
    _refuse(server)
    try:
        client = client_for(server.connection())
    except CannotOpen:
        yield  # the caller meets it, too, and tells it
        return
    try:
        yield
    finally:
        note(server, client.take_news())


def _refuse(server: KeycloakServer) -> None:
    row = Circuit.objects.filter(server=server, opened_at__isnull=False).first()
    if row is None or row.opened_at is None or row.retry_at is None:
        return
    if row.retry_at + OVERDUE < database_now() and _claim(row):
        return
    raise Open(told(row), until=row.retry_at)


def told(row: Circuit) -> str:
    """Return what an open circuit means, for an administrator."""
    since = f"{row.opened_at:%H:%M:%S} UTC" if row.opened_at else "now"
    return f"{row.server.name} has not answered since {since}: {row.sentence}"


def note(server: KeycloakServer, news: News) -> None:
    """Keep what calls said of a server: they all count together, whatever process made them."""
    if news.wait:
        _open(server, "Keycloak asks us to slow down.", wait=min(news.wait, LONGEST_ASKED))
    elif news.silent:
        _count(server, news)
    elif news.answered:
        close(server)


def _count(server: KeycloakServer, news: News) -> None:
    with transaction.atomic():
        row = _locked(server)
        row.failures += news.silent
        row.sentence = news.sentence
        row.save(update_fields=["failures", "sentence"])
        is_enough = row.failures >= MOST_SILENT and not row.is_open
    if is_enough:
        _open(server, news.sentence)


def _open(server: KeycloakServer, sentence: str, *, wait: float | None = None) -> None:
    """Leave the server alone for a while: longer each time, or as long as it asked."""
    with transaction.atomic():
        row, now = _locked(server), database_now()
        pause = wait or min(TIMES.first_look * 2 ** min(row.looks, 10), TIMES.longest_look)
        row.opened_at = row.opened_at or now
        row.retry_at = now + timedelta(seconds=pause * random.uniform(1, 1.2))
        row.looks, row.look_until, row.sentence = row.looks + 1, None, sentence
        row.save()
    log.warning("server %s is left alone for %.0f s: %s", server.name, pause, sentence)


def close(server: KeycloakServer) -> None:
    """Let everybody through again. What waited comes one after the other, not all at once."""
    known = Circuit.objects.filter(server=server)
    if not known.filter(Q(failures__gt=0) | Q(opened_at__isnull=False)).exists():
        return
    with transaction.atomic():
        row = _locked(server)
        was_open = row.is_open
        known.update(failures=0, looks=0, opened_at=None, retry_at=None, look_until=None, sentence="")
        if was_open:
            waiting = Scope.objects.filter(server=server, next_attempt_at__isnull=False)
            for scope in waiting.only("pk"):
                soon = database_now() + timedelta(seconds=random.uniform(0, TIMES.first_wait))
                Scope.objects.filter(pk=scope.pk).update(next_attempt_at=soon)
    if was_open:
        log.warning("server %s answers again", server.name)


def _locked(server: KeycloakServer) -> Circuit:
    Circuit.objects.get_or_create(server=server)
    return Circuit.objects.select_for_update(of=("self",)).get(server=server)


def look_where_due() -> int:
    """Ask each open server whose time has come once, whatever the number of workers. Return how many."""
    due = Circuit.objects.filter(retry_at__lte=database_now()).select_related("server")
    return sum(_look(row.server) for row in due if _claim(row))


def _claim(row: Circuit) -> bool:
    """Tell whether this process is the one that may look."""
    now = database_now()
    free = Q(look_until__isnull=True) | Q(look_until__lt=now)
    mine = Circuit.objects.filter(free, pk=row.pk, retry_at=row.retry_at)
    return bool(mine.update(look_until=now + timedelta(seconds=3 * LOOK_SECONDS)))


def _look(server: KeycloakServer) -> bool:
    try:
        client = client_for(server.connection())
        with within(LOOK_SECONDS):
            look(client)
    except CannotOpen:
        close(server)  # that is told where somebody can do something about it
    except KeycloakError as error:
        news = client.take_news()
        _open(server, error.sentence, wait=news.wait)
    else:
        client.take_news()
        close(server)
    return True
