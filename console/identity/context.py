"""The context processor of sign-ins: who is here, and what every administrator must see."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from console.identity.actor import actor_of
from console.identity.models import SignIn

SHOW_BREAK_GLASS = timedelta(days=1)


def operator(request: HttpRequest) -> dict[str, Any]:
    """Return the actor, a notice about the session, and the uses of break-glass accounts of one day."""
    actor = actor_of(request)
    return {
        "actor": actor,
        "sign_in_notice": getattr(request, "sign_in_notice", ""),
        "break_glass_uses": SimpleLazyObject(lambda: _uses() if actor.is_signed_in else ()),
    }


def _uses() -> tuple[SignIn, ...]:
    return tuple(SignIn.objects.break_glass_since(timezone.now() - SHOW_BREAK_GLASS)[:5])
