"""Two people, groups, service accounts, roles or tenants side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.forms import TenantForm, accounts_field, groups_field, people_field, roles_field
from access.matrix.asked import View
from access.matrix.compare import SHOWN, Comparison, compared
from access.matrix.export import TooLarge, file_of, refuse_too_large
from access.matrix.mirror import mirrored
from access.matrix.sheets import about_compared, compared_rows
from access.services import saved_views
from access.views.matrix_export import format_of, sent
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.loaders import tenant_for
from tenants.models import Tenant

TENANTS = "tenants"
TENANTS_OFFERED = 300
FIELDS: Mapping[str, Callable[[TenantForm], Any]] = {
    View.PEOPLE.value: people_field,
    View.GROUPS.value: groups_field,
    View.ACCOUNTS.value: accounts_field,
    View.ROLES.value: roles_field,
}


class PairForm(TenantForm):
    """Two of one kind."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"] = FIELDS[kind](self)
        self.fields["who"].label = "Choose two"

    def clean_who(self) -> list[Any]:
        chosen = list(self.cleaned_data["who"])
        if len(chosen) != 2:
            raise ValidationError("Choose two: this compares one with another.")
        order = [str(one) for one in self["who"].value()]
        return sorted(chosen, key=lambda row: order.index(str(row.pk)))


@require(Permission.MATRIX_VIEW)
@require_GET
def matrix_compare(request: HttpRequest, tenant: str) -> HttpResponse:
    """What one of two has and the other has not, with the way by which it has it."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    context = _compared(request, owner, most=SHOWN)
    context |= {"tenant": owner, "views": list(View), "tenants_key": TENANTS}
    return render_page(request, page="access/matrix_compare.html", fragment="results", context=context)


@require(Permission.MATRIX_VIEW)
@require_GET
def matrix_compare_export(request: HttpRequest, tenant: str, form: str) -> HttpResponse:
    """Return a comparison as a file, with all its lines."""
    kind, owner = format_of(form), tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    context = _compared(request, owner, most=None)
    found: Comparison | None = context["comparison"]
    if found is None:
        raise Http404("There is nothing to compare: choose two first.")
    query, now = request.GET.urlencode(), timezone.now()
    by: str = request.actor.name  # type: ignore[attr-defined]
    both = [owner, *([context["other"]] if context.get("other") else [])]
    told = about_compared(found, both, query=query, by=by, now=now)
    head, rows = compared_rows(found)
    try:
        refuse_too_large(kind, len(rows), len(head))
    except TooLarge as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('access:matrix-compare', args=[tenant])}?{query}")
    made = file_of(head, rows, form=kind, about=told)
    for one in both:
        saved_views.note_export(
            actor=request.actor,  # type: ignore[attr-defined]
            tenant=one.slug,
            subject=f"{found.left} compared with {found.right}, {form.upper()}",
            told={**told, "Rows": made.rows, "SHA-256": made.digest},
        )
    return sent(made, kind, of=f"{owner.slug}-compared", now=now)


def _compared(request: HttpRequest, tenant: Tenant, *, most: int | None) -> dict[str, Any]:
    kind = request.GET.get("of", "")
    if kind == TENANTS:
        return _of_tenants(request, tenant, most=most)
    return _of_rows(request, tenant, kind if kind in FIELDS else View.PEOPLE.value, most=most)


def _of_rows(request: HttpRequest, tenant: Tenant, kind: str, *, most: int | None) -> dict[str, Any]:
    """Return the form, and the comparison once two are chosen."""
    chosen = request.GET.getlist("who")
    form = PairForm(request.GET if len(chosen) > 1 else None, tenant=tenant, kind=kind)
    if len(chosen) == 1:
        form = PairForm(initial={"who": chosen}, tenant=tenant, kind=kind)
    found: Comparison | None = None
    if form.is_bound and form.is_valid():
        found = compared(tenant, View(kind), *form.cleaned_data["who"], most=most)
    return {"kind": kind, "form": form, "comparison": found}


def _of_tenants(request: HttpRequest, tenant: Tenant, *, most: int | None) -> dict[str, Any]:
    """Return the tenants to choose from, and the comparison with the one that is chosen."""
    others = Tenant.objects.visible_to(request.actor).with_realm().exclude(pk=tenant.pk)  # type: ignore[attr-defined]
    other = others.filter(slug=request.GET.get("with", "")[:63]).first()
    return {
        "kind": TENANTS,
        "others": others.order_by("name", "slug")[:TENANTS_OFFERED],
        "other": other,
        "comparison": mirrored(tenant, other, most=most) if other else None,
    }
