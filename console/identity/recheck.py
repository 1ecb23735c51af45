"""Whether Keycloak still stands by a sign-in: asked with its refresh token, at most every five minutes."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from console.identity import keys, provider, sign_ins
from console.identity.accounts import account_of
from console.identity.limits import is_check_due
from console.identity.models import SignIn
from console.identity.tokens import BadToken, Party, verify_id_token

PATIENCE = timedelta(seconds=12)
"""A check that was claimed and not finished by then is free for another request."""
WAIT_SECONDS = 6.0
WAIT_STEP_SECONDS = 0.2


class Answer(StrEnum):
    STANDS = "stands"
    ENDED = "ended"
    UNKNOWN = "unknown"


def recheck(sign_in: SignIn, *, clock: Callable[[], datetime]) -> Answer:
    """Return whether the sign-in goes on; its roles and groups are then those of the newest token.

    One request asks Keycloak; others of the same browser wait for its answer.
    """
    if SignIn.objects.claim_check(sign_in, now=clock(), patience=PATIENCE):
        return _ask(sign_in, now=clock())
    return _wait_for_other(sign_in, clock)


def party() -> Party:
    """Return whose tokens this console accepts."""
    return Party(issuer=settings.OIDC_ISSUER, client_id=settings.OIDC_RP_CLIENT_ID)


def _ask(sign_in: SignIn, *, now: datetime) -> Answer:
    try:
        tokens = provider.refresh(sign_ins.refresh_token_of(sign_in))
        operator = verify_id_token(
            tokens.id_token.reveal(),
            ring=keys.ring,
            party=party(),
            access_token=tokens.access_token.reveal(),
            nonce=None,
        )
    except provider.ProviderDown:
        return _give_back(sign_in)
    except provider.ProviderRefused as error:
        # A wrong client secret says nothing about the operator; a refused grant does.
        return Answer.ENDED if error.code == "invalid_grant" else _give_back(sign_in)
    except (BadToken, sign_ins.NoToken):
        return Answer.ENDED
    if operator.subject != sign_in.subject:
        return Answer.ENDED
    sign_ins.renew(sign_in, operator=operator, tokens=tokens, now=now)
    sign_in.user = account_of(operator)
    return Answer.STANDS if sign_in.ended_at is None and sign_in.user.is_active else Answer.ENDED


def _give_back(sign_in: SignIn) -> Answer:
    SignIn.objects.filter(pk=sign_in.pk).update(claimed_at=None)
    return Answer.UNKNOWN


def _wait_for_other(sign_in: SignIn, clock: Callable[[], datetime]) -> Answer:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        sign_in.refresh_from_db()
        if sign_in.ended_at is not None:
            return Answer.ENDED
        if not is_check_due(sign_in, now=clock()):
            return Answer.STANDS
        if sign_in.claimed_at is None:
            return Answer.UNKNOWN
        time.sleep(WAIT_STEP_SECONDS)
    return Answer.UNKNOWN
