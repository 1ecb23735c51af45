"""A tenant and its blueprint: which it stands under, other parameters, and newer versions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.asking import ask
from console.web.pages import render_page
from tenants import secrets as sealing
from tenants.blueprint_forms import ParametersForm, UseForm
from tenants.blueprint_page import blueprint_page
from tenants.blueprints import Version, expansion_of, newer_than, newest, parsed, version_chosen, versions
from tenants.loaders import tenant_for
from tenants.models import BlueprintUse, Tenant

FORM = ["GET", "POST"]


@require(Permission.BLUEPRINT_VIEW)
@require_GET
def blueprint_of_tenant(request: HttpRequest, tenant: str) -> HttpResponse:
    """What the tenant's blueprint says with its own parameters, and the newer versions."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    use = use_of(owner)
    context: dict[str, object] = {"tenant": owner, "use": use}
    if use is not None:
        read = parsed(use.blueprint.text)
        context |= {
            "blueprint": read,
            "newer": newer_than(versions(key=use.blueprint.key), use.blueprint.version),
            "values": [(one, use.parameters.get(one.name)) for one in read.parameters],
            **blueprint_page(read, expansion_of(use)),
        }
    else:
        context["offered"] = newest(versions())
    return render_page(request, page="tenants/blueprint_of_tenant.html", context=context)


@require(Permission.BLUEPRINT_APPLY)
@require_http_methods(FORM)
def blueprint_follow(request: HttpRequest, tenant: str) -> HttpResponse:
    """Other parameters, another version, or the first blueprint of a tenant, by a plan."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    use = use_of(owner)
    chosen = _chosen(request, use)
    back = reverse("tenants:blueprint-of-tenant", kwargs={"tenant": tenant})
    form = _form(request, use, chosen)
    if form.is_bound and form.is_valid():
        command, values, title = _asked(owner, use, chosen, form)
        planned = ask(request, form, command=command, values=values, title=title, tenant=tenant, back=back)
        if planned:
            return planned
    return render_page(
        request,
        page="tenants/blueprint_follow.html",
        context={"tenant": owner, "use": use, "chosen": chosen, "form": form, "back": back},
        status=422 if form.is_bound else 200,
    )


def use_of(tenant: Tenant) -> BlueprintUse | None:
    return BlueprintUse.objects.select_related("blueprint").filter(tenant=tenant).first()


def _chosen(request: HttpRequest, use: BlueprintUse | None) -> Version:
    """Return the version that is asked for; the tenant's own where none is."""
    asked = request.POST.get("blueprint") or request.GET.get("blueprint", "")
    own = f"{use.blueprint.key}@{use.blueprint.version}" if use else ""
    found = version_chosen(asked or own)
    if found is None or (use is not None and found.key != use.blueprint.key):
        raise Http404("There is no such version of this tenant's blueprint.")
    return found


def _form(request: HttpRequest, use: BlueprintUse | None, chosen: Version) -> UseForm:
    return UseForm(
        request.POST or None,
        blueprint=chosen.read,
        known=use.parameters if use else None,
        initial={"revision": use.revision if use else 0},
    )


def _asked(
    owner: Tenant, use: BlueprintUse | None, chosen: Version, form: UseForm
) -> tuple[str, dict[str, object], str]:
    values: dict[str, object] = {
        "tenant": owner.slug,
        "version": chosen.version,
        "parameters": form.parameters,
        "secrets": sealed(form, place=owner.slug),
    }
    name = f"{chosen.name} {chosen.version}"
    if use is None:
        values |= {"blueprint": chosen.key}
        return "tenants:blueprint:apply", values, f"Put {owner} under {name}"
    values |= {"revision": form.cleaned_data["revision"]}
    if use.blueprint.version == chosen.version:
        return "tenants:blueprint:move", values, f"Other parameters of {name} for {owner}"
    return "tenants:blueprint:move", values, f"Move {owner} from {use.blueprint.version} to {name}"


def sealed(form: ParametersForm, *, place: str) -> dict[str, dict[str, str]]:
    """Return the secrets that were typed as a stored plan may hold them."""
    return sealing.sealed_parameters(form.secrets, place=place)
