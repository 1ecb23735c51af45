"""Which cells must have the same answer, so that a page decides each only once.

A right brings a capability on terms: a level, a resource that it is bound to, conditions. A mark and a level
hang on the terms, not on which right brought them nor on how many: so they are worked out from one right of
each, with the entitlements of the types that conditions ask for and what is owned. Whoever is alike in these
is answered alike, and so are capabilities that are given on the same terms. Chains are another matter: who
asks for reasons has to ask about everything that is held.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sized
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from threading import Lock
from typing import Any

from console.graph.catalogue import Capability, Catalogue, Effect, Entitled, Grant, Silence
from console.graph.chains import Facts, bound_of
from console.graph.conditions import is_enforced, parts_of
from console.graph.edges import Node, NodeKind

MOST_KEPT = 20_000  # rights of which is kept what they bring, and answers
_NOTHING: frozenset[Node] = frozenset()
_UNOWNED: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Given:
    """On which terms a capability is given, as far as rights were looked at: a bit each, and what these are.

    `terms` are bits that mean the same for whichever capability, by the bits of this one.
    """

    mask: int = 0
    numbers: dict[int, int] = field(default_factory=dict)
    terms: dict[int, int] = field(default_factory=dict)

    def terms_of(self, brought: int) -> int:
        own = brought & self.mask
        found = self.terms.get(own)
        if found is None:
            if len(self.terms) >= MOST_KEPT:
                self.terms.clear()
            found = self.terms[own] = sum(term for bit, term in self.numbers.items() if bit & own)
        return found


@dataclass(frozen=True, slots=True)
class _Asks:
    """What a capability looks at beside its grants: `number` is the same for those that ask alike."""

    number: int
    types: frozenset[str]  # of entitlements
    resource: str  # of which type it matters what is owned, "" where it does not
    asks_all: bool  # it matters whether the documents speak of anything that is held
    given: _Given


@dataclass(frozen=True)
class Alike:
    """The capabilities of a catalogue by what they look at, and rights by what they bring."""

    catalogue: Catalogue
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _counter: "count[int]" = field(default_factory=count)
    _lock: Lock = field(default_factory=Lock)
    _asks: dict[str, _Asks] = field(default_factory=dict)
    _brought: dict[Node, int] = field(default_factory=dict)
    _bits: dict[tuple[str, Hashable], int] = field(default_factory=dict)
    _given: defaultdict[str, _Given] = field(default_factory=lambda: defaultdict(_Given))
    cells: dict[Hashable, Any] = field(default_factory=dict)  # whatever was answered, by what it hangs on

    def parts(self, facts: Facts) -> "Parts":
        return Parts(self, facts)

    @property
    def is_full(self) -> bool:
        kept: tuple[Sized, ...] = (self._brought, self._numbers, self.cells)
        return max(map(len, kept)) >= MOST_KEPT

    def asks(self, capability: Capability) -> _Asks:
        """Return what a capability looks at."""
        found = self._asks.get(capability.key)
        if found is None:
            found = self._asks.setdefault(capability.key, self._looked(capability))
        return found

    @property
    def brought_before(self) -> Mapping[Node, int]:
        """What rights bring, of those that were asked about."""
        return self._brought

    def brought(self, right: Node) -> int:
        """Return what a right brings: a bit for each capability with the terms on which it is given."""
        found = self._brought.get(right)
        if found is None:
            bits = 0
            for grant, value in self.catalogue.grants_of(right):
                bits |= self._bit(grant.capability, self._signature(grant, value))
            found = self._brought.setdefault(right, bits)
        return found

    def _bit(self, capability: str, terms: Hashable) -> int:
        """Return the bit of a capability given on these terms."""
        key = capability, terms
        with self._lock:
            if key not in self._bits:
                bit, given = 1 << len(self._bits), self._given[capability]
                given.numbers = {**given.numbers, bit: 1 << self.number(terms)}
                given.mask |= bit
                self._bits[key] = bit
            return self._bits[key]

    def number(self, signature: Hashable) -> int:
        """Return the number of this. Threads may ask at once: no number is ever given twice."""
        found = self._numbers.get(signature)
        return self._numbers.setdefault(signature, next(self._counter)) if found is None else found

    def _signature(self, grant: Grant, value: str) -> Hashable:
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
        number = self.number((said, kinds, types, resource))
        asks_all = capability.silence is Silence.UNSTATED
        return _Asks(number, types, resource, asks_all, self._given[capability.key])


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
    _numbers: dict[int, int] = field(default_factory=dict)  # of what else counts, by the number of what asks

    def key(self, capability: Capability) -> Hashable:
        """Return all that the mark and the level hang on."""
        asks = self.alike.asks(capability)
        also = self._numbers.get(asks.number)
        if also is None:
            also = self.alike.number((*self._also(asks), frozenset(self.facts.unread)))
            self._numbers[asks.number] = also
        return asks.number, asks.given.terms_of(self._brought), also

    def narrowed(self, capability: Capability) -> Facts:
        """Return facts with the same mark and level: of the rights that bring the same only one."""
        entitled, owned, _ = self._also(self.alike.asks(capability))
        brought = self._brought  # before the mask: it may be the first to look at a right
        some, known, mask = set(entitled), 0, self.alike.asks(capability).given.mask
        for right in self.facts.rights if brought & mask else ():
            bits = self.alike.brought(right) & mask
            if bits & ~known:
                known |= bits
                some.add(right)
        if self.alike.asks(capability).asks_all and self._spoken_of is not None:
            some.add(self._spoken_of)
        return replace(self.facts, rights=frozenset(some), owns=owned)

    def is_like(self, other: "Parts") -> bool:
        """Say whether all answers are the same for another one, who owns the same."""
        mine, theirs = (
            (one._brought, one._of_type, one._spoken_of is None, one.facts.unread) for one in (self, other)
        )
        return mine == theirs

    def _also(self, asks: _Asks) -> tuple[frozenset[Node], frozenset[str], bool]:
        """Return the entitlements and what is owned that count, and whether anything held is spoken of."""
        entitled = _NOTHING.union(*(self._of_type.get(one, _NOTHING) for one in asks.types))
        owned = self._owned.get(asks.resource, _UNOWNED)
        return entitled, owned, asks.asks_all and self._spoken_of is not None

    @cached_property
    def _brought(self) -> int:
        """All that is brought by what is held."""
        bits, brought = 0, self.alike.brought_before
        for right in self.facts.rights:
            found = brought.get(right)
            bits |= self.alike.brought(right) if found is None else found
        return bits

    @cached_property
    def _spoken_of(self) -> Node | None:
        """A right that the documents know, or None."""
        titles = self.alike.catalogue.titles
        held = (one for one in self.facts.rights if one.name in titles or self.alike.brought(one))
        return next(held, None)

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
