"""The plan page, and the runs that carry plans out."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from console.permissions.decorators import require
from console.permissions.policy import decide, decide_somewhere
from console.permissions.vocabulary import Permission
from console.sync import lifespans, loaders, status
from console.sync.asking import ask_by_button
from console.sync.cause import Forbidden
from console.sync.commands import Refused, command_named
from console.sync.effects import effects_of
from console.sync.forms import ApplyForm
from console.sync.models import Plan, Scope, Step
from console.sync.pages import plan_page, progress_of
from console.sync.preview import Changed, apply, preview
from console.web.pages import client_redirect, render_page
from console.web.paging import page_of


@require(Permission.PLAN_VIEW, somewhere=True)
@require_GET
def plan_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a change would do, or what came of it."""
    plan = loaders.plan_for(request.actor, pk)  # type: ignore[attr-defined]
    return _plan(request, plan, ApplyForm(stops=plan.held))


def _plan(request: HttpRequest, plan: Plan, form: ApplyForm, status_code: int = 200) -> HttpResponse:
    asked = {"by_person": request.GET.get("by") == "person", "whole": "all" in request.GET}
    progress = progress_of(plan)
    return render_page(
        request,
        page="sync/plan_detail.html",
        fragment="impact" if "by" in request.GET else "progress",
        context={
            "plan": plan,
            "page": plan_page(plan),
            "effects": effects_of(plan, **asked),
            "form": form,
            "progress": progress,
            "lacks": _lacks(request, plan),
            "may_create": _may(request, Permission.PLAN_CREATE, plan),
            "may_retry": _may(request, Permission.RUN_RETRY, plan),
            "may_revert": _may_revert(request, plan),
            "tokens": _tokens_of(plan),
            "may_end": _may(request, Permission.SESSION_END, plan) and plan.state == Plan.State.APPLIED,
        },
        status=status_code,
    )


def _may_revert(request: HttpRequest, plan: Plan) -> bool:
    """Tell whether to offer the reverse: a new tenant or realm settings are not taken back here."""
    is_one = plan.state == Plan.State.APPLIED and plan.command.startswith("access:")
    return is_one and _may(request, Permission.PLAN_CREATE, plan)


def _may(request: HttpRequest, permission: Permission, plan: Plan) -> bool:
    return bool(decide(request.actor, permission, plan.tenant or None))  # type: ignore[attr-defined]


def _lacks(request: HttpRequest, plan: Plan) -> str:
    """Return what the actor lacks to apply the plan, in words: the right to, or one of the change itself."""
    needs = [(Permission.PLAN_APPLY, plan.tenant), *((Permission(name), place) for name, place in plan.needs)]
    decisions = ((one, decide(request.actor, one, place or None)) for one, place in needs)  # type: ignore[attr-defined]
    return next((one.sentence for one, decision in decisions if not decision), "")


def _own_plan(request: HttpRequest, pk: UUID, permission: Permission) -> Plan:
    """Return a plan of a tenant in which the actor holds the right. Raises Http404, PermissionDenied."""
    plan = loaders.plan_for(request.actor, pk)  # type: ignore[attr-defined]
    if not _may(request, permission, plan):
        raise PermissionDenied
    return plan


@require(Permission.PLAN_APPLY, somewhere=True)
@require_POST
def plan_apply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the plan stand, if what it showed still holds."""
    plan = _own_plan(request, pk, Permission.PLAN_APPLY)
    form = ApplyForm(request.POST, stops=plan.held)
    if not form.is_valid():
        return _plan(request, plan, form, 422)
    try:
        later = command_named(plan.command).later if plan.is_open else None
        if later is not None and later.takes(plan):
            later.apply(actor=request.actor, plan=plan, **form.cleaned_data)  # type: ignore[attr-defined]
            return client_redirect(request, plan.back or plan.get_absolute_url())
        apply(actor=request.actor, plan=plan, **form.cleaned_data)  # type: ignore[attr-defined]
    except Changed as changed:
        messages.warning(request, str(changed))
        return client_redirect(request, changed.plan.get_absolute_url())
    except (Refused, Forbidden) as error:
        field = getattr(error, "field", None)
        form.add_error(field if field in form.fields else None, str(error))
        return _plan(request, plan, form, 409)
    return client_redirect(request, plan.get_absolute_url())


@require(Permission.PLAN_CREATE, somewhere=True)
@require_POST
def plan_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget an open plan. Nothing was changed by it."""
    plan = _own_plan(request, pk, Permission.PLAN_CREATE)
    if Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(state=Plan.State.DISCARDED):
        messages.info(request, "Plan discarded. Nothing was changed.")
    return redirect(plan.back or "home")


