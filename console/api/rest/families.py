"""Role families over the REST API: what exists of each, made, given to people and taken back."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from access.families import family_named, members, values_of, waiting
from access.family_forms import FamilyForm
from console.api.rest import bodies, shapes
from console.api.rest.documented import read, write
from console.api.rest.said import flag_in, words_in
from console.api.rest.views import View, asked, change, formed, tenant_in
from console.graph.catalogue import Family
from console.permissions.vocabulary import Permission as P
from tenants.blueprints import catalogue_of
from tenants.models import Tenant


class Families(View):
    @read(shapes.Family, pages=True, summary="The families of roles of the tenant's blueprint.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_VIEW)
        return self.listed(request, catalogue_of(owner).families, shapes.Family)


class FamilyMembers(View):
    @read(shapes.FamilyMember, "q", pages=True, summary="For which values the roles of a family exist.")
    def get(self, request: Request, tenant: str, family: str) -> Response:
        owner = tenant_in(request, tenant, P.ROLE_VIEW)
        kind = _family(owner, family)
        values = values_of(owner, kind, containing=words_in(request, "q"))
        return self.listed(
            request, values, shapes.FamilyMember, read=lambda page: _members(owner, kind, page)
        )

    @write(bodies.FamilyIn, summary="Make the roles of a family for a value that is nobody's own.")
    def post(self, request: Request, tenant: str, family: str) -> Response:
        owner = tenant_in(request, tenant, P.FAMILY_CREATE)
        kind = _family(owner, family)
        value = formed(FamilyForm(asked(request, bodies.FamilyIn), tenant=owner, family=kind))["value"]
        values = {"family": kind.key, "value": value}
        title = f"Make the roles of {kind.name} {value}"
        return change(request, owner, command="access:family:create", values=values, title=title)


class FamilyMember(View):
    @write(
        None,
        flags=("everything",),
        summary="Take a family back for a value: its first role; all with everything.",
    )
    def delete(self, request: Request, tenant: str, family: str, value: str) -> Response:
        owner = tenant_in(request, tenant, P.FAMILY_DELETE)
        kind = _family(owner, family)
        if not any(one["id"] for one in _members(owner, kind, [value])[0]["roles"]):
            raise Http404
        values = {"family": kind.key, "value": value, "everything": flag_in(request, "everything")}
        title = f"Take back {kind.name} {value}"
        return change(request, owner, command="access:family:delete", values=values, title=title)


class FamilyPeople(View):
    @read(
        shapes.PersonWithout,
        "q",
        pages=True,
        summary="The people who are without a family's roles, also those in Keycloak only.",
    )
    def get(self, request: Request, tenant: str, family: str) -> Response:
        owner = tenant_in(request, tenant, P.FAMILY_CREATE)
        rows = waiting(owner, _given(owner, family), containing=words_in(request, "q"))
        return self.listed(
            request,
            rows,
            shapes.PersonWithout,
            read=lambda page: [{"username": name, "is_declared": origin == "here"} for name, origin in page],
        )

    @write(bodies.FamilyPeopleIn, summary="Make a family for people, and give it to them.")
    def post(self, request: Request, tenant: str, family: str) -> Response:
        owner = tenant_in(request, tenant, P.FAMILY_CREATE)
        kind = _given(owner, family)
        usernames = sorted(set(asked(request, bodies.FamilyPeopleIn)["usernames"]))
        values = {"family": kind.key, "usernames": usernames}
        title = f"Make {kind.name} for {usernames[0] if len(usernames) == 1 else f'{len(usernames)} people'}"
        return change(request, owner, command="access:family:make", values=values, title=title)


def _members(owner: Tenant, kind: Family, values: Any) -> list[dict[str, Any]]:
    return [
        {
            "value": one.value,
            "is_whole": one.is_whole,
            "roles": [
                {"id": row.pk if row else None, "name": told.pattern.of(one.value)} for told, row in one.roles
            ],
        }
        for one in members(owner, kind, values)
    ]


def _family(owner: Tenant, key: str) -> Family:
    found = family_named(catalogue_of(owner), key)
    if found is None:
        raise Http404
    return found


def _given(owner: Tenant, key: str) -> Family:
    """Return a family of which each person gets a role. Raises Http404."""
    kind = _family(owner, key)
    if kind.given is None:
        raise Http404
    return kind
