"""Roles, groups and people over the REST API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from access import queries
from access.filters import GroupFilter, PersonFilter, RoleFilter
from access.forms import GroupForm, PersonEditForm, PersonForm, RoleForm
from access.loaders import group_of, person_of, role_of
from console.api.rest import bodies, shapes
from console.api.rest.documented import described, read, write
from console.api.rest.errors import Wrong
from console.api.rest.views import (
    View,
    asked,
    change,
    formed,
    revision_in,
    tenant_in,
    with_revision,
    without_reasons,
)
from console.permissions.vocabulary import Permission as P
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One kind of thing: who may create, see, edit and delete it, and what its forms make of a body.

    `noun` stands in the names of its commands, `called` in their titles. `new` and `edited` return what the
    services take.
    """

    noun: str
    rights: tuple[P, P, P, P]
    shape: type[Serializer[Any]]
    body: type[Serializer[Any]]
    edit_body: type[Serializer[Any]]
    load: Callable[[Tenant, int], Any]
    called: Callable[[Any], str]
    new: Callable[[Tenant, Values], tuple[str, Values]]
    edited: Callable[[Tenant, Any, Values], Values]


class Things(View):
    sort: ClassVar[Sort]

    def post(self, request: Request, tenant: str) -> Response:
        sort = self.sort
        owner = tenant_in(request, tenant, sort.rights[0])
        title, values = sort.new(owner, without_reasons(asked(request, sort.body)))
        return change(request, owner, command=f"access:{sort.noun}:create", values=values, title=title)


class Detail(View):
    sort: ClassVar[Sort]

    def get(self, request: Request, tenant: str, pk: int) -> Response:
        row = self.sort.load(tenant_in(request, tenant, self.sort.rights[1]), pk)
        return with_revision(Response(self.sort.shape(row).data), row)

    def put(self, request: Request, tenant: str, pk: int) -> Response:
        sort = self.sort
        owner = tenant_in(request, tenant, sort.rights[2])
        row, values = sort.load(owner, pk), without_reasons(asked(request, sort.edit_body))
        mark = {sort.noun: pk, "revision": revision_in(request, values, row)}
        new = sort.edited(owner, row, values | mark)
        title = f"Edit {sort.called(row)}"
        return change(request, owner, command=f"access:{sort.noun}:edit", values=new | mark, title=title)

    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        sort = self.sort
        owner = tenant_in(request, tenant, sort.rights[3])
        title = f"Delete {sort.called(sort.load(owner, pk))}"
        return change(
            request, owner, command=f"access:{sort.noun}:delete", values={sort.noun: pk}, title=title
        )


# --- roles --------------------------------------------------------------------------------------------


def _role(owner: Tenant, values: Values) -> Values:
    found = formed(RoleForm(values, tenant=owner))
    return {"name": found["name"], "description": found["description"]}


def _new_role(owner: Tenant, values: Values) -> tuple[str, Values]:
    found = _role(owner, values)
    return f"Create the role {found['name']}", found


ROLE = Sort(
    noun="role",
    rights=(P.ROLE_CREATE, P.ROLE_VIEW, P.ROLE_EDIT, P.ROLE_DELETE),
    shape=shapes.Role,
    body=bodies.RoleIn,
    edit_body=bodies.RoleEdit,
    load=role_of,
    called=lambda row: f"the role {row.name}",
    new=_new_role,
    edited=lambda owner, row, values: _role(owner, values),
)


