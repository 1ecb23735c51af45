"""Why somebody may not do something: of each chain the first thing that is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from console.graph.catalogue import EVERY, Capability, Catalogue, Effect, Entitled, Grant, Owner
from console.graph.chains import Facts, Held, Ways, bound_of
from console.graph.conditions import Met, entitlements_in
from console.graph.decisions import Question, fits
from console.graph.edges import Node, NodeKind, entitlement


class Lack(StrEnum):
    """What is missing first."""

    NO_ROLE = "no role"  # no right that the catalogue knows
    ROLE_LACKS = "role lacks the capability"
    NO_ENTITLEMENT = "no entitlement"
    TOO_WEAK = "level too weak"
    NOT_BEGUN = "not begun"
    ENDED = "ended"
    NOT_MAPPED = "scope not mapped"
    NOT_OWNER = "not the owner"
    PROPERTY = "the request does not meet the condition"
    OTHER_RESOURCE = "for another resource"
    UNREAD = "could not be read"
    NO_SUCH = "no such capability"  # or a resource of another type


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When something that was given begins or began, and when it ends or ended."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The first missing condition of one chain.

    `right` would be needed, or is held and not enough. `needed` are entitlements of which any one would do,
    weakest first; `has` those that are too weak. `period` is of what begins later or has ended.
    """

    lack: Lack
    right: Node | None = None
    grant: Grant | None = None
    needed: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    period: Period | None = None
    met: Met | None = None
    held: tuple[Node, ...] = ()  # what is held and lacks the capability


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that was answered with no. `timed` are rights that were given for another time."""

    catalogue: Catalogue
    facts: Facts
    question: Question
    timed: Mapping[Node, Period] = field(default_factory=dict)


def why_not(asked: Asked) -> tuple[Missing, ...]:
    """Return the first thing missing in each chain, those nearest to a yes first.

    Empty where the answer is yes. Chains whose right is held come first, then those that need a right.
    """
    capability = asked.catalogue.by_key.get(asked.question.capability)
    if capability is None or not fits(capability, asked.question.resource):
        return (Missing(lack=Lack.NO_SUCH),)
    ways = Ways(
        catalogue=asked.catalogue,
        facts=asked.facts,
        capability=capability,
        properties=asked.question.properties,
    )
    held = [one for one in ways.held if one.grant.effect is Effect.GIVES]
    near = [one for one in held if not asked.question.resource or one.bound in ("", asked.question.resource)]
    chains = [(one, ways.chain(one, asked.question.resource or one.bound)) for one in near]
    if any(chain.holds for _, chain in chains):
        return ()
    found = [_of_held(asked, one, chain.first_missing) for one, chain in chains]
    found += [
        Missing(lack=Lack.OTHER_RESOURCE, right=one.right, grant=one.grant) for one in held if one not in near
    ]
    found += _of_missing_rights(asked, ways, capability)
    return tuple(found)


# --- the right is held ---------------------------------------------------------------------------------


def _of_held(asked: Asked, held: Held, met: Met | None) -> Missing:
    found = Missing(lack=Lack.PROPERTY, right=held.right, grant=held.grant, met=met)
    if met is None:
        return found
    if met.met is None:
        return replace(found, lack=Lack.UNREAD, needed=met.needed)
    match met.condition:
        case Entitled():
            return _of_entitlement(asked, met, found)
        case Owner():
            return replace(found, lack=Lack.NOT_OWNER)
    return found


def _of_entitlement(asked: Asked, met: Met, found: Missing) -> Missing:
    for value in met.needed:
        if (period := asked.timed.get(entitlement(value))) is not None:
            return replace(found, lack=_of_time(period), needed=met.needed, period=period)
    weaker = _weaker(asked, met)
    return replace(
        found, lack=Lack.TOO_WEAK if weaker else Lack.NO_ENTITLEMENT, needed=met.needed, has=weaker
    )


def _of_time(period: Period) -> Lack:
    return Lack.NOT_BEGUN if period.is_planned else Lack.ENDED


def _weaker(asked: Asked, met: Met) -> tuple[str, ...]:
    """Return the entitlements to the same resource, or to each, that are held and do not suffice."""
    assert isinstance(met.condition, Entitled)
    of_type, name = met.condition.type, asked.question.resource.partition(":")[2]
    held = entitlements_in(asked.facts.rights)
    places = ((place, held.get((of_type, place), ())) for place in {name, EVERY})
    return tuple(sorted(f"{of_type}:{place}:{level}" for place, levels in places for level in levels))


# --- the right is missing ------------------------------------------------------------------------------


def _of_missing_rights(asked: Asked, ways: Ways, capability: Capability) -> Iterator[Missing]:
    """Yield what is missing of each grant whose right is not held."""
    holds_some = tuple(sorted(one for one in asked.facts.rights if asked.catalogue.grants_of(one)))
    for grant in asked.catalogue.of_capability.get(capability.key, ()):
        right = right_for(capability, grant, asked.question.resource)
        if grant.effect is not Effect.GIVES or right is None or right in asked.facts.rights:
            continue
        period = asked.timed.get(right)
        yield Missing(
            lack=_lack_of(ways, right, period, holds_some),
            right=right,
            grant=grant,
            period=period,
            held=holds_some,
        )


def _lack_of(ways: Ways, right: Node, period: Period | None, held: tuple[Node, ...]) -> Lack:
    if ways.is_unread(right.kind):
        return Lack.UNREAD
    if period is not None:
        return _of_time(period)
    if right.kind is NodeKind.CLIENT_SCOPE:
        return Lack.NOT_MAPPED
    return Lack.ROLE_LACKS if held else Lack.NO_ROLE


def right_for(capability: Capability, grant: Grant, resource: str) -> Node | None:
    """Return the right that a grant needs for this resource; None where it can be none, or is not named."""
    if not grant.right.parameter:
        node = Node(grant.kind, grant.right.text)
        bound = bound_of(capability, grant, "")
        return node if bound in ("", resource) or not resource else None
    name = resource.partition(":")[2]
    if grant.resource != f"<{grant.right.parameter}>" or not name:
        return None
    return Node(grant.kind, grant.right.of(name))
