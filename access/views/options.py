"""What a picker offers while one types."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from access.filters import named
from access.models import Group, Person, Role
from access.services.accounts import accounts_in
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from tenants.loaders import tenant_for
from tenants.models import Tenant

MOST = 20


@require(Permission.MATRIX_VIEW)
@require_GET
def options(request: HttpRequest, tenant: str, kind: str) -> JsonResponse:
    """Return at most twenty people, roles or groups that match `q`, and whether there are more."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    if kind not in _KINDS:
        raise Http404("There is nothing of this kind to choose from.")
    one = _KINDS[kind]
    matching = one.matching(request.GET.get("q", "").strip())
    found = list(one.rows(owner).filter(matching).order_by(one.order)[: MOST + 1])
    shown = [{"value": row.pk, "text": one.text(row), "more": one.more(row)} for row in found[:MOST]]
    return JsonResponse({"options": shown, "has_more": len(found) > MOST})


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """What can be chosen: the tenant's rows, how they are searched and sorted, and what is said of each."""

    rows: Callable[[Tenant], Any]
    matching: Callable[[str], Q]
    order: str
    more: Callable[[Any], str]
    text: Callable[[Any], str] = str


_KINDS = {
    "people": _Choice(
        rows=Person.objects.of, matching=named, order="username", more=lambda row: row.username
    ),
    "roles": _Choice(
        rows=Role.objects.of,
        matching=lambda text: Q(name__icontains=text),
        order="name",
        more=lambda row: row.description,
    ),
    "groups": _Choice(
        rows=Group.objects.of,
        matching=lambda text: Q(path__icontains=text),
        order="path",
        more=lambda row: row.description,
    ),
    "accounts": _Choice(
        rows=accounts_in,
        matching=lambda text: Q(address__icontains=text),
        order="address",
        more=lambda row: str(row.fields.get("description", "")),
        text=lambda row: str(row.at.path[0]),
    ),
}
