"""A graph on another one answers as one graph of all their edges."""

import pytest
from hypothesis import given

from console.graph.closure import Graph
from console.graph.cut import minimal_cut
from console.graph.edges import Edge, EdgeKind, NodeKind, group, person, role
from console.graph.layered import Layered
from console.graph.paths import paths
from tests.graph.drawn import NODES, RIGHTS, SUBJECTS, graph_edges


def split(edges: tuple[Edge, ...]) -> tuple[Graph, list[Edge]]:
    personal = [edge for edge in edges if edge.source.kind is NodeKind.PERSON]
    return Graph(edge for edge in edges if edge not in personal), personal


@given(graph_edges())
def test_it_answers_as_one_graph_of_all_edges(edges: tuple[Edge, ...]) -> None:
    whole, (base, personal) = Graph(edges), split(edges)
    graph = Layered(base, personal)

    assert graph.edges == whole.edges
    assert graph.edge_set == whole.edge_set
    assert (graph.nodes, graph.rights, graph.persons) == (whole.nodes, whole.rights, whole.persons)
    assert graph.rights_of_all(NODES) == whole.rights_of_all(NODES)
    for node in NODES:
        assert graph.rights_of(node) == whole.rights_of(node)
        assert graph.holders_of(node) == whole.holders_of(node)
        assert graph.downstream_of(node) == whole.downstream_of(node)
        assert graph.upstream_of(node) == whole.upstream_of(node)


@given(graph_edges())
def test_its_paths_and_cuts_are_those_of_one_graph(edges: tuple[Edge, ...]) -> None:
    whole, (base, personal) = Graph(edges), split(edges)
    graph = Layered(base, personal)
    for subject in SUBJECTS:
        for right in RIGHTS:
            assert paths(graph, subject, right) == paths(whole, subject, right)
            assert minimal_cut(graph, subject, right) == minimal_cut(whole, subject, right)


def test_a_group_that_only_a_person_mentions_leads_on_to_the_base() -> None:
    base = Graph([Edge(group("a"), role("r"), EdgeKind.GROUP_ROLE)])
    graph = Layered(
        base,
        [
            Edge(person("ann"), group("a/b"), EdgeKind.MEMBERSHIP),
            Edge(group("a/b"), group("a"), EdgeKind.PARENT),
            Edge(person("ann"), role("new"), EdgeKind.PERSON_ROLE),
        ],
    )
    assert graph.rights_of(person("ann")) == {role("r"), role("new")}
    assert graph.rights_of(group("a/b")) == {role("r")}


def test_an_edge_that_changes_the_base_is_refused() -> None:
    base = Graph([Edge(group("a"), role("r"), EdgeKind.GROUP_ROLE)])
    with pytest.raises(ValueError, match="changes the base"):
        Layered(base, [Edge(group("a"), role("s"), EdgeKind.GROUP_ROLE)])
