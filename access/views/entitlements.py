"""Entitlement types, resources and grants."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from access import queries
from access.entitlement_forms import (
    EVERY,
    EntitlementTypeForm,
    GrantForm,
    NamedEditForm,
    NamedForm,
    OwnersForm,
    ResourceForm,
)
from access.filters import EntitlementFilter
from access.forms import LinkForm, TenantForm
from access.loaders import named_entitlement_of, resource_of
from access.services import entitlements, resources
from access.tables import EntitlementTable
from access.terms_page import names_of
from access.views.asking import FORM, Question, count, form_page
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.web.pages import render_page
from tenants.loaders import tenant_for

SECTION = "entitlements"


@require(Permission.ENTITLEMENT_VIEW)
@require_GET
def entitlement_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """Types with their resources, and every grant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    filtered = EntitlementFilter(request.GET, queryset=queries.grants_of(owner), tenant=owner)
    names = names_of(owner.realm)
    table = EntitlementTable(filtered.qs, tenant=tenant, names=names).in_request(request)
    queries.with_status(owner, table.shown)
    types = queries.types_of(owner)
    return render_page(
        request,
        page="access/entitlement_list.html",
        fragment="results",
        context={
            "tenant": owner,
            "filter": filtered,
            "table": table,
            "types": types,
            "has_resources": any(one.resources.all() for one in types),
            "is_filtered": filtered.is_narrowed,
        },
    )


@require(Permission.ENTITLEMENT_CREATE)
@require_http_methods(FORM)
def entitlement_type_create(request: HttpRequest, tenant: str) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    form = EntitlementTypeForm(request.POST or None, tenant=owner)
    return _kept(request, form, "New entitlement type", entitlements.create_type, _same)


@require(Permission.ENTITLEMENT_CREATE)
@require_http_methods(FORM)
def resource_create(request: HttpRequest, tenant: str) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    form = ResourceForm(request.POST or None, tenant=owner)
    return _kept(
        request,
        form,
        "New resource",
        entitlements.create_resource,
        lambda values: values | _ids(values) | {"type": values["type"].pk},
    )


def _ids(values: dict[str, Any]) -> dict[str, Any]:
    """Return the ids of the owners that were chosen."""
    return {side: sorted(row.pk for row in values.get(side) or ()) for side in ("people", "clients")}


@require(Permission.ENTITLEMENT_CREATE)
@require_http_methods(FORM)
def entitlement_create(request: HttpRequest, tenant: str) -> HttpResponse:
    """Name a level of one resource, or of every resource of a type."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    form = NamedForm(request.POST or None, tenant=owner, initial={"resource": request.GET.get("resource")})
    return _kept(request, form, "New entitlement", resources.name, _named_values)


def _named_values(values: dict[str, Any]) -> dict[str, Any]:
    kept = {key: values[key] for key in ("level", "name", "description")}
    of_all = values["reach"] == EVERY
    return kept | {"type": values["type"].pk, "resource": None if of_all else values["resource"].pk}


@require(Permission.ENTITLEMENT_EDIT)
@require_http_methods(FORM)
def entitlement_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give an entitlement another name or description."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    row = named_entitlement_of(owner, pk)
    first = {name: getattr(row, name) for name in ("name", "description", "revision")}
    form = NamedEditForm(request.POST or None, tenant=owner, initial=first)
    lead = f"{row.value} stands in tokens, and stays."
    return _kept(
        request, form, f"Edit {row.name}", resources.edit, lambda values: values | {"entitlement": pk}, lead
    )


@require(Permission.ENTITLEMENT_EDIT)
@require_http_methods(FORM)
def resource_owners(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Who owns a resource."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    row = resource_of(owner, pk)
    first = {
        "people": [one.person_id for one in row.owners.all() if one.person_id],
        "clients": [one.client_id for one in row.owners.all() if one.client_id],
    }
    form = OwnersForm(request.POST or None, tenant=owner, initial=first)
    lead = "Keycloak knows nothing of owners: this is kept here, for decisions."
    return _kept(
        request,
        form,
        f"Owners of {row}",
        resources.set_owners,
        lambda values: _ids(values) | {"resource": pk},
        lead,
    )


def _same(values: dict[str, Any]) -> dict[str, Any]:
    return values


def _kept(
    request: HttpRequest,
    form: TenantForm,
    heading: str,
    service: Callable[..., object],
    values: Callable[[dict[str, Any]], dict[str, Any]],
    lead: str = "",
) -> HttpResponse:
    """Let a service keep something that does not reach Keycloak: no preview is needed."""
    slug = form.tenant.slug
    back = reverse("access:entitlement-list", kwargs={"tenant": slug})
    if form.is_valid():
        try:
            service(actor=request.actor, tenant=slug, **values(form.cleaned_data))  # type: ignore[attr-defined]
        except (Refused, Forbidden) as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.info(request, f"{heading}: kept here. Keycloak learns of grants only.")
            return redirect(back)
    question = Question(
        command="",
        heading=heading,
        back=back,
        section=SECTION,
        values=lambda form: {},
        title=lambda form: heading,
        lead=lead,
    )
    context = {"form": form, "tenant": form.tenant, "question": question, "is_kept_here": True}
    return render_page(
        request, page="access/form.html", context=context, status=422 if form.is_bound else 200
    )


@require(Permission.ENTITLEMENT_GRANT)
@require_http_methods(FORM)
def entitlement_grant(request: HttpRequest, tenant: str) -> HttpResponse:
    """Grant a named entitlement to people, groups and service accounts."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    question = Question(
        command="access:entitlement:grant",
        heading="Grant an entitlement",
        back=reverse("access:entitlement-list", kwargs={"tenant": tenant}),
        section=SECTION,
        values=_grant,
        title=lambda form: f"Grant {form.cleaned_data['entitlement'].name}",
        lead="A group's entitlements reach everybody in it and in the groups below it.",
    )
    first = {"entitlement": request.GET.get("entitlement")}
    return form_page(request, GrantForm(request.POST or None, tenant=owner, initial=first), question)


def _grant(form: GrantForm) -> dict[str, Any]:
    chosen = form.cleaned_data["entitlement"]
    sides = {side: form.ids(side) for side in ("people", "groups", "clients")}
    return {"resource": chosen.resource_id, "level": chosen.level, **sides} | form.period


@require(Permission.ENTITLEMENT_REVOKE)
@require_http_methods(FORM)
def entitlement_revoke(request: HttpRequest, tenant: str) -> HttpResponse:
    """Take grants back: those that `grant` names in the address, several times if need be."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    chosen = queries.grants_of(owner).filter(
        pk__in=[pk for pk in request.GET.getlist("grant") if pk.isascii() and pk.isdigit() and len(pk) < 18]
    )
    ids = sorted(chosen.values_list("pk", flat=True))
    words = f"Revoke {count(ids, 'entitlement', 'entitlements')}"
    question = Question(
        command="access:entitlement:revoke",
        heading=words,
        back=reverse("access:entitlement-list", kwargs={"tenant": tenant}),
        section=SECTION,
        values=lambda form: {"entitlements": ids},
        title=lambda form: words,
        lead=", ".join(str(grant) for grant in chosen[:20]) or "None of the chosen grants exists any more.",
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)
