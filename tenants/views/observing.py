"""Realms that were there before us: which a server shows, observing one, and taking over what it holds."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from console.engine.kinds import KINDS, ends, is_protected
from console.engine.state import Address, Kind, Selection
from console.keycloak.errors import KeycloakError
from console.keycloak.visible import VisibleRealm, visible_realms
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.seal import CannotOpen
from console.sync.asking import ask
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.sync.desired import DatabaseTarget
from console.sync.models import KeycloakServer, Observed, Scope
from console.web.pages import render_page
from console.web.paging import page_of
from tenants.configuration.sections import PLURALS
from tenants.forms import AdoptForm, ObserveForm
from tenants.loaders import tenant_for
from tenants.models import Tenant
from tenants.services.observing import observe
from tenants.services.tenants import PROTECTED_REALMS
from tenants.validity import WITH_MODELS

FORM = ["GET", "POST"]


@require(Permission.REALM_OBSERVE)
@require_GET
def realm_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The realms that the service client can see on a server. Where it sees a stub only, that is said."""
    server = get_object_or_404(KeycloakServer, pk=pk)
    found: list[VisibleRealm] = []
    why = ""
    try:
        found = visible_realms(server.connection())
    except CannotOpen as error:
        why = str(error)
    except KeycloakError as error:
        why = error.sentence
    scopes = {
        scope.realm: scope for scope in Scope.objects.filter(server=server).select_related("declared_realm")
    }
    rows = [
        {"realm": one, "scope": scopes.get(one.name), "is_own": one.name in PROTECTED_REALMS} for one in found
    ]
    context = {"server": server, "rows": rows, "why": why}
    return render_page(request, page="tenants/realm_list.html", fragment="results", context=context)


@require(Permission.REALM_OBSERVE)
@require_http_methods(FORM)
def realm_observe(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a realm that was there before us, to be read and never written."""
    server = get_object_or_404(KeycloakServer, pk=pk)
    name = request.GET.get("realm", "")[:63]
    shown = request.GET.get("name", "").strip()[:255] or name
    form = ObserveForm(request.POST or None, initial={"realm": name, "name": shown, "slug": name.lower()})
    back = reverse("tenants:realm-list", args=[pk])
    if form.is_valid():
        try:
            _refuse_closed(server, form.cleaned_data["realm"])
            tenant = observe(actor=request.actor, server=pk, **form.cleaned_data)  # type: ignore[attr-defined]
        except (Refused, Forbidden) as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.info(request, f"{tenant.name} is observed. A worker reads the realm now.")
            return redirect(tenant)
    return render_page(
        request,
        page="tenants/observe_form.html",
        context={"form": form, "server": server, "back": back},
        status=422 if form.is_bound else 200,
    )


def _refuse_closed(server: KeycloakServer, name: str) -> None:
    """Refuse a realm of which Keycloak shows us nothing. Raises Refused."""
    try:
        found = next((one for one in visible_realms(server.connection()) if one.name == name), None)
    except CannotOpen as error:
        raise Refused(str(error)) from error
    except KeycloakError as error:
        raise Refused(f"{server.name} could not be read. {error.sentence}") from error
    if found is None:
        raise Refused(f"The service client sees no realm {name} there.", field="realm")
    if not found.is_open:
        raise Refused(f"No access: of {name} Keycloak shows the service client its name only.", field="realm")


@require(Permission.REALM_ADOPT)
@require_http_methods(FORM)
def adopt(request: HttpRequest, tenant: str) -> HttpResponse:
    """Take over what Keycloak holds: chosen things of one kind, or everything. The plan shows each."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    kind = next((one for one in Kind if one.value == request.GET.get("kind", "")), None)
    found = [] if owner.is_share else unmanaged(owner)
    shown = [one for one in found if kind is None or one.kind is kind]
    form = AdoptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.values([one.key for one in shown] if kind else [])
        planned = ask(
            request,
            form,
            command="access:adopt",
            values={"tenant": tenant, **values},
            title=_title(owner, values),
            tenant=tenant,
            back=request.get_full_path(),
        )
        if planned:
            return planned
    context = {
        "tenant": owner,
        "form": form,
        "kinds": _counted(owner, found),
        "kind": kind,
        "kind_label": PLURALS[kind] if kind else "",
        "page": page_of(request, shown, per_page=200) if kind else None,
        "unreadable": sorted(owner.realm.scope.unreadable.items()),
        "scope": owner.realm.scope,
        "chosen": set(request.POST.getlist("address")),
    }
    return render_page(
        request,
        page="tenants/adopt.html",
        fragment="results",
        context=context,
        status=422 if form.errors else 200,
    )


def _title(owner: Tenant, values: dict[str, Any]) -> str:
    if values.get("everything"):
        return f"Adopt the realm {owner.realm.name}"
    count = len(values["addresses"])
    return f"Adopt {count} {'thing' if count == 1 else 'things'} of {owner.realm.name}"


def unmanaged(owner: Tenant) -> list[Address]:
    """Return what was read, is not managed here, and is not Keycloak's own."""
    declared = set(DatabaseTarget(owner.realm.scope).read(Selection.all()).resources)
    rows = Observed.objects.filter(scope=owner.realm.scope).values_list("address", flat=True)
    found = (Address.parse(key) for key in rows)
    return sorted(one for one in found if one not in declared and not _is_keycloaks(one))


def _is_keycloaks(address: Address) -> bool:
    """Tell whether Keycloak owns a thing, or one of the roles that a link of ours would need as a row."""
    if is_protected(address):
        return True
    return address.kind in WITH_MODELS and any(is_protected(end) for _, end in ends(address))


def _counted(owner: Tenant, found: list[Address]) -> list[dict[str, Any]]:
    """Return each kind with how many were read and how many are not managed."""
    read = Counter(Observed.objects.filter(scope=owner.realm.scope).values_list("kind", flat=True))
    free = Counter(one.kind.value for one in found)
    return [
        {
            "kind": kind,
            "label": PLURALS[kind],
            "read": read[kind.value],
            "free": free[kind.value],
        }
        for kind in sorted(KINDS, key=lambda one: KINDS[one].rank)
        if read[kind.value]
    ]
