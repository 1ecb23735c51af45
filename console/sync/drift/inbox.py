"""Which differences one may see, and how the address narrows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When
from django.http import Http404
from django.utils import timezone

from console.engine.kinds import KINDS
from console.engine.state import Kind
from console.identity.actor import Actor
from console.permissions.policy import visible_tenants
from console.sync.drift.models import DriftItem, Standing, Watch
from console.sync.models import Scope

SETTLED_FOR = timedelta(days=30)
AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
SHELVES = {"open": "Open", "waiting": "Waiting", "ignored": "Ignored", "settled": "Settled"}
RISKY = ("widens", "mixed")


def seen_by(actor: Actor) -> QuerySet[DriftItem]:
    """Return the differences of tenants that the actor may know of."""
    visible = visible_tenants(actor)
    rows = DriftItem.objects.select_related("scope__server")
    return rows if visible == "all" else rows.filter(tenant__in=visible)


def item_for(actor: Actor, pk: UUID) -> DriftItem:
    """Return one difference. Raises Http404."""
    item = seen_by(actor).filter(pk=pk).first()
    if item is None:
        raise Http404("There is no such difference, or you may not know of it.")
    return item


def is_ignored() -> Q:
    """Match what is left alone now: with the value that was ignored, and until its date."""
    return Q(ignored_mark=F("mark"), ignored_until__gt=timezone.now())


def shelf(name: str) -> Q:
    """Match what lies on one shelf of the inbox."""
    if name == "settled":
        return Q(closed_at__gte=timezone.now() - SETTLED_FOR)
    is_open = Q(closed_at__isnull=True)
    if name == "waiting":
        return is_open & Q(state=Standing.PENDING)
    differs = is_open & ~Q(state=Standing.PENDING)
    return differs & (is_ignored() if name == "ignored" else ~is_ignored())


def widens_first() -> Case:
    """Order by what lets more be done, then by what lets less be done, then the rest."""
    ranks = [When(risk__in=RISKY, then=0), When(risk="narrows", then=1)]
    return Case(*ranks, default=2, output_field=IntegerField())


def open_count(actor: Actor) -> int:
    """Return how many differences wait for somebody's decision."""
    return seen_by(actor).filter(shelf("open")).count()


def drifted(scopes: Iterable[int]) -> set[int]:
    """Return which of these realms hold something that waits for a decision, with one query."""
    rows = DriftItem.objects.filter(shelf("open"), scope__in=list(scopes))
    return set(rows.order_by().values_list("scope_id", flat=True).distinct())


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address asks for. Values that mean nothing ask for nothing."""

    shelf: str = "open"
    text: str = ""
    realm: str = ""
    kind: str = ""
    age: str = ""
    only: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Asked":
        shelf, kind, age, only = (given.get(name, "") for name in ("shelf", "kind", "age", "only"))
        return cls(
            shelf=shelf if shelf in SHELVES else "open",
            text=given.get("q", "").strip()[:200],
            realm=given.get("realm", "") if given.get("realm", "").isdigit() else "",
            kind=kind if kind in set(Kind) else "",
            age=age if age in AGES else "",
            only=only if only in ("risky", "foreign", "ours") else "",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.realm or self.kind or self.age or self.only)

    def narrow(self, rows: QuerySet[DriftItem]) -> QuerySet[DriftItem]:
        """Return the rows that are asked for, on any shelf."""
        if self.text:
            rows = rows.filter(Q(address__icontains=self.text) | Q(by_name__icontains=self.text))
        if self.realm:
            rows = rows.filter(scope=int(self.realm))
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.age:
            rows = rows.filter(since__gte=timezone.now() - AGES[self.age])
        if self.only == "risky":
            rows = rows.filter(risk__in=RISKY)
        states = {"foreign": Standing.UNMANAGED, "ours": Standing.DRIFTED}
        return rows.filter(state=states[self.only]) if self.only in states else rows


def ordered(rows: QuerySet[DriftItem], shelf: str) -> QuerySet[DriftItem]:
    """Return the rows by realm and tenant, what widens access first; what is settled, newest first."""
    if shelf == "settled":
        return rows.order_by("-closed_at", "address")
    return rows.order_by("scope__server__name", "scope__realm", "tenant", widens_first(), "address")


@dataclass(frozen=True, slots=True)
class Total:
    """How many differences there are, and how many of them let more be done or are not ours."""

    count: int = 0
    risky: int = 0
    foreign: int = 0


def totals(rows: QuerySet[DriftItem]) -> dict[tuple[int, str], Total]:
    """Return the totals of these rows by realm and tenant, with one query."""
    risky, foreign = Q(risk__in=RISKY), Q(state=Standing.UNMANAGED)
    counted = rows.order_by().values_list("scope_id", "tenant")
    found = counted.annotate(
        n=Count("pk"), risky=Count("pk", filter=risky), foreign=Count("pk", filter=foreign)
    )
    return {(scope, tenant): Total(*numbers) for scope, tenant, *numbers in found}


def total(by_place: Mapping[tuple[int, str], Total]) -> Total:
    """Return the sum of totals."""
    every = by_place.values()
    return Total(sum(t.count for t in every), sum(t.risky for t in every), sum(t.foreign for t in every))


def shelves(rows: QuerySet[DriftItem]) -> dict[str, int]:
    """Return how many lie on each shelf, with one query."""
    counted = rows.aggregate(**{name: Count("pk", filter=shelf(name)) for name in SHELVES})
    return {name: counted[name] for name in SHELVES}


def kinds_of(rows: QuerySet[DriftItem]) -> list[tuple[str, str]]:
    """Return the kinds among these rows with their names, by name."""
    found = {kind for kind in rows.order_by().values_list("kind", flat=True).distinct() if kind in set(Kind)}
    return sorted(((kind, KINDS[Kind(kind)].label) for kind in found), key=lambda one: one[1])


def watches(actor: Actor) -> list[Watch]:
    """Return how the checks stand of all realms that the actor may know of, by name, with one query.

    A realm that was never checked has a watch that is not saved.
    """
    rows = Scope.objects.select_related("server", "watch").order_by("server__name", "realm")
    visible = visible_tenants(actor)
    if visible != "all":
        rows = rows.filter(declared_realm__tenants__slug__in=visible).distinct()
    return [_watch_of(scope) for scope in rows]


def _watch_of(scope: Scope) -> Watch:
    watch: Watch | None = getattr(scope, "watch", None)
    if watch is None:
        return Watch(scope=scope)
    watch.scope = scope  # so that its server is at hand
    return watch


def watch_for(actor: Actor, pk: int) -> Watch:
    """Return how the checks of a realm stand. Raises Http404."""
    found = next((one for one in watches(actor) if one.pk == pk), None)
    if found is None:
        raise Http404("There is no such realm, or you may not know of it.")
    return found
