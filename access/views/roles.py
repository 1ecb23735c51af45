"""Roles and composites."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from access import queries
from access.families import folded, of_families, said_before, sets_off
from access.filters import RoleFilter
from access.forms import GiveForm, LinkForm, RoleForm
from access.loaders import role_of
from access.models import Role
from access.role_page import role_page
from access.tables import RoleTable
from access.views.asking import FORM, Question, form_page, named
from access.views.bulk_select import several
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.blueprints import catalogue_of, made_from
from tenants.loaders import tenant_for
from tenants.models import Tenant

SECTION = "roles"


@require(Permission.ROLE_VIEW)
@require_GET
def role_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """The roles of a tenant, with how many have each and what each includes."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    filtered = RoleFilter(request.GET, queryset=queries.roles_with_counts(owner))
    families = () if filtered.is_narrowed else catalogue_of(owner).families
    rows = filtered.qs.exclude(of_families(families)) if families else filtered.qs
    chosen = several(request, owner, "roles", count=rows.count())
    table = RoleTable(rows, tenant=tenant, can_pick=bool(chosen.actions)).in_request(request)
    queries.with_status(owner, table.shown)
    return render_page(
        request,
        page="access/role_list.html",
        fragment="results",
        context={
            "tenant": owner,
            "filter": filtered,
            "table": table,
            "is_filtered": filtered.is_narrowed,
            "several": chosen,
            "folded": folded(owner, families),
            "families": families,
        },
    )


@require(Permission.ROLE_VIEW)
@require_GET
def role_detail(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """One role: what it includes, what includes it, and who has it by which way."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role = role_of(owner, pk)
    context = {
        "tenant": owner,
        "role": role,
        "made_from": made_from(owner, role.address),
        **role_page(owner, role),
    }
    return render_page(request, page="access/role_detail.html", context=context)


@require(Permission.ROLE_CREATE)
@require_http_methods(FORM)
def role_create(request: HttpRequest, tenant: str) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    question = Question(
        command="access:role:create",
        heading="New role",
        back=reverse("access:role-list", kwargs={"tenant": tenant}),
        section=SECTION,
        values=lambda form: {name: form.cleaned_data[name] for name in ("name", "description")},
        title=lambda form: f"Create the role {form.cleaned_data['name']}",
    )
    return form_page(request, RoleForm(request.POST or None, tenant=owner), question)


@require(Permission.ROLE_EDIT)
@require_http_methods(FORM)
def role_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role = role_of(owner, pk)
    first = {"name": role.name, "description": role.description, "revision": role.revision}
    question = Question(
        command="access:role:edit",
        heading=f"Edit {role.name}",
        back=role.url(tenant),
        section=SECTION,
        values=lambda form: {"role": pk} | {name: form.cleaned_data[name] for name in first},
        title=lambda form: f"Edit the role {role.name}",
    )
    return form_page(request, RoleForm(request.POST or None, tenant=owner, initial=first), question)


@require(Permission.ROLE_DELETE)
@require_http_methods(FORM)
def role_delete(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """The preview is the confirmation."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role = role_of(owner, pk)
    question = Question(
        command="access:role:delete",
        heading=f"Delete the role {role.name}",
        back=role.url(tenant),
        section=SECTION,
        values=lambda form: {"role": pk},
        title=lambda form: f"Delete the role {role.name}",
        lead=with_what_stays(
            "Everything given through this role goes with it. The preview shows who loses what.", owner, role
        ),
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


@require(Permission.ASSIGNMENT_ADD)
@require_http_methods(FORM)
def role_give(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give this role to people."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role = role_of(owner, pk)
    question = Question(
        command="access:person-role:give",
        heading=f"Give the role {role.name}",
        back=role.url(tenant),
        section=SECTION,
        values=lambda form: {"people": form.ids("people"), "roles": [pk]} | form.period,
        title=lambda form: f"Give {named(form, 'people', 'people')} the role {role.name}",
        lead=with_effects(
            "Directly, to each person. Through a group it is easier to keep in order.", owner, role
        ),
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("people",)), question)


@require(Permission.GROUP_ROLE_ADD)
@require_http_methods(FORM)
def role_give_groups(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give this role to everybody in groups."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role = role_of(owner, pk)
    question = Question(
        command="access:group-role:give",
        heading=f"Give the role {role.name} to groups",
        back=role.url(tenant),
        section=SECTION,
        values=lambda form: {"groups": form.ids("groups"), "roles": [pk]} | form.period,
        title=lambda form: f"Give {named(form, 'groups', 'groups')} the role {role.name}",
        lead=with_effects(
            "Everybody in the group has the role then, and everybody in the groups below it.", owner, role
        ),
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("groups",)), question)


@require(Permission.COMPOSITE_ADD)
@require_http_methods(FORM)
def role_include(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Let this role include others."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role = role_of(owner, pk)
    question = Question(
        command="access:composite:add",
        heading=f"Include roles in {role.name}",
        back=role.url(tenant),
        section=SECTION,
        values=lambda form: {"role": pk, "children": form.ids("children")},
        title=lambda form: f"Let {role.name} include {named(form, 'children', 'roles')}",
        lead=f"Who has {role.name} has the included roles, too.",
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=("children",)), question)


@require(Permission.COMPOSITE_REMOVE)
@require_http_methods(FORM)
def role_exclude(request: HttpRequest, tenant: str, pk: int, child: int) -> HttpResponse:
    """Let this role no longer include another."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    role, other = role_of(owner, pk), role_of(owner, child)
    words = f"Let {role.name} no longer include {other.name}"
    question = Question(
        command="access:composite:remove",
        heading=words,
        back=role.url(tenant),
        section=SECTION,
        values=lambda form: {"role": pk, "child": child},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


def with_effects(lead: str, owner: Tenant, role: Role) -> str:
    """Return what a form says first, with what granting this role sets off outside of Keycloak."""
    return f"{said_before(owner, [role.name])} {lead}".strip()


def with_what_stays(lead: str, owner: Tenant, role: Role) -> str:
    """Return what a form says first, with what the removal of a family's first role leaves."""
    family = sets_off(catalogue_of(owner), [role.name]).get(role.name)
    return f"{lead} {family.left_behind}".strip() if family else lead
