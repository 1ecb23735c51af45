"""The reasons of a cell about a capability: the chains to it, or what is missing and what would mend it."""

from dataclasses import dataclass, replace
from functools import cached_property

from access.explain import Cut, Names, Way
from access.graphs import settled_graph
from access.matrix.answers import UNCLEAR, cell_of
from access.matrix.grid import Cell, Mark
from access.matrix.mending import Mend, mends_of
from access.matrix.missing import Lacking, lacking_of, timed_of
from access.matrix.opened import DOUBTFUL, capability_of, resource_of
from access.matrix.part import Matrix, Part
from access.matrix.rows import Subject
from access.matrix.wording import ConditionWords, condition_words
from access.models import Resource
from console.graph.catalogue import EVERY, Capability, Catalogue, Note
from console.graph.chains import Chain
from console.graph.closure import Graph
from console.graph.decisions import Answer, Facts, Question, decide, over
from console.graph.edges import Node
from console.graph.ending import ending
from console.graph.paths import paths
from console.graph.whynot import Asked, why_not

CHAINS = 6
HEADINGS = {
    Mark.ALLOWED: "Why is this allowed?",
    Mark.LIMITED: "Why is this limited?",
    Mark.EXEMPT: "Why is this exempt from the rules?",
    Mark.NONE: "Why is there no access?",
    Mark.UNKNOWN: "Why is this not known?",
    Mark.UNSTATED: "Why is this not stated?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChain:
    """One way to the capability: how a right is held, what it gives, and what met its conditions."""

    way: Way | None
    more: int
    right: str
    right_url: str
    gives: str
    rule: str
    conditions: tuple[ConditionWords, ...]
    holds: bool | None
    is_live: bool | None


@dataclass(frozen=True)
class CapabilityReasons:
    """Everything that the panel says of one cell."""

    part: Part
    subject: Subject
    capability: Capability
    resource: str
    column: str

    @property
    def key(self) -> str:
        return self.column

    @property
    def heading(self) -> str:
        return HEADINGS[self.cell.mark]

    @property
    def catalogue(self) -> Catalogue:
        return self.part.matrix.answering

    @property
    def service(self) -> str:
        names = {one.key: one.name for one in self.catalogue.services}
        return names.get(self.capability.service, self.capability.service)

    @cached_property
    def facts(self) -> Facts:
        found = self.part.told.get(self.subject.node)
        return found or Facts(subject=self.subject.node, rights=frozenset())

    @cached_property
    def answer(self) -> Answer:
        return self._answer(self.facts)

    @cached_property
    def cell(self) -> Cell:
        return cell_of(self.capability, self.answer)

    @cached_property
    def result(self) -> str:
        """The answer in words: `Limited to 2 of 12 packages`, `Allowed: Editor`."""
        mark, level = self.cell.mark, self.answer.level
        if mark is Mark.LIMITED:
            return self._limited()
        words = {
            Mark.ALLOWED: "Allowed",
            Mark.EXEMPT: "Exempt from the rules: allowed, whatever is enforced for others",
            Mark.NONE: "No access",
            Mark.UNKNOWN: "Unknown: what it hangs on could not be read",
            Mark.UNSTATED: "Unclear: the documents may mean it. Decided as no"
            if self.cell.text == UNCLEAR
            else "The documents do not say. Decided as no",
        }[mark]
        return f"{words}: {level}" if level else words

    def _limited(self) -> str:
        kind = self.capability.resource
        if f"{kind}:{EVERY}" in self.answer.on:
            return f"On every {kind}, by an entitlement to all"
        if not self.answer.on:
            return "Limited by a condition of the request"
        return f"Limited to {len(self.answer.on)} of {max(self._of_type, len(self.answer.on))} {kind}s"

    @cached_property
    def _of_type(self) -> int:
        rows = Resource.objects.of(self.part.matrix.tenant)
        return int(rows.filter(type__name=self.capability.resource).count())

    @property
    def on(self) -> tuple[str, ...]:
        """The resources on which a limited cell holds, by name."""
        return tuple(one.partition(":")[2] for one in self.answer.on if not one.endswith(f":{EVERY}"))

    @property
    def others(self) -> int:
        """How many resources of the type there are besides."""
        return max(0, self._of_type - len(self.on)) if self.on else 0

    @cached_property
    def chains(self) -> tuple[ShownChain, ...]:
        return tuple(self._chain(one) for one in self.answer.chains[:CHAINS])

    @property
    def left_out(self) -> int:
        return max(0, len(self.answer.chains) - CHAINS)

    @cached_property
    def lacking(self) -> tuple[Lacking, ...]:
        """What is missing first in each chain, those nearest to a yes first. Nothing where it is a yes."""
        if self.cell.mark.opens:
            return ()
        tenant = self.part.matrix.tenant
        timed = timed_of(tenant, self.subject.node)
        asked = Asked(catalogue=self.catalogue, facts=self.facts, question=self._question, timed=timed)
        return lacking_of(why_not(asked), self.catalogue, self.names)

    @cached_property
    def mends(self) -> tuple[Mend, ...]:
        """The smallest safe changes that would make it a yes, by how much else each would open."""
        if self.cell.mark.opens or self.subject.family or not self.subject.is_declared:
            return ()
        return mends_of(self.part.matrix.tenant, self.settled, self.catalogue, self.facts, self._question)

    @cached_property
    def cut(self) -> Cut:
        """The fewest links that must go for this to end."""
        found = ending(self.catalogue, self.settled, self.facts, self._question)
        return Cut(links=None if found is None else tuple(self.names.end(edge) for edge in found))

    @property
    def notes(self) -> tuple[Note, ...]:
        """The doubtful readings that this rests on."""
        keys = {*self.capability.notes, *(key for one in self.answer.chains for key in one.grant.notes)}
        return tuple(one for one in self.catalogue.notes if one.key in keys)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Those that are told at once: on which the documents do not agree, or say too little."""
        return tuple(one.key for one in self.notes if one.kind in DOUBTFUL)

    @property
    def rows(self) -> str:
        """What stands in the rows, as the comparison asks for it."""
        return self.part.matrix.asked.view.value

    @cached_property
    def is_live(self) -> bool | None:
        """Whether what Keycloak had when it was read answers the same; None where it was never read."""
        access = self.part.access
        if access.read_at is None:
            return None
        own = access.graph.rights_of(self.subject.node)
        theirs = (self.facts.rights - own) | access.live.rights_of(self.subject.node)
        return cell_of(self.capability, self._answer(replace(self.facts, rights=theirs))) == self.cell

    @cached_property
    def settled(self) -> Graph:
        username = [self.subject.node.name] if self.subject.noun == "person" else []
        return settled_graph(self.part.matrix.tenant.realm, people=username)

    @cached_property
    def names(self) -> Names:
        graph = self.part.access.graph
        grants = self.catalogue.of_capability.get(self.capability.key, ())
        granted = {Node(one.kind, one.right.text) for one in grants}
        return Names(self.part.matrix.tenant, {*graph.downstream_of(self.subject.node), *granted})

    @property
    def _question(self) -> Question:
        return Question(capability=self.capability.key, resource=self.resource)

    def _answer(self, facts: Facts) -> Answer:
        if self.resource:
            return decide(self.catalogue, facts, self._question)
        return over(self.catalogue, facts, self.capability.key)

    def _chain(self, chain: Chain) -> ShownChain:
        graph = self.part.access.graph
        found = paths(graph, self.subject.node, chain.right, limit=1)
        named = self.names.named(chain.right)
        live = None
        if self.part.access.read_at is not None:
            live = chain.right == self.subject.node or self.part.access.live.holds(
                self.subject.node, chain.right
            )
        return ShownChain(
            way=self.names.way(found.listed[0]) if found.listed else None,
            more=max(0, found.total - 1),
            right=self.catalogue.titles.get(chain.right.name, "") or named.words,
            right_url=named.url,
            gives=self._gives(chain),
            rule=chain.grant.rule,
            conditions=tuple(
                condition_words(self.capability, one)
                for one in chain.conditions
                if one.met or not chain.holds  # of a chain that holds the rest are other ways to meet it
            ),
            holds=chain.holds,
            is_live=live,
        )

    def _gives(self, chain: Chain) -> str:
        """Return what the right gives: `gives kubeflow-edit in workspace ada`."""
        verb = "gives" if chain.gives else "may give, the documents are unclear,"
        level = f"{verb} {chain.grant.level}" if chain.grant.level else f"{verb} this"
        where = f" on {chain.resource.replace(':', ' ')}" if chain.resource else ""
        return f"{level}{where}{', exempt from what is enforced' if chain.grant.exempt else ''}"


def reasons_of(matrix: Matrix, row: object, column: str) -> CapabilityReasons | None:
    """Return the reasons of a cell of a row of the database, or None where the column is no capability."""
    resource = resource_of(column)
    capability = matrix.capability if resource else capability_of(matrix.catalogue, column)
    if capability is None:
        return None
    part = matrix.part([row])
    return CapabilityReasons(part, part.shown[0], capability, resource, column)
