"""The identity provider: the realm of Keycloak where the console's own operators live.

Endpoints of a realm: https://www.keycloak.org/securing-apps/oidc-layers (“Available endpoints”).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from console.transport import Form, Patience, Reply, Secret, Transport, TransportError, run

PATIENCE = Patience(read=5, total=5)
_OIDC = ("protocol", "openid-connect")


class ProviderDown(Exception):
    """Keycloak did not answer, or not as Keycloak. Nothing is known about the operator."""


class ProviderRefused(Exception):
    """Keycloak answered no. `code` is its OAuth error code."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the token endpoint gave. The access token is used at once and never stored."""

    id_token: Secret
    access_token: Secret
    refresh_token: Secret


def authorization_endpoint() -> str:
    return f"{settings.OIDC_ISSUER}/protocol/openid-connect/auth"


def end_session_endpoint() -> str:
    return f"{settings.OIDC_ISSUER}/protocol/openid-connect/logout"


def exchange_code(*, code: str, verifier: str, redirect_uri: str) -> Tokens:
    """Return the tokens for an authorization code. Raises ProviderDown or ProviderRefused."""
    return _tokens(
        {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
        }
    )


def refresh(refresh_token: Secret) -> Tokens:
    """Return fresh tokens while the session at Keycloak lasts. Raises ProviderDown or ProviderRefused."""
    return _tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})


def userinfo(access_token: Secret) -> Mapping[str, Any]:
    """Return what Keycloak says of the owner of the token. Raises ProviderDown or ProviderRefused."""
    reply = _call("GET", "userinfo", bearer=access_token)
    return _content(reply, "the account's data")


def key_set() -> Mapping[str, Any]:
    """Return the realm's published keys as they are. Raises ProviderDown."""
    reply = _call("GET", "certs")
    if reply.status != 200 or not isinstance(reply.json, dict):
        raise ProviderDown(f"Keycloak answered {reply.status} where its public keys should be.")
    return reply.json


def _tokens(grant: Form) -> Tokens:
    client: dict[str, str | Secret] = {
        "client_id": settings.OIDC_RP_CLIENT_ID,
        "client_secret": Secret(settings.OIDC_RP_CLIENT_SECRET),
    }
    content = _content(_call("POST", "token", form={**grant, **client}), "tokens")
    found = [content.get(name) for name in ("id_token", "access_token", "refresh_token")]
    if not all(isinstance(one, str) and one for one in found):
        raise ProviderDown("Keycloak's answer lacks one of the three tokens.")
    return Tokens(
        id_token=Secret(content["id_token"]),
        access_token=Secret(content["access_token"]),
        refresh_token=Secret(content["refresh_token"]),
    )


def _call(method: str, endpoint: str, *, form: Form | None = None, bearer: Secret | None = None) -> Reply:
    transport = Transport(settings.OIDC_INTERNAL_URL)
    try:
        return run(transport.request(method, (*_OIDC, endpoint), form=form, bearer=bearer, patience=PATIENCE))
    except TransportError as error:
        raise ProviderDown(f"Keycloak at {transport.origin} did not answer. {error.sentence}") from error


def _content(reply: Reply, what: str) -> Mapping[str, Any]:
    if reply.status == 200 and isinstance(reply.json, dict):
        return reply.json
    if reply.status in (400, 401, 403) and isinstance(reply.json, dict):
        code = str(reply.json.get("error", reply.status))
        about = str(reply.json.get("error_description", ""))
        raise ProviderRefused(f"Keycloak refused {what}: {about or code}.", code=code)
    raise ProviderDown(f"Keycloak answered {reply.status} where {what} should be.")