@require(Permission.PLAN_CREATE, somewhere=True)
@require_POST
def plan_read_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Preview the same change anew."""
    plan = _own_plan(request, pk, Permission.PLAN_CREATE)
    try:
        later = command_named(plan.command).later
        if later is not None and later.takes(plan):
            later.look_again(actor=request.actor, plan=plan)  # type: ignore[attr-defined]
            return redirect(plan.back or plan.get_absolute_url())
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


@require(Permission.PLAN_CREATE, somewhere=True)
@require_POST
def plan_renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Preview what waits of a stopped plan, as Keycloak is now."""
    plan = _own_plan(request, pk, Permission.PLAN_CREATE)
    return ask_by_button(
        request,
        otherwise=plan,
        command="tenants:plan:renew",
        values={"tenant": plan.tenant, "plan": str(plan.pk)},
        title=plan.title,
        tenant=plan.tenant,
        back=plan.back,
    )


@require(Permission.PLAN_CREATE, somewhere=True)
@require_POST
def plan_revert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Preview the reverse of an applied plan."""
    plan = _own_plan(request, pk, Permission.PLAN_CREATE)
    return ask_by_button(
        request,
        otherwise=plan,
        command="access:plan:revert",
        values={"tenant": plan.tenant, "plan": str(plan.pk)},
        title=f"Revert: {plan.title}",
        tenant=plan.tenant,
        back=plan.get_absolute_url(),
        undo_of=plan,
    )


def _moves(scope: Scope, known: status.Status) -> bool:
    """Tell whether the status changes without anybody's doing."""
    return known.word in ("pending", "applying") or scope.next_attempt_at is not None


_TRIES = Max("touched__attempts", filter=Q(touched__is_set_aside=False))


@require(Permission.RUN_VIEW, somewhere=True)
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """The realms and the latest runs."""
    rows = loaders.scopes_for(request.actor).select_related("server__circuit")  # type: ignore[attr-defined]
    rows = rows.annotate(waiting=Count("touched"), tries=_TRIES)
    scopes = list(rows)
    known = status.of_scopes(scopes)
    runs = page_of(request, loaders.runs_for(request.actor))  # type: ignore[attr-defined]
    return render_page(
        request,
        page="sync/run_list.html",
        fragment="results",
        context={
            "rows": [(scope, known[scope.pk], status.next_try(scope, scope.tries or 0)) for scope in scopes],
            "runs": runs,
            "is_busy": any(_moves(scope, known[scope.pk]) for scope in scopes),
            "may_retry": bool(decide_somewhere(request.actor, Permission.RUN_RETRY)),  # type: ignore[attr-defined]
            "may_read": bool(decide_somewhere(request.actor, Permission.RUN_START)),  # type: ignore[attr-defined]
        },
    )


@require(Permission.RUN_VIEW, somewhere=True)
@require_GET
def run_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run with its steps."""
    run = loaders.run_for(request.actor, pk)  # type: ignore[attr-defined]
    found = loaders.steps_for(request.actor, run)  # type: ignore[attr-defined]
    steps = list(found)
    return render_page(
        request,
        page="sync/run_detail.html",
        fragment="steps",
        context={
            "run": run,
            "steps": steps,
            "hidden": run.steps.count() - len(steps),
            "tokens": _tokens(run.scope, found),
        },
    )


def _tokens(scope: Scope, steps: QuerySet[Step]) -> tuple[str, str] | None:
    """Return what to say of tokens that are out, where rights were taken away."""
    since = lifespans.removed_at(steps)
    return lifespans.still_out(scope, since=since, now=timezone.now()) if since else None


def _tokens_of(plan: Plan) -> tuple[str, str] | None:
    if plan.scope is None or not plan.impact.get("lost"):
        return None
    since = lifespans.removed_at(Step.objects.filter(plan_id=plan.pk))
    if plan.is_open or since is not None:
        return lifespans.still_out(plan.scope, since=since, now=timezone.now())
    return None


@require(Permission.RUN_RETRY, somewhere=True)
@require_POST
def scope_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try what waits once more, at once."""
    scope = loaders.scope_to_change(request.actor, pk, Permission.RUN_RETRY)  # type: ignore[attr-defined]
    loaders.retry(scope)
    messages.info(request, f"{scope} is tried again.")
    return redirect(_back(request))


@require(Permission.RUN_START, somewhere=True)
@require_POST
def scope_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the realm whole, in the background."""
    scope = loaders.scope_to_change(request.actor, pk, Permission.RUN_START)  # type: ignore[attr-defined]
    loaders.read_again(scope)
    messages.info(request, f"{scope} is being read. Load the page again in a moment to see the new time.")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return where a button on any page leads back to: an own path only."""
    path = request.POST.get("next", "")
    return path if path.startswith("/") and not path.startswith("//") else reverse("sync:run-list")
