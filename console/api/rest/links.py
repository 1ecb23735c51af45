"""Memberships, roles given, and entitlements over the REST API."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from access import queries
from access.entitlement_forms import EntitlementTypeForm
from access.filters import EntitlementFilter
from access.models import EntitlementType, Group, GroupRole, Membership, Person, PersonRole, Resource, Role
from access.services import entitlements
from access.views.asking import count
from console.api.rest import shapes
from console.api.rest.auth import actor_in
from console.api.rest.changing import once
from console.api.rest.documented import made, read, write
from console.api.rest.views import View, asked, change, formed, tenant_in
from console.permissions.vocabulary import Permission as P
from console.timed import NOT_ENDED
from tenants.models import Tenant


def _memberships(owner: Tenant) -> Any:
    rows = Membership.every.filter(NOT_ENDED, group__in=Group.objects.of(owner))
    return rows.filter(person__in=Person.objects.of(owner)).select_related("person", "group").order_by("pk")


def _person_roles(owner: Tenant) -> Any:
    rows = PersonRole.every.filter(NOT_ENDED, role__in=Role.objects.of(owner))
    return rows.filter(person__in=Person.objects.of(owner)).select_related("person", "role").order_by("pk")


def _group_roles(owner: Tenant) -> Any:
    rows = GroupRole.every.filter(NOT_ENDED, role__in=Role.objects.of(owner))
    return rows.filter(group__in=Group.objects.of(owner)).select_related("group", "role").order_by("pk")


class Memberships(View):
    @read(shapes.Membership, pages=True, summary="Who is in which group, also what begins later.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.MEMBERSHIP_VIEW)
        return self.listed(request, _memberships(owner), shapes.Membership)

    @write(shapes.MembershipsIn, summary="Put people into groups.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.MEMBERSHIP_ADD)
        values = _without_reasons(asked(request, shapes.MembershipsIn))
        title = f"Add {count(values['people'], 'person', 'people')} to groups"
        return change(request, owner, command="access:membership:add", values=values, title=title)


class MembershipDetail(View):
    @write(None, summary="Take a person out of a group.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.MEMBERSHIP_REMOVE)
        row = get_object_or_404(_memberships(owner), pk=pk)
        values = {"people": [row.person_id], "groups": [row.group_id]}
        title = f"Remove {row.person} from {row.group.words}"
        return change(request, owner, command="access:membership:remove", values=values, title=title)


class PersonRoles(View):
    @read(shapes.PersonRole, pages=True, summary="Which roles people have directly, also what begins later.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ASSIGNMENT_VIEW)
        return self.listed(request, _person_roles(owner), shapes.PersonRole)

    @write(shapes.PersonRolesIn, summary="Give roles to people.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ASSIGNMENT_ADD)
        values = _without_reasons(asked(request, shapes.PersonRolesIn))
        title = f"Give roles to {count(values['people'], 'person', 'people')}"
        return change(request, owner, command="access:person-role:give", values=values, title=title)


class PersonRoleDetail(View):
    @write(None, summary="Take a role from a person.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ASSIGNMENT_REMOVE)
        row = get_object_or_404(_person_roles(owner), pk=pk)
        values = {"people": [row.person_id], "roles": [row.role_id]}
        title = f"Take the role {row.role.name} from {row.person}"
        return change(request, owner, command="access:person-role:take", values=values, title=title)


class GroupRoles(View):
    @read(shapes.GroupRole, pages=True, summary="Which roles groups give directly, also what begins later.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_ROLE_VIEW)
        return self.listed(request, _group_roles(owner), shapes.GroupRole)

    @write(shapes.GroupRolesIn, summary="Give roles to groups.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_ROLE_ADD)
        values = _without_reasons(asked(request, shapes.GroupRolesIn))
        title = f"Give roles to {count(values['groups'], 'group', 'groups')}"
        return change(request, owner, command="access:group-role:give", values=values, title=title)


class GroupRoleDetail(View):
    @write(None, summary="Take a role from a group.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.GROUP_ROLE_REMOVE)
        row = get_object_or_404(_group_roles(owner), pk=pk)
        values = {"groups": [row.group_id], "roles": [row.role_id]}
        title = f"Take the role {row.role.name} from {row.group.words}"
        return change(request, owner, command="access:group-role:take", values=values, title=title)


# --- entitlements -------------------------------------------------------------------------------------


class Grants(View):
    @read(shapes.Grant, "q", "type", pages=True, summary="Who is entitled to what, also what begins later.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        rows = queries.grants_of(owner)
        filtered = EntitlementFilter(request.query_params, queryset=rows, tenant=owner)
        return self.listed(request, rows, shapes.Grant, of=filtered)

    @write(shapes.GrantIn, summary="Entitle people and groups to a level of a resource.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_GRANT)
        values = _without_reasons(asked(request, shapes.GrantIn))
        resource = get_object_or_404(Resource.objects.of(owner).select_related("type"), pk=values["resource"])
        title = f"Entitle to {resource} at {values['level']}"
        return change(request, owner, command="access:entitlement:grant", values=values, title=title)


class GrantDetail(View):
    @write(None, summary="Revoke an entitlement.")
    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_REVOKE)
        row = get_object_or_404(queries.grants_of(owner), pk=pk)
        values = {"entitlements": [row.pk]}
        title = f"Revoke {row}"
        return change(request, owner, command="access:entitlement:revoke", values=values, title=title)


class Types(View):
    @read(shapes.EntitlementType, pages=True, summary="The types of entitlements.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        rows = EntitlementType.objects.of(owner).order_by("name")
        return self.listed(request, rows, shapes.EntitlementType)

    @made(shapes.TypeIn, shapes.EntitlementType, summary="Make a type. It stays in the console.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_CREATE)
        values = asked(request, shapes.TypeIn)
        form = EntitlementTypeForm(values | {"levels": ",".join(values["levels"])}, tenant=owner)
        checked = formed(form)

        def make() -> Response:
            row = entitlements.create_type(actor=actor_in(request), tenant=owner.slug, **checked)
            return Response(shapes.EntitlementType(row).data, status=201)

        return once(request, make)


class Resources(View):
    @read(shapes.Resource, pages=True, summary="The resources that one may be entitled to.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_VIEW)
        rows = Resource.objects.of(owner).select_related("type").order_by("type__name", "name", "pk")
        return self.listed(request, rows, shapes.Resource)

    @made(shapes.ResourceIn, shapes.Resource, summary="Make a resource. It stays in the console.")
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ENTITLEMENT_CREATE)
        checked = asked(request, shapes.ResourceIn)

        def make() -> Response:
            row = entitlements.create_resource(
                actor=actor_in(request), tenant=owner.slug, people=[], clients=[], **checked
            )
            return Response(shapes.Resource(row).data, status=201)

        return once(request, make)


def _without_reasons(values: dict[str, Any]) -> dict[str, Any]:
    """Return what the service takes: reason and ticket go along with the plan."""
    return {key: value for key, value in values.items() if key not in ("reason", "ticket")}
