"""The smallest safe fixes for a no: which few grants would make it a yes, and what else each would open."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from console.graph.catalogue import EVERY, Catalogue, Effect, Entitled
from console.graph.chains import Facts, Ways
from console.graph.closure import Graph
from console.graph.conditions import parts_of
from console.graph.decisions import Mark, Question, decide
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, entitlement
from console.graph.whatif import Difference, what_if
from console.graph.whynot import right_for

LOOKED_AT = 500  # ways of which the rights that they bring are counted
TRIED = 12  # of these, with fewest rights, are taken through the catalogue
MembersOf = Callable[[Node], Collection[Facts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edges that would have to be added. `opens` is everything that would change, the wanted included.

    `further` counts the capabilities that would be opened besides the one that is asked for, over everybody
    whom the change concerns.
    """

    adds: tuple[Edge, ...]
    opens: Difference
    further: int


def fixes(
    catalogue: Catalogue,
    graph: Graph,
    facts: Facts,
    question: Question,
    *,
    members: MembersOf | None = None,
    may_give: Callable[[Edge], bool] = lambda _: True,
    most: int = 3,
) -> tuple[Fix, ...]:
    """Return the fixes that open least else, then those with fewest grants, in a stable order.

    Direct grants to the subject, and groups that it could join. `members` tells whom a grant to the subject
    concerns where that is a group. `may_give` leaves out what this viewer could not do or may not know.
    """
    ways = (one for one in _ways_to(catalogue, graph, facts, question) if all(map(may_give, one)))
    nearest = sorted(islice(ways, LOOKED_AT), key=lambda adds: _rights_brought(graph, facts, adds))
    tried = (_fix(catalogue, graph, facts, question, adds, members) for adds in nearest[:TRIED])
    found = _without_needless([one for one in tried if one is not None])
    ordered = sorted(found, key=lambda fix: (fix.further, len(fix.adds), [str(edge) for edge in fix.adds]))
    return tuple(ordered[:most])


def _without_needless(found: list[Fix]) -> list[Fix]:
    """Return the fixes of which no part is a fix by itself."""
    sets = [frozenset(one.adds) for one in found]
    return [one for one, adds in zip(found, sets, strict=True) if not any(other < adds for other in sets)]


def _rights_brought(graph: Graph, facts: Facts, adds: tuple[Edge, ...]) -> tuple[int, int]:
    brought = graph.rights_from(edge.target for edge in adds) - facts.rights
    return len(brought), len(adds)


def _fix(
    catalogue: Catalogue,
    graph: Graph,
    facts: Facts,
    question: Question,
    adds: tuple[Edge, ...],
    members: MembersOf | None,
) -> Fix | None:
    """Return the fix, or None where the answer would still be no."""
    concerned = [facts, *(members(facts.subject) if members else ())]
    opens = what_if(catalogue, graph, concerned, adds=adds)
    after = replace(facts, rights=facts.rights | opens.rights_gained[facts.subject])
    if not _is_enough(catalogue, after, question):
        return None
    further = sum(
        one.opens and (one.subject, one.capability) != (facts.subject, question.capability)
        for one in opens.gained
    )
    return Fix(adds=adds, opens=opens, further=further)


def _is_enough(catalogue: Catalogue, after: Facts, question: Question) -> bool:
    """Say whether the answer is yes. For a cell without a resource the right is enough."""
    answer = decide(catalogue, after, question)
    if question.resource or answer.mark is not Mark.NONE:
        return answer.opens
    return any(one.gives for one in answer.chains)


def _ways_to(
    catalogue: Catalogue, graph: Graph, facts: Facts, question: Question
) -> Iterator[tuple[Edge, ...]]:
    """Yield sets of edges that may be enough: a right by each way, and an entitlement where one is needed."""
    capability = catalogue.by_key.get(question.capability)
    if capability is None:
        return
    ways = Ways(catalogue=catalogue, facts=facts, capability=capability, properties=question.properties)
    seen = set[tuple[Edge, ...]]()
    for grant in catalogue.of_capability.get(capability.key, ()):
        right = right_for(capability, grant, question.resource)
        if grant.effect is not Effect.GIVES or right is None:
            continue
        needs = () if grant.exempt or not ways.depends(grant) else (capability.needs, grant.when)
        asked = [one for need in needs for one in parts_of(need) if isinstance(one, Entitled)]
        for edges in _by_right(graph, facts, right):
            for further in _by_entitlement(catalogue, facts, question.resource, asked):
                adds = (*edges, *further)
                if adds and adds not in seen:
                    seen.add(adds)
                    yield adds


def _by_right(graph: Graph, facts: Facts, right: Node) -> Iterator[tuple[Edge, ...]]:
    """Yield nothing more where the right is held, else the edges that give it: directly, or by a group."""
    if right in facts.rights:
        yield ()
        return
    subject = facts.subject
    direct = _DIRECT.get((subject.kind, right.kind))
    if direct is not None:
        yield (Edge(subject, right, direct),)
    join = _JOIN.get(subject.kind)
    if join is not None:
        groups = (one for one in graph.upstream_of(right) if one.kind is NodeKind.GROUP)
        yield from ((Edge(subject, one, join),) for one in sorted(groups))


def _by_entitlement(
    catalogue: Catalogue, facts: Facts, resource: str, asked: Iterable[Entitled]
) -> Iterator[tuple[Edge, ...]]:
    """Yield what entitles the subject, at the weakest level that suffices; nothing where nothing is asked."""
    name = resource.partition(":")[2]
    wanted = []
    for one in asked:
        levels = catalogue.levels_from(one.type, one.level)
        values = [entitlement(f"{one.type}:{place}:{level}") for place in (name, EVERY) for level in levels]
        if levels and name and not any(value in facts.rights for value in values):
            wanted.append(Edge(facts.subject, values[0], EdgeKind.ENTITLEMENT))
    if not wanted:
        yield ()
        return
    yield from ((one,) for one in wanted)
    if len(wanted) > 1:
        yield tuple(wanted)


_DIRECT = {
    (NodeKind.GROUP, NodeKind.CLIENT_ROLE): EdgeKind.GROUP_CLIENT_ROLE,
    (NodeKind.GROUP, NodeKind.ROLE): EdgeKind.GROUP_ROLE,
    (NodeKind.PERSON, NodeKind.CLIENT_ROLE): EdgeKind.PERSON_CLIENT_ROLE,
    (NodeKind.PERSON, NodeKind.ROLE): EdgeKind.PERSON_ROLE,
    (NodeKind.SERVICE_ACCOUNT, NodeKind.CLIENT_ROLE): EdgeKind.SERVICE_CLIENT_ROLE,
    (NodeKind.SERVICE_ACCOUNT, NodeKind.ROLE): EdgeKind.SERVICE_ROLE,
}
_JOIN = {
    NodeKind.PERSON: EdgeKind.MEMBERSHIP,
    NodeKind.SERVICE_ACCOUNT: EdgeKind.SERVICE_MEMBERSHIP,
}
