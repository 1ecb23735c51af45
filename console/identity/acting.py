"""Acting for an operator without a browser: the rights are asked for anew, as a page would."""

from collections.abc import Callable
from datetime import datetime

from console.identity.actor import Actor, actor_for
from console.identity.api_tokens import BadToken, actor_with
from console.identity.limits import is_check_due, why_over
from console.identity.models import SignIn, User, UserKind
from console.identity.recheck import Answer, recheck

SYSTEM = "system:"
TOKEN = "token:"


class NotHere(Exception):
    """Whoever asked for a piece of work may not be acted for now. The message says why."""


def actor_named(key: str, *, clock: Callable[[], datetime]) -> Actor:
    """Return the operator with this key and the rights of now, for work that goes on without a browser.

    Rights are those of the newest open session; Keycloak is asked when they are older than
    pages allow. Raises NotHere.
    """
    if key.startswith(SYSTEM):
        return Actor.system(key.removeprefix(SYSTEM))
    if key.startswith(TOKEN):
        return _with_token(key.removeprefix(TOKEN), clock=clock)
    sign_in = _newest_open(key)
    if sign_in is None:
        raise NotHere("Whoever asked for this is no longer signed in.")
    if over := why_over(sign_in, now=clock()):
        raise NotHere(over)
    if is_check_due(sign_in, now=clock()):
        answer = recheck(sign_in, clock=clock)
        if answer is not Answer.STANDS:
            ended = "is no longer signed in" if answer is Answer.ENDED else "could not be confirmed"
            raise NotHere(f"Whoever asked for this {ended}.")
    return actor_for(user=sign_in.user, sign_in=sign_in)


def _with_token(prefix: str, *, clock: Callable[[], datetime]) -> Actor:
    try:
        return actor_with(prefix, now=clock())
    except BadToken:
        raise NotHere("The API token that asked for this was revoked, or has expired.") from None


def _newest_open(key: str) -> SignIn | None:
    name = key.removeprefix("local:")
    kind = UserKind.LOCAL if key.startswith("local:") else UserKind.SSO
    user = User.objects.filter(username=name, kind=kind, is_active=True).first()
    rows = SignIn.objects.open().filter(user=user, is_complete=True) if user else SignIn.objects.none()
    return rows.select_related("user").order_by("-checked_at", "-pk").first()
