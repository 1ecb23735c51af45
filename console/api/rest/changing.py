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
from console.api.rest.errors import Wrong, error, handled
from console.api.rest.said import flag_in, text_in
from console.permissions.vocabulary import Permission
from console.sync import preview
from console.sync.commands import command_named
from console.sync.models import Plan, Run

LONGEST_KEY = 255


def changed(
    request: Request, *, command: str, values: Mapping[str, Any], title: str, tenant: str
) -> Response:
    """Return the answer to a change of a tenant: 200 with a plan only (`preview=true`), else as `applied`.

    The services' own rights are asked by the door. Raises what they refuse.
    """
    actor = require(request, Permission.PLAN_CREATE, tenant)
    only_preview = flag_in(request, "preview")
    if not only_preview:
        require(request, Permission.PLAN_APPLY, tenant)
    plan = preview.preview(actor=actor, command=command, values=values, title=title, tenant=tenant)
    return Response(told(plan), status=200) if only_preview else applied(request, plan)


def applied(request: Request, plan: Plan) -> Response:
    """Return the answer to letting a plan stand: 202, or 409 where it waits for a person or no longer holds.

    A plan of many rows is a worker's. Raises what the services refuse, and Forbidden.
    """
    actor = require(request, Permission.PLAN_APPLY, plan.tenant)
    if plan.is_open and (plan.findings or plan.stops):
        return _waiting(plan)
    asked: dict[str, Any] = {name: text_in(request, name) for name in ("reason", "ticket")}
    later = command_named(plan.command).later if plan.is_open else None
    if later is not None and later.takes(plan):
        later.apply(actor=actor, plan=plan, **asked)
        return Response(told(plan), status=202)
    try:
        return Response(told(preview.apply(actor=actor, plan=plan, **asked)), status=202)
    except preview.Changed as changed_since:
        return _stopped(str(changed_since), changed_since.plan)


def once(request: Request, answer: Callable[[], Response]) -> Response:
    """Return the answer to a write; with an `Idempotency-Key` the one that its first request got."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return answer()
    if not _is_key(key):
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
    if not _is_key(key):
        return None
    found = kept.given(token=request.auth.pk, key=key, fingerprint=_fingerprint(request))
    return _again(found) if found else None


def _is_key(text: str) -> bool:
    return 0 < len(text) <= LONGEST_KEY and text.isprintable()


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
        "notes": [{"sentence": sentence, "follows": follows} for sentence, follows in plan.notes],
        "impact": plan.impact,
        "read_at": plan.read_at,
        "run": _run(plan),
        "links": {
            "self": reverse("api:v1-plan", args=[plan.pk]),
            "apply": reverse("api:v1-plan-apply", args=[plan.pk]),
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


def _waiting(plan: Plan) -> Response:
    reason = "Conflicts must be settled first." if plan.findings else "This asks for a person's typed reason."
    return _stopped(f"{reason} The plan is open on its page.", plan)


def _stopped(reason: str, plan: Plan) -> Response:
    return error(409, reason, plan=told(plan))
