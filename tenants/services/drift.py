"""What is done about drift: push ours, accept a foreign thing, ignore until a date, set the interval."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from console.audit.models import EventKind
from console.change import change
from console.engine.kinds import described
from console.engine.state import Address
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause, Change
from console.sync.commands import Conflict, Gone, Refused, command
from console.sync.drift import baseline, items, watching
from console.sync.drift.models import DAY, DriftItem, Standing, Watch
from console.sync.models import LedgerEntry, Scope

LONGEST_IGNORE = timedelta(days=366)
SHORTEST_MINUTES = 5


@command("tenants:drift:push")
def push(*, actor: Actor, tenant: str, scope: int, addresses: list[str], cause: Cause | None = None) -> None:
    """Bring what is declared back to Keycloak at these addresses. Raises Gone, Refused.

    A link that somebody gave to a thing of ours is taken into the ledger first: only what stands there
    is ever deleted, and the approved plan is what puts it there.
    """
    where = _scope(scope)
    with _opened(actor, Permission.DRIFT_PUSH, EventKind.SYNC_DRIFT_PUSHED, where, tenant, cause) as made:
        for item in _open_items(where, tenant, addresses):
            if not item.may_push:
                raise Refused(
                    f"{_subject(item)}: this cannot be brought back from here. {item.sentence}".strip()
                )
            if item.state == Standing.UNMANAGED:
                _own(item)
            made.touch(*(Address.parse(key) for key in (item.address, *item.along)))
            _record(made, item, old=item.theirs, new=item.ours)


def _own(item: DriftItem) -> None:
    LedgerEntry.objects.get_or_create(
        scope=item.scope,
        address=item.address,
        defaults={"fields": item.theirs or {}, "keycloak_id": item.keycloak_id, "applied_at": timezone.now()},
    )


@command("tenants:drift:accept")
def accept(*, actor: Actor, items_chosen: list[str], cause: Cause) -> int:
    """Accept foreign things as they stand, and return how many. They are shown when they change again.

    Raises Gone, and Refused for what is declared here.
    """
    now = timezone.now()
    chosen = _chosen(items_chosen)
    for (scope, tenant), some in chosen.items():
        event = EventKind.SYNC_DRIFT_ACCEPTED
        with _opened(actor, Permission.DRIFT_ACCEPT, event, scope, tenant, cause) as made:
            for item in some:
                if item.state != Standing.UNMANAGED:
                    raise Refused(f"{_subject(item)} is declared here: push ours, take theirs, or ignore it.")
                baseline.accept(item, now=now, by=actor.name)
                _record(made, item, old=item.ours, new=item.theirs)
            items.close(some, now=now, how=f"Accepted as it stands by {actor.name}.")
    return sum(map(len, chosen.values()))


@command("tenants:drift:ignore")
def ignore(*, actor: Actor, items_chosen: list[str], until: str, cause: Cause) -> int:
    """Leave items alone until a moment or until their value changes, and return how many.

    Raises Gone, and Refused without a reason or for a moment that is past or too far away.
    """
    end = _end(until)
    if not cause.reason.strip():
        raise Refused("Say why this may stay as it is: whoever sees it next asks.", field="reason")
    chosen = _chosen(items_chosen)
    for (scope, tenant), some in chosen.items():
        event = EventKind.SYNC_DRIFT_IGNORED
        with _opened(actor, Permission.DRIFT_IGNORE, event, scope, tenant, cause) as made:
            for item in some:
                item.ignored_mark, item.ignored_until = item.mark, end
                item.ignored_reason, item.ignored_by = cause.reason, actor.name
                item.ignored_at = timezone.now()
                _record(made, item, old={}, new={"ignored until": end.isoformat(timespec="minutes")})
            DriftItem.objects.bulk_update(some, _IGNORED)
    return sum(map(len, chosen.values()))


@command("tenants:drift:notice")
def notice(*, actor: Actor, items_chosen: list[str], cause: Cause) -> int:
    """Ignore items no longer, and return how many. Raises Gone."""
    chosen = _chosen(items_chosen)
    for (scope, tenant), some in chosen.items():
        event = EventKind.SYNC_DRIFT_UNIGNORED
        with _opened(actor, Permission.DRIFT_IGNORE, event, scope, tenant, cause) as made:
            for item in some:
                _record(made, item, old={"ignored because": item.ignored_reason}, new={})
                item.ignored_mark = item.ignored_reason = item.ignored_by = ""
                item.ignored_until = item.ignored_at = None
            DriftItem.objects.bulk_update(some, _IGNORED)
    return sum(map(len, chosen.values()))


_IGNORED = ["ignored_mark", "ignored_until", "ignored_reason", "ignored_by", "ignored_at"]


@command("tenants:run:ask")
def ask_for_run(*, actor: Actor, scope: int, cause: Cause) -> None:
    """Note who lets a realm be written now, and why: what is written was approved before. Raises Gone."""
    where = _scope(scope)
    with _opened(actor, Permission.RUN_START, EventKind.SYNC_RUN_ASKED, where, "", cause) as made:
        made.record(f"Realm {where}", new={"waiting": where.touched.count()})


@command("tenants:drift:schedule")
def schedule(*, actor: Actor, scope: int, every_minutes: int, revision: int, cause: Cause) -> Watch:
    """Return the watch of a realm with another interval; 0: it is checked on demand only.

    Raises Gone, Conflict, and Refused for an interval that no server could bear.
    """
    if every_minutes and not SHORTEST_MINUTES <= every_minutes <= 30 * DAY:
        raise Refused("Choose an interval from 5 minutes to 30 days, or none.", field="every_minutes")
    where = _scope(scope)
    event = EventKind.SYNC_DRIFT_SCHEDULED
    with _opened(actor, Permission.DRIFT_SCHEDULE, event, where, "", cause) as made:
        Watch.objects.get_or_create(scope=where)
        watch = Watch.objects.select_for_update().get(scope=where)
        old = {"every_minutes": watch.every_minutes}
        if watch.revision != revision:
            raise Conflict("Somebody changed this meanwhile.", theirs=old, revision=watch.revision)
        watch.every_minutes, watch.revision = every_minutes, revision + 1
        watch.due_at = watching.next_time(watch)
        watch.save(update_fields=["every_minutes", "revision", "due_at"])
        made.record(f"Checks of {where}", old=old, new={"every_minutes": every_minutes})
    return watch


def _opened(
    actor: Actor, permission: Permission, event: EventKind, scope: Scope, tenant: str, cause: Cause | None
) -> AbstractContextManager[Change]:
    return change(actor=actor, permission=permission, event=event, scope=scope, tenant=tenant, cause=cause)


def _scope(pk: int) -> Scope:
    scope = Scope.objects.select_related("server").filter(pk=pk).first()
    if scope is None:
        raise Gone("This realm is no longer managed here.")
    return scope


def _open_items(scope: Scope, tenant: str, addresses: Iterable[str]) -> list[DriftItem]:
    """Return the open items of one tenant at these addresses, locked. Raises Gone when one is missing."""
    wanted = sorted(set(addresses))
    rows = DriftItem.objects.select_for_update(of=("self",)).select_related("scope__server")
    rows = rows.filter(scope=scope, closed_at__isnull=True, address__in=wanted)
    found = list((rows.filter(tenant=tenant) if tenant else rows).order_by("address"))
    if not found or len(found) != len(wanted):
        raise Gone(f"{len(wanted) - len(found)} of what you chose no longer differ.")
    return found


def _chosen(ids: Iterable[str]) -> dict[tuple[Scope, str], list[DriftItem]]:
    """Return the chosen open items by realm and tenant. Raises Gone when one is missing."""
    wanted = {UUID(one) for one in ids}
    rows = DriftItem.objects.filter(pk__in=wanted, closed_at__isnull=True).select_related("scope__server")
    found: defaultdict[tuple[Scope, str], list[DriftItem]] = defaultdict(list)
    for row in rows.order_by("scope_id", "tenant", "address"):
        found[row.scope, row.tenant].append(row)
    if sum(map(len, found.values())) != len(wanted) or not wanted:
        raise Gone("Something that you chose no longer differs. Load the page again.")
    return dict(found)


def _end(until: str) -> datetime:
    end, now = parse_datetime(until), timezone.now()
    if end is None or timezone.is_naive(end):
        raise Refused("Choose the day until which this is ignored.", field="until")
    if not now < end <= now + LONGEST_IGNORE:
        raise Refused("Choose a day from tomorrow on, at most a year away.", field="until")
    return end


def _record(
    made: Change, item: DriftItem, *, old: dict[str, object] | None, new: dict[str, object] | None
) -> None:
    made.record(_subject(item), address=Address.parse(item.address), old=old, new=new)


def _subject(item: DriftItem) -> str:
    words = described(Address.parse(item.address))
    return f"{words[0].upper()}{words[1:]}"
