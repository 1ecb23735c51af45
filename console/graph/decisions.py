"""Who may do what: rights that somebody holds, taken through a catalogue to an answer with its reasons.

`decide` answers one question about one resource. `over` answers a cell of the matrix, where no resource is
named: whether it holds on all, or only on some.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from console.graph.catalogue import EVERY, Capability, Catalogue, Condition, Effect, Entitled, Grant, Silence
from console.graph.chains import Chain, Facts, Held, Ways
from console.graph.conditions import Met, Truth, entitlements_in, is_enforced, parts_of
from console.graph.edges import NodeKind

__all__ = ["Answer", "Chain", "Facts", "Mark", "Question", "decide", "over"]

SOME_OTHER = "\0"  # stands for a resource that no entitlement and no owner names


class Mark(StrEnum):
    """What is answered. Only ALLOWED and EXEMPT are a yes to a question about one resource."""

    ALLOWED = "allowed"
    LIMITED = "limited"  # on some resources, or for some requests
    EXEMPT = "exempt"  # allowed, whatever is enforced for others
    NONE = "none"
    UNKNOWN = "unknown"  # what would be needed could not be read
    UNSTATED = "unstated"  # the documents do not say; decided as no


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May somebody do this? `resource` is `type:name`, "" for a capability that concerns a whole service.

    `properties` are those of the request: under `subject`, `resource`, `action` and `context`.
    """

    capability: str
    resource: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer, at which level, and every chain of a right that is held. Chains that hold come first.

    `on` are the resources on which a limited cell holds (`type:name`, `type:*` for each), sorted.
    """

    mark: Mark
    level: str = ""
    chains: tuple[Chain, ...] = ()
    on: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.mark in (Mark.ALLOWED, Mark.EXEMPT)

    @property
    def opens(self) -> bool:
        """Say whether it is a yes, if only on some resources or for some requests."""
        return self.is_allowed or self.mark is Mark.LIMITED


def decide(catalogue: Catalogue, facts: Facts, question: Question) -> Answer:
    """Return the answer to one question. An unknown capability, or another type of resource, is no.

    Without a resource, a capability that acts on resources is answered as a cell, so never with a plain yes
    where entitlements or ownership decide.
    """
    capability = catalogue.by_key.get(question.capability)
    if capability is None or not fits(capability, question.resource):
        return Answer(mark=Mark.NONE)
    ways = Ways(catalogue=catalogue, facts=facts, capability=capability, properties=question.properties)
    if capability.resource and not question.resource:
        return _cell(ways, None)
    fitting = (one for one in ways.held if one.bound in ("", question.resource))
    return _answer(ways, [ways.chain(one, question.resource) for one in fitting])


def over(
    catalogue: Catalogue, facts: Facts, capability: str, resources: Collection[str] | None = None
) -> Answer:
    """Return the answer of a cell that names no resource.

    `resources` are those that the viewer may know (`type:name`): a cell is limited only where it holds on
    one of them. None: all that entitlements and ownership name. Conditions on properties make it limited.
    """
    found = catalogue.by_key.get(capability)
    if found is None:
        return Answer(mark=Mark.NONE)
    return _cell(Ways(catalogue=catalogue, facts=facts, capability=found), resources)


def fits(capability: Capability, resource: str) -> bool:
    """Say whether a question about this resource makes sense: of the capability's type, and named."""
    if not resource:
        return True
    kind, _, name = resource.partition(":")
    return bool(capability.resource) and kind == capability.resource and bool(name)


# --- from chains to an answer --------------------------------------------------------------------------


def _answer(ways: Ways, chains: list[Chain]) -> Answer:
    holding = [one for one in chains if one.gives and one.holds]
    if not holding:
        return Answer(mark=_no(ways, chains), chains=_ordered(chains))
    mark = Mark.EXEMPT if any(one.grant.exempt for one in holding) else Mark.ALLOWED
    return Answer(mark=mark, level=highest(ways.capability, holding), chains=_ordered(chains))


def _no(ways: Ways, chains: list[Chain]) -> Mark:
    """Return which kind of no it is: not known, not stated, or none."""
    grants = ways.catalogue.of_capability.get(ways.capability.key, ())
    giving = [one for one in chains if one.gives]
    if any(one.holds is None for one in giving) or any(ways.is_unread(one) for one in _kinds(grants)):
        return Mark.UNKNOWN
    if any(not one.gives and one.holds is not False for one in chains):
        return Mark.UNSTATED
    if not giving and ways.capability.silence is Silence.UNSTATED and _is_spoken_of(ways):
        return Mark.UNSTATED
    return Mark.NONE


