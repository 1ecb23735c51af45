"""One writer per realm: a lease with a token, checked right before each write.

The job queue delivers at least once and its lock is no mutex, so this is what fences. The clock is
the database's, the same for all workers.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now
from django.utils.dateparse import parse_datetime

from console.engine.target import LostLease
from console.sync.models import Scope

LEASE = timedelta(seconds=20)
LONGEST_WRITE = timedelta(seconds=12)  # the gateway gives up after 10
SLOW_LEASE = timedelta(seconds=75)  # for making or deleting a realm, which may take 60


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


def renew(scope: Scope, token: UUID, *, is_slow: bool = False) -> None:
    """Hold the lease for longer, never shorter. Raises LostLease when it is no longer ours."""
    until = Greatest(F("lease_until"), Now() + (SLOW_LEASE if is_slow else LEASE))
    if not Scope.objects.filter(pk=scope.pk, lease_token=token).update(lease_until=until):
        raise LostLease("Another run took over this realm.")


def release(scope: Scope, token: UUID) -> None:
    """Give the lease back, if it is still ours."""
    Scope.objects.filter(pk=scope.pk, lease_token=token).update(lease_token=None, lease_until=None)


def database_now() -> datetime:
    """Return the database's clock, aware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        value = cursor.fetchone()[0]
    return value if isinstance(value, datetime) else parse_datetime(value)  # type: ignore[return-value]
