"""What the overview shows, each with a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Func, Q, TextField, Value
from django.db.models.functions import TruncDate

from access.models import Membership, Person
from console.audit.models import AuditEvent
from console.identity.actor import Actor
from console.sync.drift.inbox import seen_by, shelf
from console.sync.models import KeycloakServer, Plan, Scope, Touched
from console.sync.status import Status, of_scopes
from tenants.models import Tenant

DAYS = 30
SAMPLES = 3
BAR_HEIGHT = 86


@dataclass(frozen=True, kw_only=True)
class TenantLine:
    """One tenant with the status of its realm."""

    tenant: Tenant
    people: int
    status: Status

    @property
    def needs_a_look(self) -> bool:
        return self.status.word in ("failed", "blocked", "dead", "unknown")


@dataclass(frozen=True, kw_only=True)
class Day:
    """The changes of one day, as heights of two bars one above the other, in pixels."""

    day: date
    people: int
    sync: int
    people_height: int
    sync_height: int
    left: int

    @property
    def top(self) -> int:
        return BAR_HEIGHT - self.people_height - self.sync_height

    @property
    def sync_top(self) -> int:
        return BAR_HEIGHT - self.sync_height


def tenant_lines(actor: Actor) -> list[TenantLine]:
    """Return the tenants that the actor may know of, by name."""
    tenants = list(Tenant.objects.visible_to(actor).with_realm().order_by("name", "slug"))
    scopes = [one.realm.scope for one in tenants]
    words = scope_statuses(scopes)
    counts = _people(tenants)
    return [
        TenantLine(tenant=one, people=counts[one.pk], status=words[one.realm.scope_id]) for one in tenants
    ]


def scope_statuses(scopes: Iterable[Scope]) -> dict[int, Status]:
    """Return the status of each realm, with a fixed number of queries."""
    asked = list(scopes)
    known = of_scopes(asked)
    return {scope.pk: UNREAD if _is_unread(scope) else known[scope.pk] for scope in asked}


UNREAD = Status("unknown", "Not read yet.")


def _is_unread(scope: Scope) -> bool:
    return scope.generation == 0 and scope.read_at is None


def _people(tenants: Sequence[Tenant]) -> dict[int, int]:
    """Return the number of people of each tenant with two queries: of whole realms, and of shares."""
    whole = {one.realm_id for one in tenants if not one.is_share}
    rows = Person.objects.filter(realm__in=whole).values_list("realm_id").annotate(count=Count("pk"))
    of_realm = dict(rows)
    shared = {one.realm_id for one in tenants if one.is_share}
    top = Func(F("group__path"), Value("/"), Value(1), function="split_part", output_field=TextField())
    members = Membership.objects.filter(realm__in=shared).annotate(top=top).values_list("realm_id", "top")
    of_share = {
        (realm, name): count for realm, name, count in members.annotate(Count("person", distinct=True))
    }
    return {
        one.pk: of_share.get((one.realm_id, one.group_name), 0)
        if one.is_share
        else of_realm.get(one.realm_id, 0)
        for one in tenants
    }


def open_plans(actor: Actor) -> dict[str, Any]:
    """Return the previews of this person that nobody applied or discarded."""
    rows = Plan.objects.filter(actor_key=actor.key, state=Plan.State.OPEN).order_by("-created_at", "pk")
    return {"count": rows.count(), "samples": list(rows[:SAMPLES])}


def waiting_changes(lines: Iterable[TenantLine]) -> dict[str, Any]:
    """Return how many declared things wait to reach Keycloak, the realms with most of them first."""
    scopes = {line.tenant.realm.scope_id: line.tenant for line in lines}
    rows = Touched.objects.filter(scope__in=scopes).values_list("scope_id").annotate(count=Count("pk"))
    counted = sorted(((scopes[pk], count) for pk, count in rows), key=lambda pair: (-pair[1], pair[0].name))
    return {"count": sum(count for _, count in counted), "samples": counted[:SAMPLES]}


def drift(actor: Actor) -> dict[str, Any]:
    """Return how many things differ from Keycloak, the realms with most of them first."""
    rows = seen_by(actor).filter(shelf("open")).order_by()
    counted = rows.values_list("scope_id", "scope__server__name", "scope__realm").annotate(count=Count("pk"))
    found = sorted(counted, key=lambda row: (-row[3], row[1:3]))
    samples = [(f"{server}/{realm}", (pk, count)) for pk, server, realm, count in found[:SAMPLES]]
    return {"count": sum(row[3] for row in found), "samples": samples}


def servers() -> list[KeycloakServer]:
    """Return the servers with the number of realms that are managed on each."""
    return list(
        KeycloakServer.objects.select_related("circuit")
        .annotate(realm_count=Count("scopes"))
        .order_by("name")
    )


def changes_a_day(lines: Iterable[TenantLine], *, sees_all: bool, now: datetime) -> list[Day]:
    """Return the last thirty days of the record: what people changed, and what syncs wrote."""
    since = now - timedelta(days=DAYS - 1)
    rows = AuditEvent.objects.filter(at__date__gte=since.date())
    if not sees_all:
        rows = rows.filter(tenant__in=[line.tenant.slug for line in lines])
    is_sync = Q(kind="sync:write:end")
    is_change = Q(kind__startswith="access:") | Q(kind__startswith="tenants:")
    counted = rows.annotate(day=TruncDate("at")).values("day")
    found = {
        row["day"]: (row["people"], row["sync"])
        for row in counted.annotate(people=Count("pk", filter=is_change), sync=Count("pk", filter=is_sync))
    }
    return _days(found, since.date())


def _days(found: dict[date, tuple[int, int]], first: date) -> list[Day]:
    days = [first + timedelta(days=number) for number in range(DAYS)]
    most = max((sum(found.get(day, (0, 0))) for day in days), default=0) or 1
    made = []
    for number, day in enumerate(days):
        people, sync = found.get(day, (0, 0))
        made.append(
            Day(
                day=day,
                people=people,
                sync=sync,
                people_height=_height(people, most),
                sync_height=_height(sync, most),
                left=number * 31,
            )
        )
    return made


def _height(count: int, most: int) -> int:
    """Return a height in pixels; what happened at all is at least two pixels high."""
    return max(2, round((BAR_HEIGHT - 4) * count / most)) if count else 0


def unread(lines: Iterable[TenantLine]) -> list[Tenant]:
    """Return the tenants whose realm was never wholly read, or not all of it could be."""
    return [
        line.tenant
        for line in lines
        if line.tenant.realm.scope.read_at is None or line.tenant.realm.scope.unreadable
    ]
