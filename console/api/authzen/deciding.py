"""Decisions: whose tenant it is, whether the subject belongs to it, and what her rights open there.

Nothing is asked of Keycloak. Every answer says how old what was read there is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from console.api.authzen import operators
from console.api.authzen.grounds import Caller, tenants_with_catalogues
from console.api.authzen.members import members_of
from console.api.authzen.messages import Ask
from console.api.authzen.reasons import Answered, denied, told
from console.api.authzen.subjects import (
    CONSOLE_TENANT,
    OPERATOR,
    capabilities_of,
    node_of,
    resource_of,
)
from console.graph.catalogue import Capability, Catalogue
from console.graph.decisions import Answer, Facts, Mark, Question, decide
from console.graph.edges import Node
from console.identity.actor import Actor
from console.permissions.policy import decide as may
from console.permissions.policy import visible_tenants
from console.permissions.vocabulary import Permission
from tenants.models import Tenant

NO_TENANT = "Say which tenant: by a token for one, by `context.tenant`, or by `resource.properties.tenant`."
UNKNOWN_TENANT = "There is no such tenant, or this API token may not ask about it."


class NoTenant(Exception):
    """A request does not say which tenant it is about, and the token is for all."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Everything that questions about one tenant are answered from. `strangers` say why they are none."""

    tenant: Tenant
    catalogue: Catalogue
    facts: Mapping[Node, Facts] = field(default_factory=dict)
    strangers: Mapping[Node, str] = field(default_factory=dict)


def tenant_of(actor: Actor, ask: Ask) -> str:
    """Return the slug of the tenant that a request is about. Raises NoTenant."""
    carried = actor.carried.tenant if actor.carried else ""
    named = ask.context.get("tenant", ask.resource.properties.get("tenant", carried))
    if not named:
        raise NoTenant(NO_TENANT)
    return named if isinstance(named, str) else ""


def evaluate(caller: Caller, asks: Sequence[Ask], *, now: datetime) -> list[Answered]:
    """Return the answers in the order of the questions. Raises NoTenant.

    The number of queries depends on the number of tenants, not on the number of questions.
    """
    actor = caller.actor
    slugs = [tenant_of(actor, ask) for ask in asks]
    found = tenants_named(caller, set(slugs))
    grounds = {
        slug: ground_of(*known, [ask for ask, named in zip(asks, slugs, strict=True) if named == slug])
        for slug, known in found.items()
    }
    return [_one(actor, grounds.get(slug), ask, now) for ask, slug in zip(asks, slugs, strict=True)]


def tenants_named(caller: Caller, slugs: Iterable[str]) -> dict[str, tuple[Tenant, Catalogue]]:
    """Return those of the tenants about which the caller may ask, each with its catalogue."""
    actor = caller.actor
    known = visible_tenants(actor)
    asked = [
        slug
        for slug in slugs
        if slug and (known == "all" or slug in known) and may(actor, Permission.DECISION_VIEW, slug)
    ]
    found = {slug: caller.own[slug] for slug in asked if slug in caller.own}
    further = [slug for slug in asked if slug not in found and "\0" not in slug]
    return found | tenants_with_catalogues(further) if further else found


def ground_of(tenant: Tenant, catalogue: Catalogue, asks: Iterable[Ask]) -> Ground:
    """Return what is known of the subjects of these questions; with nobody to look at, the catalogue."""
    subjects = {node for ask in asks if ask.subject.type != OPERATOR and (node := node_of(ask.subject))}
    if not subjects:
        return Ground(tenant=tenant, catalogue=catalogue)
    facts, strangers = members_of(tenant, subjects)
    return Ground(tenant=tenant, catalogue=catalogue, facts=facts, strangers=strangers)


def _one(actor: Actor, ground: Ground | None, ask: Ask, now: datetime) -> Answered:
    if ground is None:
        return denied(UNKNOWN_TENANT, user="Nothing is known of this.", now=now)
    if ask.subject.type == OPERATOR and ask.resource.type == CONSOLE_TENANT:
        return operators.answered(ask, ground.tenant, now=now)
    found = decided(ground, ask)
    if isinstance(found, str):
        return denied(found, tenant=ground.tenant.slug, now=now)
    return told(ground.tenant, facts=found.facts, answers=found.answers, now=now)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the engine says: an answer for each capability that the action names. Each must allow."""

    facts: Facts
    answers: tuple[tuple[Capability, Answer], ...]

    @property
    def is_allowed(self) -> bool:
        return all(answer.is_allowed for _, answer in self.answers)


def decided(ground: Ground, ask: Ask) -> Decided | str:
    """Return the engine's answers, or why nothing of the request is known."""
    subject = node_of(ask.subject)
    facts = ground.facts.get(subject) if subject else None
    if subject is None or facts is None:
        why = ground.strangers.get(subject, "") if subject else "is of a type or name that nothing here has"
        return f"The subject {why or 'is not known'}."
    named = capabilities_of(ground.catalogue, ask.action, ask.resource) if ask.action else ()
    if not named:
        return "No service here has this action on this type of resource."
    return over(ground.catalogue, facts, named, ask)


def over(catalogue: Catalogue, facts: Facts, named: Iterable[Capability], ask: Ask) -> Decided:
    """Return the answer of each capability for the resource that is asked for, at the level asked for."""
    properties = ask.properties
    level = ask.action.properties.get("level") if ask.action else None
    answers = ((one, decide(catalogue, facts, _question(one, ask, properties))) for one in named)
    return Decided(facts=facts, answers=tuple((one, _at(level, one, answer)) for one, answer in answers))


def _question(capability: Capability, ask: Ask, properties: Mapping[str, Any]) -> Question:
    return Question(
        capability=capability.key, resource=resource_of(capability, ask.resource), properties=properties
    )


def _at(level: object, capability: Capability, answer: Answer) -> Answer:
    """Return the answer, or a no where `action.properties.level` asks for more than is reached."""
    if level is None or not capability.levels or not answer.is_allowed:
        return answer
    levels = capability.levels
    reached = level in levels and answer.level in levels and levels.index(answer.level) >= levels.index(level)
    return answer if reached else replace(answer, mark=Mark.NONE)
