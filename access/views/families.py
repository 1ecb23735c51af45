"""Role families: one row for `pk:edit:<profile>`, opened to what exists; made, completed and taken back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from access.families import (
    family_named,
    head_of,
    members,
    people_without,
    values_of,
    waiting,
)
from access.family_forms import FamilyForm, FamilyRemovalForm
from access.views.asking import FORM, Question, form_page
from console.graph.catalogue import Family
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.asking import ask_by_button
from console.web.pages import render_page
from console.web.paging import page_of
from tenants.blueprints import catalogue_of
from tenants.loaders import tenant_for
from tenants.models import Tenant

SECTION = "roles"
AT_ONCE = 200  # people for whom one plan makes a family


@require(Permission.ROLE_VIEW)
@require_GET
def family_detail(request: HttpRequest, tenant: str, family: str) -> HttpResponse:
    """What exists of a family: a row for each value of its parameter, paged in the database."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    kind = family_of(owner, family)
    text = request.GET.get("q", "").strip()
    page = page_of(request, values_of(owner, kind, containing=text))
    context = {
        "tenant": owner,
        "family": kind,
        "head": head_of(kind),
        "page": page,
        "members": members(owner, kind, page.object_list),
        "text": text,
        "waiting": people_without(owner, kind) if kind.given and kind.made_with_person else 0,
    }
    return render_page(request, page="access/family_detail.html", fragment="results", context=context)


@require(Permission.FAMILY_CREATE)
@require_http_methods(FORM)
def family_create(request: HttpRequest, tenant: str, family: str) -> HttpResponse:
    """A family that is nobody's own: a shared workspace."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    kind = family_of(owner, family)
    question = Question(
        command="access:family:create",
        heading=f"New {kind.name}",
        back=_url(owner, kind),
        section=SECTION,
        values=lambda form: {"family": kind.key, "value": form.cleaned_data["value"]},
        title=lambda form: f"Make the roles of {kind.name} {form.cleaned_data['value']}",
        lead=f"{kind.sets_off} It is given to nobody: give its roles to people or groups afterwards.".strip(),
    )
    first = {"value": request.GET.get("value", "")}
    return form_page(
        request, FamilyForm(request.POST or None, tenant=owner, family=kind, initial=first), question
    )


@require(Permission.FAMILY_DELETE)
@require_http_methods(FORM)
def family_delete(request: HttpRequest, tenant: str, family: str) -> HttpResponse:
    """Take a family back: the role that makes the workspace, and the others where they are meant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    kind = family_of(owner, family)
    value = request.GET.get("value", "")
    found = members(owner, kind, [value])[0]
    there = [role.name for _, role in found.roles if role is not None]
    if not there:
        raise Http404("There is no role of this family for this value.")
    head = head_of(kind).pattern.of(value)
    question = Question(
        command="access:family:delete",
        heading=f"Take back {kind.name} {value}",
        back=_url(owner, kind),
        section=SECTION,
        values=lambda form: {
            "family": kind.key,
            "value": value,
            "everything": form.cleaned_data["everything"],
        },
        title=lambda form: f"Take back {kind.name} {value}",
        lead=_left_words(kind, head, there),
        danger=True,
    )
    form = FamilyRemovalForm(request.POST or None, tenant=owner, others=[one for one in there if one != head])
    return form_page(request, form, question)


@require(Permission.FAMILY_CREATE)
@require_http_methods(FORM)
def family_people(request: HttpRequest, tenant: str, family: str) -> HttpResponse:
    """People without theirs: who arrived in Keycloak by other ways, and who was declared without."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    kind = family_of(owner, family)
    if kind.given is None:
        raise Http404("This family is given to nobody.")
    here = reverse("access:family-people", kwargs={"tenant": tenant, "family": family})
    if request.method == "POST":
        chosen = _chosen(request, owner, kind)
        if not chosen:
            messages.error(request, "Choose at least one person.")
            return redirect(here)
        return ask_by_button(
            request,
            otherwise=here,
            command="access:family:make",
            values={"tenant": tenant, "family": kind.key, "usernames": chosen},
            title=f"Make {kind.name} for {_people(chosen)}",
            tenant=tenant,
            back=here,
        )
    text = request.GET.get("q", "").strip()
    page = page_of(request, waiting(owner, kind, containing=text))
    context = {"tenant": owner, "family": kind, "page": page, "text": text, "at_once": AT_ONCE}
    return render_page(request, page="access/family_people.html", fragment="results", context=context)


def family_of(tenant: Tenant, key: str) -> Family:
    """Return a family of the tenant's blueprint. Raises Http404."""
    found = family_named(catalogue_of(tenant), key)
    if found is None:
        raise Http404("The blueprint of this tenant has no such family of roles.")
    return found


def _url(tenant: Tenant, family: Family) -> str:
    return reverse("access:family-detail", kwargs={"tenant": tenant.slug, "family": family.key})


def _chosen(request: HttpRequest, tenant: Tenant, family: Family) -> list[str]:
    """Return the chosen user names of people who are still without; all of them up to the most at once."""
    found = waiting(tenant, family, containing=request.POST.get("q", "").strip())
    if request.POST.get("all"):
        return [username for username, _ in found[:AT_ONCE]]
    wanted = set(request.POST.getlist("username")[:AT_ONCE])
    return sorted(wanted & {username for username, _ in found}) if wanted else []


def _people(usernames: list[str]) -> str:
    return usernames[0] if len(usernames) == 1 else f"{len(usernames)} people"


def _left_words(family: Family, head: str, there: list[str]) -> str:
    left = [one for one in there if one != head]
    if not left:
        return f"{head} goes. {family.left_behind}".strip()
    return (
        f"{head} goes, {', '.join(left)} stay, and whoever has them keeps them. {family.left_behind}".strip()
    )
