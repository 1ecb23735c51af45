"""Who calls the REST API: a program with an API token, and nobody else."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from console.api.rest.errors import Forbidden
from console.identity.actor import Actor
from console.identity.api_tokens import BadToken, Bearer, bearer_of, note_used
from console.permissions.policy import Decision, decide, decide_somewhere
from console.permissions.vocabulary import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The user of a request: what Django calls so, with the token behind it."""

    bearer: Bearer
    is_authenticated: bool = True

    @property
    def pk(self) -> int:
        return self.bearer.pk


class ByToken(BaseAuthentication):
    """`Authorization: Bearer gate_…`. No session is read, so no form of another site can call."""

    def authenticate(self, request: Request) -> tuple[Program, Bearer]:
        now = timezone.now()
        try:
            bearer = bearer_of(request.headers.get("Authorization", ""), now=now)
        except BadToken as error:
            kind = AuthenticationFailed if "Authorization" in request.headers else NotAuthenticated
            raise kind(str(error)) from None
        note_used(bearer, now=now)
        request._request.actor = bearer.actor  # type: ignore[attr-defined]
        return Program(bearer=bearer), bearer

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ByTokenSchema(OpenApiAuthenticationExtension):
    target_class = "console.api.rest.auth.ByToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token of this console."}


class Reads(SimpleRateThrottle):
    """How many requests a token may send."""

    scope = "api"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": request.auth.pk}


class Writes(Reads):
    """How many of them may ask for a change."""

    scope = "api-writes"

    def allow_request(self, request: Request, view: Any) -> bool:
        return request.method in ("GET", "HEAD", "OPTIONS") or bool(super().allow_request(request, view))


def actor_in(request: Request) -> Actor:
    """Return who calls."""
    actor: Actor = request.user.bearer.actor  # type: ignore[union-attr]
    return actor


def require(request: Request, permission: Permission, tenant: str | None = None) -> Actor:
    """Return who calls, if that may be done in the tenant, or without one in some. Raises Forbidden."""
    actor = actor_in(request)
    return _let(actor, decide(actor, permission, tenant) if tenant else decide_somewhere(actor, permission))


def require_everywhere(request: Request, permission: Permission) -> Actor:
    """Return who calls, if that may be done in the console as a whole. Raises Forbidden."""
    return _let(actor_in(request), decide(actor_in(request), permission))


def _let(actor: Actor, verdict: Decision) -> Actor:
    if not verdict:
        raise Forbidden(verdict.reason, who=verdict.who)
    return actor
