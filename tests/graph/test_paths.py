"""Every way to a right, shortest first."""

from hypothesis import given, settings

from console.graph.closure import Graph
from console.graph.edges import Edge, Node, person, role
from console.graph.paths import COUNTED_AT_MOST, paths, shortest
from tests.graph import oracles
from tests.graph.drawn import graph_edges, rights, subjects, tangled
from tests.graph.examples import (
    assigned,
    circle,
    edges,
    everything_to_everything,
    gives,
    includes,
    ladder,
    member,
    nested,
    workspace,
)


def test_both_ways_to_a_workspace_bucket_are_listed_shortest_first() -> None:
    """K3, K4: the direct composite and the one through edit."""
    found = paths(Graph(workspace("ada")), person("ada"), role("pk:s3:edit:ada"))

    assert (found.total, found.capped, found.count_in_words) == (2, False, "2 paths")
    assert [path.summary for path in found.listed] == [
        ("ada is assigned role pk:ada.", "Role pk:ada includes role pk:s3:edit:ada."),
        (
            "ada is assigned role pk:ada.",
            "Role pk:ada includes role pk:edit:ada.",
            "Role pk:edit:ada includes role pk:s3:edit:ada.",
        ),
    ]


def test_a_path_names_each_group_above_and_each_composite() -> None:
    (path,) = paths(Graph(nested()), person("ann"), role("below-top")).listed
    assert [node.name for node in path.through] == ["a/b/c/d", "a/b/c", "a/b", "a", "top"]
    assert (path.is_direct, path.uses_group, path.uses_composite) == (False, True, True)
    assert path.summary[1] == "Group a/b/c/d stands in group a/b/c and has what that has."


def test_a_direct_grant_and_one_through_a_group_are_two_paths() -> None:
    graph = Graph(edges(assigned("ann", "r"), member("ann", "a"), gives("a", "r")))
    found = paths(graph, person("ann"), role("r"))
    assert [(path.is_direct, path.uses_group) for path in found.listed] == [(True, False), (False, True)]


def test_a_circle_of_composites_is_walked_once() -> None:
    found = paths(Graph(circle()), person("ann"), role("r3"))
    assert (found.total, found.capped, len(found.listed)) == (1, False, 1)
    assert [node.name for node in found.listed[0].nodes] == ["ann", "r1", "r2", "r3"]


def test_a_circle_on_the_way_is_not_gone_around() -> None:
    graph = Graph(edges(assigned("ann", "r"), includes("r", "s"), includes("s", "r"), includes("s", "end")))
    found = paths(graph, person("ann"), role("end"))
    assert found.total == 1
    assert [node.name for node in found.listed[0].nodes] == ["ann", "r", "s", "end"]


def test_more_paths_than_are_listed_are_counted_all_the_same() -> None:
    found = paths(Graph(ladder(20)), person("ann"), role("end"), limit=3)
    assert (found.total, found.capped, len(found.listed)) == (2**20, False, 3)


def test_paths_beyond_counting_are_said_to_be_at_least_ten_thousand() -> None:
    found = paths(Graph(everything_to_everything(9)), person("ann"), role("r08"))
    assert (found.total, found.capped) == (COUNTED_AT_MOST, True)
    assert found.count_in_words == "at least 10000 paths"
    assert [len(path) for path in found.listed[:9]] == [2, *[3] * 7, 4]


def test_no_path_is_an_empty_answer() -> None:
    graph = Graph(edges(includes("r", "s")))
    assert paths(graph, person("ann"), role("s")).listed == ()
    assert paths(graph, role("s"), role("s")).total == 0
    assert paths(graph, role("r"), role("unknown")).total == 0


@settings(max_examples=300)
@given(graph_edges() | tangled(), subjects(), rights())
def test_paths_are_all_simple_paths_in_order(drawn: tuple[Edge, ...], subject: Node, right: Node) -> None:
    """Compared with every simple path found by trying."""
    expected = oracles.routes(drawn, subject, right)
    found = paths(Graph(drawn), subject, right, limit=10_000)
    assert [path.edges for path in found.listed] == expected
    assert (found.total, found.capped) == (len(expected), False)


@given(graph_edges() | tangled(), subjects(), rights())
def test_a_limit_shortens_the_list_and_not_the_total(
    drawn: tuple[Edge, ...], subject: Node, right: Node
) -> None:
    graph = Graph(drawn)
    whole, short = paths(graph, subject, right, limit=1000), paths(graph, subject, right, limit=2)
    assert short.listed == whole.listed[:2]
    assert (short.total, short.capped) == (whole.total, whole.capped)


@given(graph_edges() | tangled(), subjects(), rights())
def test_the_shortest_path_without_an_edge_avoids_it(
    drawn: tuple[Edge, ...], subject: Node, right: Node
) -> None:
    graph = Graph(drawn)
    for removed in drawn:
        expected = oracles.routes([edge for edge in drawn if edge != removed], subject, right)
        found = shortest(graph, subject, right, without={removed})
        assert (found.edges if found else None) == (expected[0] if expected else None)
