"""Entitlement types, resources and grants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import queries
from access.entitlement_forms import (
    EVERY,
    EntitlementTypeEditForm,
    EntitlementTypeForm,
    GrantForm,
    NamedEditForm,
    NamedForm,
    ResourceEditForm,
    ResourceForm,
)
from access.filters import EntitlementFilter
from access.forms import LinkForm, TenantForm
from access.loaders import entitlement_type_of, named_entitlement_of, resource_of
from access.models import Resource
from access.services import entitlement_types, entitlements, resources
from access.tables import EntitlementTable
from access.terms_page import names_of
from access.views.asking import FORM, Question, count, form_page
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.asking import show_conflict
from console.sync.cause import Forbidden
from console.sync.commands import Conflict, Refused
from console.web.pages import render_page
from tenants.blueprints import catalogue_of
from tenants.loaders import tenant_for

SECTION = "entitlements"
UNDO_SECONDS = 3600


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
            "presets": {one.name for one in catalogue_of(owner).entitlements},
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
def entitlement_type_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give a type another description, or levels more or less."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    row = entitlement_type_of(owner, pk)
    first = {"description": row.description, "levels": ", ".join(row.levels), "revision": row.revision}
    before = Before("edit-type", {"type": pk, "description": row.description, "levels": row.levels})
    return _kept(
        request,
        EntitlementTypeEditForm(request.POST or None, tenant=owner, initial=first),
        f"Edit the type {row.name}",
        entitlement_types.edit_type,
        lambda values: values | {"type": pk},
        f"{row.name} stands in tokens, and stays.",
        before=before,
    )


@require(Permission.ENTITLEMENT_DELETE)
@require_http_methods(FORM)
def entitlement_type_delete(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Delete a type without resources."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    row = entitlement_type_of(owner, pk)
    was = {"name": row.name, "levels": row.levels, "description": row.description}
    return _kept(
        request,
        LinkForm(request.POST or None, tenant=owner, sides=()),
        f"Delete the type {row.name}",
        entitlement_types.delete_type,
        lambda values: {"type": pk},
        "A type goes once it has no resources. Nothing is written to Keycloak, which knows of grants only.",
        before=Before("create-type", was),
    )


@require(Permission.ENTITLEMENT_EDIT)
@require_http_methods(FORM)
def resource_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give a resource another description and other owners."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    row = resource_of(owner, pk)
    owners = _owners(row)
    first = {"description": row.description, "revision": row.revision, **owners}
    return _kept(
        request,
        ResourceEditForm(request.POST or None, tenant=owner, initial=first),
        f"Edit {row}",
        entitlement_types.edit_resource,
        lambda values: values | _ids(values) | {"resource": pk},
        f"{row.key} stands in tokens, and stays. Keycloak knows nothing of descriptions and owners.",
        before=Before("edit-resource", {"resource": pk, "description": row.description, **owners}),
    )


@require(Permission.ENTITLEMENT_DELETE)
@require_http_methods(FORM)
def resource_delete(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Delete a resource on which nobody holds anything."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    row = resource_of(owner, pk, single=False)
    names = [(one.level, one.name, one.description) for one in row.names.all()]
    was = {"type": row.type_id, "name": row.name, "description": row.description, "names": names}
    gone = f"Its names ({', '.join(name for _, name, _ in names)}) go with it. " if names else ""
    return _kept(
        request,
        LinkForm(request.POST or None, tenant=owner, sides=()),
        f"Delete {row}",
        entitlement_types.delete_resource,
        lambda values: {"resource": pk},
        f"{gone}It goes once nobody holds anything on it. Nothing is written to Keycloak.",
        before=Before("create-resource", was | _owners(row)),
    )


def _owners(row: Resource) -> dict[str, list[int]]:
    """Return the ids of who owns a resource."""
    owners = row.owners.all()
    return {
        "people": [one.person_id for one in owners if one.person_id],
        "clients": [one.client_id for one in owners if one.client_id],
    }


def _same(values: dict[str, Any]) -> dict[str, Any]:
    return values


@dataclass(frozen=True, slots=True)
class Before:
    """What brings back what was before a form: the name of a service of `BACK`, and its values."""

    service: str
    values: dict[str, Any]

    def url(self, slug: str, row: object) -> str:
        """Return the address that does so. An edit is taken back only while it stands."""
        again = {"revision": getattr(row, "revision", None)} if self.service.startswith("edit-") else {}
        text = signing.dumps([self.service, {**self.values, **again}], salt=SALT, compress=True)
        return reverse("access:entitlement-back", args=[slug, text])


SALT = "access.entitlements"
BACK: Mapping[str, Callable[..., object]] = {
    "create-resource": entitlements.create_resource,
    "create-type": entitlements.create_type,
    "edit-resource": entitlement_types.edit_resource,
    "edit-type": entitlement_types.edit_type,
}


@require(Permission.ENTITLEMENT_EDIT)
@require_POST
def entitlement_back(request: HttpRequest, tenant: str, text: str) -> HttpResponse:
    """Take back what was edited or deleted just now, by the same services and with the same rights."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    try:
        name, values = signing.loads(text, salt=SALT, max_age=UNDO_SECONDS)
        BACK[name](actor=request.actor, tenant=owner.slug, **values)  # type: ignore[attr-defined]
    except signing.BadSignature:
        messages.error(request, "This can no longer be taken back here: the audit log has what was before.")
    except (Refused, Forbidden) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back: it is as before.")
    return redirect(reverse("access:entitlement-list", kwargs={"tenant": tenant}))


def _kept(
    request: HttpRequest,
    form: TenantForm,
    heading: str,
    service: Callable[..., object],
    values: Callable[[dict[str, Any]], dict[str, Any]],
    lead: str = "",
    before: Before | None = None,
) -> HttpResponse:
    """Let a service keep something that does not reach Keycloak: no preview is needed.

    With `before` it can be taken back.
    """
    slug = form.tenant.slug
    back = reverse("access:entitlement-list", kwargs={"tenant": slug})
    if form.is_valid():
        try:
            row = service(actor=request.actor, tenant=slug, **values(form.cleaned_data))  # type: ignore[attr-defined]
        except Conflict as error:
            show_conflict(form, error)
        except (Refused, Forbidden) as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
        else:
            undo = before.url(slug, row) if before else ""
            said = f"{heading}: kept here. Keycloak learns of grants only."
            messages.info(request, said, extra_tags=undo)
            return redirect(back)
    question = Question(
        command="",
        heading=heading,
        back=back,
        section=SECTION,
        values=lambda form: {},
        title=lambda form: heading,
        lead=lead,
        danger=before is not None and before.service.startswith("create-"),
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
