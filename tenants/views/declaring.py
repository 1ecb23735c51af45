"""Forms that ask for a change of a realm's configuration. Each leads to a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from console.engine.kinds import REALM, spec_of
from console.engine.state import Address, Kind
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.asking import ask
from console.sync.commands import Refused
from console.sync.words import thing
from console.web.forms import Form
from console.web.pages import render_page
from tenants.configuration.forms import DeclarationForm, Nothing, RenameForm
from tenants.configuration.sections import section_of
from tenants.configuration.things import Standing, Thing, detail
from tenants.loaders import tenant_for
from tenants.models import Tenant
from tenants.secrets import sealed
from tenants.views.configuration import address_asked, kind_named, url_of_page

FORM = ["GET", "POST"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a form asks for. `values`, and a title that names something new, are made once it is valid."""

    command: str
    heading: str
    back: str
    title: str | Callable[[Any], str]
    values: Callable[[Any], dict[str, Any]]
    lead: str = ""
    danger: bool = False


def page_at(tenant: Tenant, address: Address) -> str:
    """Return the address of a thing's page."""
    return f"{url_of_page(tenant)}?{urlencode({'at': address.key})}"


def _form_page(request: HttpRequest, owner: Tenant, form: Form, wish: Wish, kind: Kind) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        planned = _asked(request, owner, form, wish)
        if planned:
            return planned
    context = {"tenant": owner, "form": form, "wish": wish, "section": section_of(_any(kind))}
    return render_page(
        request,
        page="tenants/configuration/form.html",
        context=context,
        status=422 if form.is_bound else 200,
    )


def _asked(request: HttpRequest, owner: Tenant, form: Form, wish: Wish) -> HttpResponse | None:
    try:
        values = wish.values(form)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    return ask(
        request,
        form,
        command=wish.command,
        values={"tenant": owner.slug, **values},
        title=wish.title if isinstance(wish.title, str) else wish.title(form),
        tenant=owner.slug,
        back=wish.back,
    )


def _any(kind: Kind) -> Address:
    return Address(kind, tuple("" for _ in spec_of(Address(kind, ())).parts))


def _words(address: Address) -> str:
    return thing(address)


@sensitive_post_parameters()
@require(Permission.DECLARATION_EDIT)
@require_http_methods(FORM)
def declaration_create(request: HttpRequest, tenant: str, kind: str) -> HttpResponse:
    """Something new; with `in` in the address, inside the thing on whose page one was."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    wanted = kind_named(kind)
    if owner.is_share or wanted in (Kind.REALM, Kind.USER_PROFILE):
        raise Http404("Nothing of this kind can be added here.")
    within = address_asked(request, owner, "in") if request.GET.get("in") else None
    form = DeclarationForm(request.POST or None, realm=owner.realm, kind=wanted, within=within)
    spec = spec_of(_any(wanted))
    back = page_at(owner, within) if within else _list_of(owner, wanted)
    wish = Wish(
        command="tenants:declaration:put",
        heading=f"New {spec.label}",
        back=back,
        title=lambda form: f"Declare {_words(form.address)}",
        values=lambda form: _put(owner, form, None),
        lead=f"In {_words(within)}." if within else "",
    )
    return _form_page(request, owner, form, wish, wanted)


def _list_of(owner: Tenant, kind: Kind) -> str:
    return reverse("tenants:declaration-list", kwargs={"tenant": owner.slug, "kind": kind.value})


def _put(owner: Tenant, form: DeclarationForm, revision: int | None) -> dict[str, Any]:
    """Return the values of a `put`. Secrets are sealed here, before anything is stored."""
    kept = sealed(owner.realm.scope, form.address, form.secrets)
    one = {"address": form.address.key, "fields": form.values, "revision": revision, "secrets": kept}
    return {"declarations": [one]}


@sensitive_post_parameters()
@require(Permission.DECLARATION_EDIT)
@require_http_methods(FORM)
def declaration_edit(request: HttpRequest, tenant: str) -> HttpResponse:
    """The fields of something that is managed here; of the realm itself, its settings."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    address = address_asked(request, owner)
    shown = _managed(owner, address)
    revision = owner.realm.revision if address == REALM else shown.revision
    form = DeclarationForm(
        request.POST or None,
        realm=owner.realm,
        kind=address.kind,
        address=address,
        declared=shown.thing.declared,
        found=shown.thing.found,
        initial={"revision": revision},
    )
    is_realm = address == REALM
    wish = Wish(
        command="tenants:realm:edit" if is_realm else "tenants:declaration:put",
        heading=f"Edit {_words(address)}",
        back=page_at(owner, address),
        title=f"Edit {_words(address)}",
        values=lambda form: _settings(owner, form) if is_realm else _put(owner, form, _seen(form)),
        lead="Only what you change here, or what was managed before, is managed. All else stays Keycloak's.",
    )
    return _form_page(request, owner, form, wish, address.kind)


