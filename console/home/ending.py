"""Grants that end by themselves soon, of all tenants that somebody may know of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

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
        rows = sort.model.every.filter(soon & _of_any(sort, seen))
        count += rows.count()
        if sort.ends:
            rows = rows.select_related(*sort.ends)
        first += list(rows.order_by("ends_at", "pk")[:SAMPLES])
    first.sort(key=lambda row: (row.ends_at, words_of(row)))
    return Endings(count=count, samples=tuple(_ending(row, seen) for row in first[:SAMPLES]))


def _of_any(sort: Sort, tenants: Iterable[Tenant]) -> Q:
    """Return the condition of being of one of these tenants: of a whole realm, or of the part of a share."""
    condition = Q(realm__in={one.realm_id for one in tenants if not one.is_share})
    for one in tenants:
        if one.is_share:
            condition |= sort.of_share(one)
    return condition


def _ending(row: Any, tenants: Iterable[Tenant]) -> Ending:
    own = [one for one in tenants if one.realm_id == row.realm_id]
    return Ending(what=words_of(row), ends_at=row.ends_at, tenant=own[0])
