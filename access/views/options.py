"""What a picker offers while one types."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from access.filters import named
from access.models import Group, Person, Role
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from tenants.loaders import tenant_for

MOST = 20


@require(Permission.MATRIX_VIEW)
@require_GET
def options(request: HttpRequest, tenant: str, kind: str) -> JsonResponse:
    """Return at most twenty people, roles or groups that match `q`, and whether there are more."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    if kind not in _KINDS:
        raise Http404("There is nothing of this kind to choose from.")
    rows, matching, told = _KINDS[kind]
    found = list(
        rows.objects.of(owner)
        .filter(matching(request.GET.get("q", "").strip()))
        .order_by(told[0])[: MOST + 1]
    )
    shown = [{"value": row.pk, "text": str(row), "more": getattr(row, told[1])} for row in found[:MOST]]
    return JsonResponse({"options": shown, "has_more": len(found) > MOST})


_KINDS: dict[str, tuple[Any, Callable[[str], Q], tuple[str, str]]] = {
    "people": (Person, named, ("username", "username")),
    "roles": (Role, lambda text: Q(name__icontains=text), ("name", "description")),
    "groups": (Group, lambda text: Q(path__icontains=text), ("path", "description")),
}
