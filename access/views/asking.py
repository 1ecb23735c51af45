"""The one shape of a view with a form that leads to a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from access.forms import LinkForm, TenantForm
from console.sync.asking import ask
from console.web.pages import render_page

FORM = ["GET", "POST"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a form asks for. `values` and `title` are made from the form once it is valid."""

    command: str
    heading: str
    back: str
    section: str
    values: Callable[[Any], dict[str, Any]]
    title: Callable[[Any], str]
    lead: str = ""
    danger: bool = False


def form_page(request: HttpRequest, form: TenantForm, question: Question) -> HttpResponse:
    """Return the plan page's address for a valid form, or the form with what is wrong beside its fields.

    With errors the status is 422, so that scripts and people are told the same.
    """
    slug = form.tenant.slug
    if request.method == "POST" and form.is_valid():
        planned = ask(
            request,
            form,
            command=question.command,
            values={"tenant": slug, **question.values(form)},
            title=question.title(form),
            tenant=slug,
            back=question.back,
        )
        if planned:
            return planned
    return render_page(
        request,
        page="access/form.html",
        context={"form": form, "tenant": form.tenant, "question": question},
        status=422 if form.is_bound else 200,
    )


def named(form: LinkForm, side: str, many: str) -> str:
    """Return the names of what was chosen on one side, or from three on their number: `3 people`."""
    chosen = sorted(str(row) for row in form.cleaned_data[side])
    return " and ".join(chosen) if len(chosen) <= 2 else f"{len(chosen)} {many}"


def the_roles(form: LinkForm) -> str:
    """Return `the role a`, `the roles a and b` or `3 roles`."""
    number = len(form.cleaned_data["roles"])
    label = {1: "the role ", 2: "the roles "}.get(number, "")
    return f"{label}{named(form, 'roles', 'roles')}"


def count(ids: list[int], one: str, many: str) -> str:
    """Return `1 person` or `3 people`."""
    return f"{len(ids)} {one if len(ids) == 1 else many}"
