"""The configuration of a realm: lists, and the page of each thing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from console.engine.kinds import KINDS, spec_of
from console.engine.state import Address, Kind
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.commands import Gone
from console.sync.words import thing
from console.web.pages import render_page
from console.web.paging import page_of
from tenants.configuration.sections import BY_KIND, PLURALS, SECTIONS, SINGLES, section_of
from tenants.configuration.things import Standing, Thing, detail, matching, things
from tenants.loaders import tenant_for
from tenants.models import Tenant
from tenants.services.declarations import address_of
from tenants.validity import DECLARABLE

PER_PAGE = 100
STANDINGS = (
    ("", "All"),
    (Standing.MANAGED.value, "Managed"),
    (Standing.UNMANAGED.value, "Unmanaged"),
    (Standing.KEYCLOAKS.value, "Keycloak's own"),
    ("differs", "Differs"),
)


@require(Permission.DECLARATION_VIEW)
@require_GET
def configuration(request: HttpRequest, tenant: str) -> HttpResponse:
    """The first of the lists."""
    tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    return redirect("tenants:declaration-list", tenant=tenant, kind=Kind.CLIENT.value)


@require(Permission.DECLARATION_VIEW)
@require_GET
def declaration_list(request: HttpRequest, tenant: str, kind: str) -> HttpResponse:
    """Everything of one kind, declared here or read in Keycloak."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    wanted = kind_named(kind)
    if wanted in SINGLES:
        return redirect(f"{url_of_page(owner)}?at={wanted.value}:")
    section = BY_KIND.get(wanted)
    text, standing = request.GET.get("q", "").strip()[:200], request.GET.get("standing", "")
    everything = [] if owner.is_share else things(owner.realm, [wanted])
    found = matching(everything, text=text, standing=standing)
    page = page_of(request, found, per_page=PER_PAGE)
    context = {
        "tenant": owner,
        "kind": wanted,
        "spec": KINDS[wanted],
        "plural": PLURALS[wanted],
        "section": section or section_of(Address(wanted, tuple(" " for _ in KINDS[wanted].parts))),
        "sections": SECTIONS,
        "page": page,
        "total": len(everything),
        "counts": counts_of(everything),
        "standings": STANDINGS,
        "standing": standing,
        "text": text,
        "is_filtered": bool(text or standing),
        "unread": why_unread(owner, wanted),
        "profile_at": "user-profile:" if wanted is Kind.PROFILE_ATTRIBUTE else "",
    }
    return render_page(request, page="tenants/configuration/list.html", fragment="results", context=context)


def url_of_page(tenant: Tenant) -> str:
    """Return the address of the page of a thing, which stands behind `at`."""
    return reverse("tenants:declaration-detail", kwargs={"tenant": tenant.slug})


def counts_of(found: list[Thing]) -> dict[str, int]:
    """Return how many stand how."""
    counts = {one.value: 0 for one in Standing} | {"differs": 0}
    for one in found:
        counts[one.standing.value] += 1
        counts["differs"] += bool(one.differs)
    return counts


def why_unread(tenant: Tenant, kind: Kind) -> str:
    """Return why nothing can be said of what Keycloak holds of a kind, "" where it was read."""
    scope = tenant.realm.scope
    if scope.read_at is None:
        return "The realm was not read whole yet: only what is declared here is shown."
    why: str = scope.unreadable.get(kind.value, "")
    return why and f"No access: {why}"


def kind_named(name: str) -> Kind:
    """Return a kind of the configuration. Raises Http404."""
    kind = next((one for one in (*DECLARABLE, Kind.REALM) if one.value == name), None)
    if kind is None:
        raise Http404("There is no such kind of configuration.")
    return kind


def address_asked(request: HttpRequest, owner: Tenant, name: str = "at") -> Address:
    """Return the thing that the page is about. Raises Http404; a share has no configuration."""
    try:
        address = address_of(request.GET.get(name, ""))
    except Gone as error:
        raise Http404(str(error)) from None
    kind_named(address.kind.value)
    if owner.is_share or len(address.path) != len(spec_of(address).parts):
        raise Http404("There is no such thing in the configuration of this tenant.")
    return address


@require(Permission.DECLARATION_VIEW)
@require_GET
def declaration_detail(request: HttpRequest, tenant: str) -> HttpResponse:
    """One thing: declared, in Keycloak and last applied side by side, and what belongs to it."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    address = address_asked(request, owner)
    found = detail(owner.realm, address)
    if found is None and address.kind not in SINGLES:
        raise Http404("It is neither declared here nor was it read in Keycloak.")
    words = thing(address)
    context = {
        "tenant": owner,
        "address": address,
        "spec": spec_of(address),
        "section": section_of(address),
        "sections": SECTIONS,
        "detail": found,
        "title": address.path[-1] if address.path else f"{words[0].upper()}{words[1:]}",
        "is_realm": address.kind is Kind.REALM,
        "unread": why_unread(owner, address.kind),
    }
    return render_page(request, page="tenants/configuration/detail.html", context=context)
