"""When a name changed in Keycloak, all that we know under the former one follows."""

from collections.abc import Mapping
from typing import Any

from console.engine.kinds import HOLDERS, spec_of
from console.engine.rebase import later, rebased
from console.engine.state import Address
from console.sync import observed, touched
from console.sync.drift.models import Accepted
from console.sync.models import LedgerEntry, Observed, Scope


def renamed(scope: Scope, names: Mapping[Address, Address]) -> None:
    """Carry the ledger, what was observed and what waits along with these things (former to present).

    All names at once, for they may be exchanged. What else stands at a new name is not there any more.
    """
    things = {old: new for old, new in names.items() if spec_of(old).has_name and old != new}
    if things:
        applied = _move(scope, LedgerEntry, things)
        _move(scope, Observed, things)
        _move(scope, Accepted, things)
        touched.follow(scope, applied)


def _move(scope: Scope, model: Any, things: Mapping[Address, Address]) -> dict[Address, Address]:
    kinds = sorted({kind.value for thing in things for kind in HOLDERS[thing.kind]})
    moving, new = [], {}
    for row in model.objects.filter(scope=scope, address__regex=rf"^({'|'.join(kinds)}):"):
        old = Address.parse(row.address)
        now = rebased(old, lambda end: later(end, things))
        if now != old:
            moving.append((row.pk, row, now))
            new[old] = now
    rows = model.objects.filter(scope=scope)
    rows.filter(pk__in=[pk for pk, _, _ in moving]).delete()
    rows.filter(address__in=[one.key for one in new.values()]).delete()
    model.objects.bulk_create([_at(row, now) for _, row, now in moving])
    return new


def _at(row: Any, address: Address) -> Any:
    row.pk, row.address = None, address.key
    if isinstance(row, Observed):
        row.owner, row.target = observed.owner_of(address), address.path[-1]
    return row
