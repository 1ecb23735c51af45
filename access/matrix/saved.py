"""Which part of an address is a view that can be kept, and the views of a tenant as tabs."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from access.models import SavedView
from console.identity.actor import Actor
from tenants.models import Tenant

KEPT = (
    "view", "show", "q", "status", "group", "columns", "capability", "open", "window", "differences",
)  # fmt: skip
MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A kept view above the matrix."""

    view: SavedView
    url: str
    is_current: bool
    is_own: bool


def kept_query(query: str) -> str:
    """Return the part of a query that says what a matrix shows, always in one order. The rest is left out."""
    asked = QueryDict(query[:4000])
    wanted = QueryDict(mutable=True)
    for name in KEPT:
        if value := asked.get(name, ""):
            wanted[name] = value
    return wanted.urlencode()


def tabs_of(tenant: Tenant, actor: Actor, query: str) -> list[Tab]:
    """Return the views that the actor may see, by name; the one that is shown is current. One query."""
    rows = SavedView.objects.of(tenant).visible_to(actor).order_by("name", "pk")[:MOST]
    now = kept_query(query)
    base = reverse("access:matrix", kwargs={"tenant": tenant.slug})
    return [
        Tab(
            view=row,
            url=f"{base}?{row.query}" if row.query else base,
            is_current=row.query == now,
            is_own=row.owner_key == actor.key,
        )
        for row in rows
    ]
