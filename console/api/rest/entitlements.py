"""Entitlements over the REST API: types, resources with owners, names, and who is entitled to what."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from access import queries
from access.entitlement_forms import (
    EVERY,
    ONE,
    EntitlementTypeEditForm,
    EntitlementTypeForm,
    NamedEditForm,
    NamedForm,
    ResourceForm,
)
from access.filters import EntitlementFilter
from access.loaders import entitlement_type_of, named_entitlement_of, resource_of
from access.models import EntitlementType, NamedEntitlement, Resource, ResourceOwner
from access.services import entitlement_types, entitlements, resources
from console.api.rest import bodies, shapes
from console.api.rest.auth import actor_in
from console.api.rest.changing import once
from console.api.rest.documented import made, read, write
from console.api.rest.links import renewed
from console.api.rest.said import words_in
from console.api.rest.views import (
    View,
    asked,
    change,
    formed,
    kept_here,
    revision_in,
    tenant_in,
    with_revision,
    without_reasons,
)
from console.permissions.vocabulary import Permission as P
from tenants.models import Tenant

# --- grants -------------------------------------------------------------------------------------------


class Grants(View):
    @read(shapes.Grant, "q", "type", pages=True, summary="Who is entitled to what, also what begins later.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        rows = queries.grants_of(owner)
        filtered = EntitlementFilter(request.query_params, queryset=rows, tenant=owner)
        return self.listed(request, rows, shapes.Grant, of=filtered)

    @write(bodies.GrantIn, summary="Entitle people, groups and service accounts to a level of a resource.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_GRANT)
        values = without_reasons(asked(request, bodies.GrantIn))
        what = _of_what(owner, values)
        title = f"Entitle to {what['title']}"
        values = {key: value for key, value in values.items() if key != "entitlement"} | what["values"]
        return change(request, owner, command="access:entitlement:grant", values=values, title=title)


def _of_what(owner: Tenant, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return which resource and level a grant is of, with what its plan is called. Raises Http404."""
    if "entitlement" in values:
        row = named_entitlement_of(owner, values["entitlement"])
        return {"title": row.name, "values": {"resource": row.resource_id, "level": row.level}}
    thing = get_object_or_404(Resource.objects.of(owner).select_related("type"), pk=values["resource"])
    return {"title": f"{thing} at {values['level']}", "values": {}}


