"""What is foreign and was accepted as it stands. The first complete read is accepted as a whole."""

from collections.abc import Collection, Iterable
from datetime import datetime

from console.engine.rebase import later, rebased
from console.engine.state import Address, Resource
from console.sync.drift.differences import Baseline
from console.sync.drift.models import Accepted, Change, DriftItem, Watch
from console.sync.models import LedgerEntry, Observed, Scope

CHUNK = 2000


def load(scope: Scope, watch: Watch) -> Baseline:
    """Return the baseline as it is now, with two queries."""
    rows = Accepted.objects.filter(scope=scope).values_list("address", "fields", "keycloak_id")
    accepted = {
        address: Resource(address, fields, id or None)
        for address, fields, id in ((Address.parse(key), fields, id) for key, fields, id in rows)
    }
    written = LedgerEntry.objects.filter(scope=scope)
    if watch.checked_at is not None:
        written = written.filter(applied_at__gte=watch.checked_at)
    fresh = frozenset(Address.parse(key) for key in written.values_list("address", flat=True))
    return Baseline(accepted=accepted, kinds=frozenset(watch.baseline_kinds), fresh=fresh)


def learn(scope: Scope, resources: Iterable[Resource], *, now: datetime, by: str = "") -> None:
    """Accept these as they stand."""
    rows = [
        Accepted(
            scope=scope,
            address=one.address.key,
            keycloak_id=one.id or "",
            fields=dict(one.fields),
            accepted_at=now,
            accepted_by=by,
        )
        for one in resources
    ]
    Accepted.objects.bulk_create(
        rows,
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["scope", "address"],
        update_fields=["keycloak_id", "fields", "accepted_at", "accepted_by"],
    )


def learn_as_read(scope: Scope, keys: Collection[str], *, now: datetime, by: str) -> None:
    """Accept what is managed no longer as it was last read: giving it up is no news."""
    rows = Observed.objects.filter(scope=scope, address__among=keys)
    found = rows.values_list("address", "fields", "keycloak_id")
    learn(
        scope,
        [Resource(Address.parse(key), fields, id or None) for key, fields, id in found],
        now=now,
        by=by,
    )


def forget(scope: Scope, addresses: Collection[Address]) -> None:
    """Drop what is not there any more and nobody needs to hear of."""
    if addresses:
        Accepted.objects.filter(scope=scope, address__among=[one.key for one in addresses]).delete()


def accept(item: DriftItem, *, now: datetime, by: str) -> None:
    """Let the baseline hold what an item of a foreign thing says. The caller has passed the door."""
    address = Address.parse(item.address)
    along = [Address.parse(key) for key in item.along]
    if item.change == Change.REMOVED:
        forget(item.scope, [address, *along])
        return
    if item.stands_at:
        _follow(item.scope, {address: Address.parse(item.stands_at)})
        address = Address.parse(item.stands_at)
    found = Resource(address, item.theirs or {}, item.keycloak_id or None)
    learn(item.scope, [found, *(Resource(one) for one in along)], now=now, by=by)


def _follow(scope: Scope, renamed: dict[Address, Address]) -> None:
    """Carry the baseline along with a thing that has another name now."""
    moving = []
    for row in Accepted.objects.filter(scope=scope):
        old = Address.parse(row.address)
        new = rebased(old, lambda end: later(end, renamed))
        if new != old:
            row.address = new.key
            moving.append(row)
    Accepted.objects.bulk_update(moving, ["address"], batch_size=CHUNK)
