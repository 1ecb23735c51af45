"""The inbox: what differs, who did it, and what is done about it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.permissions.decorators import require
from console.permissions.policy import decide, decide_somewhere, visible_tenants
from console.permissions.vocabulary import Permission
from console.sync import pausing
from console.sync.asking import ask_by_button
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Conflict, Refused, command_named
from console.sync.drift import inbox, sheet, showing, watching
from console.sync.drift.forms import IgnoreForm, ScheduleForm
from console.sync.drift.mass import masses
from console.sync.drift.models import DriftItem, Watch
from console.sync.loaders import scope_for, scope_to_change
from console.web.pages import render_page
from console.web.paging import page_of
from console.web.sheets import csv_of

MOST_CHOSEN = 500


@require(Permission.DRIFT_VIEW, somewhere=True)
@require_GET
def drift_list(request: HttpRequest) -> HttpResponse:
    """All differences that one may know of, by tenant, what widens access first."""
    actor = request.actor  # type: ignore[attr-defined]
    asked, visible = inbox.Asked.of(request.GET.dict()), inbox.seen_by(actor)
    found = asked.narrow(visible)
    here = found.filter(inbox.shelf(asked.shelf))
    page = page_of(request, inbox.ordered(here, asked.shelf))
    places = inbox.totals(here)
    watches = inbox.watches(actor)
    running = [one for one in watches if one.token or one.asked_at]
    context = {
        "asked": asked,
        "page": page,
        "lines": [(showing.line_of(one), places[one.scope_id, one.tenant]) for one in page],
        "total": inbox.total(places),
        "masses": masses(watches) if visible_tenants(actor) == "all" else [],
        "shelves": _shelves(found),
        "kinds": inbox.kinds_of(visible.filter(closed_at__isnull=True)),
        "watches": watches,
        "running": running,
        "unreadable": [one for one in watches if one.unreadable or one.sentence],
        "without_events": [one for one in watches if one.events_sentence],
        "compared_at": min((one.checked_at for one in watches if one.checked_at), default=None),
        "can": _rights(request),
    }
    fragment = "running" if "running" in request.GET else "results"
    response = render_page(request, page="sync/drift_list.html", fragment=fragment, context=context)
    if fragment == "running" and not running:
        response["HX-Refresh"] = "true"  # the check is over: show what it found
    return response


@require(Permission.DRIFT_VIEW, somewhere=True)
@require_GET
def drift_export(request: HttpRequest) -> HttpResponse:
    """What the inbox shows, on all its pages, as a CSV file."""
    asked = inbox.Asked.of(request.GET.dict())
    found = asked.narrow(inbox.seen_by(request.actor)).filter(inbox.shelf(asked.shelf))  # type: ignore[attr-defined]
    text = csv_of(sheet.HEAD, sheet.rows_of(inbox.ordered(found, asked.shelf).iterator(chunk_size=1000)))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="drift-{asked.shelf}.csv"'
    return answer


@require(Permission.RUN_RETRY, somewhere=True)
@require_POST
def drift_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing further be written to a realm, or let it go on."""
    scope = scope_to_change(request.actor, pk, Permission.RUN_RETRY)  # type: ignore[attr-defined]
    if request.POST.get("go") == "on":
        pausing.resume(scope)
        messages.info(request, f"Writing to {scope} goes on.")
    else:
        pausing.pause(scope)
        messages.info(request, f"Nothing more is written to {scope}. What was begun is finished first.")
    return redirect(_back(request))


def _shelves(found: Any) -> list[tuple[str, str, int]]:
    counted = inbox.shelves(found)
    return [(name, label, counted[name]) for name, label in inbox.SHELVES.items()]


def _rights(request: HttpRequest, tenant: str | None = None) -> dict[str, bool]:
    """Return what to offer. What is asked for is decided again for each tenant, by the door."""
    actor = request.actor  # type: ignore[attr-defined]
    wanted = {
        "push": Permission.DRIFT_PUSH,
        "take": Permission.ADOPTION_CREATE,
        "accept": Permission.DRIFT_ACCEPT,
        "ignore": Permission.DRIFT_IGNORE,
        "check": Permission.DRIFT_CHECK,
        "schedule": Permission.DRIFT_SCHEDULE,
        "pause": Permission.RUN_RETRY,
        "events": Permission.REALM_EDIT,
    }
    return {
        name: bool(decide(actor, right, tenant) if tenant else decide_somewhere(actor, right))
        for name, right in wanted.items()
    }


