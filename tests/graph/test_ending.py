"""The fewest grants that must go so that somebody may no longer do something."""

from console.engine.state import Address, Resource, State
from console.graph.chains import Facts
from console.graph.closure import Graph
from console.graph.cut import cut_of_all
from console.graph.decisions import Question, decide
from console.graph.edges import Edge, edges_of, person, role
from console.graph.ending import ending
from tests.graph.catalogues import INSIGHTS


def graph(*keys: str) -> Graph:
    return Graph(edges_of(State.of(Resource(Address.parse(key)) for key in keys)))


def told(of: Graph, key: str, resource: str = "") -> list[str] | None:
    facts = Facts(subject=person("ann"), rights=of.rights_of(person("ann")))
    question = Question(capability=key, resource=resource)
    cut = ending(INSIGHTS, of, facts, question)
    if cut:
        _assert_minimal(of, question, cut)
    return None if cut is None else [str(edge) for edge in cut]


def _assert_minimal(of: Graph, question: Question, cut: tuple[Edge, ...]) -> None:
    for kept in (None, *cut):
        gone = [edge for edge in cut if edge != kept]
        left = Graph(edge for edge in of.edges if edge not in gone)
        facts = Facts(subject=person("ann"), rights=left.rights_of(person("ann")))
        assert decide(INSIGHTS, facts, question).is_allowed == (kept is not None)


def test_one_entitlement_is_enough_where_two_roles_bring_the_capability() -> None:
    of = graph(
        "person-role:ann|developer",
        "membership:ann|makers",
        "group-role:makers|developer",
        "entitlement:person|ann|package:demo:WRITE",
    )
    assert told(of, "kx:change", "package:demo") == ["person ann -> entitlement package:demo:WRITE"]


def test_removing_one_of_two_roles_is_not_enough() -> None:
    of = graph("person-role:ann|admin", "membership:ann|bosses", "group-role:bosses|admin")
    assert told(of, "kx:audit") == ["person ann -> group bosses", "person ann -> role admin"]


def test_what_was_no_needs_no_cut_and_ownership_is_not_ended_by_entitlements() -> None:
    assert told(graph("membership:ann|x"), "kx:audit") == []
    owner = graph("person-role:ann|viewer", "entitlement:person|ann|package:demo:READ")
    facts = Facts(
        subject=person("ann"), rights=owner.rights_of(person("ann")), owns=frozenset({"package:demo"})
    )
    cut = ending(INSIGHTS, owner, facts, Question(capability="kx:open", resource="package:demo"))
    assert [str(edge) for edge in cut or ()] == ["person ann -> role viewer"]


def test_a_cut_of_several_rights_shares_what_they_share() -> None:
    of = graph("membership:ann|g", "group-role:g|r", "group-role:g|s", "person-role:ann|t")
    cut = cut_of_all(of, person("ann"), [role("r"), role("s")])
    assert [str(edge) for edge in cut or ()] == ["person ann -> group g"]
    assert cut_of_all(of, person("ann"), [role("other")]) == ()
