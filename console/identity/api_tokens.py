"""API tokens: made once, known by their digest, and read with one look-up a request.

Nothing of a token is kept in the process, so a revocation, an end and a closed account count in the next
request. The maker's roles and groups are those of the newest sign-in, and of these what Keycloak said since.
Who was not confirmed for `settings.TOKENS_UNCONFIRMED`, by a session or by a worker, has no token that works.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from console.identity.actor import Actor, ActorKind, Carried
from console.identity.models import ApiToken, SignIn, User, UserKind
from console.prepared import rows_of

START = "gate_"
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
NOTED_EVERY = timedelta(minutes=1)
MOST_LETTERS = 200


class BadToken(Exception):
    """A token opens nothing. The message is for whoever sent it and names no other token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A new secret. `text` is known here only, and only once."""

    text: str
    prefix: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who came with a token that stands."""

    pk: int
    actor: Actor
    last_used_at: datetime | None


def mint() -> Minted:
    """Return a new secret with 256 bits by chance."""
    prefix = START + "".join(secrets.choice(_LETTERS) for _ in range(8))
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return Minted(text=text, prefix=prefix, digest=digest_of(text))


def digest_of(text: str) -> str:
    """Return what is kept of a token. It is long and random, so a fast digest cannot be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()


def bearer_of(header: str, *, now: datetime) -> Bearer:
    """Return who sent this Authorization header. Raises BadToken."""
    rows = rows_of(BY_DIGEST, {"digest": digest_in(header)})
    return bearer_in(rows[0] if rows else None, now=now)


def digest_in(header: str) -> str:
    """Return the digest of the token in an Authorization header. Raises BadToken.

    What is compared is a digest: how long that takes says nothing about any secret.
    """
    scheme, _, text = header.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise BadToken("Send an API token: “Authorization: Bearer gate_…”.")
    if len(text) > MOST_LETTERS or not text.isascii():
        raise BadToken(_UNKNOWN)
    return digest_of(text)


def actor_with(prefix: str, *, now: datetime) -> Actor:
    """Return the actor of a token by its prefix, for work that goes on without it. Raises BadToken."""
    rows = rows_of(_BY_PREFIX, {"prefix": prefix})
    return bearer_in(rows[0] if rows else None, now=now).actor


def state_of(token: ApiToken, *, now: datetime) -> str:
    """Return `revoked`, `expired`, or `gone` or `unconfirmed` (its maker), or `valid`. Of `with_makers`."""
    state, maker, checked_at = token.state_at(now), token.maker, token.checked_at  # type: ignore[attr-defined]
    if state != "valid" or maker.is_local:
        return state
    if is_gone(maker, checked_at):
        return "gone"
    return "unconfirmed" if is_unconfirmed(checked_at, maker.confirmed_at, now=now) else state


def with_makers() -> QuerySet[ApiToken]:
    """Return the tokens with who made them and when a session of theirs was checked last: one query."""
    newest = SignIn.objects.filter(user=OuterRef("maker")).order_by("-signed_in_at", "-pk")
    checked_at = Subquery(newest.values("checked_at")[:1])
    return ApiToken.objects.select_related("maker").annotate(checked_at=checked_at)


def note_used(bearer: Bearer, *, now: datetime) -> None:
    """Keep when a token was used last, at most once a minute."""
    if bearer.last_used_at is None or now - bearer.last_used_at >= NOTED_EVERY:
        ApiToken.objects.filter(pk=bearer.pk).update(last_used_at=now)


_UNKNOWN = "This API token is not known, was revoked, or has expired."
_UNCONFIRMED = (
    "Keycloak could not confirm for too long who made this API token. It works again as soon as its maker "
    "signs in to this console, or Keycloak confirms the account to a worker."
)
_SELECT = """
    SELECT t.id, t.name, t.prefix, t.permissions::text, t.tenant, t.expires_at, t.last_used_at, t.revoked_at,
           u.is_active, u.username, u.shown_name, u.kind, u.is_superuser, s.roles::text, s.groups::text,
           s.checked_at, u.confirmed_at, u.confirmed::text
    FROM identity_apitoken t
    JOIN identity_user u ON u.id = t.maker_id
    LEFT JOIN LATERAL (
        SELECT roles, groups, checked_at FROM identity_signin
        WHERE user_id = u.id ORDER BY signed_in_at DESC, id DESC LIMIT 1
    ) s ON u.kind = 'sso'
    WHERE """
_BY_PREFIX = f"{_SELECT}t.prefix = %(prefix)s::text"
BY_DIGEST = f"{_SELECT}t.digest = %(digest)s::text"
"""What is read of a token, in `WIDTH` columns, one of which is its `tenant`."""
WIDTH = 18


def bearer_in(row: tuple[Any, ...] | None, *, now: datetime) -> Bearer:
    """Return who a row of a token speaks of. Raises BadToken."""
    if row is None:
        raise BadToken(_UNKNOWN)
    pk, name, prefix, permissions, tenant, expires, used, revoked, is_active, *maker = row
    if revoked is not None or expires <= now or not is_active:
        raise BadToken(_UNKNOWN)
    *maker, checked_at, confirmed_at, confirmed = maker
    account = _confirmed(_maker(*maker), checked_at, confirmed_at, confirmed, now)
    carried = Carried(permissions=frozenset(json.loads(permissions)), tenant=tenant, maker=account)
    actor = Actor(key=f"token:{prefix}", name=f"{name} (API token)", kind=ActorKind.API, carried=carried)
    return Bearer(pk=pk, actor=actor, last_used_at=used)


def _maker(
    username: str,
    shown_name: str,
    kind: str,
    is_superuser: bool,
    roles: str | None,
    groups: str | None,
) -> Actor:
    """Return the account behind a token. A local one, or one that never signed in, has no roles or groups."""
    is_local = kind == UserKind.LOCAL
    return Actor(
        key=f"local:{username}" if is_local else username,
        name=shown_name or username,
        kind=ActorKind.LOCAL if is_local else ActorKind.SSO,
        roles=frozenset(json.loads(roles or "[]")),
        groups=frozenset(json.loads(groups or "[]")),
        is_superuser=is_superuser,
    )


def _confirmed(
    maker: Actor,
    checked_at: datetime | None,
    confirmed_at: datetime | None,
    confirmed: str | None,
    now: datetime,
) -> Actor:
    """Return the maker with what Keycloak left of the sign-in's roles and groups. Raises BadToken.

    A confirmation never gives more than the sign-in had, whatever mappers make of a token.
    """
    if maker.kind is ActorKind.LOCAL:
        return maker
    said = json.loads(confirmed) if confirmed and _is_newer(confirmed_at, checked_at) else None
    if said is not None and said["gone"]:
        raise BadToken(_UNKNOWN)
    if is_unconfirmed(checked_at, confirmed_at, now=now):
        raise BadToken(_UNCONFIRMED)
    if said is None:
        return maker
    return replace(maker, roles=maker.roles & set(said["roles"]), groups=maker.groups & set(said["groups"]))


def is_unconfirmed(*moments: datetime | None, now: datetime) -> bool:
    """Tell whether Keycloak stood by somebody at none of these moments, or too long ago."""
    newest = max((at for at in moments if at is not None), default=None)
    return newest is None or now - newest >= settings.TOKENS_UNCONFIRMED


def is_gone(maker: User, checked_at: datetime | None) -> bool:
    """Tell whether the last that Keycloak said of an account is that it is disabled or no more."""
    return bool(maker.confirmed and maker.confirmed["gone"] and _is_newer(maker.confirmed_at, checked_at))


def _is_newer(confirmed_at: datetime | None, checked_at: datetime | None) -> bool:
    return confirmed_at is not None and (checked_at is None or confirmed_at > checked_at)
