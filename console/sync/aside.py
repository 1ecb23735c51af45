"""What a run leaves alone: with its whole plan, or with its part of the plan only."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from console.engine.judge import Finding
from console.engine.state import Address
from console.sync.models import Scope, Touched

CHUNK = 1000
Group = tuple[UUID | None, str]  # plan and part: what stands or waits together


def set_aside(
    scope: Scope, stops: Iterable[Finding], *, among: Collection[Address], is_blocked: bool
) -> None:
    """Leave alone what cannot be done, and all that must wait with it.

    Rows of one part of a plan wait together. A row without a part takes its plan along: going on with the
    rest of a plan whose revocations failed could give more than was approved. What stops at none of
    the addresses stops everything.
    """
    rows = list(Touched.objects.filter(scope=scope, is_set_aside=False))
    causes = {stop.address.key: stop.sentence for stop in reversed(list(stops))}
    known = {address.key for address in among}
    groups, plans = _hit(rows, {key: why for key, why in causes.items() if key in known})
    first = next(reversed(causes.values()))
    everything = None if causes.keys() & known else first
    changed = []
    for row in rows:
        waits = plans.get(row.plan_id) or groups.get((row.plan_id, row.part)) or everything
        why = causes.get(row.address) or (f"Waits: {waits}" if waits else None)
        if why is not None:
            row.sentence, row.is_blocked, row.is_set_aside = why, is_blocked, True
            changed.append(row)
    Touched.objects.bulk_update(changed, ["sentence", "is_blocked", "is_set_aside"], batch_size=CHUNK)


def _hit(
    rows: Iterable[Touched], causes: Mapping[str, str]
) -> tuple[dict[Group, str], dict[UUID | None, str]]:
    """Return the first sentence by part, and by plan where a row without a part is hit."""
    groups: dict[Group, str] = {}
    plans: dict[UUID | None, str] = {}
    for row in rows:
        if row.address not in causes:
            continue
        if row.part:
            groups.setdefault((row.plan_id, row.part), causes[row.address])
        elif row.plan_id is not None:
            plans.setdefault(row.plan_id, causes[row.address])
    return groups, plans
