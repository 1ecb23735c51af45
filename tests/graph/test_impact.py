"""What a change does to people."""

from hypothesis import given

from console.engine.state import State
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, Node, edges_of, person, role
from console.graph.impact import ChangeKind, impact, kept, path_of
from tests.graph import oracles
from tests.graph.drawn import RIGHTS, SUBJECTS, graph_edges, rights, states, subjects
from tests.graph.examples import assigned, edges, gives, includes, member, nested, workspace


def test_a_grant_to_a_parent_group_reaches_everybody_below_with_what_the_role_includes() -> None:
    before = edges(member("ann", "a/b"), member("bob", "a"), includes("r", "s"))
    after = Graph([*before, *edges(gives("a", "r"))])

    effect = impact(Graph(before), after)

    assert [(one.right.name, [who.name for who in one.people]) for one in effect.gained] == [
        ("r", ["ann", "bob"]),
        ("s", ["ann", "bob"]),
    ]
    assert [node.name for node in effect.gained[1].through.nodes] == ["ann", "a/b", "a", "r", "s"]
    assert effect.lost == effect.kept == ()
    assert (len(effect.gainers), effect.losers, effect.both) == (2, frozenset(), frozenset())


def test_removing_one_of_two_paths_keeps_the_right_and_says_so() -> None:
    """K3: without its direct composite, `pk:ada` still gives `pk:s3:edit`."""
    before = workspace("ada")
    direct = Edge(role("pk:ada"), role("pk:s3:edit:ada"), EdgeKind.COMPOSITE)

    effect = impact(Graph(before), Graph(edge for edge in before if edge != direct))

    assert effect.is_empty
    (still,) = effect.kept
    assert (still.right, still.kind, still.people) == (
        role("pk:s3:edit:ada"),
        ChangeKind.KEPT,
        (person("ada"),),
    )
    assert [node.name for node in still.through.nodes] == ["ada", "pk:ada", "pk:edit:ada", "pk:s3:edit:ada"]


def test_moving_a_person_lets_her_gain_and_lose() -> None:
    rules = edges(gives("a", "r"), gives("b", "s"))
    before, after = Graph([*rules, *edges(member("ann", "a"))]), Graph([*rules, *edges(member("ann", "b"))])

    effect = impact(before, after)

    assert effect.both == {person("ann")}
    assert [one.right.name for one in effect.lost] == ["r"]
    lost = path_of(effect.lost[0], person("ann"), before=before, after=after)
    assert lost is not None
    assert [node.name for node in lost.nodes] == ["ann", "a", "r"]
    assert path_of(effect.lost[0], person("bob"), before=before, after=after) is None


def test_an_unchanged_graph_changes_nobody() -> None:
    assert impact(Graph(nested()), Graph(nested())).is_empty


def test_a_right_is_kept_only_by_a_path_without_the_removed_edges() -> None:
    graph = Graph(edges(assigned("ann", "r"), member("ann", "a"), gives("a", "r")))
    direct = Edge(person("ann"), role("r"), EdgeKind.PERSON_ROLE)
    other = kept(graph, person("ann"), role("r"), [direct])
    assert other is not None
    assert other.uses_group
    assert kept(graph, person("ann"), role("r"), graph.edges) is None


@given(states(), states())
def test_an_impact_is_the_difference_of_everybodys_rights(one: State, other: State) -> None:
    before, after = edges_of(one), edges_of(other)

    effect = impact(Graph(before), Graph(after))

    had = {(who, right) for who in SUBJECTS for right in oracles.rights(before, who)}
    have = {(who, right) for who in SUBJECTS for right in oracles.rights(after, who)}
    assert {(who, one.right) for one in effect.gained for who in one.people} == have - had
    assert {(who, one.right) for one in effect.lost for who in one.people} == had - have
    assert effect.gainers == {who for who, _ in have - had}
    assert effect.losers == {who for who, _ in had - have}


@given(states(), states())
def test_each_change_shows_a_true_path_of_its_first_person(one: State, other: State) -> None:
    before, after = edges_of(one), edges_of(other)
    effect = impact(Graph(before), Graph(after))
    for changes, shown in ((effect.gained, after), (effect.kept, after), (effect.lost, before)):
        for change in changes:
            assert change.through.edges == oracles.routes(shown, change.people[0], change.right)[0]


@given(graph_edges(), states())
def test_who_keeps_a_right_reached_it_over_what_was_removed(drawn: tuple[Edge, ...], other: State) -> None:
    after = edges_of(other)
    effect = impact(Graph(drawn), Graph(after))
    expected = {
        (who, right)
        for edge in set(drawn) - set(after)
        for who in SUBJECTS
        for right in RIGHTS
        if edge.source in oracles.reached(drawn, who)
        and right in oracles.reached(drawn, edge.target)
        and right in oracles.rights(after, who)
    }
    assert {(who, one.right) for one in effect.kept for who in one.people} == expected


@given(states(), states())
def test_the_way_back_is_the_reverse(one: State, other: State) -> None:
    there = impact(Graph(edges_of(one)), Graph(edges_of(other)))
    back = impact(Graph(edges_of(other)), Graph(edges_of(one)))
    assert [(it.right, it.people) for it in there.gained] == [(it.right, it.people) for it in back.lost]


@given(states(), states(), subjects(), rights())
def test_named_people_are_looked_at_alone(one: State, other: State, subject: Node, right: Node) -> None:
    before, after = Graph(edges_of(one)), Graph(edges_of(other))
    whole, narrow = impact(before, after), impact(before, after, subjects=[subject])
    assert narrow.affected == whole.affected & {subject}
    assert any(it.right == right for it in narrow.gained) == any(
        it.right == right and subject in it.people for it in whole.gained
    )
