"""The checks of ID tokens and logout tokens.

OpenID Connect Core 1.0, 3.1.3.7 (ID token), and Back-Channel Logout 1.0, 2.6 (logout token).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from console.identity.keys import TYPES, KeyRing, UnknownKey

LEEWAY_SECONDS = 30
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_SECONDS = 120


class BadToken(Exception):
    """A token that must not be trusted. The message is a sentence without the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who must have issued a token, and for whom."""

    issuer: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who the identity provider says has signed in."""

    issuer: str
    subject: str
    sid: str
    username: str
    email: str
    first_name: str
    last_name: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """Whose sessions end: those of a session at Keycloak, or all of a person."""

    jti: str
    sid: str
    subject: str


def verify_id_token(
    raw: str, *, ring: KeyRing, party: Party, access_token: str, nonce: str | None
) -> Operator:
    """Return who signed in. Raises BadToken, or provider.ProviderDown when the keys cannot be read.

    `nonce` is None for the ID token of a refresh, which follows no request of a browser.
    """
    claims, algorithm = _signed_claims(
        raw, ring=ring, party=party, required=("exp", "iat", "iss", "aud", "sub")
    )
    _check_audience(claims, party)
    if claims.get("typ", "ID") != "ID":
        raise BadToken("It is another kind of token.")
    if nonce is not None and not _same(claims.get("nonce"), nonce):
        raise BadToken("It does not answer this sign-in (its nonce differs).")
    if not _same(claims.get("at_hash"), _half_hash(access_token)):
        raise BadToken(f"It does not belong to the access token it came with (at_hash, {algorithm}).")
    return _operator(claims)


def verify_logout_token(raw: str, *, ring: KeyRing, party: Party, now: datetime) -> Logout:
    """Return whose sessions shall end. Raises BadToken, or provider.ProviderDown without keys."""
    header = _header(raw)
    if str(header.get("typ", "")).lower() not in ("logout+jwt", "application/logout+jwt"):
        raise BadToken("It is not a logout token (typ).")
    claims, _ = _signed_claims(
        raw, ring=ring, party=party, required=("exp", "iat", "iss", "aud", "jti", "events")
    )
    _check_audience(claims, party)
    if "nonce" in claims:
        raise BadToken("A logout token has no nonce.")
    if not isinstance(claims["events"], dict) or not isinstance(claims["events"].get(LOGOUT_EVENT), dict):
        raise BadToken("It carries no logout event.")
    if now.astimezone(UTC).timestamp() - int(claims["iat"]) > LOGOUT_TOKEN_SECONDS:
        raise BadToken("It is older than two minutes.")
    return _logout(claims)


def _signed_claims(
    raw: str, *, ring: KeyRing, party: Party, required: tuple[str, ...]
) -> tuple[Mapping[str, Any], str]:
    header = _header(raw)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in TYPES:
        raise BadToken("Its signature uses an algorithm that is not accepted here.")
    if not isinstance(kid, str) or not kid or "crit" in header:
        raise BadToken("Its header does not name a key in the way that Keycloak does.")
    try:
        key = ring.find(kid=kid, algorithm=algorithm)
        return _decode(raw, key, algorithm, party, required), algorithm
    except UnknownKey as error:
        raise BadToken(str(error)) from error
    except jwt.PyJWTError as error:
        raise BadToken(_sentence(error)) from error


def _decode(
    raw: str, key: jwt.PyJWK, algorithm: str, party: Party, required: tuple[str, ...]
) -> Mapping[str, Any]:
    return jwt.decode(
        raw,
        key,
        algorithms=[algorithm],
        audience=party.client_id,
        issuer=party.issuer,
        leeway=LEEWAY_SECONDS,
        options={"require": list(required), "strict_aud": False},
    )


def _header(raw: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(raw)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise BadToken("It cannot be read as a token.") from error


def _check_audience(claims: Mapping[str, Any], party: Party) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else party.client_id) != party.client_id:
        raise BadToken("It was issued to another client (azp).")


def _half_hash(access_token: str) -> str:
    """The left half of the SHA-256, which is the hash of all three accepted algorithms."""
    digest = hashlib.sha256(access_token.encode("ascii", errors="replace")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _same(claim: object, expected: str) -> bool:
    return isinstance(claim, str) and hmac.compare_digest(claim.encode(), expected.encode())


def _operator(claims: Mapping[str, Any]) -> Operator:
    subject = _text(claims, "sub")
    if not subject:
        raise BadToken("It names nobody.")
    return Operator(
        issuer=_text(claims, "iss"),
        subject=subject,
        sid=_text(claims, "sid"),
        username=_text(claims, "preferred_username") or subject,
        email=_text(claims, "email"),
        first_name=_text(claims, "given_name"),
        last_name=_text(claims, "family_name"),
        roles=_texts(claims, "roles"),
        groups=_texts(claims, "groups"),
    )


def _logout(claims: Mapping[str, Any]) -> Logout:
    logout = Logout(jti=_text(claims, "jti"), sid=_text(claims, "sid"), subject=_text(claims, "sub"))
    if not logout.jti or not (logout.sid or logout.subject):
        raise BadToken("It does not say whose session ends.")
    return logout


def _text(claims: Mapping[str, Any], name: str) -> str:
    """Return a text claim. NUL is dropped: PostgreSQL keeps none."""
    value = claims.get(name, "")
    return value.replace("\x00", "")[:255] if isinstance(value, str) else ""


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = claims.get(name, [])
    return tuple(sorted({one for one in value if isinstance(one, str)})) if isinstance(value, list) else ()


def _sentence(error: jwt.PyJWTError) -> str:
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence
    return "Its signature or its form is wrong."


_SENTENCES: Mapping[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "It has expired. If this happens again, compare the clocks of both servers.",
    jwt.ImmatureSignatureError: "It comes from the future: the clocks of Keycloak and of the console differ.",
    jwt.InvalidAudienceError: "It was made for another client.",
    jwt.InvalidIssuerError: "It comes from another issuer.",
    jwt.MissingRequiredClaimError: "It lacks a claim that it must have.",
}