class GrantDetail(View):
    @write(bodies.Renewal, summary="Let an entitlement end at another time, or never.")
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_GRANT)
        return renewed(request, owner, "entitlement", get_object_or_404(queries.grants_of(owner), pk=pk))

    @write(None, summary="Revoke an entitlement.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_REVOKE)
        row = get_object_or_404(queries.grants_of(owner), pk=pk)
        values = {"entitlements": [row.pk]}
        return change(
            request, owner, command="access:entitlement:revoke", values=values, title=f"Revoke {row}"
        )


# --- types --------------------------------------------------------------------------------------------


class Types(View):
    @read(shapes.EntitlementType, pages=True, summary="The types of entitlements.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        rows = EntitlementType.objects.of(owner).order_by("name")
        return self.listed(request, rows, shapes.EntitlementType)

    @made(bodies.TypeIn, shapes.EntitlementType, summary="Make a type. It stays in the console.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_CREATE)
        values = asked(request, bodies.TypeIn)
        form = EntitlementTypeForm(values | {"levels": ",".join(values["levels"])}, tenant=owner)
        whole = {"actor": actor_in(request), "tenant": owner.slug, **formed(form)}
        return kept_here(
            request, lambda: entitlements.create_type(**whole), shapes.EntitlementType, status=201
        )


class TypeDetail(View):
    @read(shapes.EntitlementType, summary="One type of entitlements.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        row = entitlement_type_of(owner, pk)
        return with_revision(Response(shapes.EntitlementType(row).data), row)

    @made(
        bodies.TypeEdit,
        shapes.EntitlementType,
        status=200,
        edits=True,
        summary="Describe a type, and give it more levels or fewer.",
    )
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_EDIT)
        row, values = entitlement_type_of(owner, pk), asked(request, bodies.TypeEdit)
        revision, levels = revision_in(request, values, row), ",".join(values["levels"])
        form = EntitlementTypeEditForm(values | {"levels": levels, "revision": revision}, tenant=owner)
        whole = {"actor": actor_in(request), "tenant": owner.slug, "type": pk, **formed(form)}
        return kept_here(
            request, lambda: entitlement_types.edit_type(**whole), shapes.EntitlementType, status=200
        )

    @made(None, shapes.EntitlementType, status=200, summary="Delete a type without resources.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_DELETE)
        was = shapes.EntitlementType(entitlement_type_of(owner, pk)).data

        def drop() -> Response:
            entitlement_types.delete_type(actor=actor_in(request), tenant=owner.slug, type=pk)
            return Response(was)

        return once(request, drop)


# --- resources and their owners -----------------------------------------------------------------------


def _with_owners(owner: Tenant) -> Any:
    owners = ResourceOwner.objects.select_related("person", "client").order_by("pk")
    rows = Resource.objects.of(owner).select_related("type").prefetch_related(Prefetch("owners", owners))
    return rows.order_by("type__name", "name", "pk")


class Resources(View):
    @read(shapes.Resource, pages=True, summary="The resources that one may be entitled to, with owners.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        return self.listed(request, _with_owners(owner), shapes.Resource)

    @made(bodies.ResourceIn, shapes.Resource, summary="Make a resource. It stays in the console.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_CREATE)
        values = asked(request, bodies.ResourceIn)
        owners = {side: values.pop(side) for side in ("people", "clients")}
        found = formed(ResourceForm(values, tenant=owner))
        whole = {
            "type": found["type"].pk,
            "name": found["name"],
            "description": found["description"],
            **owners,
        }

        def make() -> Resource:
            row = entitlements.create_resource(actor=actor_in(request), tenant=owner.slug, **whole)
            return _read_again(owner, row)

        return kept_here(request, make, shapes.Resource, status=201)


def _read_again(owner: Tenant, row: Resource) -> Resource:
    found: Resource = _with_owners(owner).get(pk=row.pk)
    return found


class ResourceDetail(View):
    @read(shapes.Resource, summary="One resource, with its owners.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        row = get_object_or_404(_with_owners(owner), pk=pk)
        return with_revision(Response(shapes.Resource(row).data), row)

    @made(
        bodies.ResourceEdit,
        shapes.Resource,
        status=200,
        edits=True,
        summary="Describe a resource, and say who owns it.",
    )
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_EDIT)
        thing, values = resource_of(owner, pk), asked(request, bodies.ResourceEdit)
        values |= {"revision": revision_in(request, values, thing), "resource": pk}

        def keep() -> Resource:
            row = entitlement_types.edit_resource(actor=actor_in(request), tenant=owner.slug, **values)
            return _read_again(owner, row)

        return kept_here(request, keep, shapes.Resource, status=200)

    @made(None, shapes.Resource, status=200, summary="Delete a resource on which nobody holds anything.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_DELETE)
        was = shapes.Resource(get_object_or_404(_with_owners(owner), pk=pk)).data

        def drop() -> Response:
            entitlement_types.delete_resource(actor=actor_in(request), tenant=owner.slug, resource=pk)
            return Response(was)

        return once(request, drop)


class ResourceOwners(View):
    @made(
        bodies.Owners,
        shapes.Resource,
        status=200,
        summary="Let these people and service accounts, and nobody else, own a resource.",
    )
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_EDIT)
        thing, owners = resource_of(owner, pk), asked(request, bodies.Owners)

        def keep() -> Resource:
            row = resources.set_owners(
                actor=actor_in(request), tenant=owner.slug, resource=thing.pk, **owners
            )
            return _read_again(owner, row)

        return kept_here(request, keep, shapes.Resource, status=200)


# --- names --------------------------------------------------------------------------------------------


class Names(View):
    @read(shapes.NamedEntitlement, "q", pages=True, summary="The levels of resources by their names.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        rows = NamedEntitlement.objects.of(owner).select_related("resource__type").order_by("name")
        return self.listed(
            request, rows.filter(name__icontains=words_in(request, "q")), shapes.NamedEntitlement
        )

    @made(
        bodies.NamedIn,
        shapes.NamedEntitlement,
        summary="Name a level of a resource, or of every resource of a type.",
    )
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_CREATE)
        values = asked(request, bodies.NamedIn)
        reach = ONE if values["resource"] else EVERY
        found = formed(NamedForm(values | {"reach": reach}, tenant=owner))
        thing = found["resource"].pk if reach == ONE else None
        whole = {key: found[key] for key in ("level", "name", "description")}
        whole |= {"type": found["type"].pk, "resource": thing}
        return kept_here(
            request,
            lambda: resources.name(actor=actor_in(request), tenant=owner.slug, **whole),
            shapes.NamedEntitlement,
            status=201,
        )


class NameDetail(View):
    @read(shapes.NamedEntitlement, summary="One named entitlement; its ETag is the revision.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        row = named_entitlement_of(tenant_in(request, tenant, P.ENTITLEMENT_VIEW), pk)
        return with_revision(Response(shapes.NamedEntitlement(row).data), row)

    @made(
        bodies.NamedEdit,
        shapes.NamedEntitlement,
        status=200,
        edits=True,
        summary="Rename or describe an entitlement; its value in tokens stays.",
    )
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_EDIT)
        row, values = named_entitlement_of(owner, pk), asked(request, bodies.NamedEdit)
        revision = revision_in(request, values, row)
        found = formed(NamedEditForm(values | {"revision": revision}, tenant=owner))
        return kept_here(
            request,
            lambda: resources.edit(actor=actor_in(request), tenant=owner.slug, entitlement=pk, **found),
            shapes.NamedEntitlement,
            status=200,
        )
