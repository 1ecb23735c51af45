"""Blueprints: what there is, what one says, how two versions differ, and own ones."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from console.blueprints.difference import Difference, differences
from console.blueprints.model import Fault, Invalid
from console.blueprints.parameters import default_of
from console.blueprints.schema import schema_text
from console.identity.actor import Actor
from console.permissions.decorators import require
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.web.pages import render_page
from tenants.blueprint_forms import UploadForm, example
from tenants.blueprint_page import blueprint_page
from tenants.blueprints import Version, newer_than, version_named, versions
from tenants.models import BlueprintUse, Tenant
from tenants.services.blueprints import upload

FORM = ["GET", "POST"]


@require(Permission.BLUEPRINT_VIEW, somewhere=True)
@require_GET
def blueprint_list(request: HttpRequest) -> HttpResponse:
    """All versions that one may know of, with the tenants that use each."""
    rows = seen_by(request.actor, versions())  # type: ignore[attr-defined]
    return render_page(
        request, page="tenants/blueprint_list.html", fragment="results", context={"versions": rows}
    )


@require(Permission.BLUEPRINT_VIEW, somewhere=True)
@require_GET
def blueprint_detail(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """One version, rendered by the same page whichever it is, with its examples as parameters."""
    shown = version_for(request.actor, key, version)  # type: ignore[attr-defined]
    others = [one for one in seen_by(request.actor, versions(key=key)) if one.version != version]  # type: ignore[attr-defined]
    context = {
        "shown": shown,
        "blueprint": shown.read,
        "others": others,
        "newer": newer_than(others, version),
        "older_uses": sum(len(one.uses) for one in others if shown in newer_than([shown], one.version)),
        "values": [(one, default_of(one)) for one in shown.read.parameters],
        **blueprint_page(shown.read, example(shown.read.text)),
    }
    return render_page(request, page="tenants/blueprint_detail.html", context=context)


@require(Permission.BLUEPRINT_VIEW, somewhere=True)
@require_GET
def blueprint_text(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """The text itself, as a file."""
    shown = version_for(request.actor, key, version)  # type: ignore[attr-defined]
    response = HttpResponse(shown.read.text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{shown.key}-{shown.version}.yaml"'
    return response


@require(Permission.BLUEPRINT_VIEW, somewhere=True)
@require_GET
def blueprint_compare(request: HttpRequest) -> HttpResponse:
    """Two versions side by side: what the second adds, changes and removes."""
    rows = seen_by(request.actor, versions())  # type: ignore[attr-defined]
    by_choice = {one.choice: one for one in rows}
    old, new = by_choice.get(request.GET.get("old", "")), by_choice.get(request.GET.get("new", ""))
    found = differences(old.read, new.read) if old and new else ()
    sections: dict[str, list[Difference]] = {}
    for one in found:
        sections.setdefault(one.section, []).append(one)
    return render_page(
        request,
        page="tenants/blueprint_compare.html",
        fragment="results",
        context={"versions": rows, "old": old, "new": new, "sections": sections.items(), "count": len(found)},
    )


# Everybody who may sign in has a profile: the schema says nothing of any tenant.
@require(Permission.PROFILE_VIEW)
@require_GET
def blueprint_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of blueprints, under an address that stays."""
    return HttpResponse(schema_text(), content_type="application/schema+json")


@require(Permission.BLUEPRINT_CREATE)
@require_http_methods(FORM)
def blueprint_upload(request: HttpRequest) -> HttpResponse:
    """An own blueprint. Every fault stands with its line beside the text."""
    form = UploadForm(request.POST or None, request.FILES or None)
    faults: Sequence[Fault] = ()
    if request.method == "POST" and form.is_valid():
        try:
            row = upload(actor=request.actor, text=form.cleaned_data["text"])  # type: ignore[attr-defined]
        except Invalid as error:
            faults = error.faults
            form.add_error("text", f"{len(faults)} fault{'s' if len(faults) != 1 else ''}: see beside.")
        except (Refused, Forbidden) as error:
            form.add_error("text", str(error))
        else:
            return redirect("tenants:blueprint-detail", key=row.key, version=row.version)
    return render_page(
        request,
        page="tenants/blueprint_upload.html",
        context={"form": form, "faults": faults, "back": reverse("tenants:blueprint-list")},
        status=422 if form.is_bound else 200,
    )


def version_for(actor: Actor, key: str, version: str) -> Version:
    """Return a version that the actor may know of. Raises Http404 otherwise."""
    found = version_named(key, version)
    seen = seen_by(actor, [found]) if found else []
    if not seen:
        raise Http404("There is no such blueprint, or you may not know of it.")
    return seen[0]


def seen_by(actor: Actor, found: Sequence[Version]) -> list[Version]:
    """Return the versions that the actor may know of, each with the tenants of hers that use it.

    An own blueprint belongs to the whole console: the administrators of a tenant see it once they use it.
    """
    tenants = Tenant.objects.visible_to(actor)
    rows = BlueprintUse.objects.filter(tenant__in=tenants).select_related("tenant", "blueprint")
    uses: dict[tuple[str, str], list[BlueprintUse]] = {}
    for use in rows.order_by("tenant__name", "pk"):
        uses.setdefault((use.blueprint.key, use.blueprint.version), []).append(use)
    sees_all = bool(decide(actor, Permission.BLUEPRINT_VIEW))
    return [
        Version(
            read=one.read, row=one.row, is_shipped=one.is_shipped, uses=uses.get((one.key, one.version), [])
        )
        for one in found
        if sees_all or one.is_shipped or (one.key, one.version) in uses
    ]
