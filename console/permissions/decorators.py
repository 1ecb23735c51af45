"""How a view declares who may call it. A view that declares nothing is refused by the middleware."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from console.identity.actor import actor_of
from console.identity.entrance import sign_in_first
from console.permissions.policy import Decision, decide, decide_somewhere
from console.permissions.refusal import forbidden
from console.permissions.vocabulary import Permission

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a view declares: the right it needs, why it needs none, or how it asks for a token."""

    permission: Permission | None = None
    somewhere: bool = False
    why_public: str = ""
    by_token: str = ""


def require(permission: Permission, *, somewhere: bool = False) -> Callable[[View], View]:
    """Let the view run for operators who hold the right in the tenant of its URL.

    Without a `tenant` in the URL the right is needed in the whole console; with `somewhere`, in
    at least one tenant, and then the view narrows what it shows and does by the tenants that the
    actor may act in.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if not actor.is_signed_in:
                return sign_in_first(request)
            decision = _decide(request, permission, somewhere, kwargs.get("tenant"))
            if not decision:
                return forbidden(
                    request, decision=decision, permission=permission, tenant=kwargs.get("tenant")
                )
            request.actor = actor  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.access = Access(permission=permission, somewhere=somewhere)  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(why: str) -> Callable[[View], View]:
    """Let the view run for everyone. `why` says why that is right; it stands in the table of URLs."""
    if not why:
        raise ValueError("A public view says why it is public.")

    def decorate(view: View) -> View:
        @wraps(view)
        def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.actor = actor_of(request)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        open_view.access = Access(why_public=why)  # type: ignore[attr-defined]
        return open_view

    return decorate


def by_token(how: str) -> Callable[[View], View]:
    """Let the view run for programs: it asks for a token itself. `how` stands in the table of URLs."""
    if not how:
        raise ValueError("A view for programs says how it asks for a token.")

    def decorate(view: View) -> View:
        @wraps(view)
        def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        open_view.access = Access(by_token=how)  # type: ignore[attr-defined]
        return open_view

    return decorate


def _decide(request: HttpRequest, permission: Permission, somewhere: bool, tenant: str | None) -> Decision:
    if somewhere and tenant is None:
        return decide_somewhere(actor_of(request), permission)
    return decide(actor_of(request), permission, tenant)
