"""Which cells must have the same answer, so that a page decides each only once.

A right brings a capability on terms: a level, a resource that it is bound to, conditions. A mark and a level
hang on the terms, not on which right brought them nor on how many: so they are worked out from one right of
each, with the entitlements of the types that conditions ask for and what is owned. Whoever is alike in these
is answered alike, and so are capabilities that are given on the same terms. Chains are another matter: who
asks for reasons has to ask about everything that is held.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

from console.graph.catalogue import Capability, Catalogue, Effect, Entitled, Grant, Silence
from console.graph.chains import Facts, bound_of
from console.graph.conditions import is_enforced, parts_of
from console.graph.edges import Node, NodeKind

MOST_KEPT = 20_000  # rights of which is kept what they bring
_NOTHING: frozenset[Node] = frozenset()
_UNOWNED: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Asks:
    """What a capability looks at beside its grants: `number` is the same for those that ask alike."""

    number: int
    types: frozenset[str]  # of entitlements
    resource: str  # of which type it matters what is owned, "" where it does not
    asks_all: bool  # it matters whether the documents speak of anything that is held


@dataclass(frozen=True)
class Alike:
    """The capabilities of a catalogue by what they look at, and rights by what they bring."""

    catalogue: Catalogue
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _counter: "count[int]" = field(default_factory=count)
    _asks: dict[str, _Asks] = field(default_factory=dict)
    _brought: dict[Node, Mapping[str, int]] = field(default_factory=dict)

    def parts(self, facts: Facts) -> "Parts":
        return Parts(self, facts)

    @property
    def is_full(self) -> bool:
        return len(self._brought) >= MOST_KEPT

    def asks(self, capability: Capability) -> _Asks:
        """Return what a capability looks at."""
        found = self._asks.get(capability.key)
        if found is None:
            found = self._asks.setdefault(capability.key, self._looked(capability))
        return found

    def brought(self, right: Node) -> Mapping[str, int]:
        """Return the terms that a right brings, by capability: a bit each."""
        found = self._brought.get(right)
        if found is None:
            bits: dict[str, int] = {}
            for grant, value in self.catalogue.grants_of(right):
                term = 1 << self._number(self._terms(grant, value))
                bits[grant.capability] = bits.get(grant.capability, 0) | term
            found = self._brought.setdefault(right, bits)
        return found

    def _number(self, signature: Hashable) -> int:
        """Return the number of this. Threads may ask at once: no number is ever given twice."""
        found = self._numbers.get(signature)
        return self._numbers.setdefault(signature, next(self._counter)) if found is None else found

    def _terms(self, grant: Grant, value: str) -> Hashable:
        capability = self.catalogue.by_key.get(grant.capability)
        bound = bound_of(capability, grant, value) if capability and grant.resource else ""
        return grant.level, bound, grant.exempt, repr(grant.when), grant.effect

    def _looked(self, capability: Capability) -> _Asks:
        grants = self.catalogue.of_capability.get(capability.key, ())
        conditions = [capability.needs, *(one.when for one in grants)]
        is_hanging = self.catalogue.enforced and any(map(is_enforced, conditions))
        parts = (part for one in conditions for part in parts_of(one)) if is_hanging else ()
        types = frozenset(part.type for part in parts if isinstance(part, Entitled))
        resource = capability.resource if is_hanging else ""
        kinds = frozenset(one.kind for one in grants if one.effect is Effect.GIVES)
        said = (capability.resource, capability.levels, repr(capability.needs), capability.silence)
        number = self._number((said, kinds, types, resource))
        return _Asks(number, types, resource, capability.silence is Silence.UNSTATED)


def alike_of(catalogue: Catalogue) -> Alike:
    """Return the one that this process keeps with the catalogue; a new one where it has grown large."""
    found: Alike | None = catalogue.worked_out.get("alike")
    if found is None or found.is_full:
        found = catalogue.worked_out["alike"] = Alike(catalogue)
    return found


@dataclass(frozen=True)
class Parts:
    """What somebody has, by what it brings: worked out once a row."""

    alike: Alike
    facts: Facts

    def key(self, capability: Capability) -> Hashable:
        """Return all that the mark and the level hang on."""
        asks, terms = self.alike.asks(capability), self._held[0].get(capability.key, 0)
        if not (asks.types or asks.resource or asks.asks_all):
            return asks.number, terms, self._unread
        return asks.number, terms, self._unread, *self._also(asks)

    def narrowed(self, capability: Capability) -> Facts:
        """Return facts with the same mark and level: of the rights that bring the same only one."""
        entitled, owned, _ = self._also(self.alike.asks(capability))
        some, known = set(entitled), 0
        for right in self._held[1].get(capability.key, ()):
            bits = self.alike.brought(right)[capability.key]
            if bits & ~known:
                known |= bits
                some.add(right)
        if self.alike.asks(capability).asks_all and self._spoken_of is not None:
            some.add(self._spoken_of)
        return replace(self.facts, rights=frozenset(some), owns=owned)

    def _also(self, asks: _Asks) -> tuple[frozenset[Node], frozenset[str], bool]:
        """Return the entitlements and what is owned that count, and whether anything held is spoken of."""
        entitled = _NOTHING.union(*(self._of_type.get(one, _NOTHING) for one in asks.types))
        owned = self._owned.get(asks.resource, _UNOWNED)
        return entitled, owned, asks.asks_all and self._spoken_of is not None

    @cached_property
    def _held(self) -> tuple[dict[str, int], dict[str, list[Node]]]:
        """By capability, the terms on which it is brought, and the rights that bring it."""
        terms: dict[str, int] = {}
        rights: dict[str, list[Node]] = {}
        for right in self.facts.rights:
            for key, bits in self.alike.brought(right).items():
                if key in terms:
                    terms[key] |= bits
                    rights[key].append(right)
                else:
                    terms[key], rights[key] = bits, [right]
        return terms, rights

    @cached_property
    def _spoken_of(self) -> Node | None:
        """A right that the documents know, or None."""
        titles = self.alike.catalogue.titles
        held = (one for one in self.facts.rights if one.name in titles or self.alike.brought(one))
        return next(held, None)

    @cached_property
    def _unread(self) -> frozenset[str]:
        return frozenset(self.facts.unread)

    @cached_property
    def _of_type(self) -> dict[str, frozenset[Node]]:
        """The entitlements by their type."""
        found: dict[str, set[Node]] = {}
        for one in self.facts.rights:
            if one.kind is NodeKind.ENTITLEMENT:
                found.setdefault(one.name.partition(":")[0], set()).add(one)
        return {kind: frozenset(some) for kind, some in found.items()}

    @cached_property
    def _owned(self) -> dict[str, frozenset[str]]:
        """What is owned, by its type."""
        found: dict[str, set[str]] = {}
        for one in self.facts.owns:
            found.setdefault(one.partition(":")[0], set()).add(one)
        return {kind: frozenset(some) for kind, some in found.items()}