@require(Permission.DRIFT_VIEW, somewhere=True)
@require_GET
def drift_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One difference: every field on all sides, what came along, who did it, what was decided."""
    item = inbox.item_for(request.actor, pk)  # type: ignore[attr-defined]
    context = {
        "item": item,
        "line": showing.line_of(item),
        "fields": showing.fields_of(item),
        "along": showing.along_of(item),
        "watch": Watch.objects.filter(scope=item.scope).first(),
        "can": _rights(request, item.tenant),
    }
    return render_page(request, page="sync/drift_detail.html", context=context)


@require(Permission.DRIFT_PUSH, somewhere=True)
@require_POST
def drift_push(request: HttpRequest) -> HttpResponse:
    """Preview what brings the chosen items back to what is declared."""
    return _planned(request, "tenants:drift:push", "Push ours")


@require(Permission.ADOPTION_CREATE, somewhere=True)
@require_POST
def drift_take(request: HttpRequest) -> HttpResponse:
    """Preview what takes Keycloak's side of the chosen items into the database."""
    return _planned(request, "access:drift:take", "Take theirs")


def _planned(request: HttpRequest, command: str, title: str) -> HttpResponse:
    """Return a redirect to one plan for all that is chosen: of one realm and one tenant."""
    chosen = _chosen(request)
    places = {(one.scope_id, one.tenant) for one in chosen}
    if len(places) != 1:
        messages.error(request, "Choose items of one realm: a plan is for one. Nothing was changed.")
        return redirect(_back(request))
    first = chosen[0]
    words = showing.line_of(first).title if len(chosen) == 1 else f"{len(chosen)} items"
    return ask_by_button(
        request,
        otherwise=_back(request),
        command=command,
        values={
            "tenant": first.tenant,
            "scope": first.scope_id,
            "addresses": [one.address for one in chosen],
        },
        title=f"{title}: {words}",
        tenant=first.tenant,
        back=_back(request),
    )


@require(Permission.DRIFT_ACCEPT, somewhere=True)
@require_POST
def drift_accept(request: HttpRequest) -> HttpResponse:
    """Accept foreign things as they stand."""
    return _decided(request, "tenants:drift:accept", "accepted as it stands")


@require(Permission.DRIFT_IGNORE, somewhere=True)
@require_POST
def drift_notice(request: HttpRequest) -> HttpResponse:
    """Show ignored items again."""
    return _decided(request, "tenants:drift:notice", "shown again")


def _decided(request: HttpRequest, command: str, done: str) -> HttpResponse:
    count = _run(request, command, {"items_chosen": [str(one.pk) for one in _chosen(request)]}, Cause())
    if count is not None:
        messages.success(request, f"{count} item{'s' if count != 1 else ''} {done}.")
    return redirect(_back(request))


def _run(request: HttpRequest, command: str, values: Mapping[str, Any], cause: Cause) -> Any:
    """Return what a command gives, or None when it refused and the reason is shown."""
    try:
        return command_named(command).run(actor=request.actor, cause=cause, **values)  # type: ignore[attr-defined]
    except (Refused, Forbidden) as error:
        messages.error(request, f"{error} Nothing was changed.")
        return None


@require(Permission.DRIFT_IGNORE, somewhere=True)
@require_http_methods(["GET", "POST"])
def drift_ignore(request: HttpRequest) -> HttpResponse:
    """Ask why and until when, and leave the chosen items alone."""
    chosen = _chosen(request)
    form = (
        IgnoreForm(request.POST) if "until" in request.POST else IgnoreForm(initial=IgnoreForm.first_values())
    )
    if form.is_bound and form.is_valid():
        values = {"items_chosen": [str(one.pk) for one in chosen], "until": form.moment}
        try:
            cause = Cause(reason=form.cleaned_data["reason"])
            command_named("tenants:drift:ignore").run(actor=request.actor, cause=cause, **values)  # type: ignore[attr-defined]
        except (Refused, Forbidden) as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.success(request, f"Ignored until {form.cleaned_data['until']:%-d %b %Y}.")
            return redirect(_back(request))
    context = {"form": form, "lines": [showing.line_of(one) for one in chosen], "back": _back(request)}
    status = 422 if form.is_bound else 200
    return render_page(request, page="sync/drift_ignore.html", context=context, status=status)


