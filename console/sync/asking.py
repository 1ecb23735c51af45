"""From a valid form or a button to a plan page: the one way in which a page asks for a change."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from console.sync.cause import Forbidden
from console.sync.commands import Conflict, Refused, command_named
from console.sync.models import Plan
from console.sync.preview import preview
from console.sync.words import shown


def ask(
    request: HttpRequest,
    form: BaseForm,
    *,
    command: str,
    values: Mapping[str, Any],
    title: str,
    tenant: str = "",
    back: str = "",
) -> HttpResponse | None:
    """Return a redirect to the plan page, or None when the form must be shown again with the reason.

    Nothing typed is lost: what a service refuses stands beside the field that it names.
    """
    try:
        place = _asked(
            request,
            command=command,
            values=values,
            title=title,
            tenant=tenant,
            back=back or request.get_full_path(),
        )
    except Conflict as error:
        show_conflict(form, error)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except Forbidden as error:
        form.add_error(None, str(error))
    else:
        return redirect(place)
    return None


def ask_by_button(request: HttpRequest, *, otherwise: Plan | str, **asked: Any) -> HttpResponse:
    """Return a redirect to the plan page. What is refused is said on the page `otherwise` instead.

    `asked` are the arguments of `preview`.
    """
    try:
        place = _asked(request, **asked)
    except (Refused, Forbidden) as error:
        messages.error(request, str(error))
        return redirect(otherwise)
    return redirect(place)


def _asked(request: HttpRequest, **asked: Any) -> Plan | str:
    """Return the plan of a change, or the page of a large one on which a worker begins."""
    actor = request.actor  # type: ignore[attr-defined]
    later = command_named(asked["command"]).later
    place = later.begin(actor=actor, **asked) if later is not None else None
    return place or preview(actor=actor, **asked)


def show_conflict(form: BaseForm, error: Conflict) -> None:
    """Put their value beside ours on each field that differs, and let the next try be on top of theirs."""
    form.add_error(None, f"{error} Their values stand below the fields; applying yours replaces them.")
    for name, theirs in error.theirs.items():
        if name in form.fields and form.cleaned_data.get(name) != theirs:
            form.add_error(name, f"Now: {shown(theirs)}")
    data = cast(QueryDict, form.data).copy()
    data["revision"] = str(error.revision)
    form.data = data
