"""What an answer says beside yes and no: why, for administrators and for the user, and how old it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access.concern import concerns, outside
from console.graph.catalogue import Capability, Entitled, Owner, Property
from console.graph.conditions import Met
from console.graph.decisions import Answer, Chain, Facts, Mark
from tenants.models import Tenant

LISTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One decision with its context, as it is sent."""

    decision: bool
    context: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"decision": self.decision, "context": dict(self.context)}


def denied(admin: str, *, user: str = "", tenant: str = "", now: datetime) -> Answered:
    """Return a no of which nothing more is known."""
    return Answered(
        decision=False, context=reasoned(Mark.NONE, admin=admin, user=user, tenant=tenant, now=now)
    )


def reasoned(mark: Mark, *, admin: str, user: str = "", tenant: str, now: datetime) -> dict[str, Any]:
    """Return the context that every decision has: what it is, and why, in words for two kinds of readers."""
    context = {
        "id": mark.value,
        "reason_admin": {"en": admin},
        "reason_user": {"en": user or _USER[mark]},
        "decided_at": now.isoformat(),
    }
    return context | ({"tenant": tenant} if tenant else {})


def failed(reason: str, *, where: str, now: datetime) -> Answered:
    """Return the no of an evaluation that is malformed by itself."""
    error = {"status": 400, "message": reason} | ({"where": where} if where else {})
    return Answered(decision=False, context={"error": error, "decided_at": now.isoformat()})


def told(
    tenant: Tenant, *, facts: Facts, answers: tuple[tuple[Capability, Answer], ...], now: datetime
) -> Answered:
    """Return the decision with its reasons. Several capabilities of one name must all allow."""
    decision = all(answer.is_allowed for _, answer in answers)
    capability, answer = next((one for one in answers if not one[1].is_allowed), answers[0])
    admin = _admin(tenant, capability, answer)
    context = reasoned(answer.mark, admin=admin, tenant=tenant.slug, now=now) | age(facts, now)
    if answer.level:
        context["level"] = answer.level
    return Answered(decision=decision, context=context)


def age(facts: Facts, now: datetime) -> dict[str, Any]:
    """Return when Keycloak was last read, how long ago that is, and what could not be read."""
    if facts.read_at is None:
        return {"read_at": None, "unread": {"realm": "Keycloak was never wholly read: declared only."}}
    told: dict[str, Any] = {
        "read_at": facts.read_at.isoformat(),
        "age_seconds": max(0, int((now - facts.read_at).total_seconds())),
    }
    return told | ({"unread": dict(facts.unread)} if facts.unread else {})


_USER: Mapping[Mark, str] = {
    Mark.ALLOWED: "You may.",
    Mark.EXEMPT: "You may.",
    Mark.LIMITED: "You may on some of these only. Say which one.",
    Mark.NONE: "You may not. An administrator of your tenant can tell what is missing.",
    Mark.UNKNOWN: "It is not known whether you may, so the answer is no for now.",
    Mark.UNSTATED: "The rules do not say, so the answer is no.",
}

_OPENING: Mapping[Mark, str] = {
    Mark.ALLOWED: "“{name}” is allowed",
    Mark.EXEMPT: "“{name}” is allowed, exempt from what is enforced for others",
    Mark.LIMITED: "“{name}” holds on some resources only, and none was named",
    Mark.NONE: "“{name}” is not allowed",
    Mark.UNKNOWN: "It is unknown whether “{name}” is allowed: what decides it could not be read",
    Mark.UNSTATED: "The platform's documents do not state whether “{name}” is allowed",
}


def _admin(tenant: Tenant, capability: Capability, answer: Answer) -> str:
    opening = _OPENING[answer.mark].format(name=capability.name)
    chains = [one for one in answer.chains if bool(one.holds) == answer.is_allowed][:LISTED]
    if not chains:
        return f"{opening}: no right that is held gives it." if not answer.is_allowed else f"{opening}."
    return f"{opening}: {'; '.join(_chain(tenant, one) for one in chains)}."


def _chain(tenant: Tenant, chain: Chain) -> str:
    right = f"the {chain.right.kind.value} {chain.right.name}"
    if not concerns(tenant, chain.right):
        right = outside(chain.right)
    words = f"{right} gives it" + (f" on {chain.resource}" if chain.resource else "")
    missing = chain.first_missing
    if missing is None:
        return words + (f" ({chain.grant.rule})" if chain.grant.rule else "")
    return f"{right} would give it, but {_condition(missing)}"


def _condition(missing: Met) -> str:
    match missing.condition:
        case Entitled():
            level, kind = missing.condition.level, missing.condition.type
            lack = "could not be read" if missing.met is None else "is missing"
            return f"an entitlement to this {kind} at {level} or stronger {lack}"
        case Owner():
            return "the resource is not owned"
        case Property():
            return f"{missing.condition.path} {missing.condition.operator} what is needed does not hold"
    return "a condition is not met"
