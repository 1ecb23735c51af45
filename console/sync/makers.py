"""Who made the API tokens that still work: confirmed by Keycloak again and again, beside any sign-in.

A decision asks nobody: a worker asks now and then, with the service account of the server where the console's
own realm is. What is not known stays as it was, and works no longer than `settings.TOKENS_UNCONFIRMED`.
"""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from console.identity.models import ApiToken, OidcIdentity, User
from console.keycloak.errors import KeycloakError
from console.keycloak.standing import Standing, standing_of
from console.seal import CannotOpen
from console.sync import circuit
from console.sync.models import KeycloakServer

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two looks
ASK_EVERY = timedelta(minutes=5)  # as sessions are re-checked
AT_ONCE = 50


def confirm_due() -> int:
    """Ask Keycloak for the makers whose turn it is, and return of how many it said something."""
    now = timezone.now()
    due = list(_due(now).select_related("user")[:AT_ONCE])
    server = _server() if due else None
    if server is None:
        return 0
    return sum(_confirm(server, one, now) for one in due if _claim(one.user, now))


def _due(now: datetime) -> QuerySet[OidcIdentity]:
    """Return who has a token that works and was not asked for of late, the longest ago first."""
    live = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now).values("maker_id")
    asked = Q(user__asked_at=None) | Q(user__asked_at__lt=now - ASK_EVERY)
    rows = OidcIdentity.objects.filter(
        asked, issuer=settings.OIDC_ISSUER, user__in=live, user__is_active=True
    )
    return rows.order_by("user__asked_at", "pk")


def _server() -> KeycloakServer | None:
    """Return the server that has the console's own realm, None where it is none of those we manage."""
    bases = {_parts(one)[0] for one in (settings.OIDC_ISSUER, settings.OIDC_INTERNAL_URL)}
    return KeycloakServer.objects.filter(url__in=bases).order_by("pk").first()


def _parts(issuer: str) -> tuple[str, str]:
    base, _, realm = issuer.rpartition("/realms/")
    return base, realm


def _claim(user: User, now: datetime) -> bool:
    """Return True for exactly one of the workers that saw it due."""
    return User.objects.filter(pk=user.pk, asked_at=user.asked_at).update(asked_at=now) == 1


def _confirm(server: KeycloakServer, identity: OidcIdentity, now: datetime) -> bool:
    realm = _parts(settings.OIDC_ISSUER)[1]
    try:
        with circuit.through(server):
            found = standing_of(server.connection(), realm, identity.subject)
    except (KeycloakError, CannotOpen) as error:
        log.warning("Who made an API token could not be confirmed: %s", getattr(error, "sentence", error))
        return False
    _keep(identity.user, found, now)
    return True


def _keep(user: User, found: Standing, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(confirmed_at=now, confirmed=asdict(found))
