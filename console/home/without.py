"""People without the roles that are made with a person, of all tenants that somebody may know of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value
from django.urls import reverse

from access.families import arrived_without, declared_without
from console.graph.catalogue import Family
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from tenants.blueprints import catalogues_of
from tenants.models import Tenant

SAMPLES = 3
MOST = 100  # families that are asked for in one statement


@dataclass(frozen=True, kw_only=True)
class Without:
    """How many people of one tenant have none of a family that is made with a person."""

    tenant: Tenant
    family: Family
    count: int

    @property
    def url(self) -> str:
        """Return the page that proposes them."""
        return reverse("access:family-people", kwargs={"tenant": self.tenant.slug, "family": self.family.key})


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many there are, those of whom most are without first. `is_asked`: some tenant has such a family."""

    count: int
    samples: tuple[Without, ...]
    is_asked: bool


def without_theirs(actor: Actor, tenants: Iterable[Tenant]) -> Waiting:
    """Return who waits in these tenants for somebody who may make it: two queries for any number."""
    own = [one for one in tenants if decide(actor, Permission.FAMILY_CREATE, one.slug)]
    asked = list(_asked(own))[:MOST]
    counts = _counts(asked)
    found = [
        Without(tenant=tenant, family=family, count=counts[place])
        for place, (tenant, family) in enumerate(asked)
        if counts.get(place)
    ]
    found.sort(key=lambda one: (-one.count, one.tenant.name, one.family.name))
    return Waiting(
        count=sum(one.count for one in found), samples=tuple(found[:SAMPLES]), is_asked=bool(asked)
    )


def _asked(tenants: list[Tenant]) -> Iterator[tuple[Tenant, Family]]:
    """Yield the families that are made with a person, of each tenant."""
    catalogues = catalogues_of(tenants) if tenants else {}
    for tenant in tenants:
        for family in catalogues[tenant.pk].families:
            if family.given and family.made_with_person:
                yield tenant, family


def _counts(asked: Iterable[tuple[Tenant, Family]]) -> dict[int, int]:
    """Return how many are without, by the place of what was asked: declared here, and read in Keycloak."""
    parts = [
        _counted(rows(tenant, family), place)
        for place, (tenant, family) in enumerate(asked)
        for rows in (declared_without, arrived_without)
    ]
    found: dict[int, int] = {}
    for place, count in parts[0].union(*parts[1:], all=True) if parts else ():
        found[int(place)] = found.get(int(place), 0) + count
    return found


def _counted(rows: QuerySet[Any], place: int) -> QuerySet[Any, Any]:
    named = rows.order_by().annotate(place=Value(str(place), output_field=CharField()))
    return named.values("place").annotate(count=Count("pk")).values_list("place", "count")
