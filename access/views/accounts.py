"""Service accounts: clients that act for themselves, and what is given to them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.account_page import account_page, accounts_with_counts
from access.forms import GiveForm, LinkForm
from access.loaders import group_of, role_of
from access.services.accounts import accounts_in
from access.views.asking import FORM, Question, form_page, named, the_roles
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.loaders import tenant_for
from tenants.models import Declaration, Tenant

SECTION = "accounts"


@require(Permission.ASSIGNMENT_VIEW)
@require_GET
def service_account_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """The service accounts of a tenant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()[:200]
    rows = [one for one in accounts_with_counts(owner) if text.lower() in one["name"].lower()]
    context = {"tenant": owner, "rows": rows, "text": text}
    return render_page(request, page="access/service_account_list.html", fragment="results", context=context)


@require(Permission.ASSIGNMENT_VIEW)
@require_GET
def service_account_detail(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """One service account: all access and where it comes from, and what happened."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    account = the_account(owner, pk)
    page = account_page(owner, account, now=timezone.now())
    context = {"tenant": owner, "account": account, **page}
    return render_page(request, page="access/service_account_detail.html", fragment=None, context=context)


@require(Permission.ASSIGNMENT_ADD)
@require_http_methods(FORM)
def service_account_give(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Give roles to this service account."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    name = the_account(owner, pk).at.path[0]
    question = Question(
        command="access:service-role:give",
        heading=f"Give access to the service account {name}",
        back=account_url(tenant, pk),
        section=SECTION,
        values=lambda form: {"clients": [pk], "roles": form.ids("roles")} | form.period,
        title=lambda form: f"Give the service account {name} {the_roles(form)}",
        lead="Whoever knows the secret of the client acts with these roles.",
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("roles",)), question)


@require(Permission.ASSIGNMENT_REMOVE)
@require_http_methods(FORM)
def service_account_take(request: HttpRequest, tenant: str, pk: int, role: int) -> HttpResponse:
    """Take one directly given role from this service account."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    name, taken = the_account(owner, pk).at.path[0], role_of(owner, role)
    words = f"Take the role {taken.name} from the service account {name}"
    question = Question(
        command="access:service-role:take",
        heading=words,
        back=account_url(tenant, pk),
        section=SECTION,
        values=lambda form: {"clients": [pk], "roles": [role]},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


@require(Permission.MEMBERSHIP_ADD)
@require_http_methods(FORM)
def service_account_join(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """Put this service account into groups."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    name = the_account(owner, pk).at.path[0]
    question = Question(
        command="access:service-membership:add",
        heading=f"Add the service account {name} to groups",
        back=account_url(tenant, pk),
        section=SECTION,
        values=lambda form: {"clients": [pk], "groups": form.ids("groups")} | form.period,
        title=lambda form: f"Add the service account {name} to {named(form, 'groups', 'groups')}",
    )
    return form_page(request, GiveForm(request.POST or None, tenant=owner, sides=("groups",)), question)


@require(Permission.MEMBERSHIP_REMOVE)
@require_http_methods(FORM)
def service_account_leave(request: HttpRequest, tenant: str, pk: int, group: int) -> HttpResponse:
    """Take this service account out of one group."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    name, left = the_account(owner, pk).at.path[0], group_of(owner, group)
    words = f"Remove the service account {name} from {left.words}"
    question = Question(
        command="access:service-membership:remove",
        heading=words,
        back=account_url(tenant, pk),
        section=SECTION,
        values=lambda form: {"clients": [pk], "groups": [group]},
        title=lambda form: words,
        danger=True,
    )
    return form_page(request, LinkForm(request.POST or None, tenant=owner, sides=()), question)


def the_account(tenant: Tenant, pk: int) -> Declaration:
    """Return a client with a service account. Raises Http404."""
    row: Declaration | None = accounts_in(tenant).filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no such service account in {tenant}.")
    return row


def account_url(tenant: str, pk: int) -> str:
    return reverse("access:service-account-detail", kwargs={"tenant": tenant, "pk": pk})
