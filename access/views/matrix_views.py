"""Views of the matrix that somebody keeps: under a name, for oneself or for everybody of the tenant."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from access.forms import TenantForm
from access.matrix.saved import kept_query
from access.models import SavedView
from access.services import saved_views
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from tenants.loaders import tenant_for


class SavedViewForm(TenantForm):
    """The name of a view, and whether others see it."""

    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(required=False)
    query = forms.CharField(max_length=4000, required=False, widget=forms.HiddenInput)


@require(Permission.MATRIX_VIEW)
@require_POST
def matrix_view_create(request: HttpRequest, tenant: str) -> HttpResponse:
    """Keep what the matrix shows now under a name."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    form = SavedViewForm(request.POST, tenant=owner)
    query = kept_query(request.POST.get("query", ""))
    if not form.is_valid():
        return _refused(request, tenant, query, "Give the view a name of at most 60 characters.")
    try:
        row = saved_views.keep(
            actor=request.actor,  # type: ignore[attr-defined]
            tenant=tenant,
            name=form.cleaned_data["name"],
            query=query,
            is_shared=form.cleaned_data["is_shared"],
        )
    except (Refused, Forbidden) as error:
        return _refused(request, tenant, query, str(error))
    undo = reverse("access:matrix-view-drop", args=[tenant, row.pk])
    messages.success(request, f"The view “{row.name}” is kept.", extra_tags=undo)
    return redirect(row.get_absolute_url())


@require(Permission.MATRIX_VIEW)
@require_POST
def matrix_view_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give a view another name, or let others see it."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    form = SavedViewForm(request.POST, tenant=owner)
    query = kept_query(request.POST.get("query", ""))
    if not form.is_valid():
        return _refused(request, tenant, query, "Give the view a name of at most 60 characters.")
    try:
        row = saved_views.edit(
            actor=request.actor,  # type: ignore[attr-defined]
            tenant=tenant,
            view=pk,
            name=form.cleaned_data["name"],
            is_shared=form.cleaned_data["is_shared"],
        )
    except (Refused, Forbidden) as error:
        return _refused(request, tenant, query, str(error))
    messages.success(request, f"The view is “{row.name}” now.")
    return redirect(row.get_absolute_url())


@require(Permission.MATRIX_VIEW)
@require_POST
def matrix_view_drop(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Drop a view. It can be brought back."""
    tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    try:
        row = saved_views.drop(actor=request.actor, tenant=tenant, view=pk, now=timezone.now())  # type: ignore[attr-defined]
    except (Refused, Forbidden) as error:
        return _refused(request, tenant, "", str(error))
    undo = reverse("access:matrix-view-restore", args=[tenant, row.pk])
    messages.success(request, f"The view “{row.name}” is dropped.", extra_tags=undo)
    return redirect(row.get_absolute_url())


@require(Permission.MATRIX_VIEW)
@require_POST
def matrix_view_restore(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Bring a dropped view back."""
    tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    try:
        row: SavedView = saved_views.restore(actor=request.actor, tenant=tenant, view=pk)  # type: ignore[attr-defined]
    except (Refused, Forbidden) as error:
        return _refused(request, tenant, "", str(error))
    messages.success(request, f"The view “{row.name}” is back.")
    return redirect(row.get_absolute_url())


def _refused(request: HttpRequest, tenant: str, query: str, sentence: str) -> HttpResponse:
    """Return to the matrix as it was, with why nothing was changed."""
    messages.error(request, sentence)
    base = reverse("access:matrix", kwargs={"tenant": tenant})
    return redirect(f"{base}?{query}" if query else base)
