"""What stands in the cells: which rights a row has, and what they open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from access.graphs import Access
from access.matrix.columns import node_of
from access.matrix.families import PREFIX, Families
from access.matrix.grid import Cell, Column, Mark
from access.matrix.opened import RESOURCE, capability_of, resource_of
from console.engine.state import Kind
from console.graph.catalogue import EVERY, Capability, Catalogue, Effect
from console.graph.decisions import Answer, Facts, Question, decide, over
from console.graph.decisions import Mark as Decided
from console.graph.edges import Node, NodeKind

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

    access: Access
    declared: frozenset[Node]
    strangers: frozenset[Node] = frozenset()
    everything: frozenset[Node] = frozenset()
    families: Families = field(default_factory=Families)

    @cached_property
    def is_partly_unread(self) -> bool:
        return any(Kind(name) in LINKS for name in self.access.unreadable if name in set(Kind))

    def cells(self, subject: Node, columns: Sequence[Column]) -> tuple[Cell, ...]:
        shown = self.access.graph.rights_of(subject)
        theirs = self.access.live.rights_of(subject)
        ours = theirs if subject in self.strangers else self.access.declared.rights_of(subject)
        differing = (ours ^ theirs) & self.declared if self.access.read_at else frozenset()
        return tuple(self._cell(column, shown, differing) for column in columns)

    def reach(self, subject: Node) -> int:
        return len(self.access.graph.rights_of(subject) & self.everything)

    def differs(self, subject: Node) -> bool:
        """Say whether any right of the subject is otherwise in Keycloak."""
        if self.access.read_at is None:
            return False
        ours, theirs = self.access.declared.rights_of(subject), self.access.live.rights_of(subject)
        return not self.declared.isdisjoint(ours ^ theirs)

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

    `facts` are those that decisions follow, `access` says what is declared and what is live. With
    `capability` the columns are resources that are asked for it; without, those show the level of an
    entitlement, of which `levels` has the order. `known` are the resources that the viewer may know.
    """

    catalogue: Catalogue
    facts: Mapping[Node, Facts]
    access: Access
    columns: tuple[Column, ...] = ()
    capability: Capability | None = None
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strangers: frozenset[Node] = frozenset()
    known: frozenset[str] | None = None
    _kept: dict[tuple[frozenset[Node], frozenset[str], str], Cell] = field(default_factory=dict)

    def cells(self, subject: Node, columns: Sequence[Column]) -> tuple[Cell, ...]:
        facts = self.facts_of(subject)
        shown = [self._answer(facts, column) for column in columns]
        if self.access.read_at is None or subject in self.strangers:
            return tuple(shown)
        ours, theirs = self._sides(facts)
        if ours.rights == theirs.rights:
            return tuple(shown)
        return tuple(
            replace(cell, differs=self._answer(ours, column) != self._answer(theirs, column))
            for cell, column in zip(shown, columns, strict=True)
        )

    def reach(self, subject: Node) -> int:
        facts = self.facts_of(subject)
        return sum(self._answer(facts, column).mark.opens for column in self.columns)

    def facts_of(self, subject: Node) -> Facts:
        return self.facts.get(subject) or Facts(subject=subject, rights=frozenset())

    def _sides(self, facts: Facts) -> tuple[Facts, Facts]:
        """Return what is known by what is declared alone, and by what Keycloak had alone."""
        one = facts.subject
        itself = {one} if one.is_right else set()
        beyond = facts.rights - self.access.graph.rights_of(one) - itself
        return tuple(
            replace(facts, rights=graph.rights_of(one) | beyond | itself)
            for graph in (self.access.declared, self.access.live)
        )  # type: ignore[return-value]

    def _answer(self, facts: Facts, column: Column) -> Cell:
        """Return a cell. Rows with the same rights share it: there are far fewer such sets than rows."""
        key = (facts.rights, facts.owns, column.key)
        if key not in self._kept:
            self._kept[key] = self._asked(facts, column)
        return self._kept[key]

    def _asked(self, facts: Facts, column: Column) -> Cell:
        if not column.key.startswith(RESOURCE):
            capability = capability_of(self.catalogue, column.key)
            if capability is None:
                return Cell(Mark.NONE)
            return cell_of(capability, over(self.catalogue, facts, capability.key, self.known))
        resource = resource_of(column.key)
        if self.capability is None:
            return self._entitled(facts, resource)
        answer = decide(self.catalogue, facts, Question(capability=self.capability.key, resource=resource))
        return cell_of(self.capability, answer)

    def _entitled(self, facts: Facts, resource: str) -> Cell:
        """Return the strongest level that is held on a resource, or that it is owned."""
        kind, _, name = resource.partition(":")
        levels = self.levels.get(kind, ())
        held = [
            level
            for level in levels
            for value in (f"{resource}:{level}", f"{kind}:{EVERY}:{level}")
            if Node(NodeKind.ENTITLEMENT, value) in facts.rights
        ]
        if resource in facts.owns:
            return Cell(Mark.ALLOWED, text=OWNER)
        if held:
            return Cell(Mark.ALLOWED, text=held[-1])
        is_unread = any(what.partition(":")[0] == Kind.ENTITLEMENT.value for what in facts.unread)
        return Cell(Mark.UNKNOWN if is_unread else Mark.NONE)


def cell_of(capability: Capability, answer: Answer) -> Cell:
    """Return an answer as a cell: the level, or why there is none, in words."""
    mark = MARKS[answer.mark]
    if mark is Mark.UNSTATED:
        is_unclear = any(one.grant.effect is Effect.UNCLEAR for one in answer.chains)
        return Cell(mark, text=UNCLEAR if is_unclear else mark.word)
    return Cell(mark, text=answer.level if mark.opens else "")


def rights_of(columns: Iterable[Column]) -> frozenset[Node]:
    """Return the rights that columns are about."""
    return frozenset(right for column in columns if (right := node_of(column.key)) is not None)
