"""What stands in the cells: which rights a row has, and what they open."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from access.kept.held import Held
from access.matrix.alike import Alike, Parts, alike_of
from access.matrix.columns import node_of, parts_of
from access.matrix.families import PREFIX, Families
from access.matrix.grid import OPENING, Cell, Column, Mark
from access.matrix.opened import capability_of, resource_of
from console.engine.state import Kind
from console.graph.catalogue import EVERY, Capability, Catalogue, Effect
from console.graph.decisions import Answer, Facts, Question, decide, over
from console.graph.decisions import Mark as Decided
from console.graph.edges import Node, NodeKind, entitlement

LINKS = frozenset({Kind.COMPOSITE, Kind.GROUP_ROLE, Kind.PERSON_ROLE, Kind.MEMBERSHIP, Kind.ENTITLEMENT})
MARKS: Mapping[Decided, Mark] = {
    Decided.ALLOWED: Mark.ALLOWED,
    Decided.LIMITED: Mark.LIMITED,
    Decided.EXEMPT: Mark.EXEMPT,
    Decided.NONE: Mark.NONE,
    Decided.UNKNOWN: Mark.UNKNOWN,
    Decided.UNSTATED: Mark.UNSTATED,
}
UNCLEAR = "unclear"
OWNER = "owner"


class Answers(Protocol):
    """The cells of any row."""

    def cells(self, subject: Node, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return one cell a column."""
        ...

    def reach(self, subject: Node) -> int:
        """Return how many of all columns are open to a row."""
        ...


@dataclass(frozen=True)
class Rights:
    """Roles and entitlements: held or not. `declared` are the rights that the console itself declares.

    What Keycloak has beside them (its default roles) is shown, and is no difference. Nor is what
    `strangers` have, who are only in Keycloak. `everything` are the rights of all columns.
    """

    held: Held
    declared: frozenset[Node]
    strangers: frozenset[Node] = frozenset()
    everything: frozenset[Node] = frozenset()
    families: Families = field(default_factory=Families)
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def is_partly_unread(self) -> bool:
        return any(Kind(name) in LINKS for name in self.unreadable if name in set(Kind))

    def cells(self, subject: Node, columns: Sequence[Column]) -> tuple[Cell, ...]:
        shown = self.held.rights_of(subject)
        differing = self._differing(subject) if subject not in self.strangers else frozenset()
        return tuple(self._cell(column, shown, differing) for column in columns)

    def reach(self, subject: Node) -> int:
        return len(self.held.rights_of(subject) & self.everything)

    def _differing(self, subject: Node) -> frozenset[Node]:
        if not self.held.was_read or self.held.agrees(subject):
            return frozenset()
        return (self.held.declared_of(subject) ^ self.held.live_of(subject)) & self.declared

    def _cell(self, column: Column, shown: frozenset[Node], differing: frozenset[Node]) -> Cell:
        if column.key.startswith(PREFIX):
            return self._of_family(column.key, shown, differing)
        right = node_of(column.key)
        mark = Mark.ALLOWED if right in shown else self._not_held
        return Cell(mark, right in differing)

    def _of_family(self, key: str, shown: frozenset[Node], differing: frozenset[Node]) -> Cell:
        family = self.families.named(key)
        match = family.role.pattern.match if family else lambda _: None
        held = sum(one.kind is NodeKind.ROLE and bool(match(one.name)) for one in shown)
        rings = any(one.kind is NodeKind.ROLE and bool(match(one.name)) for one in differing)
        return Cell(Mark.ALLOWED, rings, str(held)) if held else Cell(self._not_held, rings)

    @property
    def _not_held(self) -> Mark:
        return Mark.UNKNOWN if self.is_partly_unread else Mark.NONE


