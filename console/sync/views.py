"""The plan page, and the runs that carry plans out."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync import loaders, status
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.sync.forms import ApplyForm
from console.sync.models import Plan
from console.sync.pages import plan_page, progress_of
from console.sync.preview import Changed, apply, preview
from console.web.pages import client_redirect, render_page


@require(Permission.PLAN_VIEW, somewhere=True)
@require_GET
def plan_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a change would do, or what came of it."""
    plan = loaders.plan_for(request.actor, pk)  # type: ignore[attr-defined]
    return _plan(request, plan, ApplyForm())


def _plan(request: HttpRequest, plan: Plan, form: ApplyForm, status_code: int = 200) -> HttpResponse:
    return render_page(
        request,
        page="sync/plan_detail.html",
        fragment="progress",
        context={"plan": plan, "page": plan_page(plan), "form": form, "progress": progress_of(plan)},
        status=status_code,
    )


@require(Permission.PLAN_APPLY, somewhere=True)
@require_POST
def plan_apply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the plan stand, if what it showed still holds."""
    plan = loaders.plan_for(request.actor, pk)  # type: ignore[attr-defined]
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return _plan(request, plan, form, 422)
    try:
        apply(actor=request.actor, plan=plan, **form.cleaned_data)  # type: ignore[attr-defined]
    except Changed as changed:
        messages.warning(request, str(changed))
        return client_redirect(request, changed.plan.get_absolute_url())
    except (Refused, Forbidden) as error:
        form.add_error(None, str(error))
        return _plan(request, plan, form, 409)
    return client_redirect(request, plan.get_absolute_url())


@require(Permission.PLAN_CREATE, somewhere=True)
@require_POST
def plan_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget an open plan. Nothing was changed by it."""
    plan = loaders.plan_for(request.actor, pk)  # type: ignore[attr-defined]
    if Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(state=Plan.State.DISCARDED):
        messages.info(request, "Plan discarded. Nothing was changed.")
    return redirect(plan.back or "home")


@require(Permission.PLAN_CREATE, somewhere=True)
@require_POST
def plan_read_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Preview the same change anew."""
    plan = loaders.plan_for(request.actor, pk)  # type: ignore[attr-defined]
    try:
        fresh = preview(
            actor=request.actor,  # type: ignore[attr-defined]
            command=plan.command,
            values=plan.values,
            title=plan.title,
            tenant=plan.tenant,
            back=plan.back,
        )
    except (Refused, Forbidden) as error:
        messages.error(request, str(error))
        return redirect(plan)
    Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(state=Plan.State.STALE)
    return redirect(fresh)


@require(Permission.RUN_VIEW, somewhere=True)
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """The realms and the latest runs."""
    scopes = loaders.scopes_for(request.actor)  # type: ignore[attr-defined]
    rows = [(scope, status.of_scope(scope)) for scope in scopes]
    runs = loaders.runs_for(request.actor)  # type: ignore[attr-defined]
    return render_page(
        request, page="sync/run_list.html", fragment="results", context={"rows": rows, "runs": runs[:50]}
    )


@require(Permission.RUN_VIEW, somewhere=True)
@require_GET
def run_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run with its steps."""
    run = loaders.run_for(request.actor, pk)  # type: ignore[attr-defined]
    steps = list(run.steps.order_by("number"))
    return render_page(
        request, page="sync/run_detail.html", fragment="steps", context={"run": run, "steps": steps}
    )


@require(Permission.RUN_RETRY, somewhere=True)
@require_POST
def scope_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try what waits once more, at once."""
    scope = loaders.scope_for(request.actor, pk)  # type: ignore[attr-defined]
    loaders.retry(scope)
    messages.info(request, f"{scope} is tried again.")
    return redirect(_back(request))


@require(Permission.RUN_START, somewhere=True)
@require_POST
def scope_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the realm whole, in the background."""
    scope = loaders.scope_for(request.actor, pk)  # type: ignore[attr-defined]
    loaders.read_again(scope)
    messages.info(request, f"{scope} is being read. The page shows the new time when it is done.")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return where a button on any page leads back to: an own path only."""
    path = request.POST.get("next", "")
    return path if path.startswith("/") and not path.startswith("//") else reverse("sync:run-list")
