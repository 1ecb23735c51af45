"""What begins and ends in a tenant, and how it is renewed."""

from collections import defaultdict
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.forms import TenantForm
from access.period_fields import ENDS, LASTS, PRESETS, ZONE, lasts_field, moment_field
from access.services.grants import words_of
from access.services.periods import words
from access.services.terms import SORTS
from access.terms_page import lines_of
from access.views.asking import FORM, Question, form_page
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.timed import Term
from console.web.pages import render_page
from tenants.loaders import tenant_for
from tenants.models import Tenant

SECTION = "terms"
MOST = 200


class RenewForm(TenantForm):
    """A new end: how long from now, a date, or none."""

    lasts = lasts_field(open_end="No end any more, or the date below")
    ends_at = moment_field("Ends", f"Instead of how long it lasts from now. In {ZONE}.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        now, lasts, ends = timezone.now(), values.get(LASTS), values.get(ENDS)
        if lasts and ends is not None:
            self.add_error(ENDS, "Choose how long it lasts, or a date, not both.")
        elif lasts:
            values[ENDS] = now + PRESETS[lasts][1]
        elif ends is not None and ends <= now:
            self.add_error(ENDS, "This lies in the past.")
        return values

    @property
    def end(self) -> str:
        """Return what the command is told: "" for no end."""
        moment = self.cleaned_data.get(ENDS)
        return moment.isoformat() if moment is not None else ""


@require(Permission.ASSIGNMENT_VIEW)
@require_GET
def term_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """All grants of a tenant that begin later or end by themselves, and what has ended of late."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    lines = lines_of(owner, dict.fromkeys(SORTS, Q()), now=timezone.now())
    text, only = request.GET.get("q", "").strip()[:200], request.GET.get("only", "")
    counts = {state.value: sum(line.row.state == state for line in lines) for state in Term}
    shown = [line for line in lines if text.lower() in line.what.lower() and only in ("", line.row.state)]
    context = {
        "tenant": owner,
        "lines": shown[:MOST],
        "more": max(0, len(shown) - MOST),
        "counts": counts,
        "all": len(lines),
        "text": text,
        "only": only,
    }
    return render_page(request, page="access/term_list.html", fragment="results", context=context)


@require(Permission.ASSIGNMENT_ADD)
@require_http_methods(FORM)
def term_renew(request: HttpRequest, tenant: str) -> HttpResponse:
    """Let grants end later: those that `grant` names in the address (`membership:12`), once or more often."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    rows = _chosen(owner, request.GET.getlist("grant"))
    grants: dict[str, list[int]] = defaultdict(list)
    for key, row in rows:
        grants[key].append(row.pk)
    what = words_of(rows[0][1]) if len(rows) == 1 else f"{len(rows)} grants"
    until = _until(rows[0][1]) if len(rows) == 1 else ""
    question = Question(
        command="access:term:renew",
        heading=f"Renew: {what}",
        back=reverse("access:term-list", kwargs={"tenant": tenant}),
        section=SECTION,
        values=lambda form: {"grants": dict(grants), "ends_at": form.end},
        title=lambda form: f"Renew {what}",
        lead=until if rows else "None of what you chose exists any more.",
    )
    return form_page(request, RenewForm(request.POST or None, tenant=owner), question)


def _chosen(tenant: Tenant, keys: list[str]) -> list[tuple[str, Any]]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for key in keys[:MOST]:
        sort, _, pk = key.partition(":")
        if sort in SORTS and pk.isascii() and pk.isdigit() and len(pk) < 18:
            wanted[sort].append(int(pk))
    return [
        (sort, row)
        for sort, pks in sorted(wanted.items())
        for row in SORTS[sort].known_to(tenant).filter(pk__in=pks).order_by("pk")
    ]


def _until(row: Any) -> str:
    return f"Until now it ends {words(row.ends_at)}." if row.ends_at else "Until now it has no end."
