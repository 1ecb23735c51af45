"""What would be otherwise if somebody had, or were in, something: rights and capabilities, unwritten."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from console.graph.catalogue import Catalogue
from console.graph.chains import Facts
from console.graph.closure import Graph
from console.graph.decisions import Answer, Mark, over
from console.graph.edges import Edge, Node

# From less to more. What is not known, or not stated, is no yes: it stands with none.
_MORE = {Mark.NONE: 0, Mark.UNKNOWN: 0, Mark.UNSTATED: 0, Mark.LIMITED: 1, Mark.ALLOWED: 2, Mark.EXEMPT: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One capability of one subject, before and after."""

    subject: Node
    capability: str
    before: Answer
    after: Answer

    @property
    def opens(self) -> bool:
        """Say whether more can be done afterwards. Who may do it already is only exempted from now on."""
        was_open = self.before.is_allowed and self.before.level == self.after.level
        return _is_more(self.before, self.after) and not was_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a change would do to whom. Rights by subject; capabilities as cells of the matrix."""

    gained: tuple[Shift, ...]
    lost: tuple[Shift, ...]
    rights_gained: Mapping[Node, frozenset[Node]]
    rights_lost: Mapping[Node, frozenset[Node]]

    @property
    def is_empty(self) -> bool:
        """Say whether nobody gains or loses anything that the catalogue or the realm knows."""
        return not (
            self.gained or self.lost or any(self.rights_gained.values()) or any(self.rights_lost.values())
        )


def what_if(
    catalogue: Catalogue,
    graph: Graph,
    facts: Collection[Facts],
    *,
    adds: Iterable[Edge] = (),
    removes: Iterable[Edge] = (),
    resources: Collection[str] | None = None,
) -> Difference:
    """Return what these subjects would gain and lose if these edges came and went.

    `facts` are theirs now, by the same graph. `resources` are those that the viewer may know.
    """
    changed = graph.changed(adds=adds, removes=removes)
    after = [moved(one, graph, changed) for one in facts]
    return difference(catalogue, facts, after, resources)


def difference(
    catalogue: Catalogue,
    before: Iterable[Facts],
    after: Iterable[Facts],
    resources: Collection[str] | None = None,
) -> Difference:
    """Return what differs between facts of the same subjects, in the same order."""
    pairs = list(zip(before, after, strict=True))
    shifts = [shift for old, new in pairs for shift in _shifts(catalogue, old, new, resources)]
    return Difference(
        gained=tuple(one for one in shifts if _is_more(one.before, one.after)),
        lost=tuple(one for one in shifts if _is_more(one.after, one.before)),
        rights_gained={new.subject: new.rights - old.rights for old, new in pairs},
        rights_lost={new.subject: old.rights - new.rights for old, new in pairs},
    )


def moved(facts: Facts, graph: Graph, changed: Graph) -> Facts:
    """Return the facts with what the graph gives or takes. What is not of the graph stays."""
    had, has = graph.rights_of(facts.subject), changed.rights_of(facts.subject)
    return replace(facts, rights=(facts.rights - (had - has)) | (has - had))


def _shifts(
    catalogue: Catalogue, before: Facts, after: Facts, resources: Collection[str] | None
) -> Iterable[Shift]:
    if before.rights == after.rights and before.owns == after.owns:
        return
    for capability in catalogue.capabilities:
        old = over(catalogue, before, capability.key, resources)
        new = over(catalogue, after, capability.key, resources)
        if (old.mark, old.level, old.on) != (new.mark, new.level, new.on):
            yield Shift(subject=after.subject, capability=capability.key, before=old, after=new)


def _is_more(one: Answer, other: Answer) -> bool:
    """Say whether the second answer opens something that the first does not."""
    if _MORE[other.mark] != _MORE[one.mark]:
        return _MORE[other.mark] > _MORE[one.mark]
    return bool(set(other.on) - set(one.on)) or (other.level != one.level and bool(other.level))
