"""The context processor of sign-ins: who is here, and what every administrator must see."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from console.identity.actor import actor_of
from console.identity.models import SignIn

SHOW_BREAK_GLASS = timedelta(days=1)
_PAGES = frozenset({"mfa_index", "mfa_list_webauthn"})


def operator(request: HttpRequest) -> dict[str, Any]:
    """Return the actor, a notice about the session, and the uses of break-glass accounts of one day.

    The shell's menu is for operators only, and not for the single steps around a second factor.
    """
    actor = actor_of(request)
    plain = {} if actor.is_signed_in and not _is_step(request) else {"navigation": None}
    return plain | {
        "actor": actor,
        "sign_in_notice": getattr(request, "sign_in_notice", ""),
        "break_glass_uses": SimpleLazyObject(lambda: _uses() if actor.is_signed_in else ()),
    }


def _is_step(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    return name.startswith(("account_", "mfa_")) and name not in _PAGES


def _uses() -> tuple[SignIn, ...]:
    return tuple(SignIn.objects.break_glass_since(timezone.now() - SHOW_BREAK_GLASS)[:5])
