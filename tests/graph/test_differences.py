"""What is declared beside what is live."""

from hypothesis import given

from console.engine.state import State
from console.graph.closure import Graph
from console.graph.differences import Difference, compare, merged
from console.graph.edges import Edge, EdgeKind, Origin, Provenance, edges_of, person, role
from tests.graph import oracles
from tests.graph.drawn import RIGHTS, SUBJECTS, states
from tests.graph.examples import assigned, edges, includes


def test_a_composite_added_behind_the_consoles_back_differs_for_its_holder() -> None:
    declared = edges(assigned("ann", "r"))
    live = Graph([*declared, *edges(includes("r", "s"))])
    found = compare(Graph(declared), live, [person("ann"), person("bob")], [role("r"), role("s")])
    assert found == (Difference(person("ann"), role("s"), declared=False, live=True),)


@given(states(), states())
def test_the_cells_that_differ_are_those_whose_answers_differ(one: State, other: State) -> None:
    declared, live = edges_of(one), edges_of(other)
    expected = {
        (who, right)
        for who in SUBJECTS[:2]
        for right in RIGHTS[1:]
        if (right in oracles.rights(declared, who)) != (right in oracles.rights(live, who))
    }
    found = compare(Graph(declared), Graph(live), SUBJECTS[:2], RIGHTS[1:])
    assert {(it.subject, it.right) for it in found} == expected
    assert all(it.declared == (it.right in oracles.rights(declared, it.subject)) for it in found)
    assert all(it.declared != it.live for it in found)


@given(states(), states())
def test_a_merged_graph_says_of_each_edge_where_it_is(one: State, other: State) -> None:
    declared, live = Graph(edges_of(one)), Graph(edges_of(other))
    both = merged(declared, live)
    assert {edge for edge in both.edges if edge.provenance.declared} == declared.edge_set
    assert {edge for edge in both.edges if edge.provenance.live} == live.edge_set


def test_an_edge_on_both_sides_keeps_what_the_console_tells_of_it() -> None:
    ends = person("ann"), role("r"), EdgeKind.PERSON_ROLE
    declared = Graph([Edge(*ends, Provenance(by="mto", reason="ticket 7"))])
    live = Graph([Edge(*ends, Provenance(source=Origin.KEYCLOAK))])
    (edge,) = merged(declared, live).edges
    assert edge.provenance == Provenance(by="mto", reason="ticket 7", declared=True, live=True)
