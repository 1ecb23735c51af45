"""A write is a plan, as on every page: previewed, and applied where nothing asks for a person's judgement."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from console.api import kept
from console.api.models import KeptAnswer
from console.api.rest.auth import require
from console.api.rest.errors import Wrong, handled
from console.permissions.vocabulary import Permission
from console.sync import preview
from console.sync.models import Plan, Run

LONGEST_KEY = 255


def changed(
    request: Request, *, command: str, values: Mapping[str, Any], title: str, tenant: str
) -> Response:
    """Return the answer to a change: 200 with a plan only (`preview=true`), 202 where it stands, 409 where it
    waits for a person.

    The services' own rights are asked by the door. Raises what they refuse.
    """
    actor = require(request, Permission.PLAN_CREATE, tenant)
    only_preview = _flag(request, "preview")
    if not only_preview:
        require(request, Permission.PLAN_APPLY, tenant)
    plan = preview.preview(
        actor=actor, command=command, values={"tenant": tenant, **values}, title=title, tenant=tenant
    )
    if only_preview:
        return Response(told(plan), status=200)
    if plan.findings or plan.stops:
        return Response(_waiting(plan), status=409)
    reason, ticket = _text(request, "reason"), _text(request, "ticket")
    plan = preview.apply(actor=actor, plan=plan, reason=reason, ticket=ticket)
    return Response(told(plan), status=202)


def once(request: Request, answer: Callable[[], Response]) -> Response:
    """Return the answer to a write; with an `Idempotency-Key` the one that its first request got."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return answer()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Wrong(f"An Idempotency-Key has at most {LONGEST_KEY} printable characters.")
    pk: int = request.auth.pk
    claim = kept.claim(token=pk, key=key, fingerprint=_fingerprint(request), now=timezone.now())
    if not claim.is_new:
        return _again(claim.row)
    response = _answered(claim, answer)
    sent = orjson.loads(JSONRenderer().render(response.data))
    kept.keep(claim, status=response.status_code, body=sent)
    return response


def repeated(request: Request) -> Response | None:
    """Return the answer that this very request got before under its key, or None."""
    key = request.headers.get("Idempotency-Key", "")
    found = kept.given(token=request.auth.pk, key=key, fingerprint=_fingerprint(request)) if key else None
    return _again(found) if found else None


def _again(row: KeptAnswer) -> Response:
    return Response(row.body, status=row.status, headers={"Idempotent-Replayed": "true"})


def _fingerprint(request: Request) -> str:
    return kept.fingerprint_of(request.method or "", request.get_full_path(), request._request.body)


def _answered(claim: kept.Claim, answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except Exception as raised:
        response = handled(raised, {})
        if response is None:
            claim.row.delete()
            raise
        return response


def told(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON: what it does, whom it concerns, where it stands, and where its page is."""
    return {
        "plan": str(plan.pk),
        "title": plan.title,
        "state": plan.state,
        "digest": plan.digest,
        "size": plan.size,
        "operations": [_operation(one) for one in plan.operations],
        "unchanged": plan.unchanged,
        "findings": plan.findings,
        "stops": [{"sentence": one.sentence, "consequence": one.consequence} for one in plan.held],
        "impact": plan.impact,
        "read_at": plan.read_at,
        "run": _run(plan),
        "links": {
            "self": reverse("api:v1-plan", args=[plan.pk]),
            "page": f"{settings.GATEHOUSE_URL}{plan.get_absolute_url()}",
        },
    }


def _operation(one: Mapping[str, Any]) -> dict[str, Any]:
    words = "".join(str(part[0]) for part in one["words"])
    return {"action": one["action"], "address": one["address"], "words": words, "reason": one["reason"]}


def _run(plan: Plan) -> dict[str, Any] | None:
    """Return how far Keycloak is: `queued`, the state of the run, or `nothing to do`."""
    if plan.state != Plan.State.APPLIED:
        return None
    if plan.size == 0:
        return {"state": "nothing to do"}
    run = Run.objects.filter(steps__plan_id=plan.pk).order_by("-started_at", "-pk").first()
    return {"state": run.state, "id": run.pk} if run else {"state": "queued"}


def _waiting(plan: Plan) -> dict[str, Any]:
    reason = "Conflicts must be settled first." if plan.findings else "This asks for a person's typed reason."
    return {
        "status": 409,
        "reason": f"{reason} The plan is open on its page.",
        "plan": told(plan),
    }


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false").lower()
    if text not in ("true", "false"):
        raise Wrong("Some fields are wrong.", fields={name: ["Write true or false."]})
    return text == "true"


def _text(request: Request, name: str) -> str:
    value = request.data.get(name, "") if isinstance(request.data, Mapping) else ""
    return value if isinstance(value, str) else ""
