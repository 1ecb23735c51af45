"""The page of API tokens: which there are, a new one (shown once), and revoking one."""

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from console.api.forms import TokenForm
from console.api.loaders import token_of
from console.api.services import tokens
from console.identity.api_tokens import state_of, with_makers
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.web.pages import render_page
from console.web.paging import page_of


@require(Permission.TOKEN_VIEW)
@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    """Every token: what it carries, who made it, when it was used last and when it ends."""
    now = timezone.now()
    rows = with_makers().order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-pk")
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=words) | Q(prefix__startswith=words) | Q(tenant=words))
    page = page_of(request, rows)
    listed = [(row, state_of(row, now=now)) for row in page.object_list]
    context = {"page": page, "tokens": listed, "words": words}
    return render_page(request, page="api/token_list.html", fragment="results", context=context)


@never_cache
@require(Permission.TOKEN_CREATE)
@require_http_methods(["GET", "POST"])
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token. Its secret stands on the page that answers, once, and nowhere else."""
    actor = request.actor  # type: ignore[attr-defined]
    form = TokenForm(request.POST or None, actor=actor)
    if form.is_valid():
        try:
            made = tokens.create(actor=actor, now=timezone.now(), **form.cleaned_data)
        except (Refused, Forbidden) as error:
            form.add_error(getattr(error, "field", None), str(error))
        else:
            shown = {"token": made.row, "secret": made.secret.reveal()}
            return render_page(request, page="api/token_made.html", context=shown)
    status = 422 if form.is_bound else 200
    return render_page(request, page="api/token_form.html", context={"form": form}, status=status)


@require(Permission.TOKEN_REVOKE)
@require_http_methods(["GET", "POST"])
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then revoke: the next request with the token is refused."""
    token = token_of(pk)
    if request.method != "POST":
        return render_page(request, page="api/token_revoke.html", context={"token": token})
    try:
        tokens.revoke(actor=request.actor, token=pk, now=timezone.now())  # type: ignore[attr-defined]
    except (Refused, Forbidden) as error:
        messages.error(request, str(error))
    else:
        messages.info(request, f"{token} opens nothing any more.")
    return redirect("api:token-list")
