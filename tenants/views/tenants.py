"""Tenants, and the settings of their realms."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.asking import ask
from console.sync.models import KeycloakServer
from console.sync.status import of_scopes
from console.web.pages import render_page
from tenants.blueprint_forms import BlueprintTenantForm, offer_free_realm, typed_in
from tenants.blueprints import Version, version_chosen
from tenants.desired import fields_of
from tenants.forms import RealmForm, TenantForm
from tenants.loaders import tenant_for
from tenants.models import Tenant
from tenants.summary import cards, summary_from, summary_of
from tenants.views.following import sealed

FORM = ["GET", "POST"]


@require(Permission.TENANT_VIEW, somewhere=True)
@require_GET
def tenant_list(request: HttpRequest) -> HttpResponse:
    """The tenants that one may know of, each with its status."""
    rows = list(Tenant.objects.visible_to(request.actor).with_realm().order_by("name", "pk"))  # type: ignore[attr-defined]
    known = of_scopes(row.realm.scope for row in rows)
    for row in rows:
        row.status = known[row.realm.scope_id]  # type: ignore[attr-defined]
    return render_page(
        request, page="tenants/tenant_list.html", fragment="results", context={"tenants": rows}
    )


@require(Permission.TENANT_CREATE)
@require_http_methods(FORM)
def tenant_create(request: HttpRequest) -> HttpResponse:
    """One page, no wizard: a blueprint or none, its parameters, and beside them what would be made."""
    typed = request.POST or request.GET
    chosen = version_chosen(typed.get("blueprint", ""))
    form = _form(request, chosen)
    if form.is_bound and form.is_valid():
        command, values = _asked(form, chosen)
        planned = ask(
            request,
            form,
            command=command,
            values=values,
            title=f"Create the tenant {form.cleaned_data['name']}",
            tenant=form.cleaned_data["slug"],
            back=reverse("tenants:tenant-list"),
        )
        if planned:
            return planned
        if chosen is not None:
            offer_free_realm(form, chosen.read)
    return render_page(
        request,
        page="tenants/tenant_form.html",
        context={
            "form": form,
            "chosen": chosen,
            "cards": cards(chosen),
            "back": reverse("tenants:tenant-list"),
            "has_servers": KeycloakServer.objects.exists(),
            **(summary_from(chosen.read, typed) if chosen else summary_of(typed)),
        },
        status=422 if form.is_bound else 200,
    )


def _form(request: HttpRequest, chosen: Version | None) -> TenantForm | BlueprintTenantForm:
    if chosen is None:
        return TenantForm(request.POST or None, initial=_kept(request))
    known = typed_in(chosen.read, request.GET) or None
    return BlueprintTenantForm(
        request.POST or None, blueprint=chosen.read, known=known, initial=_kept(request)
    )


def _kept(request: HttpRequest) -> dict[str, str]:
    """Return what was typed before another blueprint was chosen."""
    return {name: request.GET[name] for name in ("name", "slug", "server") if request.GET.get(name)}


def _asked(form: Any, chosen: Version | None) -> tuple[str, dict[str, object]]:
    values = form.cleaned_data
    common: dict[str, object] = {"slug": values["slug"], "name": values["name"]}
    if chosen is not None:
        server = values["server"].pk
        more = {"server": server, "blueprint": chosen.key, "version": chosen.version}
        secrets = sealed(form, place=str(server))
        said = {"parameters": form.parameters, "secrets": secrets}
        return "tenants:tenant:from-blueprint", common | more | said
    if values["served_by"] == "share":
        return "tenants:tenant:share", common | {"realm": values["share_of"].pk}
    return "tenants:tenant:create", common | {"server": values["server"].pk, "realm": values["realm"]}


@require(Permission.REALM_EDIT)
@require_http_methods(FORM)
def realm_edit(request: HttpRequest, tenant: str) -> HttpResponse:
    """The realm's settings that we manage."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    realm = owner.realm
    if not realm.is_declared:  # the row holds defaults: what Keycloak has is on the page of the realm
        at = reverse("tenants:declaration-detail", kwargs={"tenant": tenant})
        return redirect(f"{at}?at=realm:")
    form = RealmForm(request.POST or None, initial=fields_of(realm) | {"revision": realm.revision})
    back = reverse("access:matrix", kwargs={"tenant": tenant})
    if form.is_valid():
        planned = ask(
            request,
            form,
            command="tenants:realm:edit",
            values={"tenant": tenant, "revision": form.cleaned_data["revision"], "values": form.values},
            title=f"Edit the realm {realm.name}",
            tenant=tenant,
            back=back,
        )
        if planned:
            return planned
    return render_page(
        request,
        page="tenants/realm_form.html",
        context={"form": form, "tenant": owner, "realm": realm, "back": back},
        status=422 if form.is_bound else 200,
    )
