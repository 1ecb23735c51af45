"""Tenants, roles, groups and people over the REST API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from access import queries
from access.filters import GroupFilter, PersonFilter, RoleFilter
from access.forms import GroupForm, PersonEditForm, PersonForm, RoleForm
from access.loaders import group_of, person_of, role_of
from console.api.rest import shapes
from console.api.rest.auth import require
from console.api.rest.documented import read, write
from console.api.rest.views import (
    View,
    asked,
    change,
    formed,
    revision_in,
    tenant_in,
    with_revision,
)
from console.permissions.vocabulary import Permission as P
from tenants.models import Tenant


class Tenants(View):
    @read(shapes.Tenant, pages=True, summary="The tenants that the token may know of.")
    def get(self, request: Request) -> Response:
        actor = require(request, P.TENANT_VIEW)
        rows = Tenant.objects.visible_to(actor).with_realm().order_by("slug")
        return self.listed(request, rows, shapes.Tenant)


class TenantDetail(View):
    @read(shapes.Tenant, summary="One tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        return Response(shapes.Tenant(tenant_in(request, tenant, P.TENANT_VIEW)).data)


# --- roles --------------------------------------------------------------------------------------------


class Roles(View):
    @read(shapes.Role, "q", pages=True, summary="The roles of a tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_VIEW)
        rows = queries.roles_with_counts(owner)
        return self.listed(request, rows, shapes.Role, of=RoleFilter(request.query_params, queryset=rows))

    @write(shapes.RoleIn, summary="Create a role.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_CREATE)
        values = _role(owner, asked(request, shapes.RoleIn))
        title = f"Create the role {values['name']}"
        return change(request, owner, command="access:role:create", values=values, title=title)


class RoleDetail(View):
    @read(shapes.Role, summary="One role; its ETag is the revision.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        row = role_of(tenant_in(request, tenant, P.ROLE_VIEW), pk)
        return with_revision(Response(shapes.Role(row).data), row)

    @write(shapes.RoleEdit, edits=True, summary="Rename or describe a role.")
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_EDIT)
        row, values = role_of(owner, pk), asked(request, shapes.RoleEdit)
        new = {"role": pk, "revision": revision_in(request, values, row), **_role(owner, values)}
        return change(
            request, owner, command="access:role:edit", values=new, title=f"Edit the role {row.name}"
        )

    @write(None, summary="Delete a role.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_DELETE)
        title = f"Delete the role {role_of(owner, pk).name}"
        return change(request, owner, command="access:role:delete", values={"role": pk}, title=title)


class RoleIncludes(View):
    @read(shapes.Role, pages=True, summary="The roles that a role includes directly.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.COMPOSITE_VIEW)
        row = role_of(owner, pk)
        rows = queries.roles_with_counts(owner).filter(included_in__parent=row)
        return self.listed(request, rows, shapes.Role)

    @write(shapes.Includes, summary="Include roles in a role.")
    def post(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.COMPOSITE_ADD)
        row, values = role_of(owner, pk), asked(request, shapes.Includes)
        return change(
            request,
            owner,
            command="access:composite:add",
            values={"role": pk, "children": values["children"]},
            title=f"Include roles in {row.name}",
        )


class RoleIncluded(View):
    @write(None, summary="Include a role no longer.")
    def delete(self, request: Request, tenant: str, pk: int, child: int) -> Response:
        owner = tenant_in(request, tenant, P.COMPOSITE_REMOVE)
        row, other = role_of(owner, pk), role_of(owner, child)
        return change(
            request,
            owner,
            command="access:composite:remove",
            values={"role": pk, "child": child},
            title=f"Include {other.name} in {row.name} no longer",
        )


def _role(owner: Tenant, values: dict[str, Any]) -> dict[str, Any]:
    found = formed(RoleForm(values, tenant=owner))
    return {"name": found["name"], "description": found["description"]}


# --- groups -------------------------------------------------------------------------------------------


class Groups(View):
    @read(shapes.Group, "q", pages=True, summary="The groups of a tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_VIEW)
        rows = queries.groups_with_counts(owner)
        return self.listed(request, rows, shapes.Group, of=GroupFilter(request.query_params, queryset=rows))

    @write(shapes.GroupIn, summary="Create a group.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_CREATE)
        values = _group(GroupForm(asked(request, shapes.GroupIn), tenant=owner))
        title = f"Create the group {values['name']}"
        return change(request, owner, command="access:group:create", values=values, title=title)


class GroupDetail(View):
    @read(shapes.Group, summary="One group; its ETag is the revision.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        row = group_of(tenant_in(request, tenant, P.GROUP_VIEW), pk)
        return with_revision(Response(shapes.Group(row).data), row)

    @write(shapes.GroupEdit, edits=True, summary="Rename, move or describe a group.")
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_EDIT)
        row, values = group_of(owner, pk), asked(request, shapes.GroupEdit)
        revision = revision_in(request, values, row)
        new = _group(GroupForm(values, tenant=owner, without=row))
        return change(
            request,
            owner,
            command="access:group:edit",
            values={"group": pk, "revision": revision, **new},
            title=f"Edit the group {row.words}",
        )

    @write(None, summary="Delete a group.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_DELETE)
        title = f"Delete the group {group_of(owner, pk).words}"
        return change(request, owner, command="access:group:delete", values={"group": pk}, title=title)


def _group(form: GroupForm) -> dict[str, Any]:
    found = formed(form)
    parent = found["parent"]
    return {
        "name": found["name"],
        "description": found["description"],
        "parent": parent.pk if parent else None,
    }


# --- people -------------------------------------------------------------------------------------------


class People(View):
    @read(shapes.Person, "q", "enabled", "group", "role", pages=True, summary="The people of a tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.PERSON_VIEW)
        rows = queries.people_with_counts(owner)
        filtered = PersonFilter(request.query_params, queryset=rows, tenant=owner)
        return self.listed(request, rows, shapes.Person, of=filtered)

    @write(shapes.PersonIn, summary="Create a person.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.PERSON_CREATE)
        values = formed(PersonForm(asked(request, shapes.PersonIn), tenant=owner))
        title = f"Create {values['username']}"
        return change(request, owner, command="access:person:create", values=values, title=title)


class PersonDetail(View):
    @read(shapes.Person, summary="One person; the ETag is the revision.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        row = person_of(tenant_in(request, tenant, P.PERSON_VIEW), pk)
        return with_revision(Response(shapes.Person(row).data), row)

    @write(shapes.PersonEdit, edits=True, summary="Edit a person.")
    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.PERSON_EDIT)
        row, values = person_of(owner, pk), asked(request, shapes.PersonEdit)
        revision = revision_in(request, values, row)
        new = formed(PersonEditForm(values | {"revision": revision}, tenant=owner))
        return change(
            request,
            owner,
            command="access:person:edit",
            values=new | {"person": pk, "revision": revision},
            title=f"Edit {row}",
        )

    @write(None, summary="Delete a person.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.PERSON_DELETE)
        title = f"Delete {person_of(owner, pk)}"
        return change(request, owner, command="access:person:delete", values={"person": pk}, title=title)
