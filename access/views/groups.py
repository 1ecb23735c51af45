"""The group tree."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from access import queries
from access.families import said_before
from access.filters import GroupFilter
from access.forms import GiveForm, GroupForm, LinkForm
from access.loaders import group_of, person_of, role_of
from access.models import Group
from access.views.asking import FORM, Question, form_page, named, the_roles
from access.views.bulk_select import several
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from console.web.paging import page_of
from tenants.blueprints import made_from
from tenants.loaders import tenant_for

SECTION = "groups"


@require(Permission.GROUP_VIEW)
@require_GET
def group_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """The groups of a tenant as a tree."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    filtered = GroupFilter(request.GET, queryset=queries.groups_with_counts(owner))
    page = page_of(request, filtered.qs, per_page=200)
    queries.with_status(owner, page.object_list)
    return render_page(
        request,
        page="access/group_list.html",
        fragment="results",
        context={
            "tenant": owner,
            "filter": filtered,
            "page": page,
            "is_filtered": filtered.is_narrowed,
            "several": several(request, owner, "groups", count=page.paginator.count),
        },
    )


@require(Permission.GROUP_VIEW)
@require_GET
def group_detail(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """One group: where it stands, what it gives, who is in it."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group = group_of(owner, pk)
    context = {
        "tenant": owner,
        "group": group,
        "made_from": made_from(owner, group.address),
        **queries.group_page(owner, group),
    }
    return render_page(request, page="access/group_detail.html", context=context)


@require(Permission.GROUP_CREATE)
@require_http_methods(FORM)
def group_create(request: HttpRequest, tenant: str) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    question = Question(
        command="access:group:create",
        heading="New group",
        back=reverse("access:group-list", kwargs={"tenant": tenant}),
        section=SECTION,
        values=_values,
        title=lambda form: f"Create the group {form.cleaned_data['name']}",
    )
    first = {"parent": request.GET.get("parent")}
    return form_page(request, GroupForm(request.POST or None, tenant=owner, initial=first), question)


@require(Permission.GROUP_EDIT)
@require_http_methods(FORM)
def group_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Rename, move or describe a group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group = group_of(owner, pk)
    question = Question(
        command="access:group:edit",
        heading=f"Edit {group.words}",
        back=group.url(tenant),
        section=SECTION,
        values=lambda form: {"group": pk, "revision": form.cleaned_data["revision"]} | _values(form),
        title=lambda form: f"Edit the group {group.words}",
        lead="Members, roles and Keycloak's id stay when a group is renamed or moved.",
    )
    first = {name: getattr(group, name) for name in ("name", "parent", "description", "revision")}
    form = GroupForm(request.POST or None, tenant=owner, initial=first, without=group)
    return form_page(request, form, question)


def _values(form: GroupForm) -> dict[str, object]:
    parent: Group | None = form.cleaned_data["parent"]
    return {
        "name": form.cleaned_data["name"],
        "description": form.cleaned_data["description"],
        "parent": parent.pk if parent else None,
    }


@require(Permission.GROUP_DELETE)
@require_http_methods(FORM)
def group_delete(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """The preview is the confirmation."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group = group_of(owner, pk)
    question = Question(
        command="access:group:delete",
        heading=f"Delete the group {group.words}",
        back=group.url(tenant),
        section=SECTION,
        values=lambda form: {"group": pk},
        title=lambda form: f"Delete the group {group.words}",
        lead="Its memberships, roles and entitlements go with it. The people stay.",
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


@require(Permission.GROUP_ROLE_ADD)
@require_http_methods(FORM)
def group_give(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give roles to everybody in this group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group = group_of(owner, pk)
    question = Question(
        command="access:group-role:give",
        heading=f"Give roles to {group.words}",
        back=group.url(tenant),
        section=SECTION,
        values=lambda form: {"groups": [pk], "roles": form.ids("roles")} | form.period,
        title=lambda form: f"Give {group.words} {the_roles(form)}",
        lead=(
            "Everybody in the group has them then, and everybody in the groups below it. "
            f"{said_before(owner)}"
        ).strip(),
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("roles",)), question)


@require(Permission.GROUP_ROLE_REMOVE)
@require_http_methods(FORM)
def group_take(request: HttpRequest, tenant: str, pk: int, role: int) -> HttpResponse:
    """Take one role from this group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group, taken = group_of(owner, pk), role_of(owner, role)
    words = f"Take the role {taken.name} from {group.words}"
    question = Question(
        command="access:group-role:take",
        heading=words,
        back=group.url(tenant),
        section=SECTION,
        values=lambda form: {"groups": [pk], "roles": [role]},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


@require(Permission.MEMBERSHIP_ADD)
@require_http_methods(FORM)
def group_add(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Put people into this group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group = group_of(owner, pk)
    question = Question(
        command="access:membership:add",
        heading=f"Add people to {group.words}",
        back=group.url(tenant),
        section=SECTION,
        values=lambda form: {"people": form.ids("people"), "groups": [pk]} | form.period,
        title=lambda form: f"Add {named(form, 'people', 'people')} to {group.words}",
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("people",)), question)


@require(Permission.MEMBERSHIP_REMOVE)
@require_http_methods(FORM)
def group_remove(request: HttpRequest, tenant: str, pk: int, person: int) -> HttpResponse:
    """Take one person out of this group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    group, member = group_of(owner, pk), person_of(owner, person)
    words = f"Remove {member} from {group.words}"
    question = Question(
        command="access:membership:remove",
        heading=words,
        back=group.url(tenant),
        section=SECTION,
        values=lambda form: {"people": [person], "groups": [pk]},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)
