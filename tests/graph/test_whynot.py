"""Why not, the smallest fixes, and what if."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.engine.state import Address, Resource, State
from console.graph.chains import Facts
from console.graph.closure import Graph
from console.graph.decisions import Mark, Question, decide, over
from console.graph.edges import Edge, EdgeKind, NodeKind, edges_of, entitlement, group, person, role
from console.graph.fixes import Fix, fixes
from console.graph.whatif import what_if
from console.graph.whynot import Asked, Lack, Period, why_not
from tests.graph.catalogues import INSIGHTS, ann, gives

TOMORROW = datetime(2026, 11, 23, tzinfo=UTC)
LINKS = [
    "person-role:ann|viewer",
    "group-role:makers|developer",
    "group-role:everything|developer",
    "group-role:everything|viewer",
    "group-role:everything|admin",
    "membership:bob|makers",
]


def graph(*keys: str) -> Graph:
    return Graph(edges_of(State.of(Resource(Address.parse(key)) for key in (*LINKS, *keys))))


def facts(of: Graph, name: str = "ann", **more: Any) -> Facts:
    return Facts(subject=person(name), rights=of.rights_of(person(name)), **more)


def lacks(about: Facts, key: str, resource: str = "", **more: Any) -> list[tuple[str, str]]:
    question = Question(capability=key, resource=resource, properties=more.pop("properties", {}))
    found = why_not(Asked(catalogue=INSIGHTS, facts=about, question=question, **more))
    return [(one.right.name if one.right else "", one.lack.value) for one in found]


# --- why not -----------------------------------------------------------------------------------------


def test_nothing_is_missing_where_the_answer_is_yes() -> None:
    assert lacks(ann("viewer", "package:demo:READ"), "kx:open", "package:demo") == []


def test_without_any_role_each_chain_lacks_its_role() -> None:
    assert lacks(ann(), "kx:open", "package:demo") == [("viewer", "no role"), ("admin", "no role")]


def test_a_role_that_does_not_open_it_is_told() -> None:
    assert lacks(ann("viewer"), "kx:audit") == [("admin", "role lacks the capability")]


def test_a_missing_entitlement_comes_before_roles_that_are_missing() -> None:
    assert lacks(ann("viewer"), "kx:open", "package:demo") == [
        ("viewer", "no entitlement"),
        ("admin", "role lacks the capability"),
    ]


def test_a_level_that_is_too_weak_names_what_is_held_and_what_is_needed() -> None:
    question = Question(capability="kx:change", resource="package:demo")
    about = ann("developer", "package:demo:READ", "package:other:WRITE")
    first, _ = why_not(Asked(catalogue=INSIGHTS, facts=about, question=question))
    assert first.lack is Lack.TOO_WEAK
    assert (first.has, first.needed) == (("package:demo:READ",), ("package:demo:WRITE",))


def test_what_begins_later_or_has_ended_is_told_with_its_time() -> None:
    timed = {
        entitlement("package:demo:READ"): Period(starts_at=TOMORROW, is_planned=True),
        role("admin"): Period(ends_at=TOMORROW),
    }
    assert lacks(ann("viewer"), "kx:open", "package:demo", timed=timed) == [
        ("viewer", "not begun"),
        ("admin", "ended"),
    ]


def test_a_scope_that_is_not_mapped_is_told() -> None:
    assert lacks(ann("viewer"), "mq:tag") == [("rabbit/tag:administrator", "scope not mapped")]


def test_what_could_not_be_read_is_told() -> None:
    unread = {"entitlement": "403"}
    assert lacks(ann("viewer", unread=unread), "kx:open", "package:demo")[0] == (
        "viewer",
        "could not be read",
    )
    assert lacks(ann(unread={"role": "403"}), "kx:audit") == [("admin", "could not be read")]


def test_a_workspace_role_for_another_workspace_is_told() -> None:
    found = lacks(ann("pk:s3:view:bob"), "pk:s3", "workspace:ada")
    assert found[0] == ("pk:s3:view:bob", "for another resource")
    assert ("pk:s3:edit:ada", "role lacks the capability") in found


def test_a_request_that_does_not_meet_the_condition_is_told() -> None:
    assert lacks(ann("viewer"), "kx:night", properties={"context": {"hour": 3}}) == [
        ("viewer", "the request does not meet the condition")
    ]


@pytest.mark.parametrize(
    ("key", "resource"), [("kx:fly", ""), ("kx:open", "database:x"), ("pk:s3", "workspace:")]
)
def test_an_unknown_question_says_so(key: str, resource: str) -> None:
    assert lacks(ann("admin"), key, resource) == [("", "no such capability")]


# --- fixes ---------------------------------------------------------------------------------------------


def found(of: Graph, key: str, resource: str = "", **more: Any) -> tuple[Fix, ...]:
    return fixes(INSIGHTS, of, facts(of), Question(capability=key, resource=resource), most=9, **more)


def words(some: tuple[Fix, ...]) -> list[list[str]]:
    return [[str(edge) for edge in fix.adds] for fix in some]


def test_the_fix_that_opens_least_else_comes_first() -> None:
    ways = words(found(graph(), "kx:open", "package:demo"))
    assert ways[0] == ["person ann -> entitlement package:demo:READ"]
    assert sorted(ways[1:]) == [["person ann -> group everything"], ["person ann -> role admin"]]


def test_a_role_comes_with_the_entitlement_that_it_needs() -> None:
    ways = words(found(graph(), "kx:change", "package:demo"))
    assert ["person ann -> role developer", "person ann -> entitlement package:demo:WRITE"] in ways
    assert ["person ann -> group makers", "person ann -> entitlement package:demo:WRITE"] in ways
    assert ["person ann -> role developer"] not in ways


def test_what_this_viewer_may_not_give_is_no_fix() -> None:
    ways = found(graph(), "kx:open", "package:demo", may_give=lambda edge: edge.kind is EdgeKind.ENTITLEMENT)
    assert words(ways) == [["person ann -> entitlement package:demo:READ"]]


def test_a_grant_to_a_group_counts_what_it_opens_to_its_members() -> None:
    of = graph("membership:cy|makers")
    makers = Facts(subject=group("makers"), rights=of.rights_of(group("makers")))
    question = Question(capability="kx:audit")
    alone, *_ = fixes(INSIGHTS, of, makers, question)
    members = [facts(of, "bob"), facts(of, "cy")]
    together, *_ = fixes(INSIGHTS, of, makers, question, members=lambda _: members)
    assert [str(edge) for edge in alone.adds] == ["group makers -> role admin"]
    assert together.further == 3 * alone.further + 2


def test_what_is_open_already_is_not_opened_by_who_is_exempt() -> None:
    """She may archive as it is; as an administrator she is exempt there, and can do nothing more."""
    known = replace(
        INSIGHTS,
        grants=(
            gives("viewer", "kx:archive"),
            gives("admin", "kx:archive", exempt=True),
            gives("admin", "kx:audit"),
        ),
    )
    of = graph()

    first, *_ = fixes(known, of, facts(of), Question(capability="kx:audit"))

    assert {one.capability for one in first.opens.gained} == {"kx:archive", "kx:audit"}
    assert first.further == 0


NO = {Mark.NONE, Mark.UNSTATED}
KEYS = [one.key for one in INSIGHTS.capabilities]


@given(
    roles=st.sets(st.sampled_from(["viewer", "developer", "maintainer"])),
    values=st.sets(st.sampled_from(["package:demo:READ", "package:demo:WRITE", "database:demo:QUERY"])),
    key=st.sampled_from(["kx:open", "kx:change", "kx:query", "kx:audit", "kx:review", "mq:tag", "pk:s3"]),
)
def test_each_fix_does_what_it_says_and_no_fewer_edges_do(
    roles: set[str], values: set[str], key: str
) -> None:
    """The prediction equals the difference of all cells once the edges are there."""
    held = [f"person-role:ann|{one}" for one in roles] + [f"entitlement:person|ann|{one}" for one in values]
    of = Graph(edges_of(State.of(Resource(Address.parse(one)) for one in [*LINKS[1:], *held])))
    kind = INSIGHTS.by_key[key].resource
    question = Question(capability=key, resource=f"{kind}:demo" if kind else "")
    before = facts(of)
    if decide(INSIGHTS, before, question).is_allowed:
        return
    for fix in fixes(INSIGHTS, of, before, question, most=9):
        after = facts(Graph((*of.edges, *fix.adds)))
        assert decide(INSIGHTS, after, question).is_allowed
        differs = {one for one in KEYS if _cell(before, one) != _cell(after, one)}
        differs -= {one for one in KEYS if {_cell(before, one)[0], _cell(after, one)[0]} <= NO}
        assert {one.capability for one in (*fix.opens.gained, *fix.opens.lost)} == differs
        assert fix.further == len({one.capability for one in fix.opens.gained} - {key})
        for edge in fix.adds:
            fewer = facts(Graph((*of.edges, *(one for one in fix.adds if one != edge))))
            assert not decide(INSIGHTS, fewer, question).is_allowed


def _cell(about: Facts, key: str) -> tuple[Any, ...]:
    answer = over(INSIGHTS, about, key)
    return answer.mark, answer.level, answer.on


# --- what if ------------------------------------------------------------------------------------------


def test_what_if_says_what_a_membership_would_open_and_writes_nothing() -> None:
    of = graph()
    join = Edge(person("ann"), group("makers"), EdgeKind.MEMBERSHIP)
    told = what_if(INSIGHTS, of, [facts(of)], adds=[join], resources={"package:demo"})
    assert told.rights_gained == {person("ann"): {role("developer")}}
    assert {one.capability: one.after.mark for one in told.gained} == {
        "kx:review": Mark.LIMITED,
        "kx:archive": Mark.LIMITED,
    }
    assert told.lost == ()
    assert join not in of.edge_set


def test_what_if_says_what_a_removal_would_take() -> None:
    of = graph("entitlement:person|ann|package:demo:READ")
    (direct,) = (one for one in of.edges if one.kind is EdgeKind.PERSON_ROLE)
    told = what_if(INSIGHTS, of, [facts(of)], removes=[direct])
    assert [one.capability for one in told.lost] == ["kx:open", "kx:night"]
    assert told.rights_lost == {person("ann"): {role("viewer")}}


def test_what_if_nothing_changes_is_empty() -> None:
    of = graph()
    assert what_if(INSIGHTS, of, [facts(of)]).is_empty
    assert NodeKind.ROLE in {one.kind for one in of.rights}
