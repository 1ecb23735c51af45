"""Which cells must have the same answer, so that a page decides each only once.

A capability hangs on the rights that its grants name, on entitlements of the types that its conditions ask
for, and on what is owned of its type. Whoever is alike in these is answered alike; and so are capabilities
that the same rights give under the same conditions.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property

from console.graph.catalogue import Capability, Catalogue, Entitled, Grant, Silence
from console.graph.chains import Facts
from console.graph.conditions import parts_of
from console.graph.edges import Node, NodeKind


@dataclass(frozen=True, slots=True)
class _Asks:
    """What a capability looks at: `number` is the same for capabilities that are given alike."""

    number: int
    rights: frozenset[Node]
    kinds: frozenset[NodeKind]  # of which every right may match a pattern
    types: frozenset[str]  # of entitlements
    resource: str
    asks_all: bool  # it matters whether the documents speak of anything that is held


class Alike:
    """The capabilities of a catalogue by what they look at."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._numbers: dict[Hashable, int] = {}
        self._asks: dict[str, _Asks] = {}

    def narrowed(self, capability: Capability, facts: Facts, parts: "Parts") -> tuple[Hashable, Facts]:
        """Return what the answer hangs on, as a key, and the facts with only that."""
        asks = self._asks.get(capability.key) or self._looked(capability)
        if asks.asks_all:
            return (asks.number, facts.rights, facts.owns), facts
        rights = (facts.rights & asks.rights).union(
            *(parts.of_kind.get(one, frozenset()) for one in asks.kinds),
            *(parts.of_type.get(one, frozenset()) for one in asks.types),
        )
        owns = parts.owned.get(asks.resource, frozenset())
        return (asks.number, rights, owns), replace(facts, rights=rights, owns=owns)

    def _looked(self, capability: Capability) -> _Asks:
        grants = self._catalogue.of_capability.get(capability.key, ())
        conditions = [capability.needs, *(one.when for one in grants)]
        found = _Asks(
            number=self._numbers.setdefault(_signature(capability, grants), len(self._numbers)),
            rights=frozenset(Node(one.kind, one.right.text) for one in grants if not one.right.parameter),
            kinds=frozenset(one.kind for one in grants if one.right.parameter),
            types=frozenset(
                part.type for one in conditions for part in parts_of(one) if isinstance(part, Entitled)
            ),
            resource=capability.resource,
            asks_all=capability.silence is Silence.UNSTATED,
        )
        self._asks[capability.key] = found
        return found


def _signature(capability: Capability, grants: tuple[Grant, ...]) -> Hashable:
    given = tuple(
        (one.kind, one.right.text, one.level, one.resource, one.exempt, repr(one.when), one.effect)
        for one in grants
    )
    return capability.resource, capability.levels, repr(capability.needs), capability.silence, given


@dataclass(frozen=True)
class Parts:
    """What somebody has, by kind and type: worked out once a row."""

    facts: Facts

    @cached_property
    def of_kind(self) -> dict[NodeKind, frozenset[Node]]:
        found: dict[NodeKind, set[Node]] = {}
        for one in self.facts.rights:
            found.setdefault(one.kind, set()).add(one)
        return {kind: frozenset(some) for kind, some in found.items()}

    @cached_property
    def of_type(self) -> dict[str, frozenset[Node]]:
        """The entitlements by their type."""
        found: dict[str, set[Node]] = {}
        for one in self.of_kind.get(NodeKind.ENTITLEMENT, ()):
            found.setdefault(one.name.partition(":")[0], set()).add(one)
        return {kind: frozenset(some) for kind, some in found.items()}

    @cached_property
    def owned(self) -> dict[str, frozenset[str]]:
        """What is owned, by its type."""
        found: dict[str, set[str]] = {}
        for one in self.facts.owns:
            found.setdefault(one.partition(":")[0], set()).add(one)
        return {kind: frozenset(some) for kind, some in found.items()}