@dataclass(frozen=True)
class Opened:
    """Capabilities and resources: what the rights of a row open, as `decide` answers it.

    `facts` are those that decisions follow, `held` says what is declared and what is live. With
    `capability` the columns are resources that are asked for it; without, those show the level of an
    entitlement, of which `levels` has the order. `known` are the resources that the viewer may know.
    """

    catalogue: Catalogue
    facts: Mapping[Node, Facts]
    held: Held
    columns: tuple[Column, ...] = ()
    capability: Capability | None = None
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strangers: frozenset[Node] = frozenset()
    known: frozenset[str] | None = None
    _asks: dict[str, tuple[Capability | None, str]] = field(default_factory=dict)
    _rows: dict[Node, tuple[Cell, ...]] = field(default_factory=dict)

    def cells(self, subject: Node, columns: Sequence[Column]) -> tuple[Cell, ...]:
        facts = self.facts_of(subject)
        shown = self._shown(subject, columns)
        if not self.held.was_read or subject in self.strangers or self.held.agrees(subject):
            return shown
        ours, theirs = self._sides(facts)
        if self._alike.parts(ours).is_like(self._alike.parts(theirs)):
            return shown
        pairs = zip(self._answers(ours, columns), self._answers(theirs, columns), strict=True)
        return tuple(
            cell if one == other else replace(cell, differs=True)
            for cell, (one, other) in zip(shown, pairs, strict=True)
        )

    def reach(self, subject: Node) -> int:
        if self.resources:
            return self._reached(self.facts_of(subject))
        return sum(cell.mark in OPENING for cell in self._shown(subject, self.columns))

    def _shown(self, subject: Node, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return cells without rings; those of all columns are kept, of which a page shows some."""
        if self.resources:
            return self._answers(self.facts_of(subject), columns)
        if subject not in self._rows:
            self._rows[subject] = self._answers(self.facts_of(subject), self.columns)
        every = self._rows[subject]
        if columns == self.columns:
            return every
        return tuple(
            every[self._places[one.key]] if one.key in self._places else Cell(Mark.NONE) for one in columns
        )

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {one.key: place for place, one in enumerate(self.columns)}

    @cached_property
    def resources(self) -> Mapping[str, int]:
        """How many resources of each type are columns; nothing where capabilities are."""
        return Counter(name.partition(":")[0] for one in self.columns if (name := resource_of(one.key)))

    def _reached(self, facts: Facts) -> int:
        """Return how many resources somebody reaches, without looking at each of thousands."""
        if self.capability is None:
            held = (one.name.rpartition(":")[0] for one in facts.rights if one.kind is NodeKind.ENTITLEMENT)
            on = {one for one in (*held, *facts.owns) if one.partition(":")[0] in self.resources}
        else:
            answer = over(self.catalogue, facts, self.capability.key, self.known)
            is_all = MARKS[answer.mark] in (Mark.ALLOWED, Mark.EXEMPT)
            on = {f"{self.capability.resource}:{EVERY}"} if is_all else set(answer.on)
        every = {one.partition(":")[0] for one in on if one.endswith(f":{EVERY}")}
        named = sum(one.partition(":")[0] not in every for one in on)
        return named + sum(self.resources[kind] for kind in every)

    def facts_of(self, subject: Node) -> Facts:
        return self.facts.get(subject) or Facts(subject=subject, rights=frozenset())

    def _sides(self, facts: Facts) -> tuple[Facts, Facts]:
        """Return what is known by what is declared alone, and by what Keycloak had alone."""
        one = facts.subject
        itself = {one} if one.is_right else set()
        beyond = facts.rights - self.held.rights_of(one) | itself
        ours, theirs = self.held.declared_of(one), self.held.live_of(one)
        return replace(facts, rights=ours | beyond), replace(facts, rights=theirs | beyond)

    def _answers(self, facts: Facts, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return cells without rings. Who is alike in what a column looks at shares its cell."""
        parts = self._alike.parts(facts)
        return tuple([self._answer(facts, parts, column) for column in columns])

    def _answer(self, facts: Facts, parts: Parts, column: Column) -> Cell:
        capability, resource = self._about(column.key)
        if capability is None:
            return self._entitled(facts, resource) if resource else Cell(Mark.NONE)
        key = parts.key(capability), resource
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._asked(parts.narrowed(capability), capability, resource)
        return found

    def _about(self, key: str) -> tuple[Capability | None, str]:
        """Return which capability a column asks for, and of which resource."""
        found = self._asks.get(key)
        if found is None:
            resource = resource_of(key)
            asked = self.capability if resource else capability_of(self.catalogue, key)
            found = self._asks[key] = asked, resource
        return found

    @cached_property
    def _kept(self) -> dict[Hashable, Cell]:
        """The cells that were answered. Those over all resources are kept for other pages of the platform."""
        is_of_all = self.known is None and not self.resources
        return self._alike.cells if is_of_all else {}

    def _asked(self, facts: Facts, capability: Capability, resource: str) -> Cell:
        if not resource:
            return cell_of(capability, over(self.catalogue, facts, capability.key, self.known))
        question = Question(capability=capability.key, resource=resource)
        return cell_of(capability, decide(self.catalogue, facts, question))

    @cached_property
    def _alike(self) -> Alike:
        return alike_of(self.catalogue)

    def _entitled(self, facts: Facts, resource: str) -> Cell:
        """Return the strongest level that is held on a resource, or that it is owned."""
        if resource in facts.owns:
            return Cell(Mark.ALLOWED, text=OWNER)
        held = strongest_of(facts.rights, resource, self.levels)
        if held:
            return Cell(Mark.ALLOWED, text=parts_of(held)[2])
        is_unread = any(what.partition(":")[0] == Kind.ENTITLEMENT.value for what in facts.unread)
        return Cell(Mark.UNKNOWN if is_unread else Mark.NONE)


def cell_of(capability: Capability, answer: Answer) -> Cell:
    """Return an answer as a cell: the level, or why there is none, in words."""
    mark = MARKS[answer.mark]
    if mark is Mark.UNSTATED:
        is_unclear = any(one.grant.effect is Effect.UNCLEAR for one in answer.chains)
        return Cell(mark, text=UNCLEAR if is_unclear else mark.word)
    return Cell(mark, text=answer.level if mark.opens else "")


def strongest_of(rights: Collection[Node], resource: str, levels: Mapping[str, Sequence[str]]) -> Node | None:
    """Return the strongest entitlement among rights to a resource, by itself or as each of its type."""
    kind = resource.partition(":")[0]
    known = (
        entitlement(f"{one}:{level}")
        for level in reversed(levels.get(kind, ()))
        for one in (resource, f"{kind}:{EVERY}")
    )
    return next((one for one in known if one in rights), None)


def rights_of(columns: Iterable[Column]) -> frozenset[Node]:
    """Return the rights that columns are about."""
    return frozenset(right for column in columns if (right := node_of(column.key)) is not None)
