"""The sessions of people as Keycloak has them now, and the buttons that end them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.concern import concerns
from access.loaders import person_of
from access.models import Person
from access.services import sessions
from access.views.accounts import account_url, the_account
from access.views.asking import FORM
from console.graph.edges import Node, NodeKind
from console.identity.actor import Actor
from console.keycloak.errors import KeycloakError
from console.keycloak.sessions import Ended, Session, sessions_of
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync import circuit, lifespans
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.sync.models import Plan
from console.web.pages import render_page
from tenants.loaders import tenant_for
from tenants.models import Tenant

SECTION = "people"


@require(Permission.SESSION_VIEW)
@require_GET
def session_list(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """The sessions of one person."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person = person_of(owner, pk)
    found, unread = _read(owner, person)
    context = _context(owner, [person]) | {"person": person, "sessions": found, "unread": unread}
    return render_page(request, page="access/session_list.html", context=context)


@require(Permission.SESSION_END)
@require_http_methods(FORM)
def session_end(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """End all sessions of one person."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    person = person_of(owner, pk)
    return _asked(request, owner, [person], back=person.url(tenant))


@require(Permission.SESSION_END)
@require_http_methods(FORM)
def session_end_plan(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """End the sessions of all who lost something by a plan of this tenant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    plan = Plan.objects.filter(pk=pk, tenant=owner.slug, state=Plan.State.APPLIED).first()
    if plan is None:
        raise Http404(f"There is no such plan in {owner}.")
    names = {name for row in plan.impact.get("lost", []) for name, _ in row["people"]}
    rows = Person.objects.of(owner).filter(username__in=names).order_by("username")
    return _asked(request, owner, list(rows[: sessions.MOST]), back=plan.get_absolute_url())


@require(Permission.SESSION_END)
@require_http_methods(FORM)
def service_account_end(request: HttpRequest, tenant: str, pk: int) -> HttpResponse:
    """End the sessions of one service account."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    account = the_account(owner, pk)
    context = _context(owner, []) | {"back": account_url(tenant, pk), "account": account.at.path[0]}
    return _answered(
        request,
        context,
        lambda: sessions.end_of_accounts(actor=request.actor, tenant=tenant, clients=[pk]),  # type: ignore[attr-defined]
    )


def _asked(request: HttpRequest, tenant: Tenant, people: list[Person], *, back: str) -> HttpResponse:
    """Show whom it concerns, whose sessions go on elsewhere, and what stays valid; on POST do it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    within = sessions.bounded(actor, tenant, [one.username for one in people])
    context = _context(tenant, people) | {"back": back, "within": within, "who_may": sessions.WHO_MAY}
    pks = [one.pk for one in people]
    return _answered(request, context, lambda: sessions.end(actor=actor, tenant=tenant.slug, people=pks))


def _answered(
    request: HttpRequest, context: dict[str, Any], end: Callable[[], tuple[Ended, ...]]
) -> HttpResponse:
    if request.method != "POST":
        return render_page(request, page="access/session_end.html", context=context)
    try:
        ended = end()
    except (Refused, Forbidden, KeycloakError) as error:
        context["fault"] = getattr(error, "sentence", str(error))
        return render_page(request, page="access/session_end.html", context=context, status=409)
    _tell(request, ended)
    back: str = context["back"]
    return redirect(back)


def _tell(request: HttpRequest, ended: tuple[Ended, ...]) -> None:
    bad = [one for one in ended if one.word != "done"]
    for one in bad[:5]:
        messages.error(request, f"{one.username}: {one.sentence}")
    if len(bad) > 5:
        messages.error(request, f"{len(bad) - 5} more could not be ended either: the audit log names them.")
    if len(bad) < len(ended):
        number = len(ended) - len(bad)
        who = ended[0].username if len(ended) == 1 else f"{number} people"
        messages.info(request, f"The sessions of {who} are ended. Access tokens live on until they end.")


def _context(tenant: Tenant, people: list[Person]) -> dict[str, Any]:
    now = timezone.now()
    return {
        "tenant": tenant,
        "people": people,
        "tokens": lifespans.still_out(tenant.realm.scope, since=None, now=now),
        "now": now,
    }


def _read(tenant: Tenant, person: Person) -> tuple[tuple[Session, ...], str]:
    """Return the sessions, and why they could not be read where they could not."""
    scope = tenant.realm.scope
    try:
        with circuit.through(scope.server):
            found = sessions_of(scope.server.connection(), scope.realm, person.username)
            return tuple(_narrowed(tenant, one) for one in found), ""
    except KeycloakError as error:
        return (), error.sentence


def _narrowed(tenant: Tenant, session: Session) -> Session:
    """Return a session with the names of those clients only that are the tenant's business."""
    clients = {
        name if concerns(tenant, Node(NodeKind.CLIENT_ROLE, f"{name}/")) else "a client outside this tenant"
        for name in session.clients
    }
    return replace(session, clients=tuple(sorted(clients)))
