"""Memberships and roles given, of people, groups and service accounts, with from and until."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from access.models import Group, Role
from access.services.accounts import accounts_in
from access.services.grants import words_of
from access.services.terms import SORTS
from access.views.asking import count
from console.api.rest import bodies, shapes
from console.api.rest.documented import described, read, write
from console.api.rest.errors import Wrong
from console.api.rest.views import View, asked, change, tenant_in, without_reasons
from console.engine.state import Address, Kind
from console.permissions.vocabulary import Permission as P
from console.timed import NOT_ENDED
from tenants.models import Tenant

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One kind of link: who may see, give and take it, and by which commands. `key` is its sort's in terms.

    `given` and `taken` are the titles of plans, `ends` what the command that takes one asks for.
    """

    key: str
    kinds: tuple[Kind, ...] = ()
    rights: tuple[P, P, P]
    shape: type[Serializer[Any]]
    body: type[Serializer[Any]]
    commands: tuple[str, str]
    given: Callable[[Values], str]
    taken: Callable[[Any], str]
    ends: Callable[[Tenant, Any], Values]

    def of(self, owner: Tenant) -> "QuerySet[Any]":
        """Return the links that the tenant may know of, those that begin later too."""
        rows = SORTS[self.key].known_to(owner).filter(NOT_ENDED).order_by("pk")
        return rows.filter(kind__in=[one.value for one in self.kinds]) if self.kinds else rows


class Links(View):
    sort: ClassVar[Sort]

    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, self.sort.rights[0])
        return self.listed(request, self.sort.of(owner), self.sort.shape)

    def post(self, request: Request, tenant: str) -> Response:
        sort = self.sort
        owner = tenant_in(request, tenant, sort.rights[1])
        values = without_reasons(asked(request, sort.body))
        return change(request, owner, command=sort.commands[0], values=values, title=sort.given(values))


class LinkDetail(View):
    sort: ClassVar[Sort]

    def put(self, request: Request, tenant: str, pk: int) -> Response:
        owner = tenant_in(request, tenant, SORTS[self.sort.key].give)
        row = get_object_or_404(self.sort.of(owner), pk=pk)
        return renewed(request, owner, self.sort.key, row)

    def delete(self, request: Request, tenant: str, pk: int) -> Response:
        sort = self.sort
        owner = tenant_in(request, tenant, sort.rights[2])
        row = get_object_or_404(sort.of(owner), pk=pk)
        values = sort.ends(owner, row)
        return change(request, owner, command=sort.commands[1], values=values, title=sort.taken(row))


def renewed(request: Request, owner: Tenant, key: str, row: Any) -> Response:
    """Return the answer to another end of something given."""
    values = {"grants": {key: [row.pk]}, "ends_at": asked(request, bodies.Renewal)["ends_at"]}
    return change(request, owner, command="access:term:renew", values=values, title=f"Renew {words_of(row)}")


def _given(what: str, side: str, one: str, many: str) -> Callable[[Values], str]:
    return lambda values: what.format(count(values[side], one, many))


def _ends(first: str, firsts: str, second: str, seconds: str) -> Callable[[Tenant, Any], Values]:
    return lambda owner, row: {firsts: [getattr(row, f"{first}_id")], seconds: [getattr(row, f"{second}_id")]}


def _account_ends(rows: Any, column: str, side: str) -> Callable[[Tenant, Any], Values]:
    """Return what takes a link from a service account: its address names client and end, the command ids."""

    def ends(owner: Tenant, row: Any) -> Values:
        client = Address(Kind.CLIENT, (row.at.path[0],)).key
        found = rows.of(owner).filter(**{column: row.at.path[1]}).values_list("pk", flat=True).first()
        if found is None:
            raise Wrong(f"{words_of(row)}: this is taken back where it was declared.", status=422)
        clients = accounts_in(owner).filter(address=client).values_list("pk", flat=True)
        return {"clients": list(clients), side: [found]}

    return ends