def _chosen(request: HttpRequest) -> Sequence[DriftItem]:
    """Return the open items that the request names. Raises Http404 when one may not be seen or is none."""
    given = request.POST.getlist("item") or request.GET.getlist("item")
    try:
        wanted = {UUID(one) for one in given[:MOST_CHOSEN]}
    except ValueError as error:
        raise Http404("There is no such difference.") from error
    rows = inbox.seen_by(request.actor).filter(pk__in=wanted, closed_at__isnull=True)  # type: ignore[attr-defined]
    found = list(rows.order_by("scope_id", "tenant", "address"))
    if not found or len(found) != len(wanted):
        raise Http404("Something that you chose no longer differs, or you may not know of it.")
    return found


@require(Permission.DRIFT_CHECK, somewhere=True)
@require_POST
def drift_check(request: HttpRequest) -> HttpResponse:
    """Check one realm now, or all that one may know of."""
    actor, asked = request.actor, request.POST.get("scope", "")  # type: ignore[attr-defined]
    watches = inbox.watches(actor)
    if asked:
        watches = [inbox.watch_for(actor, int(asked))] if asked.isdigit() else []
    allowed = [one for one in watches if _may_check(request, one)]
    if watches and not allowed:
        raise PermissionDenied
    if not allowed:
        messages.info(request, "There is no realm to compare yet.")
        return redirect(_back(request))
    for one in allowed:
        watching.ask(one.scope)
    names = str(allowed[0].scope) if len(allowed) == 1 else f"{len(allowed)} realms"
    messages.info(request, f"{names} will be compared as soon as a worker is free.")
    return redirect(_back(request))


def _may_check(request: HttpRequest, watch: Watch) -> bool:
    """Tell whether the actor may have a realm checked: everywhere, or for a tenant that it serves."""
    actor = request.actor  # type: ignore[attr-defined]
    served = watch.scope.declared_realm.tenants.values_list("slug", flat=True) if _is_declared(watch) else ()
    return any(decide(actor, Permission.DRIFT_CHECK, tenant) for tenant in (None, *served))


def _is_declared(watch: Watch) -> bool:
    return hasattr(watch.scope, "declared_realm")


@require(Permission.DRIFT_SCHEDULE, somewhere=True)
@require_http_methods(["GET", "POST"])
def drift_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """How often a realm is checked."""
    watch = inbox.watch_for(request.actor, pk)  # type: ignore[attr-defined]
    first = {"every_minutes": watch.every_minutes, "revision": watch.revision}
    form = ScheduleForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            command_named("tenants:drift:schedule").run(
                actor=request.actor,  # type: ignore[attr-defined]
                scope=watch.scope.pk,
                cause=Cause(),
                **form.cleaned_data,
            )
        except Conflict as error:
            form.add_error("every_minutes", f"{error} It is {error.theirs['every_minutes']} minutes now.")
        except (Refused, Forbidden) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The interval of {watch.scope} is kept.")
            return redirect("sync:drift-list")
    context = {"form": form, "watch": watch}
    status = 422 if form.is_bound else 200
    return render_page(request, page="sync/drift_schedule.html", context=context, status=status)


@require(Permission.REALM_EDIT, somewhere=True)
@require_POST
def drift_events(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview that Keycloak keeps admin events of a realm, with what they changed."""
    scope = scope_for(request.actor, pk)  # type: ignore[attr-defined]
    realm = getattr(scope, "declared_realm", None)
    owner = realm.tenants.order_by("pk").first() if realm else None
    if realm is None or owner is None:
        messages.error(request, f"{scope} is not managed here: switch the events on in Keycloak.")
        return redirect("sync:drift-list")
    return ask_by_button(
        request,
        otherwise="sync:drift-list",
        command="tenants:realm:edit",
        values={
            "tenant": owner.slug,
            "revision": realm.revision,
            "values": {"admin_events_enabled": True, "admin_events_details": True},
        },
        title=f"Keep admin events of {scope.realm}",
        tenant=owner.slug,
        back=reverse("sync:drift-list"),
    )


def _back(request: HttpRequest) -> str:
    """Return where a button leads back to: the inbox as it was narrowed."""
    given = request.POST.get("back", request.GET.get("back", ""))
    return given if given.startswith(reverse("sync:drift-list")) else reverse("sync:drift-list")
