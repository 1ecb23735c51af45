"""Who reaches which right."""

from hypothesis import given

from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, entitlement, group, person, role
from tests.graph import oracles
from tests.graph.drawn import NODES, RIGHTS, SUBJECTS, graph_edges, tangled
from tests.graph.examples import circle, nested, workspace


def test_a_workspace_role_brings_the_whole_family() -> None:
    """K3: the composite family of a prokube workspace."""
    graph = Graph(workspace("ada"))
    names = {right.name for right in graph.rights_of(person("ada"))}
    assert names == {"pk:ada", "pk:edit:ada", "pk:view:ada", "pk:s3:edit:ada", "pk:s3:view:ada"}


def test_roles_and_entitlements_of_every_group_above_reach_a_member() -> None:
    """I5: a subgroup's member has what the parents have."""
    graph = Graph(nested())
    assert graph.groups_of(person("ann")) == {group("a/b/c/d"), group("a/b/c"), group("a/b"), group("a")}
    assert graph.rights_of(person("ann")) == {
        role("top"),
        role("below-top"),
        entitlement("package:demo:READ"),
    }
    assert graph.rights_of(person("bob")) == {role("top"), role("below-top")}
    assert graph.holders_of(entitlement("package:demo:READ")) == {person("ann")}


def test_roles_that_include_each_other_give_each_other() -> None:
    graph = Graph(circle())
    assert graph.rights_of(person("ann")) == {role("r1"), role("r2"), role("r3")}
    assert graph.rights_of(role("r1")) == {role("r2"), role("r3")}
    assert graph.holds(role("r1"), role("r2"))
    assert not graph.holds(role("r1"), role("r1"))


def test_who_is_not_in_the_graph_has_nothing() -> None:
    graph = Graph(nested())
    assert graph.rights_of(person("nobody")) == frozenset()
    assert graph.holders_of(role("nothing")) == frozenset()
    assert not graph.holds(person("ann"), role("nothing"))
    assert Graph().rights_of(person("ann")) == frozenset()


@given(graph_edges() | tangled())
def test_rights_of_every_node_equal_the_fixpoint_over_bare_edges(edges: tuple[Edge, ...]) -> None:
    """M5: the kept closure is the one from scratch."""
    graph = Graph(edges)
    expected = {node: oracles.rights(edges, node) for node in NODES}
    assert graph.rights_of_all(NODES) == expected
    assert {node: graph.rights_of(node) for node in NODES} == expected
    assert {node: graph.count_of(node) for node in NODES} == {node: len(expected[node]) for node in NODES}


@given(graph_edges() | tangled())
def test_a_cell_and_the_holders_agree_with_the_rights(edges: tuple[Edge, ...]) -> None:
    graph = Graph(edges)
    for right in RIGHTS:
        holders = {subject for subject in SUBJECTS if right in oracles.rights(edges, subject)}
        assert graph.holders_of(right) == holders
        assert {subject for subject in SUBJECTS if graph.holds(subject, right)} == holders


@given(graph_edges() | tangled())
def test_the_groups_of_a_person_are_what_memberships_and_parents_reach(edges: tuple[Edge, ...]) -> None:
    belonging = [edge for edge in edges if edge.kind in (EdgeKind.MEMBERSHIP, EdgeKind.PARENT)]
    graph = Graph(edges)
    for subject in SUBJECTS:
        assert graph.groups_of(subject) == oracles.reached(belonging, subject) - {subject}


@given(graph_edges() | tangled())
def test_the_order_in_which_edges_come_changes_nothing(edges: tuple[Edge, ...]) -> None:
    assert Graph(edges).edges == Graph([*reversed(edges), *edges]).edges
