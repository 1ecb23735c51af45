"""The fewest grants that must go so that somebody may no longer do something.

A capability is held by chains, and each chain by a right and its conditions. It ends when each chain is
broken: by taking all the rights, or all the entitlements that meet their conditions, whichever is fewer.
"""

from collections.abc import Iterable

from console.graph.catalogue import Catalogue
from console.graph.chains import Chain, Facts
from console.graph.closure import Graph
from console.graph.cut import cut_of_all
from console.graph.decisions import Question, decide
from console.graph.edges import Edge, Node, entitlement
from console.graph.whatif import moved

Cut = tuple[Edge, ...] | None


def ending(catalogue: Catalogue, graph: Graph, facts: Facts, question: Question) -> Cut:
    """Return the fewest removable edges, sorted; empty where the answer is no, None where nothing ends it."""
    answer = decide(catalogue, facts, question)
    if not answer.opens:
        return ()
    chains = [one for one in answer.chains if one.gives and one.holds]
    cuts = [
        cut_of_all(graph, facts.subject, _rights(chains)),
        cut_of_all(graph, facts.subject, _entitlements(chains)),
    ]
    enough = [cut for cut in cuts if cut and _ends(catalogue, graph, facts, question, cut)]
    return min(enough, key=len, default=None)


def _rights(chains: Iterable[Chain]) -> set[Node]:
    return {one.right for one in chains}


def _entitlements(chains: Iterable[Chain]) -> set[Node]:
    return {entitlement(value) for chain in chains for one in chain.conditions for value in one.by}


def _ends(
    catalogue: Catalogue, graph: Graph, facts: Facts, question: Question, cut: tuple[Edge, ...]
) -> bool:
    return not decide(catalogue, moved(facts, graph, graph.changed(removes=cut)), question).opens
