"""The page on which the record is read."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from console.audit.filters import AuditFilter
from console.audit.models import AuditEvent, EventKind
from console.permissions.decorators import require
from console.permissions.policy import visible_tenants
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from console.web.paging import page_of


@require(Permission.AUDIT_VIEW, somewhere=True)
@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """The record, newest first, of the tenants that one may know of."""
    visible = visible_tenants(request.actor)  # type: ignore[attr-defined]
    rows = AuditEvent.objects.order_by("-at", "-id")
    if visible != "all":
        rows = rows.filter(tenant__in=visible)
    filtered = AuditFilter(request.GET, queryset=rows)
    page = page_of(request, filtered.qs)
    return render_page(
        request,
        page="audit/event_list.html",
        fragment="results",
        context={
            "filter": filtered,
            "page": page,
            "is_filtered": filtered.is_narrowed,
            "kinds": sorted(EventKind.choices, key=lambda choice: choice[1]),
            "tenants": list(
                rows.order_by("tenant").values_list("tenant", flat=True).distinct().exclude(tenant="")
            ),
        },
    )
