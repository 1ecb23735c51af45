"""Tenants over the REST API: which there are, and new ones by the services and the plan of the form."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from console.api.rest import bodies, shapes
from console.api.rest.auth import require, require_everywhere
from console.api.rest.changing import changed, once
from console.api.rest.documented import read, write
from console.api.rest.errors import Wrong
from console.api.rest.views import View, asked, formed, tenant_in
from console.blueprints.expand import expand
from console.blueprints.model import Parameter, WrongParameters
from console.permissions.vocabulary import Permission as P
from console.sync.commands import Refused
from console.sync.models import KeycloakServer
from tenants import secrets as sealing
from tenants.blueprints import Version, field_of, newest, versions
from tenants.forms import TenantForm
from tenants.models import Realm, Tenant
from tenants.views.blueprints import seen_by

Values = dict[str, Any]
OF_FORMS = field_of("")  # how the form's names of parameters begin


class Tenants(View):
    @read(shapes.Tenant, pages=True, summary="The tenants that the token may know of.")
    def get(self, request: Request) -> Response:
        actor = require(request, P.TENANT_VIEW)
        rows = Tenant.objects.visible_to(actor).with_realm().order_by("slug")
        return self.listed(request, rows, shapes.Tenant)

    @write(bodies.TenantIn, summary="Create a tenant: own realm, share of one, or from a blueprint.")
    def post(self, request: Request) -> Response:
        require_everywhere(request, P.TENANT_CREATE)
        request.is_let_in = True  # type: ignore[attr-defined]
        values = asked(request, bodies.TenantIn)

        def make() -> Response:
            command, told = _asked(values)
            title = f"Create the tenant {told['name']}"
            return changed(request, command=command, values=told, title=title, tenant=told["slug"])

        return once(request, lambda: _by_parameters(make))


class TenantDetail(View):
    @read(shapes.Tenant, summary="One tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        return Response(shapes.Tenant(tenant_in(request, tenant, P.TENANT_VIEW)).data)


def _asked(values: Values) -> tuple[str, Values]:
    """Return the command of a new tenant, and what it is told. Raises Wrong."""
    server = _server(values["server"])
    found = formed(TenantForm(_typed(values, server)))
    told = {"slug": found["slug"], "name": found["name"]}
    if values["blueprint"]:
        return "tenants:tenant:from-blueprint", told | _of_blueprint(values, server)
    if found["served_by"] == "share":
        return "tenants:tenant:share", told | {"realm": found["share_of"].pk}
    return "tenants:tenant:create", told | {"server": server.pk, "realm": found["realm"]}


def _typed(values: Values, server: KeycloakServer) -> Values:
    """Return what the form would be sent: things by their ids. Raises Wrong for what does not go together."""
    if values["blueprint"] and (values["realm"] or values["served_by"] == "share"):
        raise _wrong("blueprint", "A blueprint makes a realm of its own, and its parameters name it.")
    if values["parameters"] and not values["blueprint"]:
        raise _wrong("parameters", "Only a blueprint has parameters.")
    typed = {name: values[name] for name in ("name", "slug", "served_by")} | {"server": server.pk}
    if values["served_by"] == "share":
        shared = Realm.objects.filter(scope__server=server, scope__realm=values["realm"]).first()
        if shared is None:
            raise _wrong("realm", f"No realm {values['realm']} of {server.name} is managed here.")
        return typed | {"share_of": shared.pk}
    return typed | {"realm": values["realm"]}


def _server(name: str) -> KeycloakServer:
    row = KeycloakServer.objects.filter(name=name).first()
    if row is None:
        raise _wrong("server", f"No server {name} is listed here.")
    return row


def _of_blueprint(values: Values, server: KeycloakServer) -> Values:
    """Return what the blueprint is told: parameters checked by it alone, secrets sealed. Raises Wrong."""
    found = _version(values["blueprint"], values["version"])
    try:
        said = expand(found.read, values["parameters"])
    except WrongParameters as error:
        fields = {f"parameters.{name}": [sentence] for name, sentence in error.errors.items()}
        raise Wrong("Some parameters are wrong.", status=422, fields=fields) from error
    secret = {one.name for one in found.read.parameters if one.is_secret}
    typed = {name: value for name, value in values["parameters"].items() if name in secret and value}
    return {
        "server": server.pk,
        "blueprint": found.key,
        "version": found.version,
        "parameters": dict(said.parameters),
        "secrets": sealing.sealed_parameters(typed, place=str(server.pk)),
    }


def _version(key: str, version: str) -> Version:
    found = versions(key=key)
    if not found:
        raise _wrong("blueprint", f"There is no blueprint {key} here.")
    chosen = next((one for one in found if one.version == version), None) if version else newest(found)[0]
    if chosen is None:
        raise _wrong("version", f"There is no version {version} of {key} here.")
    return chosen


def _by_parameters(make: Any) -> Response:
    """Return what `make` answers; what a service says of a parameter is named as the body names it."""
    try:
        answer: Response = make()
    except Refused as error:
        if error.field and error.field.startswith(OF_FORMS):
            error.field = f"parameters.{error.field.removeprefix(OF_FORMS)}"
        raise
    return answer


def _wrong(field: str, sentence: str) -> Wrong:
    return Wrong("Some fields are wrong.", status=422, fields={field: [sentence]})


class Blueprints(View):
    @read(shapes.Blueprint, pages=True, summary="The versions of blueprints, with their parameters.")
    def get(self, request: Request) -> Response:
        actor = require(request, P.BLUEPRINT_VIEW)
        return self.listed(request, seen_by(actor, versions()), shapes.Blueprint, read=_told)


def _told(found: Any) -> list[Mapping[str, Any]]:
    return [
        {
            "key": one.key,
            "version": one.version,
            "name": one.name,
            "parameters": [_parameter(each) for each in one.read.parameters],
        }
        for one in found
    ]


def _parameter(one: Parameter) -> Mapping[str, Any]:
    plain = {name: getattr(one, name) for name in ("name", "label", "help", "required", "fixed")}
    return plain | {"type": one.type.value, "choices": [each.value for each in one.choices]}