@described(post=write(bodies.RoleIn, summary="Create a role."))
class Roles(Things):
    sort = ROLE

    @read(shapes.Role, "q", pages=True, summary="The roles of a tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_VIEW)
        rows = queries.roles_with_counts(owner)
        return self.listed(request, rows, shapes.Role, of=RoleFilter(request.query_params, queryset=rows))


@described(
    get=read(shapes.Role, summary="One role; its ETag is the revision."),
    put=write(bodies.RoleEdit, edits=True, summary="Rename or describe a role."),
    delete=write(None, summary="Delete a role."),
)
class RoleDetail(Detail):
    sort = ROLE


class RoleIncludes(View):
    @read(shapes.Role, pages=True, summary="The roles that a role includes directly.")
    def get(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.COMPOSITE_VIEW)
        rows = queries.roles_with_counts(owner).filter(included_in__parent=role_of(owner, pk))
        return self.listed(request, rows, shapes.Role)

    @write(bodies.Includes, summary="Include roles in a role.")
    def post(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.COMPOSITE_ADD)
        title = f"Include roles in {role_of(owner, pk).name}"
        values = {"role": pk, "children": asked(request, bodies.Includes)["children"]}
        return change(request, owner, command="access:composite:add", values=values, title=title)


class RoleIncluded(View):
    @write(None, summary="Include a role no longer.")
    def delete(self, request: Request, tenant: str, pk: int, child: int) -> Response:
        owner = tenant_in(request, tenant, P.COMPOSITE_REMOVE)
        row, other = role_of(owner, pk), role_of(owner, child)
        values = {"role": pk, "child": child}
        title = f"Include {other.name} in {row.name} no longer"
        return change(request, owner, command="access:composite:remove", values=values, title=title)


# --- groups -------------------------------------------------------------------------------------------


def _group(form: GroupForm) -> Values:
    found = formed(form)
    parent = found["parent"].pk if found["parent"] else None
    return {"name": found["name"], "description": found["description"], "parent": parent}


def _new_group(owner: Tenant, values: Values) -> tuple[str, Values]:
    found = _group(GroupForm(values, tenant=owner))
    return f"Create the group {found['name']}", found


GROUP = Sort(
    noun="group",
    rights=(P.GROUP_CREATE, P.GROUP_VIEW, P.GROUP_EDIT, P.GROUP_DELETE),
    shape=shapes.Group,
    body=bodies.GroupIn,
    edit_body=bodies.GroupEdit,
    load=group_of,
    called=lambda row: f"the group {row.words}",
    new=_new_group,
    edited=lambda owner, row, values: _group(GroupForm(values, tenant=owner, without=row)),
)


@described(post=write(bodies.GroupIn, summary="Create a group."))
class Groups(Things):
    sort = GROUP

    @read(shapes.Group, "q", pages=True, summary="The groups of a tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_VIEW)
        rows = queries.groups_with_counts(owner)
        return self.listed(request, rows, shapes.Group, of=GroupFilter(request.query_params, queryset=rows))


@described(
    get=read(shapes.Group, summary="One group; its ETag is the revision."),
    put=write(bodies.GroupEdit, edits=True, summary="Rename, move or describe a group."),
    delete=write(None, summary="Delete a group."),
)
class GroupDetail(Detail):
    sort = GROUP


# --- people -------------------------------------------------------------------------------------------


def _new_person(owner: Tenant, values: Values) -> tuple[str, Values]:
    """Return the person as the form cleans her, with the families to be made for her. Raises Wrong."""
    offered = [one for one in catalogue_of(owner).families if one.given is not None]
    chosen = values.pop("families")
    if unknown := sorted(set(chosen) - {one.key for one in offered}):
        raise Wrong(
            "Some fields are wrong.", status=422, fields={"families": [f"There is no family {unknown[0]}."]}
        )
    boxes = {f"family_{key}": True for key in chosen}
    form = PersonForm(values | boxes, tenant=owner, families=offered)
    found = {name: value for name, value in formed(form).items() if not name.startswith("family_")}
    return f"Create the person {found['username']}", found | {"families": form.families}


PERSON = Sort(
    noun="person",
    rights=(P.PERSON_CREATE, P.PERSON_VIEW, P.PERSON_EDIT, P.PERSON_DELETE),
    shape=shapes.Person,
    body=bodies.PersonIn,
    edit_body=bodies.PersonEdit,
    load=person_of,
    called=str,
    new=_new_person,
    edited=lambda owner, row, values: formed(PersonEditForm(values, tenant=owner)),
)


@described(post=write(bodies.PersonIn, summary="Create a person."))
class People(Things):
    sort = PERSON

    @read(shapes.Person, "q", "enabled", "group", "role", pages=True, summary="The people of a tenant.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.PERSON_VIEW)
        rows = queries.people_with_counts(owner)
        filtered = PersonFilter(request.query_params, queryset=rows, tenant=owner)
        return self.listed(request, rows, shapes.Person, of=filtered)


@described(
    get=read(shapes.Person, summary="One person; the ETag is the revision."),
    put=write(bodies.PersonEdit, edits=True, summary="Edit a person."),
    delete=write(None, summary="Delete a person."),
)
class PersonDetail(Detail):
    sort = PERSON
