"""The matrix across tenants: which role is where, and what one person has everywhere."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.matrix.asked import Show, asked_of
from access.matrix.elsewhere import elsewhere_page
from access.matrix.markup import body_of, columns_of, heads_of
from access.matrix.tenants import matching, tenants_page
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import is_partial, render_page
from tenants.models import Tenant


@require(Permission.MATRIX_VIEW, somewhere=True)
@require_GET
def matrix_tenants(request: HttpRequest) -> HttpResponse:
    """Tenants by roles, of all tenants that the operator may know."""
    asked = asked_of(request.GET)
    page = tenants_page(
        matching(_known(request), asked.text),
        columns=asked.columns,
        window=asked.window,
        number=request.GET.get("page"),
    )
    context = {
        "asked": asked,
        "page": page,
        "columns": columns_of(page.grid),
        "heads": heads_of(page.grid),
        "body": body_of(page.grid),
        "is_refresh": is_partial(request),
    }
    return render_page(request, page="access/matrix_tenants.html", fragment="results", context=context)


@require(Permission.MATRIX_VIEW, somewhere=True)
@require_GET
def matrix_person(request: HttpRequest) -> HttpResponse:
    """What the accounts of one person open or have, in all realms and on all servers."""
    asked = asked_of(request.GET)
    show = asked.show if asked.show in (Show.CAPABILITIES, Show.RIGHTS) else Show.CAPABILITIES
    page = elsewhere_page(_known(request), asked.text, show=show, number=request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "shows": (Show.CAPABILITIES, Show.RIGHTS),
        "columns": columns_of(page.grid),
        "heads": heads_of(page.grid),
        "body": body_of(page.grid),
        "is_refresh": is_partial(request),
    }
    return render_page(request, page="access/matrix_person.html", fragment="results", context=context)


def _known(request: HttpRequest) -> "QuerySet[Tenant]":
    return Tenant.objects.visible_to(request.actor).with_realm()  # type: ignore[attr-defined]
