"""The rows of the inbox: kept through checks while a difference lasts, and closed with the time it ended."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from console.engine.state import Address
from console.sync.drift.difference import Difference
from console.sync.drift.models import Accepted, DriftItem
from console.sync.drift.owners import owners_of
from console.sync.models import LedgerEntry, Scope

CHUNK = 2000
GONE = "Keycloak and the console agree again."
SETTLED = "Settled by a run."

Told = Mapping[str, Any]


def store(
    scope: Scope,
    found: Iterable[Difference],
    *,
    now: datetime,
    leave: Callable[[Address], bool],
) -> list[DriftItem]:
    """Write down what a check found, and return what is new or has another value now.

    What the check could not look at (`leave`) stays as it is.
    """
    known = {one.address: one for one in DriftItem.objects.filter(scope=scope, closed_at__isnull=True)}
    differences = {one.address.key: one for one in found if not leave(one.address)}
    news = [one for key, one in differences.items() if key not in known or known[key].mark != one.mark]
    owners = owners_of(scope, [one.address for one in news])
    rows = [_filled(known.get(one.address.key), scope, one, owners, now) for one in news]
    fresh = [row for row in rows if row.address not in known]
    DriftItem.objects.bulk_create(fresh, batch_size=CHUNK)
    DriftItem.objects.bulk_update([row for row in rows if row.address in known], _FIELDS, batch_size=CHUNK)
    same = [known[key].pk for key in differences if key in known]
    DriftItem.objects.filter(pk__in=same).update(seen_at=now)
    over = [row for key, row in known.items() if key not in differences and not leave(Address.parse(key))]
    close(over, now=now, how=GONE)
    return rows


_FIELDS = [
    "tenant", "state", "change", "risk", "ours", "theirs", "applied", "stands_at", "keycloak_id", "along",
    "sentence", "may_push", "mark", "since", "seen_at", "told", "by_name", "by_client", "by_address", "by_at",
    "by_sentence",
]  # fmt: skip


def _filled(
    row: DriftItem | None, scope: Scope, one: Difference, owners: Mapping[Address, str], now: datetime
) -> DriftItem:
    """Return the row of a difference with all of it; who did it is to be told anew."""
    row = row or DriftItem(scope=scope, address=one.address.key, first_seen_at=now)
    row.kind, row.tenant = one.address.kind.value, owners.get(one.address, "")
    row.state, row.change, row.risk = one.state, one.change, one.risk.value
    row.ours, row.theirs, row.applied = _json(one.ours), _json(one.theirs), _json(one.applied)
    row.stands_at = one.stands_at.key if one.stands_at else ""
    row.keycloak_id, row.along = one.id or "", [each.key for each in one.along]
    row.sentence, row.may_push, row.mark = one.sentence, one.may_push, one.mark
    row.since = row.seen_at = now
    row.told = row.by_name = row.by_client = row.by_address = row.by_sentence = ""
    row.by_at = None
    return row


def _json(fields: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(fields) if fields is not None else None


def settle(scope: Scope, addresses: Collection[Address], *, now: datetime) -> None:
    """Note that a run brought these in line, so that nobody waits for the next check to see it."""
    keys = [one.key for one in addresses]
    open_ones = DriftItem.objects.filter(scope=scope, address__among=keys, closed_at__isnull=True)
    close(open_ones, now=now, how=SETTLED)
    applied = LedgerEntry.objects.filter(scope=scope, address__among=keys).values("address")
    Accepted.objects.filter(scope=scope, address__among=keys).exclude(address__in=applied).delete()


def close(rows: Iterable[DriftItem], *, now: datetime, how: str) -> None:
    """Note that these differ no longer, and why."""
    ids = [row.pk for row in rows]
    if ids:
        DriftItem.objects.filter(pk__in=ids).update(closed_at=now, closed_how=how[:300])
