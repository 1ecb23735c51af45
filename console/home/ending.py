"""Grants that end by themselves soon, of all tenants that somebody may know of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When

from access.services.grants import words_of
from access.services.terms import SORTS, Sort
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.timed import Term
from tenants.models import Tenant

WITHIN = timedelta(days=14)
SAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One grant that ends: of whom and what, when, and in which tenant."""

    what: str
    ends_at: datetime
    tenant: Tenant


@dataclass(frozen=True, kw_only=True)
class Endings:
    """How many end within two weeks, and the first of them."""

    count: int
    samples: tuple[Ending, ...]


def endings(actor: Actor, tenants: Iterable[Tenant], *, now: datetime) -> Endings:
    """Return what ends within two weeks in these tenants, with two queries for each sort of grant."""
    seen = [one for one in tenants if decide(actor, Permission.ASSIGNMENT_VIEW, one.slug)]
    if not seen:
        return Endings(count=0, samples=())
    soon = Q(state=Term.ACTIVE, ends_at__lte=now + WITHIN)
    count, first = 0, []
    for sort in SORTS.values():
        rows = _known_to_any(sort, seen).filter(soon)
        count += rows.count()
        first += list(rows.order_by("ends_at", "pk")[:SAMPLES])
    first.sort(key=lambda row: (row.ends_at, words_of(row)))
    return Endings(count=count, samples=tuple(_ending(row, seen) for row in first[:SAMPLES]))


def _known_to_any(sort: Sort, tenants: Iterable[Tenant]) -> QuerySet[Any]:
    """Return the grants that one of these tenants may see, each with the id of a `share` that may, if any."""
    shares = (When(sort.is_known_to(one), then=one.pk) for one in tenants if one.is_share)
    known = Q(realm__in={one.realm_id for one in tenants if not one.is_share}) | Q(share__isnull=False)
    return sort.all().annotate(share=Case(*shares, output_field=IntegerField())).filter(known)


def _ending(row: Any, tenants: Iterable[Tenant]) -> Ending:
    own = (
        one for one in tenants if one.pk == row.share or (not one.is_share and one.realm_id == row.realm_id)
    )
    return Ending(what=words_of(row), ends_at=row.ends_at, tenant=next(own))
