"""The page on which the record is read."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from console.audit.filters import AuditFilter
from console.audit.models import AuditEvent
from console.permissions.decorators import require
from console.permissions.policy import visible_tenants
from console.permissions.vocabulary import Permission
from console.web.pages import render_page

PER_PAGE = 50


@require(Permission.AUDIT_VIEW, somewhere=True)
@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """The record, newest first, of the tenants that one may know of."""
    visible = visible_tenants(request.actor)  # type: ignore[attr-defined]
    rows = AuditEvent.objects.order_by("-at", "-id")
    if visible != "all":
        rows = rows.filter(tenant__in=visible)
    filtered = AuditFilter(request.GET, queryset=rows)
    page = Paginator(filtered.qs, PER_PAGE).get_page(request.GET.get("page"))
    return render_page(
        request,
        page="audit/event_list.html",
        fragment="results",
        context={"filter": filtered, "page": page, "is_filtered": any(request.GET.values())},
    )
