"""How long a sign-in lasts, and the judgement of one at a given moment."""

from datetime import datetime, timedelta

from console.identity.models import SignIn

SSO_WHOLE = timedelta(hours=8)
SSO_IDLE = timedelta(minutes=60)
LOCAL_WHOLE = timedelta(minutes=30)
LOCAL_IDLE = timedelta(minutes=15)
CHECK_EVERY = timedelta(minutes=5)
GRACE = timedelta(minutes=10)
"""How long reading goes on after a due check while Keycloak does not answer."""


def is_check_due(sign_in: SignIn, *, now: datetime) -> bool:
    """Return whether Keycloak must confirm the sign-in first. Break-glass accounts need nobody."""
    return not sign_in.user.is_local and now - sign_in.checked_at >= CHECK_EVERY


def why_over(sign_in: SignIn, *, now: datetime) -> str:
    """Return the sentence that says which limit was reached, or an empty text."""
    whole, idle = (LOCAL_WHOLE, LOCAL_IDLE) if sign_in.user.is_local else (SSO_WHOLE, SSO_IDLE)
    if now - sign_in.signed_in_at >= whole:
        return f"Your session ended {_words(whole)} after you signed in."
    if now - sign_in.seen_at >= idle:
        return f"Your session ended after {_words(idle)} without use."
    return ""


def is_in_grace(sign_in: SignIn, *, now: datetime) -> bool:
    return now - sign_in.checked_at < CHECK_EVERY + GRACE


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"
