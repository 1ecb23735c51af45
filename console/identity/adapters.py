"""How django-allauth behaves here: local break-glass accounts only, with a second factor, no self-service."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from console.identity import events, sign_ins
from console.identity.actor import Actor
from console.identity.models import User, UserKind
from console.identity.networks import address_of
from console.seal import seal, unseal

_CONTEXT = "second factor"


class LocalAccountAdapter(DefaultAccountAdapter):
    """No sign-up, no mail, and each sign-in is written down before the session exists."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign a local superuser in. Anyone else is sent back to the page where Keycloak is offered."""
        if not (user.is_local and user.is_superuser and user.is_active):
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("identity:sign-in")))
        super().login(request, user)
        has_factor = any(one.get("method") == "mfa" for one in get_authentication_records(request, user))
        sign_ins.begin_local(request, user=user, is_complete=has_factor, now=timezone.now())

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password, with the name only if it is one of ours: people type passwords there."""
        known = User.objects.filter(username=credentials.get("username", ""), kind=UserKind.LOCAL).first()
        detail = f"Wrong password for {known.username}." if known else "Wrong name of a break-glass account."
        address = address_of(request)
        events.tell(events.Event(name="refused", actor=Actor.anonymous(), address=address, detail=detail))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return False while a first factor is enrolled: the password was given a moment ago."""
        sign_in = getattr(self.request, "sign_in", None)
        if sign_in is not None and not sign_in.is_complete:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: these accounts have no e-mail; what happens stands in the audit."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing, for the same reason."""


class SealedMfaAdapter(DefaultMFAAdapter):
    """Seeds of second factors are stored encrypted. The last factor cannot be taken away."""

    def encrypt(self, text: str) -> str:
        return seal(text, context=_CONTEXT)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, context=_CONTEXT)

    def get_totp_issuer(self) -> str:
        return "Gatehouse break-glass"

    def _get_site_name(self) -> str:
        return "Gatehouse"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.GATEHOUSE_URL).hostname or "localhost", "name": "Gatehouse"}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
