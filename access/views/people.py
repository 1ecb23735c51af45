"""People, and what is given to them."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from access import queries
from access.families import said_before
from access.filters import PersonFilter
from access.forms import GiveForm, LinkForm, PersonEditForm, PersonForm
from access.loaders import group_of, person_of, role_of
from access.tables import PersonTable
from access.views.asking import FORM, Question, form_page, named, the_roles
from access.views.bulk_select import several
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.blueprints import catalogue_of
from tenants.loaders import tenant_for

SECTION = "people"
NAMES = ("email", "first_name", "last_name", "enabled")


@require(Permission.PERSON_VIEW)
@require_GET
def person_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """The people of a tenant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    filtered = PersonFilter(request.GET, queryset=queries.people_with_counts(owner), tenant=owner)
    chosen = several(request, owner, "people", count=filtered.qs.count())
    table = PersonTable(filtered.qs, tenant=tenant, can_pick=bool(chosen.actions)).in_request(request)
    queries.with_status(owner, table.shown)
    return render_page(
        request,
        page="access/person_list.html",
        fragment="results",
        context={
            "tenant": owner,
            "filter": filtered,
            "table": table,
            "is_filtered": filtered.is_narrowed,
            "several": chosen,
        },
    )


@require(Permission.PERSON_CREATE)
@require_http_methods(FORM)
def person_create(request: HttpRequest, tenant: str) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    question = Question(
        command="access:person:create",
        heading="New person",
        back=reverse("access:person-list", kwargs={"tenant": tenant}),
        section=SECTION,
        values=lambda form: (
            {name: form.cleaned_data[name] for name in ("username", *NAMES)} | {"families": form.families}
        ),
        title=lambda form: f"Create the person {form.cleaned_data['username']}",
        lead="Made without a password. An administrator of the realm sets one, or sends a link to set it.",
    )
    families = [one for one in catalogue_of(owner).families if one.given is not None]
    form = PersonForm(request.POST or None, tenant=owner, families=families)
    return form_page(request, form, question)


@require(Permission.PERSON_EDIT)
@require_http_methods(FORM)
def person_edit(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person = person_of(owner, pk)
    first = {name: getattr(person, name) for name in (*NAMES, "revision")}
    question = Question(
        command="access:person:edit",
        heading=f"Edit {person}",
        back=person.url(tenant),
        section=SECTION,
        values=lambda form: {"person": pk} | {name: form.cleaned_data[name] for name in first},
        title=lambda form: f"Edit {person}",
    )
    return form_page(request, PersonEditForm(request.POST or None, tenant=owner, initial=first), question)


@require(Permission.PERSON_DELETE)
@require_http_methods(FORM)
def person_delete(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """The preview is the confirmation."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person = person_of(owner, pk)
    question = Question(
        command="access:person:delete",
        heading=f"Delete {person}",
        back=person.url(tenant),
        section=SECTION,
        values=lambda form: {"person": pk},
        title=lambda form: f"Delete {person}",
        lead="The account, its credentials and everything given to it go. To keep them, disable the person.",
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


@require(Permission.ASSIGNMENT_ADD)
@require_http_methods(FORM)
def person_give(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give roles to this person."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person = person_of(owner, pk)
    question = Question(
        command="access:person-role:give",
        heading=f"Give access to {person}",
        back=person.url(tenant),
        section=SECTION,
        values=lambda form: {"people": [pk], "roles": form.ids("roles")} | form.period,
        title=lambda form: f"Give {person} {the_roles(form)}",
        lead=said_before(owner),
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("roles",)), question)


@require(Permission.ASSIGNMENT_REMOVE)
@require_http_methods(FORM)
def person_take(request: HttpRequest, tenant: str, pk: int, role: int) -> HttpResponse:
    """Take one directly given role from this person."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person, taken = person_of(owner, pk), role_of(owner, role)
    words = f"Take the role {taken.name} from {person}"
    question = Question(
        command="access:person-role:take",
        heading=words,
        back=person.url(tenant),
        section=SECTION,
        values=lambda form: {"people": [pk], "roles": [role]},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


@require(Permission.MEMBERSHIP_ADD)
@require_http_methods(FORM)
def person_join(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Put this person into groups."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person = person_of(owner, pk)
    question = Question(
        command="access:membership:add",
        heading=f"Add {person} to groups",
        back=person.url(tenant),
        section=SECTION,
        values=lambda form: {"people": [pk], "groups": form.ids("groups")} | form.period,
        title=lambda form: f"Add {person} to {named(form, 'groups', 'groups')}",
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("groups",)), question)


@require(Permission.MEMBERSHIP_REMOVE)
@require_http_methods(FORM)
def person_leave(request: HttpRequest, tenant: str, pk: int, group: int) -> HttpResponse:
    """Take this person out of one group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person, left = person_of(owner, pk), group_of(owner, group)
    words = f"Remove {person} from {left.words}"
    question = Question(
        command="access:membership:remove",
        heading=words,
        back=person.url(tenant),
        section=SECTION,
        values=lambda form: {"people": [pk], "groups": [group]},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)
