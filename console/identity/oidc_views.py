"""Signing in through Keycloak and out of it again."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from console.identity import events, provider, sign_ins
from console.identity.actor import Actor
from console.identity.backends import SignInRefused, TokenRefused
from console.identity.models import SignIn
from console.identity.networks import address_of
from console.identity.pages import plain_page


class ConsoleAuthenticationView(OIDCAuthenticationRequestView):
    """Sends the browser to Keycloak with state, nonce and a PKCE challenge (S256)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        # The answer comes to the registered address: begin there too, or its cookie is missing.
        if request.get_host() != urlsplit(settings.GATEHOUSE_URL).netloc:
            return HttpResponseRedirect(f"{settings.GATEHOUSE_URL}{request.get_full_path()}")
        return super().get(request)


class ConsoleCallbackView(OIDCAuthenticationCallbackView):
    """Takes Keycloak's answer. Nothing happens, not even a sign-out, unless its state is known."""

    def get(self, request: HttpRequest) -> HttpResponse:
        started = _take_state(request)
        if started is None:
            return _failed(
                request, "This sign-in was not begun in this browser, or it was used or is too old."
            )
        if request.GET.get("iss") != settings.OIDC_ISSUER:
            return _failed(request, "The answer comes from another issuer than the one that was asked.")
        if "error" in request.GET:
            return _failed(request, _sentence_of(request.GET["error"]), status=403)
        try:
            user = auth.authenticate(
                request=request, nonce=started.get("nonce"), code_verifier=started.get("code_verifier")
            )
        except TokenRefused as error:
            _record_refusal(request, str(error))
            return _failed(request, str(error), status=403)
        except SignInRefused as error:
            return _failed(request, str(error), status=403)
        except provider.ProviderDown as error:
            return _failed(request, str(error), status=502)
        if user is None or not user.is_active:
            return _failed(request, "This account is closed in the console.", status=403)
        return _enter(request, user)


def _take_state(request: HttpRequest) -> dict[str, Any] | None:
    """Return what was kept for this state, and forget it: an answer counts once."""
    states = request.session.get("oidc_states", {})
    started = states.pop(request.GET.get("state", ""), None)
    if started is None:
        return None
    request.session["oidc_states"] = states
    request.session.save()
    return started


def _enter(request: HttpRequest, user: Any) -> HttpResponse:
    now = timezone.now()
    former = sign_ins.current(request)
    if former is not None:
        sign_ins.end(former, why="Signed in again.", now=now)
    target = request.session.pop("oidc_login_next", None) or reverse("home")
    auth.login(request, user)
    operator, tokens = request.verified_sign_in  # type: ignore[attr-defined]
    sign_ins.begin_sso(request, user=user, operator=operator, tokens=tokens, now=now)
    return HttpResponseRedirect(target)


def _record_refusal(request: HttpRequest, sentence: str) -> None:
    # Codes that anybody can make up are not recorded: they would fill the record.
    actor, address = Actor.anonymous(), address_of(request)
    events.tell(events.Event(name="refused", actor=actor, address=address, detail=sentence))


def _failed(request: HttpRequest, sentence: str, *, status: int = 400) -> HttpResponse:
    return plain_page(request, "identity/sign_in_failed.html", {"sentence": sentence}, status=status)


def _sentence_of(error: str) -> str:
    known = {
        "access_denied": "Keycloak says that access was denied, or the sign-in was cancelled.",
        "temporarily_unavailable": "Keycloak is not available for the moment.",
        "login_required": "Keycloak asks to sign in again.",
    }
    return known.get(error, "Keycloak ended the sign-in with an error.")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here, then at Keycloak, which sends the browser back to the sign-in page."""
    sign_in = sign_ins.current(request)
    target = _sign_out_target(sign_in)
    if sign_in is not None:
        sign_ins.end(sign_in, why="Signed out.", now=timezone.now())
    auth.logout(request)
    messages.success(request, "You are signed out.")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _sign_out_target(sign_in: SignIn | None) -> str:
    """RP-initiated logout with the ID token as hint, so that Keycloak does not ask again."""
    back = f"{settings.GATEHOUSE_URL}/"
    if sign_in is None or sign_in.user.is_local:
        return back
    query = {"client_id": settings.OIDC_RP_CLIENT_ID, "post_logout_redirect_uri": back}
    # Without the hint Keycloak shows a page that asks whether to sign out.
    with suppress(sign_ins.NoToken):
        query["id_token_hint"] = sign_ins.id_token_of(sign_in).reveal()
    return f"{provider.end_session_endpoint()}?{urlencode(query)}"