MEMBERSHIP = Sort(
    key="membership",
    rights=(P.MEMBERSHIP_VIEW, P.MEMBERSHIP_ADD, P.MEMBERSHIP_REMOVE),
    shape=shapes.Membership,
    body=bodies.MembershipsIn,
    commands=("access:membership:add", "access:membership:remove"),
    given=_given("Add {} to groups", "people", "person", "people"),
    taken=lambda row: f"Remove {row.person} from {row.group.words}",
    ends=_ends("person", "people", "group", "groups"),
)
PERSON_ROLE = Sort(
    key="person-role",
    rights=(P.ASSIGNMENT_VIEW, P.ASSIGNMENT_ADD, P.ASSIGNMENT_REMOVE),
    shape=shapes.PersonRole,
    body=bodies.PersonRolesIn,
    commands=("access:person-role:give", "access:person-role:take"),
    given=_given("Give roles to {}", "people", "person", "people"),
    taken=lambda row: f"Take the role {row.role.name} from {row.person}",
    ends=_ends("person", "people", "role", "roles"),
)
GROUP_ROLE = Sort(
    key="group-role",
    rights=(P.GROUP_ROLE_VIEW, P.GROUP_ROLE_ADD, P.GROUP_ROLE_REMOVE),
    shape=shapes.GroupRole,
    body=bodies.GroupRolesIn,
    commands=("access:group-role:give", "access:group-role:take"),
    given=_given("Give roles to {}", "groups", "group", "groups"),
    taken=lambda row: f"Take the role {row.role.name} from {row.group.words}",
    ends=_ends("group", "groups", "role", "roles"),
)
SERVICE_ROLE = Sort(
    key="service",
    kinds=(Kind.SERVICE_ROLE,),
    rights=(P.ASSIGNMENT_VIEW, P.ASSIGNMENT_ADD, P.ASSIGNMENT_REMOVE),
    shape=shapes.ServiceRole,
    body=bodies.ServiceRolesIn,
    commands=("access:service-role:give", "access:service-role:take"),
    given=_given("Give roles to {}", "clients", "service account", "service accounts"),
    taken=lambda row: f"Take the role {row.at.path[1]} from the service account {row.at.path[0]}",
    ends=_account_ends(Role.objects, "name", "roles"),
)
SERVICE_MEMBERSHIP = Sort(
    key="service",
    kinds=(Kind.SERVICE_MEMBERSHIP,),
    rights=(P.MEMBERSHIP_VIEW, P.MEMBERSHIP_ADD, P.MEMBERSHIP_REMOVE),
    shape=shapes.ServiceMembership,
    body=bodies.ServiceMembershipsIn,
    commands=("access:service-membership:add", "access:service-membership:remove"),
    given=_given("Add {} to groups", "clients", "service account", "service accounts"),
    taken=lambda row: f"Remove the service account {row.at.path[0]} from {row.at.path[1]}",
    ends=_account_ends(Group.objects, "path", "groups"),
)


def _renewal(what: str) -> Callable[[Any], Any]:
    return write(bodies.Renewal, summary=f"Let {what} end at another time, or never.")


@described(
    get=read(MEMBERSHIP.shape, pages=True, summary="Who is in which group, also what begins later."),
    post=write(MEMBERSHIP.body, summary="Put people into groups."),
)
class Memberships(Links):
    sort = MEMBERSHIP


@described(put=_renewal("a membership"), delete=write(None, summary="Take a person out of a group."))
class MembershipDetail(LinkDetail):
    sort = MEMBERSHIP


@described(
    get=read(
        PERSON_ROLE.shape, pages=True, summary="Which roles people have directly, also what begins later."
    ),
    post=write(PERSON_ROLE.body, summary="Give roles to people."),
)
class PersonRoles(Links):
    sort = PERSON_ROLE


@described(put=_renewal("a person's role"), delete=write(None, summary="Take a role from a person."))
class PersonRoleDetail(LinkDetail):
    sort = PERSON_ROLE


@described(
    get=read(
        GROUP_ROLE.shape, pages=True, summary="Which roles groups give directly, also what begins later."
    ),
    post=write(GROUP_ROLE.body, summary="Give roles to groups."),
)
class GroupRoles(Links):
    sort = GROUP_ROLE


@described(put=_renewal("a group's role"), delete=write(None, summary="Take a role from a group."))
class GroupRoleDetail(LinkDetail):
    sort = GROUP_ROLE


@described(
    get=read(
        SERVICE_ROLE.shape,
        pages=True,
        summary="Which roles service accounts have directly, also what begins later.",
    ),
    post=write(SERVICE_ROLE.body, summary="Give roles to service accounts."),
)
class ServiceRoles(Links):
    sort = SERVICE_ROLE


@described(
    put=_renewal("a service account's role"),
    delete=write(None, summary="Take a role from a service account."),
)
class ServiceRoleDetail(LinkDetail):
    sort = SERVICE_ROLE


@described(
    get=read(
        SERVICE_MEMBERSHIP.shape,
        pages=True,
        summary="Which groups service accounts are in, also what begins later.",
    ),
    post=write(SERVICE_MEMBERSHIP.body, summary="Put service accounts into groups."),
)
class ServiceMemberships(Links):
    sort = SERVICE_MEMBERSHIP


@described(
    put=_renewal("a service account's membership"),
    delete=write(None, summary="Take a service account out of a group."),
)
class ServiceMembershipDetail(LinkDetail):
    sort = SERVICE_MEMBERSHIP