def _seen(form: Form) -> int:
    return int(form.cleaned_data["revision"] or 0)


def _settings(owner: Tenant, form: DeclarationForm) -> dict[str, Any]:
    kept = sealed(owner.realm.scope, REALM, form.secrets)
    return {"revision": _seen(form), "values": form.values, "secrets": kept}


@dataclass(frozen=True, slots=True)
class _Shown:
    thing: Thing
    revision: int


def _managed(owner: Tenant, address: Address) -> _Shown:
    """Return something that is managed here and may be changed. Raises Http404."""
    found = detail(owner.realm, address)
    if found is None or found.thing.standing is not Standing.MANAGED:
        raise Http404("It is not managed here.")
    return _Shown(found.thing, found.row.revision if found.row else 0)


@require(Permission.DECLARATION_EDIT)
@require_http_methods(FORM)
def declaration_rename(request: HttpRequest, tenant: str) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    address = address_asked(request, owner)
    shown = _managed(owner, address)
    if not spec_of(address).has_name:
        raise Http404("Keycloak renames none of this kind.")
    form = RenameForm(
        request.POST or None, initial={"revision": shown.revision, "own_name": address.path[-1]}
    )
    wish = Wish(
        command="tenants:declaration:rename",
        heading=f"Rename {_words(address)}",
        back=page_at(owner, address),
        title=f"Rename {_words(address)}",
        values=lambda form: {
            "address": address.key,
            "revision": form.cleaned_data["revision"],
            "name": form.cleaned_data["own_name"],
        },
        lead="What refers to it by name outside Keycloak must follow.",
    )
    return _form_page(request, owner, form, wish, address.kind)


@require(Permission.DECLARATION_DROP)
@require_http_methods(FORM)
def declaration_drop(request: HttpRequest, tenant: str) -> HttpResponse:
    """The preview is the confirmation."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    address = address_asked(request, owner)
    shown = _managed(owner, address)
    lead = "What stands inside it and what hangs on it goes with it, from Keycloak, too."
    if shown.thing.is_given:
        lead = "Keycloak makes this in every realm: it stays there as it is, and is no longer managed."
    wish = Wish(
        command="tenants:declaration:drop",
        heading=f"Delete {_words(address)}",
        back=_list_of(owner, section_of(address).kind),
        title=f"Delete {_words(address)}",
        values=lambda form: {"address": address.key},
        lead=lead,
        danger=True,
    )
    return _form_page(request, owner, Nothing(request.POST or None), wish, address.kind)


@require(Permission.DECLARATION_RELEASE)
@require_http_methods(FORM)
def declaration_release(request: HttpRequest, tenant: str) -> HttpResponse:
    """Stop managing: Keycloak keeps the thing as it is."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    address = address_asked(request, owner)
    _managed(owner, address)
    wish = Wish(
        command="tenants:declaration:release",
        heading=f"Stop managing {_words(address)}",
        back=page_at(owner, address),
        title=f"Stop managing {_words(address)}",
        values=lambda form: {"addresses": [address.key]},
        lead="Nothing is written. Keycloak keeps it, with all inside it, and it can be adopted again.",
    )
    return _form_page(request, owner, Nothing(request.POST or None), wish, address.kind)
