"""The overview and the jump box."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from console.home import numbers
from console.home.ending import endings
from console.home.finding import find
from console.home.rail import navigation
from console.home.without import without_theirs
from console.permissions.decorators import require
from console.permissions.policy import decide, visible_tenants
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from console.web.paging import page_of


@require(Permission.OVERVIEW_VIEW, somewhere=True)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What needs a look, all tenants, the servers, and how much changed."""
    actor = request.actor  # type: ignore[attr-defined]
    lines = numbers.tenant_lines(actor)
    text, only = request.GET.get("q", "").strip()[:200], request.GET.get("only", "")
    sees_servers = bool(decide(actor, Permission.SERVER_VIEW))
    sees_all = visible_tenants(actor) == "all"
    context = {
        "lines": lines,
        "shown": page_of(request, [line for line in lines if _is_shown(line, text, only)]),
        "looks": [line for line in lines if line.needs_a_look],
        "in_sync": [line for line in lines if line.status.word == "in-sync"],
        "text": text,
        "only": only,
        "plans": numbers.open_plans(actor),
        "waiting": numbers.waiting_changes(lines),
        "unread": numbers.unread(lines),
        "drift": numbers.drift(actor),
        "servers": numbers.servers() if sees_servers else [],
        "sees_servers": sees_servers,
        "may_create": bool(decide(actor, Permission.TENANT_CREATE)),
        "endings": endings(actor, [line.tenant for line in lines], now=timezone.now()),
        "without": without_theirs(actor, [line.tenant for line in lines]),
        "days": numbers.changes_a_day(lines, sees_all=sees_all, now=timezone.now()),
    }
    return render_page(request, page="home.html", fragment="results", context=context)


def _is_shown(line: numbers.TenantLine, text: str, only: str) -> bool:
    if only == "look" and not line.needs_a_look:
        return False
    if only == "in-sync" and line.status.word != "in-sync":
        return False
    return text.lower() in f"{line.tenant.name} {line.tenant.slug} {line.tenant.realm.scope}".lower()


@require(Permission.OVERVIEW_VIEW, somewhere=True)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Everything of a name that one may see. The jump box asks for the list alone."""
    text = request.GET.get("q", "").strip()[:200]
    kinds = find(
        request.actor,  # type: ignore[attr-defined]
        text,
        slug=request.GET.get("tenant", ""),
        navigation=navigation(request),
    )
    return render_page(
        request, page="search.html", fragment="results", context={"kinds": kinds, "text": text}
    )
