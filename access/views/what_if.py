"""What if a person were in other groups, or had other roles. Nothing is changed here."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.forms import TenantForm, groups_field, roles_field
from access.loaders import person_of
from access.matrix.supposing import Has, graph_of, has_directly, supposed
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.pages import render_page
from tenants.loaders import tenant_for


class WhatIfForm(TenantForm):
    """Groups and roles in addition, and those to be without."""

    def __init__(self, *args: Any, has: tuple[Has, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, maker in (("groups", groups_field), ("roles", roles_field)):
            self.fields[name] = maker(self)
            self.fields[name].required = False
        self.fields["groups"].label, self.fields["roles"].label = "In the groups too", "With the roles too"
        self.fields["without"] = forms.MultipleChoiceField(
            choices=[(one.key, one.words) for one in has],
            required=False,
            label="Without",
            widget=forms.CheckboxSelectMultiple,
        )

    @property
    def asks_something(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())


@require(Permission.MATRIX_VIEW)
@require_GET
def matrix_what_if(request: HttpRequest, tenant: str) -> HttpResponse:
    """What a person would gain and lose. `who` names the person; the rest is what is supposed."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    asked = request.GET.get("who", "")
    who = person_of(owner, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0)
    graph = graph_of(owner, who)
    has = has_directly(owner, graph, who)
    form = WhatIfForm(request.GET, tenant=owner, has=has)
    found = None
    if form.asks_something:
        chosen = form.cleaned_data
        without = [one for one in has if one.key in chosen["without"]]
        found = supposed(owner, who, graph, groups=chosen["groups"], roles=chosen["roles"], without=without)
    context = {"tenant": owner, "person": who, "form": form, "found": found, "has": has}
    return render_page(request, page="access/matrix_what_if.html", fragment="results", context=context)
