"""The access matrix, and the reasons of one cell."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.matrix.address import Address, address_of
from access.matrix.asked import Asked, Show, View, asked_of
from access.matrix.markup import body_of, columns_of, groups_offered, heads_of
from access.matrix.page import MatrixPage, matrix_of, matrix_page
from access.matrix.reasons import reasons_at
from access.matrix.saved import tabs_of
from access.matrix.toolbar import chips_of
from access.models import Group
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import is_partial, render_page
from tenants.loaders import tenant_for
from tenants.models import Tenant

PAGE = "access/matrix.html"
GROUPS_OFFERED = 300


@require(Permission.MATRIX_VIEW)
@require_GET
def matrix(request: HttpRequest, tenant: str) -> HttpResponse:
    """Who can do what in a tenant; with `row` and `column` in the address, why that cell says so."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    asked = asked_of(request.GET)
    address = address_of(request.path, request.GET)
    matrix = matrix_of(owner, asked, address=address)
    reasons = reasons_at(matrix)
    if is_partial(request) and request.headers.get("HX-Target") == "why":
        return _panel(request, owner, reasons)
    page = matrix_page(matrix, number=request.GET.get("page"))
    context = {
        "tenant": owner,
        "asked": asked,
        "page": page,
        "reasons": reasons,
        "is_refresh": is_partial(request),
        **_toolbar(address, owner, asked, page),
        **_tabs(request, owner),
        **_table(asked, page),
    }
    return render_page(request, page=PAGE, fragment="results", context=context)


def _toolbar(address: Address, tenant: Tenant, asked: Asked, page: MatrixPage) -> dict[str, Any]:
    groups = Group.objects.of(tenant).order_by("path")
    shows = [one for one in Show if one is not Show.CAPABILITIES or page.has_capabilities]
    return {
        "views": list(View),
        "shows": shows,
        "chips": chips_of(address, asked, page),
        "groups": groups_offered(groups.values_list("path", flat=True)[:GROUPS_OFFERED], asked.group),
    }


def _tabs(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    tabs = tabs_of(tenant, request.actor, request.GET.urlencode())  # type: ignore[attr-defined]
    return {"tabs": tabs, "has_current_tab": any(tab.is_current for tab in tabs)}


def _table(asked: Asked, page: MatrixPage) -> dict[str, Any]:
    chosen = (asked.row, asked.column) if asked.has_reasons_open else None
    return {
        "columns": columns_of(page.grid),
        "heads": heads_of(page.grid),
        "body": body_of(page.grid, chosen),
    }


def _panel(request: HttpRequest, tenant: Tenant, reasons: object) -> HttpResponse:
    """Return the panel alone. The address that shows it is pushed, so that it can be kept and sent."""
    response = render_page(request, page=PAGE, fragment="why", context={"tenant": tenant, "reasons": reasons})
    response["HX-Push-Url"] = request.get_full_path()
    return response
