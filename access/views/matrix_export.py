"""The matrix as a file. Every one is recorded."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.matrix.asked import asked_of
from access.matrix.export import Export, Format, TooLarge, about, export_of
from access.matrix.page import matrix_of
from access.matrix.saved import kept_query
from access.services import saved_views
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from tenants.loaders import tenant_for


@require(Permission.MATRIX_VIEW)
@require_GET
def matrix_export(request: HttpRequest, tenant: str, form: str) -> HttpResponse:
    """Return all rows that the address asks for as a file, with the digest of its content in a header."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    kind = format_of(form)
    matrix = matrix_of(owner, asked_of(request.GET))
    query, now = kept_query(request.GET.urlencode()), timezone.now()
    by: str = request.actor.name  # type: ignore[attr-defined]
    told = about(matrix, query=query, by=by, now=now, unread=owner.realm.scope.unreadable)
    try:
        made = export_of(matrix, form=kind, about=told)
    except TooLarge as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('access:matrix', kwargs={'tenant': tenant})}?{query}")
    saved_views.note_export(
        actor=request.actor,  # type: ignore[attr-defined]
        tenant=tenant,
        subject=f"{matrix.asked.view.words.capitalize()} by {matrix.show.value}, {form.upper()}",
        told={**told, "Rows": made.rows, "SHA-256": made.digest},
    )
    return sent(made, kind, of=owner.slug, now=now)


def format_of(form: str) -> Format:
    """Return the kind of file that an address asks for. Raises Http404."""
    if form not in set(Format):
        raise Http404("A matrix is exported as csv or xlsx.")
    return Format(form)


def sent(made: Export, form: Format, *, of: str, now: datetime) -> HttpResponse:
    """Return a file to keep, with the digest of its rows in a header."""
    return HttpResponse(
        made.body,
        headers={
            "Content-Type": form.content_type,
            "Content-Disposition": f'attachment; filename="access-{of}-{now:%Y-%m-%d-%H%M}.{form.value}"',
            "X-Content-SHA256": made.digest,
        },
    )