def _kinds(grants: Iterable[Grant]) -> set[NodeKind]:
    return {one.kind for one in grants if one.effect is Effect.GIVES}


def _is_spoken_of(ways: Ways) -> bool:
    """Say whether the documents know anything that is held: of strangers their silence says nothing."""
    known = ways.catalogue.titles
    return any(one.name in known or ways.catalogue.grants_of(one) for one in ways.facts.rights)


def highest(capability: Capability, chains: Iterable[Chain]) -> str:
    """Return the strongest level that chains give, "" for a capability without levels."""
    levels = [one.grant.level for one in chains if one.grant.level in capability.levels]
    return max(levels, key=capability.levels.index, default="")


def _ordered(chains: Iterable[Chain]) -> tuple[Chain, ...]:
    return tuple(sorted(chains, key=lambda one: (one.holds is not True, not one.gives)))


# --- a cell without a resource -------------------------------------------------------------------------


def _cell(ways: Ways, resources: Collection[str] | None) -> Answer:
    """Return the answer over all resources: allowed where it hangs on none of them, else limited."""
    depending = [one for one in ways.held if ways.depends(one.grant)]
    plain = [ways.chain(one, one.bound) for one in ways.held if not ways.depends(one.grant)]
    answer = _answer(ways, plain)
    if answer.is_allowed:
        return answer
    chains, on = list(plain), set[str]()
    known = _candidates(ways, depending, resources)
    told: dict[tuple[int, bool, str], tuple[str, set[str]]] = {}
    for one in depending:
        key = (id(one.grant.when), one.grant.exempt, one.bound)  # many rights bring it on the same terms
        if key not in told:
            told[key] = _told(ways, one, [name for name in known if one.bound in ("", name)])
        chains.append(ways.chain(one, told[key][0]))
        if chains[-1].gives:
            on |= told[key][1]
    if on or any(_may(ways, one) for one in plain):
        return _limited(ways, chains, on)
    return Answer(mark=_no(ways, chains), chains=_ordered(chains))


def _limited(ways: Ways, chains: list[Chain], on: set[str]) -> Answer:
    level = highest(ways.capability, (one for one in chains if _may(ways, one)))
    named = tuple(sorted(name for name in on if not name.endswith(SOME_OTHER)))
    return Answer(mark=Mark.LIMITED, level=level, chains=_ordered(chains), on=named)


def _may(ways: Ways, chain: Chain) -> bool:
    """Say whether a chain gives the capability, or would for some request."""
    return chain.gives and _may_hold(ways, chain.holds, chain.conditions)


def _may_hold(ways: Ways, holds: Truth, conditions: tuple[Met, ...]) -> bool:
    if holds is not None or ways.properties is not None:
        return bool(holds)
    return all(one.met is not None or not is_enforced(one.condition) for one in conditions)


def _told(ways: Ways, held: Held, resources: Iterable[str]) -> tuple[str, set[str]]:
    """Return the resource that says most (it holds, or it is not known), and all on which it holds."""
    looked = {name: ways.looked(held.grant, name) for name in resources}
    order: Mapping[Truth, int] = {True: 0, None: 1, False: 2}
    best = min(looked, key=lambda name: order[looked[name][0]], default=held.bound)
    return best, {name for name, found in looked.items() if _may_hold(ways, *found)}


def _candidates(ways: Ways, held: list[Held], resources: Collection[str] | None) -> list[str]:
    """Return the resources that can differ: those that entitlements, owners and grants name, and one other.

    Of all others each is like every other, so thousands of resources need not be asked one by one.
    """
    if not held:
        return []
    kind = f"{ways.capability.resource}:"
    named = {one.bound for one in held if one.bound} | _named(ways, held, kind)
    if resources is None:
        return sorted(named)
    has_others = any(one.startswith(kind) and one not in named for one in resources)
    others = {kind + SOME_OTHER, kind + EVERY} if has_others else set()
    return sorted({one for one in named if one in resources} | others)


def _named(ways: Ways, held: Iterable[Held], kind: str) -> set[str]:
    """Return the resources of a type (`package:`) that the subject owns or has entitlements to."""
    owned = {one for one in ways.facts.owns if one.startswith(kind)}
    conditions = (part for one in held for part in _conditions(ways, one))
    types = {part.type for part in conditions if isinstance(part, Entitled)}
    entitled = entitlements_in(ways.facts.rights)
    return owned | {f"{kind}{name}" for of_type, name in entitled if of_type in types}


def _conditions(ways: Ways, held: Held) -> tuple[Condition, ...]:
    return (*parts_of(ways.capability.needs), *parts_of(held.grant.when))
