"""The session guard: every request of every method is judged before any view runs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from console.identity import limits, networks, recheck, sign_ins
from console.identity.actor import Actor, actor_for
from console.identity.models import SignIn
from console.identity.pages import plain_page
from console.identity.recheck import Answer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

ENROLMENT_VIEWS = frozenset(
    {
        "identity:enrol",
        "identity:sign-out",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
    }
)
"""All that a local account may reach before it has passed a second factor."""


class SessionGuard:
    """Sets `request.actor`. A session that is over, or that Keycloak ended, becomes nobody's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = Actor.anonymous()  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            refusal = _admit(request)
            if refusal is not None:
                return refusal
        response = self.get_response(request)
        # What an operator sees stays in no cache, neither on the way nor after the sign-out.
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in networks.LOCAL_VIEWS and not networks.may_sign_in_locally(request):
            return plain_page(request, "identity/wrong_network.html", status=403)
        sign_in = getattr(request, "sign_in", None)
        if sign_in is None or sign_in.is_complete or name in ENROLMENT_VIEWS:
            return None
        return HttpResponseRedirect(reverse("identity:enrol"))


def _admit(request: HttpRequest) -> HttpResponse | None:
    """Set the actor for a sign-in that stands. Return a page only when the request may not go on."""
    now = timezone.now()
    sign_in = sign_ins.current(request)
    why_not = _why_not(request, sign_in, now)
    if sign_in is None or why_not:
        _leave(request, sign_in, why_not, now)
        return None
    if limits.is_check_due(sign_in, now=now):
        return _confirm(request, sign_in, now)
    _enter(request, sign_in, now)
    return None


def _why_not(request: HttpRequest, sign_in: SignIn | None, now: datetime) -> str:
    """Return why the session is over without asking anybody, or an empty text."""
    if sign_in is None or not sign_in.user.is_active:
        return "Your session was ended."
    if sign_in.user.is_local and not networks.may_sign_in_locally(request):
        return "Break-glass accounts work from the listed networks only."
    return limits.why_over(sign_in, now=now)


def _confirm(request: HttpRequest, sign_in: SignIn, now: datetime) -> HttpResponse | None:
    """Ask Keycloak. Without an answer reading goes on for a while."""
    answer = recheck.recheck(sign_in, clock=timezone.now)
    if answer is Answer.UNKNOWN:
        return _go_on_in_grace(request, sign_in, now)
    if answer is Answer.ENDED:
        _leave(request, sign_in, "Keycloak ended your session.", now)
    else:
        _enter(request, sign_in, now)
    return None


def _enter(request: HttpRequest, sign_in: SignIn, now: datetime) -> None:
    sign_ins.note_seen(sign_in, now=now)
    request.sign_in = sign_in  # type: ignore[attr-defined]
    # A re-check may have changed the account; the Django admin reads its rights from here.
    request.user = sign_in.user
    if sign_in.is_complete:
        request.actor = actor_for(user=sign_in.user, sign_in=sign_in)  # type: ignore[attr-defined]


def _leave(request: HttpRequest, sign_in: SignIn | None, why: str, now: datetime) -> None:
    """Make the request nobody's, so that the view's own declaration decides what happens."""
    if sign_in is not None:
        sign_ins.end(sign_in, why=why, now=now)
    auth.logout(request)
    messages.warning(request, why)


def _go_on_in_grace(request: HttpRequest, sign_in: SignIn, now: datetime) -> HttpResponse | None:
    until = sign_in.checked_at + limits.CHECK_EVERY + limits.GRACE
    if not limits.is_in_grace(sign_in, now=now):
        _leave(request, sign_in, "Keycloak could not confirm your session for 15 minutes.", now)
        return None
    notice = (
        f"Keycloak at {settings.OIDC_ISSUER} does not answer, so your session cannot be confirmed. "
        f"Reading goes on until {until:%H:%M} UTC; nothing can be changed."
    )
    if request.method not in SAFE_METHODS:
        return plain_page(request, "identity/unconfirmed.html", {"notice": notice}, status=503)
    request.sign_in_notice = notice  # type: ignore[attr-defined]
    _enter(request, sign_in, now)
    return None
