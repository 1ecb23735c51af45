"""The two ways to become an operator. Neither can give the account of the other."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from console.identity import keys, provider
from console.identity.accounts import account_of
from console.identity.models import User, UserKind
from console.identity.recheck import party
from console.identity.tokens import BadToken, Operator, verify_id_token
from console.transport import Secret


class SignInRefused(Exception):
    """A sign-in that must not happen. The message is a sentence for the operator."""


class TokenRefused(SignInRefused):
    """Keycloak answered, and its answer was not accepted: worth a record, as it never happens by accident."""


class ConsoleOIDCBackend(OIDCAuthenticationBackend):
    """Operators of Keycloak: the code is exchanged, the ID token verified, the account keyed on
    issuer and subject. Every call goes through `console.identity.provider`."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        """Return the account of a finished sign-in at Keycloak; None for other kinds of sign-in.

        Raises SignInRefused or provider.ProviderDown. Leaves `request.verified_sign_in`.
        """
        nonce, verifier = kwargs.get("nonce"), kwargs.get("code_verifier")
        if request is None or not nonce or not verifier:
            return None
        try:
            tokens = self._exchange(request.GET.get("code", ""), verifier)
            operator = self._verified(tokens, nonce)
        except provider.ProviderRefused as error:
            raise SignInRefused(str(error)) from error
        except BadToken as error:
            raise TokenRefused(f"Keycloak's answer was not accepted. {error}") from error
        user = account_of(operator)
        request.verified_sign_in = (operator, tokens)  # type: ignore[attr-defined]
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return an account of Keycloak, never a local one."""
        return User.objects.filter(pk=user_id, kind=UserKind.SSO).first()

    def _exchange(self, code: str, verifier: str) -> provider.Tokens:
        return provider.exchange_code(code=code, verifier=verifier, redirect_uri=callback_url())

    def _verified(self, tokens: provider.Tokens, nonce: str) -> Operator:
        operator = verify_id_token(
            tokens.id_token.reveal(),
            ring=keys.ring,
            party=party(),
            access_token=tokens.access_token.reveal(),
            nonce=nonce,
        )
        self._compare_userinfo(tokens.access_token, operator)
        return operator

    def _compare_userinfo(self, access_token: Secret, operator: Operator) -> None:
        # OpenID Connect Core 5.3.2: the two subjects must be the same, or the tokens were swapped.
        if provider.userinfo(access_token).get("sub") != operator.subject:
            raise BadToken("Its subject is not the owner of the access token.")


class LocalBackend(AuthenticationBackend):
    """Break-glass accounts by name and password; the second factor follows as a step of its own."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_local else None

    def get_user(self, user_id: int) -> User | None:
        """Return a local account, never one of Keycloak."""
        return User.objects.filter(pk=user_id, kind=UserKind.LOCAL).first()


def callback_url() -> str:
    """Return the registered redirect address. It is built from settings, never from the request."""
    return f"{settings.GATEHOUSE_URL}{reverse('oidc_authentication_callback')}"
