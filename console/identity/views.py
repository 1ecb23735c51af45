"""The operator's own pages: where to sign in, the first second factor, the profile."""

from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from console.identity import networks
from console.identity.actor import actor_of
from console.identity.models import SignIn
from console.identity.pages import plain_page

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


@never_cache
@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    """Offer Keycloak, and below it the break-glass way where the network may use it."""
    target = _safe_next(request)
    if actor_of(request).is_signed_in:
        return HttpResponseRedirect(target)
    query = urlencode({"next": target})
    context = {
        "keycloak_url": f"{reverse('oidc_authentication_init')}?{query}",
        "local_url": f"{reverse('account_login')}?{query}" if networks.may_sign_in_locally(request) else "",
        "issuer": settings.OIDC_ISSUER,
    }
    return plain_page(request, "identity/sign_in.html", context)


@never_cache
@require_GET
def enrol(request: HttpRequest) -> HttpResponse:
    """Offer the second factors to a local account that has passed none in this session."""
    sign_in = getattr(request, "sign_in", None)
    if sign_in is None or sign_in.is_complete:
        return HttpResponseRedirect(reverse("home"))
    context = {"is_enrolled": is_mfa_enabled(request.user, FACTORS)}
    return plain_page(request, "identity/enrol.html", context)


@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """Show who the operator is to the console, and the sessions that are open."""
    current: SignIn = request.sign_in  # type: ignore[attr-defined]
    context = {
        "sign_in": current,
        "sessions": SignIn.objects.open().filter(user=current.user).order_by("-signed_in_at", "-pk")[:20],
        "account_url": f"{settings.OIDC_ISSUER}/account",
        "is_local": current.user.is_local,
    }
    return render(request, "identity/profile.html", context)


def _safe_next(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and is_ours else reverse("home")
