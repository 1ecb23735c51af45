"""Somebody with rights, for questions to a catalogue: roles come with all that they are composed of."""

from typing import Any

from console.blueprints.expand import expand
from console.blueprints.model import Expansion
from console.blueprints.shipped import shipped_one
from console.engine.state import State
from console.graph.chains import Facts
from console.graph.closure import Graph
from console.graph.decisions import Answer, over
from console.graph.edges import Node, edges_of, entitlement, person, role


def platform(key: str, **parameters: Any) -> Expansion:
    """Return what a shipped blueprint says with these parameters."""
    blueprint = shipped_one(key)
    assert blueprint is not None
    return expand(blueprint, parameters)


def somebody(state: State, *rights: str | Node, owns: tuple[str, ...] = ()) -> Facts:
    """Return who holds these: a text that ends in capitals is an entitlement, others are roles."""
    graph = Graph(edges_of(state))
    held: set[Node] = set()
    for one in rights:
        node = one if isinstance(one, Node) else _node(one)
        held |= {node, *graph.downstream_of(node)}
    return Facts(subject=person("ann"), rights=frozenset(held), owns=frozenset(owns))


def _node(text: str) -> Node:
    return entitlement(text) if text.rpartition(":")[2].isupper() else role(text)


def cell(expansion: Expansion, who: Facts, capability: str) -> Answer:
    """Return the answer of the matrix, where no resource is named."""
    return over(expansion.catalogue, who, capability)
