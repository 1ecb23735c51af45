"""The logout that Keycloak announces from server to server (OpenID Connect Back-Channel Logout 1.0)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from console.identity import keys, provider, sign_ins
from console.identity.models import SpentLogoutToken
from console.identity.recheck import party
from console.identity.tokens import BadToken, verify_logout_token

KEEP_SPENT = timedelta(minutes=10)
LARGEST_TOKEN = 16_384


class Replayed(Exception):
    """This logout token was used before."""


@csrf_exempt
@require_POST
def backchannel_logout(request: HttpRequest) -> HttpResponse:
    """End the named sessions. Anything but a fresh, signed, unused logout token answers 400."""
    raw, now = request.POST.get("logout_token", ""), timezone.now()
    if not raw or len(raw) > LARGEST_TOKEN:
        return _refused("There is no logout token.")
    try:
        logout = verify_logout_token(raw, ring=keys.ring, party=party(), now=now)
        _spend(logout.jti, now)
    except (BadToken, Replayed, provider.ProviderDown) as error:
        return _refused(str(error))
    sign_ins.end_by_logout(logout, now=now)
    return HttpResponse(headers={"Cache-Control": "no-store"})


def _spend(jti: str, now: datetime) -> None:
    """Note the token as used. Raises Replayed if it was."""
    SpentLogoutToken.objects.filter(spent_at__lt=now - KEEP_SPENT).delete()
    try:
        with transaction.atomic():
            SpentLogoutToken.objects.create(jti=jti, spent_at=now)
    except IntegrityError as error:
        raise Replayed("This logout token was used before.") from error


def _refused(sentence: str) -> HttpResponse:
    answer = {"error": "invalid_request", "error_description": sentence}
    return JsonResponse(answer, status=400, headers={"Cache-Control": "no-store"})
