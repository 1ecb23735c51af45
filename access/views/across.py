"""The matrix across tenants: which role is where, and what one person has everywhere."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.matrix.asked import Show, asked_of
from access.matrix.elsewhere import MOST, elsewhere_page
from access.matrix.export import TooLarge, file_of, refuse_too_large
from access.matrix.markup import body_of, columns_of, heads_of
from access.matrix.sheets import Table, about_across, accounts_rows, tenants_rows
from access.matrix.tenants import matching, tenants_page, whole_page
from access.services import saved_views
from access.views.matrix_export import format_of, sent
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import is_partial, render_page
from tenants.models import Tenant

SHOWS = (Show.CAPABILITIES, Show.RIGHTS)


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
    show = asked.show if asked.show in SHOWS else Show.CAPABILITIES
    page = elsewhere_page(_known(request), asked.text, show=show, number=request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "shows": SHOWS,
        "columns": columns_of(page.grid),
        "heads": heads_of(page.grid),
        "body": body_of(page.grid),
        "is_refresh": is_partial(request),
    }
    return render_page(request, page="access/matrix_person.html", fragment="results", context=context)


@require(Permission.MATRIX_VIEW, somewhere=True)
@require_GET
def matrix_tenants_export(request: HttpRequest, form: str) -> HttpResponse:
    """Return all tenants that the operator may know by all roles, as a file."""
    asked = asked_of(request.GET)
    page = whole_page(matching(_known(request), asked.text), columns=asked.columns)
    tenants = list(page.rows)
    return _file(request, form, tenants_rows(page), tenants, of="Tenants by roles", unreadable={})


@require(Permission.MATRIX_VIEW, somewhere=True)
@require_GET
def matrix_person_export(request: HttpRequest, form: str) -> HttpResponse:
    """Return what all accounts of one person open or have, as a file."""
    asked = asked_of(request.GET)
    show = asked.show if asked.show in SHOWS else Show.CAPABILITIES
    page = elsewhere_page(_known(request), asked.text, show=show, number="1", most=MOST)
    tenants = list(dict.fromkeys(one.tenant for one in page.accounts))
    of = f"One person everywhere: {asked.text or 'nobody'}"
    return _file(request, form, accounts_rows(page), tenants, of=of, unreadable=page.unreadable)


def _file(
    request: HttpRequest,
    form: str,
    table: Table,
    tenants: Sequence[Tenant],
    *,
    of: str,
    unreadable: Mapping[str, str],
) -> HttpResponse:
    """Return a table across tenants as a file, and record it."""
    kind, now, query = format_of(form), timezone.now(), request.GET.urlencode()
    by: str = request.actor.name  # type: ignore[attr-defined]
    head, rows = table
    try:
        refuse_too_large(kind, len(rows), len(head))
    except TooLarge as error:
        messages.error(request, str(error))
        return redirect(f"{request.path.rsplit('export/', 1)[0]}?{query}")
    told = about_across(tenants, of=of, query=query, by=by, now=now, unreadable=unreadable)
    made = file_of(head, rows, form=kind, about=told)
    saved_views.note_export_across(
        actor=request.actor,  # type: ignore[attr-defined]
        tenants=[one.slug for one in tenants],
        subject=f"{of}, {form.upper()}",
        told={**told, "Rows": made.rows, "SHA-256": made.digest},
    )
    return sent(made, kind, of="tenants" if of.startswith("Tenants") else "person", now=now)


def _known(request: HttpRequest) -> "QuerySet[Tenant]":
    return Tenant.objects.visible_to(request.actor).with_realm()  # type: ignore[attr-defined]
