"""Tenants, and the settings of their realms."""

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
from tenants.desired import fields_of
from tenants.forms import RealmForm, TenantForm
from tenants.loaders import tenant_for
from tenants.models import Tenant
from tenants.summary import summary_of

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
    """One page, no wizard: the plan page shows what will be made."""
    back = reverse("tenants:tenant-list")
    form = TenantForm(request.POST or None)
    if form.is_valid():
        command, values = _asked(form.cleaned_data)
        planned = ask(
            request,
            form,
            command=command,
            values=values,
            title=f"Create the tenant {form.cleaned_data['name']}",
            tenant=form.cleaned_data["slug"],
            back=back,
        )
        if planned:
            return planned
    return render_page(
        request,
        page="tenants/tenant_form.html",
        fragment="made",
        context={
            "form": form,
            "back": back,
            "has_servers": KeycloakServer.objects.exists(),
            **summary_of(request.POST or request.GET),
        },
        status=422 if form.is_bound else 200,
    )


def _asked(values: dict[str, object]) -> tuple[str, dict[str, object]]:
    common = {"slug": values["slug"], "name": values["name"]}
    if values["served_by"] == "share":
        return "tenants:tenant:share", common | {"realm": values["share_of"].pk}  # type: ignore[attr-defined]
    return "tenants:tenant:create", common | {"server": values["server"].pk, "realm": values["realm"]}  # type: ignore[attr-defined]


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
