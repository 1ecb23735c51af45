"""Decisions and cells, each expected answer written by hand from the meaning of the catalogue."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.graph.catalogue import Catalogue, Property
from console.graph.chains import Facts
from console.graph.conditions import Circumstances, look
from console.graph.decisions import Mark, Question, decide, over
from console.graph.edges import entitlement, person
from tests.graph.catalogues import FREE, INSIGHTS, ann, scope


def asked(facts: Facts, key: str, on: str = "", catalogue: Catalogue = INSIGHTS, **properties: Any) -> Mark:
    question = Question(capability=key, resource=on, properties=properties)
    return decide(catalogue, facts, question).mark


# --- one resource ----------------------------------------------------------------------------------


def test_a_role_with_an_entitlement_allows() -> None:
    assert asked(ann("viewer", "package:demo:READ"), "kx:open", "package:demo") is Mark.ALLOWED


def test_a_role_without_an_entitlement_gives_nothing_while_enforced() -> None:
    assert asked(ann("viewer"), "kx:open", "package:demo") is Mark.NONE


def test_an_entitlement_without_a_role_gives_nothing() -> None:
    assert asked(ann("package:demo:WRITE"), "kx:open", "package:demo") is Mark.NONE


def test_a_stronger_level_includes_a_weaker_one_and_not_the_other_way_round() -> None:
    assert asked(ann("viewer", "package:demo:WRITE"), "kx:open", "package:demo") is Mark.ALLOWED
    assert asked(ann("developer", "package:demo:READ"), "kx:change", "package:demo") is Mark.NONE


def test_an_entitlement_to_one_resource_says_nothing_of_another_whose_name_it_begins() -> None:
    facts = ann("viewer", "package:demo:READ")
    assert asked(facts, "kx:open", "package:demo2") is Mark.NONE
    assert asked(facts, "kx:open", "package:dem") is Mark.NONE


def test_an_entitlement_of_another_type_does_not_count() -> None:
    assert asked(ann("viewer", "package:demo:READ"), "kx:query", "database:demo") is Mark.NONE
    assert asked(ann("viewer", "database:demo:QUERY"), "kx:query", "database:demo") is Mark.ALLOWED


def test_a_star_is_every_resource_of_the_type() -> None:
    facts = ann("viewer", "package:*:READ")
    assert asked(facts, "kx:open", "package:anything") is Mark.ALLOWED
    assert asked(facts, "kx:query", "database:anything") is Mark.NONE


def test_one_resource_is_not_every_resource() -> None:
    assert asked(ann("viewer", "package:demo:READ"), "kx:open", "package:*") is Mark.NONE


def test_an_owner_needs_no_entitlement() -> None:
    facts = ann("viewer", owns=("package:mine",))
    assert asked(facts, "kx:open", "package:mine") is Mark.ALLOWED
    assert asked(facts, "kx:open", "package:other") is Mark.NONE


def test_an_unknown_level_of_an_entitlement_counts_for_nothing() -> None:
    assert asked(ann("viewer", "package:demo:DELETE"), "kx:open", "package:demo") is Mark.NONE


def test_an_exempt_role_is_its_own_mark() -> None:
    assert asked(ann("admin"), "kx:open", "package:demo") is Mark.EXEMPT
    assert asked(ann("admin", owns=("package:demo",)), "kx:review", "package:demo") is Mark.EXEMPT


def test_without_enforcement_the_role_alone_decides() -> None:
    assert asked(ann("viewer"), "kx:open", "package:demo", FREE) is Mark.ALLOWED
    assert asked(ann("package:demo:READ"), "kx:open", "package:demo", FREE) is Mark.NONE


def test_an_owner_may_not_review_his_own() -> None:
    facts = ann("developer", owns=("package:mine",))
    assert asked(facts, "kx:review", "package:mine") is Mark.NONE
    assert asked(facts, "kx:review", "package:other") is Mark.ALLOWED


def test_a_capability_of_a_whole_service_takes_no_resource() -> None:
    assert asked(ann("admin"), "kx:audit") is Mark.ALLOWED
    assert asked(ann("admin"), "kx:audit", "package:demo") is Mark.NONE


@pytest.mark.parametrize("resource", ["database:demo", "package:", "package", ":demo", "Package:demo"])
def test_a_resource_of_another_type_is_refused_even_to_the_exempt(resource: str) -> None:
    assert asked(ann("admin"), "kx:open", resource) is Mark.NONE


def test_an_unknown_capability_is_refused() -> None:
    assert asked(ann("admin"), "kx:fly") is Mark.NONE


def test_a_role_whose_name_begins_like_another_is_not_the_other() -> None:
    assert asked(ann("viewer.dashboard", "package:demo:READ"), "kx:open", "package:demo") is Mark.NONE


# --- workspaces, scopes, silence -----------------------------------------------------------------


def test_a_patterned_role_is_bound_to_the_resource_that_it_names() -> None:
    facts = ann("pk:s3:view:ada")
    assert asked(facts, "pk:s3", "workspace:ada") is Mark.ALLOWED
    assert asked(facts, "pk:s3", "workspace:bob") is Mark.NONE
    assert asked(ann("pk:s3:view:ada:x"), "pk:s3", "workspace:ada") is Mark.NONE


def test_the_highest_level_is_told_and_every_chain_is_listed() -> None:
    answer = decide(
        INSIGHTS,
        ann("pk:s3:view:ada", "pk:s3:edit:ada"),
        Question(capability="pk:s3", resource="workspace:ada"),
    )
    assert answer.level == "read-write"
    assert [chain.right.name for chain in answer.chains] == ["pk:s3:edit:ada", "pk:s3:view:ada"]


def test_a_scope_of_a_client_gives_what_its_name_says_and_no_role_of_that_name_does() -> None:
    facts = Facts(subject=person("ann"), rights=frozenset({scope("rabbit/tag:administrator")}))
    assert asked(facts, "mq:tag") is Mark.ALLOWED
    assert asked(ann("rabbit/tag:administrator"), "mq:tag") is Mark.NONE


def test_an_unclear_grant_is_a_question_and_decided_as_no() -> None:
    answer = decide(INSIGHTS, ann("maintainer"), Question(capability="kx:audit"))
    assert answer.mark is Mark.UNSTATED
    assert not answer.is_allowed
    assert asked(ann("maintainer", "admin"), "kx:audit") is Mark.ALLOWED


def test_silence_is_told_of_roles_that_the_documents_know_and_of_no_stranger() -> None:
    assert asked(ann("viewer"), "kx:pin") is Mark.UNSTATED
    assert asked(ann("idle"), "kx:pin") is Mark.UNSTATED
    assert asked(ann("offline_access"), "kx:pin") is Mark.NONE
    assert asked(ann(), "kx:pin") is Mark.NONE
    assert asked(ann("viewer", "pin-users"), "kx:pin") is Mark.ALLOWED


def test_silence_where_none_is_meant_is_none() -> None:
    assert asked(ann("viewer"), "kx:audit") is Mark.NONE


# --- what could not be read -----------------------------------------------------------------------


def test_what_could_not_be_read_is_never_shown_as_none() -> None:
    unread = {"membership": "Keycloak refused (403)."}
    assert asked(ann(unread=unread), "kx:audit") is Mark.UNKNOWN
    assert asked(ann("admin", unread=unread), "kx:audit") is Mark.ALLOWED
    assert asked(ann("maintainer", unread=unread), "kx:audit") is Mark.UNKNOWN


def test_hidden_entitlements_make_unknown_only_what_needs_them() -> None:
    unread = {"entitlement": "Keycloak refused (403)."}
    assert asked(ann("viewer", unread=unread), "kx:open", "package:demo") is Mark.UNKNOWN
    assert asked(ann("viewer", "package:demo:READ", unread=unread), "kx:open", "package:demo") is Mark.ALLOWED
    assert asked(ann(unread=unread), "kx:open", "package:demo") is Mark.NONE
    assert asked(ann("developer", unread=unread), "kx:audit") is Mark.NONE


def test_hidden_client_scopes_make_only_what_scopes_give_unknown() -> None:
    unread = {"client-default-scope": "Keycloak refused (403)."}
    assert asked(ann(unread=unread), "mq:tag") is Mark.UNKNOWN
    assert asked(ann(unread=unread), "kx:audit") is Mark.NONE


# --- properties of the request ----------------------------------------------------------------------


def test_a_missing_property_does_not_meet_its_condition() -> None:
    assert asked(ann("viewer"), "kx:night") is Mark.NONE
    assert asked(ann("viewer"), "kx:night", context={"hour": 23}) is Mark.ALLOWED
    assert asked(ann("viewer"), "kx:night", context={"hour": 21}) is Mark.NONE
    assert asked(ann("viewer"), "kx:night", context={"hour": "23"}) is Mark.NONE


def test_properties_are_asked_for_even_where_nothing_is_enforced() -> None:
    assert asked(ann("viewer"), "kx:night", "", FREE) is Mark.NONE
    closed = {"properties": {"status": "closed"}}
    assert asked(ann("developer"), "kx:archive", "package:demo", FREE, resource=closed) is Mark.ALLOWED
    assert asked(ann("developer"), "kx:archive", "package:demo", FREE) is Mark.NONE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
OPERATORS = ("is", "is not", "in", "at least", "at most", "same as", "unheard of")


@given(found=JSON, wanted=JSON, operator=st.sampled_from(OPERATORS))
def test_no_property_raises_and_none_that_is_missing_is_met(found: Any, wanted: Any, operator: str) -> None:
    about = Circumstances(catalogue=INSIGHTS, rights=frozenset(), properties={"context": {"a": found}})
    truth, _ = look(Property("context.a", operator, wanted), about)
    missing, _ = look(Property("context.b", operator, wanted), about)
    assert truth in (True, False)
    assert missing is False


@pytest.mark.parametrize(
    ("operator", "found", "wanted", "met"),
    [
        ("is", 1, 1.0, True),
        ("is", True, 1, False),
        ("is", "a", "a", True),
        ("is", ["a", {"b": 1}], ["a", {"b": 1.0}], True),
        ("is", None, None, True),
        ("is not", "a", "b", True),
        ("is not", True, True, False),
        ("in", "a", ["a", "b"], True),
        ("in", 1, [True], False),
        ("in", "a", "abc", False),
        ("at least", 3, 3, True),
        ("at least", True, 0, False),
        ("at least", "2026-02", "2026-01", True),
        ("at least", "b", 1, False),
        ("at most", 3, 2, False),
        ("same as", "ann", "subject.id", True),
        ("same as", "bob", "subject.id", False),
        ("same as", "ann", "subject.missing", False),
    ],
)
def test_operators_compare_as_json_does(operator: str, found: Any, wanted: Any, met: bool) -> None:
    properties = {"context": {"a": found}, "subject": {"id": "ann"}}
    about = Circumstances(catalogue=INSIGHTS, rights=frozenset(), properties=properties)
    assert look(Property("context.a", operator, wanted), about)[0] is met


def test_a_value_nested_without_end_is_answered() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    closed = {"properties": {"status": deep}}
    assert asked(ann("developer"), "kx:archive", "package:demo", resource=closed) is Mark.NONE


# --- cells without a resource -------------------------------------------------------------------------


def test_a_cell_is_limited_where_it_holds_on_some_resource() -> None:
    answer = over(INSIGHTS, ann("viewer", "package:demo:READ", "package:x:READ"), "kx:open")
    assert (answer.mark, answer.on) == (Mark.LIMITED, ("package:demo", "package:x"))


def test_a_cell_is_none_where_it_holds_on_no_resource_that_may_be_known() -> None:
    facts = ann("viewer", "package:secret:READ")
    assert over(INSIGHTS, facts, "kx:open", {"package:demo"}).mark is Mark.NONE
    assert over(INSIGHTS, facts, "kx:open", {"package:demo", "package:secret"}).on == ("package:secret",)
    assert over(INSIGHTS, ann("viewer"), "kx:open", {"package:demo"}).mark is Mark.NONE


def test_a_cell_with_a_star_is_limited_to_each() -> None:
    facts = ann("viewer", "package:*:READ")
    assert over(INSIGHTS, facts, "kx:open").on == ("package:*",)
    assert over(INSIGHTS, facts, "kx:open", {"package:demo"}).mark is Mark.LIMITED
    assert over(INSIGHTS, facts, "kx:open", set()).mark is Mark.NONE


def test_a_cell_is_allowed_where_nothing_is_enforced_or_needed() -> None:
    assert over(FREE, ann("viewer"), "kx:open").mark is Mark.ALLOWED
    assert over(INSIGHTS, ann("admin"), "kx:archive").mark is Mark.ALLOWED
    assert over(INSIGHTS, ann("admin"), "kx:open").mark is Mark.EXEMPT


def test_a_cell_of_a_patterned_role_is_allowed_with_the_highest_level() -> None:
    answer = over(INSIGHTS, ann("pk:s3:view:ada", "pk:s3:edit:bob"), "pk:s3")
    assert (answer.mark, answer.level) == (Mark.ALLOWED, "read-write")
    assert {chain.resource for chain in answer.chains} == {"workspace:ada", "workspace:bob"}


def test_a_cell_that_hangs_on_the_request_is_limited() -> None:
    assert over(INSIGHTS, ann("viewer"), "kx:night").mark is Mark.LIMITED
    assert over(INSIGHTS, ann(), "kx:night").mark is Mark.NONE
    assert over(INSIGHTS, ann("developer"), "kx:archive").mark is Mark.LIMITED


def test_a_cell_of_what_an_owner_may_not_is_limited_to_what_he_does_not_own() -> None:
    facts = ann("developer", owns=("package:mine",))
    assert over(INSIGHTS, facts, "kx:review", {"package:mine"}).mark is Mark.NONE
    assert over(INSIGHTS, facts, "kx:review", {"package:mine", "package:other"}).on == ("package:*",)


def test_a_cell_whose_entitlements_are_hidden_is_unknown() -> None:
    facts = ann("viewer", unread={"entitlement": "refused"})
    assert over(INSIGHTS, facts, "kx:open", {"package:demo"}).mark is Mark.UNKNOWN


NAMES = ("demo", "mine", "other", "*")
FACTS = st.builds(
    lambda roles, values, owns: ann(*roles, *values, owns=tuple(f"package:{one}" for one in owns)),
    st.sets(st.sampled_from(("viewer", "developer", "admin", "maintainer"))),
    st.sets(st.sampled_from([f"package:{name}:{level}" for name in NAMES for level in ("READ", "WRITE")])),
    st.sets(st.sampled_from(NAMES[:3])),
)


@given(
    facts=FACTS,
    key=st.sampled_from(("kx:open", "kx:change", "kx:review")),
    known=st.sets(st.sampled_from(NAMES[:3])),
)
def test_a_cell_says_what_the_questions_about_each_resource_say(
    facts: Facts, key: str, known: set[str]
) -> None:
    """Limited or better exactly where some resource that may be known is allowed."""
    resources = {f"package:{one}" for one in known}
    allowed = {
        one for one in resources if decide(INSIGHTS, facts, Question(capability=key, resource=one)).is_allowed
    }
    cell = over(INSIGHTS, facts, key, resources)
    if cell.mark is Mark.EXEMPT:
        assert allowed == resources
        return
    assert (cell.mark is Mark.LIMITED) == bool(allowed)
    assert {one for one in cell.on if one in resources} <= allowed


# --- reasons ----------------------------------------------------------------------------------------------


def test_a_chain_says_what_met_its_conditions() -> None:
    facts = ann("viewer", "package:demo:WRITE", owns=("package:demo",))
    (chain,) = decide(INSIGHTS, facts, Question(capability="kx:open", resource="package:demo")).chains
    assert chain.right.name == "viewer"
    assert [one.by for one in chain.conditions] == [("package:demo:WRITE",), ("owner",)]
    assert chain.first_missing is None


def test_a_chain_names_its_first_missing_condition_and_what_would_meet_it() -> None:
    (chain,) = decide(
        INSIGHTS, ann("developer"), Question(capability="kx:change", resource="package:demo")
    ).chains
    assert chain.first_missing is not None
    assert chain.first_missing.needed == ("package:demo:WRITE",)


def test_entitlements_with_odd_names_are_taken_whole() -> None:
    facts = Facts(
        subject=person("ann"), rights=frozenset({*ann("viewer").rights, entitlement("package:a:b:READ")})
    )
    assert asked(facts, "kx:open", "package:a:b") is Mark.ALLOWED
    assert over(INSIGHTS, facts, "kx:open").on == ("package:a:b",)
