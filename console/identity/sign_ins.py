"""The life of a sign-in: begun, found again at each request, ended once."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from console.identity import events
from console.identity.actor import actor_for
from console.identity.models import SignIn, User
from console.identity.networks import address_of
from console.identity.provider import Tokens
from console.identity.tokens import Logout, Operator
from console.seal import CannotOpen, seal, unseal
from console.transport import Secret

SESSION_KEY = "gatehouse_sign_in"
SEEN_EVERY = timedelta(minutes=1)


class NoToken(Exception):
    """A stored token does not open with the present keys."""


def begin_sso(
    request: HttpRequest, *, user: User, operator: Operator, tokens: Tokens, now: datetime
) -> SignIn:
    """Return the new sign-in of a verified operator. The browser's session must be a fresh one."""
    key = uuid.uuid4()
    return _begin(
        request,
        SignIn(
            id=key,
            user=user,
            subject=operator.subject,
            sid=operator.sid,
            roles=list(operator.roles),
            groups=list(operator.groups),
            sealed_refresh_token=_seal(key, "refresh", tokens.refresh_token),
            sealed_id_token=_seal(key, "id", tokens.id_token),
            **_times(now),
        ),
    )


def begin_local(request: HttpRequest, *, user: User, is_complete: bool, now: datetime) -> SignIn:
    """Return the new sign-in of a break-glass account. Without a second factor it is not complete."""
    return _begin(request, SignIn(id=uuid.uuid4(), user=user, is_complete=is_complete, **_times(now)))


def current(request: HttpRequest) -> SignIn | None:
    """Return the open sign-in that the browser's session names and that belongs to its account."""
    key = request.session.get(SESSION_KEY)
    if not key or not request.user.is_authenticated:
        return None
    return SignIn.objects.open().select_related("user").filter(pk=key, user=request.user).first()


def end(sign_in: SignIn, *, why: str, now: datetime) -> None:
    """End one sign-in and drop its tokens. A second end changes nothing."""
    actor = actor_for(user=sign_in.user, sign_in=sign_in)
    with transaction.atomic():
        if SignIn.objects.open().filter(pk=sign_in.pk).update(**_ending(why, now)):
            events.tell(
                events.Event(name="signed-out", actor=actor, address=sign_in.address or "", detail=why)
            )


def end_by_logout(logout: Logout, *, now: datetime) -> int:
    """End what a logout token of Keycloak names; return how many sign-ins that were.

    With a session id only that session ends, without one all sessions of the person.
    """
    which = Q(sid=logout.sid) if logout.sid else Q(subject=logout.subject)
    if logout.sid and logout.subject:
        which &= Q(subject=logout.subject)
    ended = list(SignIn.objects.open().filter(which).exclude(subject="").select_related("user"))
    for sign_in in ended:
        end(sign_in, why="Keycloak ended the session.", now=now)
    return len(ended)


def renew(sign_in: SignIn, *, operator: Operator, tokens: Tokens, now: datetime) -> None:
    """Take roles, groups and tokens from a re-check, if the sign-in is still open."""
    wanted = {
        "roles": list(operator.roles),
        "groups": list(operator.groups),
        "sealed_refresh_token": _seal(sign_in.pk, "refresh", tokens.refresh_token),
        "sealed_id_token": _seal(sign_in.pk, "id", tokens.id_token),
        "checked_at": now,
        "claimed_at": None,
    }
    SignIn.objects.open().filter(pk=sign_in.pk).update(**wanted)
    sign_in.refresh_from_db()


def note_seen(sign_in: SignIn, *, now: datetime) -> None:
    """Note the use of a session, at most once a minute."""
    if now - sign_in.seen_at >= SEEN_EVERY:
        SignIn.objects.open().filter(pk=sign_in.pk).update(seen_at=now)
        sign_in.seen_at = now


def refresh_token_of(sign_in: SignIn) -> Secret:
    """Return the refresh token. Raises NoToken when it does not open."""
    return _unseal(sign_in.pk, "refresh", sign_in.sealed_refresh_token)


def id_token_of(sign_in: SignIn) -> Secret:
    """Return the ID token, the hint of a sign-out. Raises NoToken when it does not open."""
    return _unseal(sign_in.pk, "id", sign_in.sealed_id_token)


def _begin(request: HttpRequest, sign_in: SignIn) -> SignIn:
    sign_in.address = address_of(request) or None
    actor = actor_for(user=sign_in.user, sign_in=sign_in)
    with transaction.atomic():
        sign_in.save(force_insert=True)
        events.tell(events.Event(name="signed-in", actor=actor, address=sign_in.address or ""))
    request.session[SESSION_KEY] = str(sign_in.pk)
    return sign_in


def _times(now: datetime) -> dict[str, datetime]:
    return {"signed_in_at": now, "seen_at": now, "checked_at": now}


def _ending(why: str, now: datetime) -> dict[str, object]:
    return {"ended_at": now, "ended_why": why[:200], "sealed_refresh_token": "", "sealed_id_token": ""}


def _seal(key: uuid.UUID, what: str, token: Secret) -> str:
    return seal(token.reveal(), context=f"sign-in/{key}/{what}")


def _unseal(key: uuid.UUID, what: str, sealed: str) -> Secret:
    try:
        return Secret(unseal(sealed, context=f"sign-in/{key}/{what}"))
    except CannotOpen as error:
        raise NoToken(str(error)) from error
