"""Keycloak servers."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.keycloak.probe import ProbeStep, probe
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.seal import CannotOpen
from console.sync import circuit
from console.sync.asking import show_conflict
from console.sync.cause import Forbidden
from console.sync.commands import Conflict, Refused
from console.sync.models import KeycloakServer
from console.sync.status import of_scopes
from console.web.pages import client_redirect, render_page
from tenants.forms import ServerEditForm, ServerForm
from tenants.services import servers

FORM = ["GET", "POST"]


@require(Permission.SERVER_VIEW)
@require_GET
def server_list(request: HttpRequest) -> HttpResponse:
    """The servers, with what the last test of each said."""
    rows = KeycloakServer.objects.select_related("circuit").prefetch_related("scopes").order_by("name")
    return render_page(
        request, page="tenants/server_list.html", fragment="results", context={"servers": rows}
    )


@sensitive_post_parameters("secret")
@require(Permission.SERVER_CREATE)
@require_http_methods(FORM)
def server_create(request: HttpRequest) -> HttpResponse:
    form = ServerForm(request.POST or None)
    if form.is_valid():
        try:
            server = servers.create(actor=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except (Refused, Forbidden) as error:
            form.add_error(getattr(error, "field", None), str(error))
        else:
            messages.info(request, f"{server.name} is listed. Test its connection next.")
            return redirect("tenants:server-detail", pk=server.pk)
    return _form(request, form, "New server", reverse("tenants:server-list"))


@sensitive_post_parameters("secret")
@require(Permission.SERVER_EDIT)
@require_http_methods(FORM)
def server_edit(request: HttpRequest, pk: int) -> HttpResponse:
    server = get_object_or_404(KeycloakServer, pk=pk)
    first = {"url": server.url, "client_id": server.client_id, "revision": server.revision}
    form = ServerEditForm(request.POST or None, initial=first)
    if form.is_valid():
        try:
            servers.edit(actor=request.actor, server=pk, **form.cleaned_data)  # type: ignore[attr-defined]
        except Conflict as error:
            show_conflict(form, error)
        except (Refused, Forbidden) as error:
            form.add_error(getattr(error, "field", None), str(error))
        else:
            messages.info(request, f"{server.name} is changed. Test its connection next.")
            return redirect("tenants:server-detail", pk=pk)
    return _form(request, form, f"Edit {server.name}", reverse("tenants:server-detail", args=[pk]))


def _form(request: HttpRequest, form: ServerForm, heading: str, back: str) -> HttpResponse:
    return render_page(
        request,
        page="tenants/server_form.html",
        context={"form": form, "heading": heading, "back": back},
        status=422 if form.is_bound else 200,
    )


@require(Permission.SERVER_VIEW)
@require_GET
def server_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One server with its realms that are managed here."""
    return _server(request, _server_of(pk))


def _server_of(pk: int) -> KeycloakServer:
    return get_object_or_404(
        KeycloakServer.objects.select_related("circuit").prefetch_related("scopes__declared_realm__tenants"),
        pk=pk,
    )


def _server(request: HttpRequest, server: KeycloakServer, steps: Sequence[ProbeStep] = ()) -> HttpResponse:
    scopes = sorted(server.scopes.all(), key=lambda scope: scope.realm)
    known = of_scopes(scopes)
    return render_page(
        request,
        page="tenants/server_detail.html",
        fragment="probe",
        context={
            "server": server,
            "steps": steps,
            "realms": [(scope, known[scope.pk]) for scope in scopes],
        },
    )


@require(Permission.SERVER_TEST)
@require_POST
def server_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the server and show each call with its result."""
    server = _server_of(pk)
    try:
        steps = probe(server.connection())
    except CannotOpen as error:
        messages.error(request, str(error))
        return client_redirect(request, reverse("tenants:server-detail", args=[pk]))
    servers.keep_probe(server=server, steps=steps, now=timezone.now())
    if any(step.ok for step in steps):
        circuit.close(server)  # it answers: what waits for it need not wait for the next look
    return _server(request, _server_of(pk), steps)
