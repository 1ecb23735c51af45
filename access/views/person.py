"""One person: who it is, all access and where it comes from, and what happened."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.loaders import person_of
from access.person_page import EVENTS, SHOWN, events_of, person_page
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.loaders import tenant_for


@require(Permission.PERSON_VIEW)
@require_GET
def person_detail(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """A person of a tenant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    shown = person_of(owner, pk)
    page = person_page(owner, shown, kind=request.GET.get("kind", ""), text=request.GET.get("q", ""))
    rows = Paginator(page.found, SHOWN).get_page(request.GET.get("page"))
    context = {
        "tenant": owner,
        "person": shown,
        "page": page,
        "rows": rows,
        "held": page.held(rows.object_list),
        "events": list(events_of(owner, shown)[:EVENTS]),
    }
    return render_page(request, page="access/person_detail.html", fragment="results", context=context)
