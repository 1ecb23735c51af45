"""The fewest grants that must go."""

from collections.abc import Callable
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.graph.closure import Graph
from console.graph.cut import is_removable, minimal_cut
from console.graph.edges import Edge, EdgeKind, Node, group, person, role
from tests.graph import oracles
from tests.graph.drawn import graph_edges, rights, subjects, tangled
from tests.graph.examples import assigned, edges, gives, includes, member, nested, workspace

Removable = Callable[[Edge], bool]


def test_one_assignment_is_enough_where_all_paths_begin_with_it() -> None:
    """K3: `pk:ada` gives the bucket by two paths; taking the role itself takes both."""
    cut = minimal_cut(Graph(workspace("ada")), person("ada"), role("pk:s3:edit:ada"))
    assert cut == (Edge(person("ada"), role("pk:ada"), EdgeKind.PERSON_ROLE),)


def test_a_role_itself_loses_another_only_when_both_ways_go() -> None:
    """K3: of `pk:ada`, removing the direct composite alone leaves `pk:s3:edit` effective."""
    cut = minimal_cut(Graph(workspace("ada")), role("pk:ada"), role("pk:s3:edit:ada"))
    assert cut == (
        Edge(role("pk:ada"), role("pk:edit:ada"), EdgeKind.COMPOSITE),
        Edge(role("pk:ada"), role("pk:s3:edit:ada"), EdgeKind.COMPOSITE),
    )


def test_a_group_keeps_its_place_and_the_membership_goes() -> None:
    cut = minimal_cut(Graph(nested()), person("ann"), role("below-top"))
    assert cut == (Edge(person("ann"), group("a/b/c/d"), EdgeKind.MEMBERSHIP),)


def test_a_cut_is_sought_behind_what_must_stay() -> None:
    graph = Graph(nested())
    cut = minimal_cut(graph, person("ann"), role("below-top"), lambda edge: edge.kind is EdgeKind.COMPOSITE)
    assert cut == (Edge(role("top"), role("below-top"), EdgeKind.COMPOSITE),)


def test_nothing_has_to_go_where_nothing_is_held() -> None:
    assert minimal_cut(Graph(nested()), person("bob"), role("unknown")) == ()
    assert minimal_cut(Graph(), person("bob"), role("r")) == ()


def test_there_is_no_cut_where_nothing_may_be_removed() -> None:
    assert minimal_cut(Graph(nested()), person("ann"), role("top"), lambda _: False) is None


def test_a_path_that_must_stay_leaves_no_cut_beside_one_that_may_go() -> None:
    graph = Graph(edges(assigned("ann", "r"), member("ann", "a"), gives("a", "r")))
    assert (
        minimal_cut(graph, person("ann"), role("r"), lambda edge: edge.kind is EdgeKind.PERSON_ROLE) is None
    )


def test_units_that_were_sent_the_wrong_way_are_sent_back() -> None:
    """The shortest path, by `a` and `d`, blocks both others: sent back, two are enough."""
    shortest_way = (assigned("ann", "a"), includes("a", "d"), includes("d", "end"))
    upper_way = (includes("a", "x1"), includes("x1", "x2"), includes("x2", "end"))
    lower_way = (assigned("ann", "b"), includes("b", "y"), includes("y", "d"))
    graph = Graph(edges(*shortest_way, *upper_way, *lower_way))

    cut = minimal_cut(graph, person("ann"), role("end"), lambda edge: edge.kind is EdgeKind.COMPOSITE)

    assert cut == (
        Edge(role("a"), role("x1"), EdgeKind.COMPOSITE),
        Edge(role("d"), role("end"), EdgeKind.COMPOSITE),
    )


@pytest.mark.parametrize(
    "kinds", [set(EdgeKind), {EdgeKind.COMPOSITE}, {EdgeKind.MEMBERSHIP, EdgeKind.PERSON_ROLE}]
)
def test_a_cut_is_one_of_the_smallest_that_trying_all_finds(kinds: set[EdgeKind]) -> None:
    @settings(max_examples=100, deadline=None)
    @given(graph_edges(most=12) | tangled(), subjects(), rights())
    def check(drawn: tuple[Edge, ...], subject: Node, right: Node) -> None:
        def removable(edge: Edge) -> bool:
            return is_removable(edge) and edge.kind in kinds

        smallest = oracles.smallest_cuts(drawn, subject, right, removable)
        cut = minimal_cut(Graph(drawn), subject, right, removable)
        if cut is None:
            assert smallest == []
        else:
            assert frozenset(cut) in smallest

    check()


@given(graph_edges() | tangled(), subjects(), rights())
def test_all_of_a_cut_takes_the_right_and_no_part_of_it_does(
    drawn: tuple[Edge, ...], subject: Node, right: Node
) -> None:
    cut = minimal_cut(Graph(drawn), subject, right)
    assert cut is not None  # every path from a person begins with a grant that can be removed
    assert not _holds(drawn, cut, subject, right)
    for part in (some for size in range(len(cut)) for some in combinations(cut, size)):
        assert _holds(drawn, part, subject, right)


@given(graph_edges() | tangled(), subjects(), rights(), st.randoms())
def test_a_cut_does_not_depend_on_the_order_of_edges(
    drawn: tuple[Edge, ...], subject: Node, right: Node, random: Random
) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert minimal_cut(Graph(shuffled), subject, right) == minimal_cut(Graph(drawn), subject, right)


def _holds(drawn: tuple[Edge, ...], removed: tuple[Edge, ...], subject: Node, right: Node) -> bool:
    return right in oracles.reached(set(drawn) - set(removed), subject)
