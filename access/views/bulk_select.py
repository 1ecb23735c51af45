"""Several chosen in a list, and what is to be done with all of them."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.bulk import uploads
from access.bulk.selection import ACTIONS, Action, action_named, chosen, told
from access.forms import LinkForm
from access.views.bulk import FORM
from console.permissions.decorators import require
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.loaders import tenant_for
from tenants.models import Tenant

SAMPLE = 5
ON_A_PAGE = {"people": 50, "groups": 200, "roles": 50}
OF_THE_CHOICE = ("pk", "all", "action", "page", "sort")
NOUNS = {"people": "people", "groups": "groups", "roles": "roles"}
LISTS = {"people": "access:person-list", "groups": "access:group-list", "roles": "access:role-list"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """What a list offers for chosen rows: only what the operator may do."""

    actions: tuple[Action, ...]
    url: str
    kept: tuple[tuple[str, str], ...]
    count: int
    is_more: bool


def several(request: HttpRequest, tenant: Tenant, kind: str, *, count: int) -> Several:
    """Return what can be done with rows of this list, and the filters that a choice of all carries along."""
    actor = request.actor  # type: ignore[attr-defined]
    may = decide(actor, Permission.BULK_CREATE, tenant.slug)
    allowed = (one for one in ACTIONS[kind] if may and decide(actor, one.right, tenant.slug))
    kept = ((name, str(value)) for name, value in request.GET.items() if value and name not in OF_THE_CHOICE)
    return Several(
        actions=tuple(allowed),
        url=reverse("access:bulk-select", kwargs={"tenant": tenant.slug, "kind": kind}),
        kept=tuple(kept),
        count=count,
        is_more=count > ON_A_PAGE[kind],
    )


@require(Permission.BULK_CREATE)
@require_http_methods(FORM)
def bulk_select(request: HttpRequest, tenant: str, kind: str) -> HttpResponse:
    """Ask what is missing for one thing to be done with all that was chosen; a worker checks it then."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    action = _action(request, kind, owner)
    options: dict[str, Any] = {"list": kind, "action": action.key, **_choice(request.GET)}
    rows = chosen(owner, options)
    count = rows.count()
    sides = (action.targets,) if action.targets else ()
    form = LinkForm(request.POST if request.method == "POST" else None, tenant=owner, sides=sides)
    if request.method == "POST" and form.is_valid():
        if count:
            targets = form.ids(action.targets) if action.targets else []
            job = uploads.keep_selection(
                actor=request.actor,  # type: ignore[attr-defined]
                tenant=owner,
                title=_title(action, kind, count, rows, form),
                options={**options, "targets": targets},
            )
            return redirect(job)
        form.add_error(None, "Nothing is chosen any more. Go back to the list and choose again.")
    return render_page(
        request,
        page="access/bulk_select.html",
        context={
            "form": form,
            "tenant": owner,
            "action": action,
            "count": count,
            "noun": NOUNS[kind],
            "names": [str(row) for row in rows.order_by("pk")[:SAMPLE]],
            "more": max(count - SAMPLE, 0),
            "section": {"people": "people"}.get(kind, kind),
            "back": reverse(LISTS[kind], kwargs={"tenant": tenant}),
            "heading": f"{action.label}: {count:,} {NOUNS[kind]}",
        },
        status=422 if form.is_bound else 200,
    )


def _action(request: HttpRequest, kind: str, owner: Tenant) -> Action:
    """Return the action that is asked for. Raises Http404 for one that is not there or not allowed."""
    if kind not in ACTIONS:
        raise Http404("There is no such list.")
    try:
        action = action_named(kind, request.GET.get("action", ""))
    except KeyError:
        raise Http404("There is no such thing to be done.") from None
    if not decide(request.actor, action.right, owner.slug):  # type: ignore[attr-defined]
        raise Http404("There is no such thing to be done.")
    return action


def _choice(query: QueryDict) -> dict[str, Any]:
    """Return the choice as it is kept: ids, or the filter of the list."""
    if "all" not in query:
        return {"ids": sorted({int(pk) for pk in query.getlist("pk") if pk.isdigit() and len(pk) < 19})}
    kept = query.copy()
    for name in OF_THE_CHOICE:
        kept.pop(name, None)
    return {"filter": kept.urlencode()}


def _title(action: Action, kind: str, count: int, rows: Any, form: LinkForm) -> str:
    who = str(rows.first()) if count == 1 else f"{count:,} {NOUNS[kind]}"
    chosen_rows = form.cleaned_data[action.targets] if action.targets else ()
    what = told(sorted(map(str, chosen_rows)), action.targets)
    return action.title.format(who=who, what=what)
