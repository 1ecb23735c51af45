"""One writer per realm: a lease with a token, checked right before each write.

The job queue delivers at least once and its lock is no mutex, so this is what fences. The clock is
the database's, the same for all workers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime

from console.engine.target import LostLease
from console.sync.models import Scope
from console.sync.times import TIMES

LEASE = timedelta(seconds=TIMES.lease)
LONGEST_WRITE = timedelta(seconds=TIMES.longest_write)
LOOKS_ONLY = LEASE / 4  # so long after it was prolonged, what is left outlives the longest write

TAKEN_OVER = "Another run took over this realm."


class Busy(Exception):
    """Another run holds the scope. `until` is when it could be taken over."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__("Another run is writing to this realm.")
        self.until = until


def take(scope: Scope) -> UUID:
    """Return the token of a new lease. Raises Busy while another one holds.

    A lease that ran out is taken only after the longest write time-out more: a paused worker may
    have a call under way.
    """
    now, token = database_now(), uuid4()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now - LONGEST_WRITE)
    taken = Scope.objects.filter(free, pk=scope.pk).update(lease_token=token, lease_until=now + LEASE)
    if not taken:
        held = Scope.objects.filter(pk=scope.pk).values_list("lease_until", flat=True).first()
        raise Busy(held + LONGEST_WRITE if held else None)
    return token


def renew(scope: Scope, token: UUID) -> None:
    """Hold the lease for longer. Raises LostLease when it is no longer ours.

    A run that waits for a slow write renews meanwhile. Making or deleting a realm may go on in Keycloak
    after its worker died: whoever takes over finds the same id, or nothing left to delete.
    """
    until = Now() + LEASE
    if not Scope.objects.filter(pk=scope.pk, lease_token=token).update(lease_until=until):
        raise LostLease(TAKEN_OVER)


@contextmanager
def held(scope: Scope, token: UUID) -> Iterator[None]:
    """A transaction in which the lease stays ours. Raises LostLease when it is no longer.

    What a run writes about its scope goes through here: one that slept must not speak for its successor.
    """
    with transaction.atomic():
        own = Scope.objects.select_for_update(no_key=True).filter(pk=scope.pk, lease_token=token)
        if not own.values_list("pk", flat=True):
            raise LostLease(TAKEN_OVER)
        yield


class Held:
    """A lease as the run that holds it sees it. `is_paused`: somebody asks for a pause, by the last look."""

    def __init__(self, scope: Scope, token: UUID) -> None:
        self._scope = scope
        self._token = token
        self.is_paused = False

    def check(self) -> None:
        """Look whether it is still ours, and hold it for longer before the longest write could outlive it.

        A look is one read of one row, where holding it longer is a write to the disk.
        """
        rest = self._look()
        if rest < LEASE - LOOKS_ONLY:
            renew(self._scope, self._token)

    def renew(self) -> None:
        """Hold it for longer. Raises LostLease."""
        renew(self._scope, self._token)
        self._look()

    def _look(self) -> timedelta:
        """Return for how long it is ours yet. Plain SQL, for this comes before every write."""
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, [self._scope.pk, self._token])
            found = cursor.fetchone()
        if found is None:
            raise LostLease(TAKEN_OVER)
        rest, self.is_paused = found
        return rest


_LOOK = (
    "SELECT lease_until - statement_timestamp(), is_paused"
    f" FROM {Scope._meta.db_table} WHERE id = %s AND lease_token = %s"
)


def release(scope: Scope, token: UUID) -> None:
    """Give the lease back, if it is still ours."""
    Scope.objects.filter(pk=scope.pk, lease_token=token).update(lease_token=None, lease_until=None)


def database_now() -> datetime:
    """Return the database's clock, aware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        value = cursor.fetchone()[0]
    return value if isinstance(value, datetime) else parse_datetime(value)  # type: ignore[return-value]
