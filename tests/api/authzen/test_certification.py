"""Every test of the official certification scenario: Basic, Batch, Search, Discovery; Core and Properties.

The numbers are those of the scenario. Each answer is held against the published schemas by `DecisionPoint`.
"""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import ByDjango, ByWsgi, DecisionPoint, token_for

pytestmark = pytest.mark.django_db

ALICE = {"type": "user", "id": "alice"}
BOB = {"type": "user", "id": "bob"}
ADMIN_BOB = {**BOB, "properties": {"role": "admin"}}
FIRST = {"type": "record", "id": "record-1"}
SECOND = {"type": "record", "id": "record-2"}
ACTIVE = {**FIRST, "properties": {"status": "active"}}
ARCHIVED = {**SECOND, "properties": {"status": "archived"}}
READ, WRITE = {"name": "read"}, {"name": "write"}
PERMITTED = {"subject": ALICE, "action": READ, "resource": FIRST}


def delete(*, soft: bool) -> dict[str, Any]:
    return {"name": "delete", "properties": {"soft": soft}}


# --- 2.2 Basic ------------------------------------------------------------------------------------

DECISIONS = [
    ("2.2.1", PERMITTED, True),
    ("1.4.2", {"subject": ALICE, "action": WRITE, "resource": FIRST}, True),
    ("1.4.3", {"subject": BOB, "action": READ, "resource": FIRST}, True),
    ("2.2.2", {"subject": BOB, "action": WRITE, "resource": FIRST}, False),
    ("2.2.3", {**PERMITTED, "context": {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}}, True),
    ("2.2.4", {"subject": ALICE, "action": WRITE, "resource": ARCHIVED}, False),
    ("2.2.5", {"subject": ADMIN_BOB, "action": WRITE, "resource": ARCHIVED}, True),
    ("2.2.6", {"subject": ALICE, "action": delete(soft=True), "resource": FIRST}, True),
    ("2.2.7", {"subject": ALICE, "action": delete(soft=False), "resource": FIRST}, False),
    (
        "2.2.8",
        {
            "subject": {**ALICE, "properties": {"department": "Sales", "role": "manager"}},
            "action": {"name": "read", "properties": {"method": "GET"}},
            "resource": {**FIRST, "properties": {"status": "active", "owner": "bob"}},
        },
        True,
    ),
    ("2.2.9", {**PERMITTED, "foo": "bar", "futureField": {"nested": True}}, True),
]


@pytest.mark.parametrize(("body", "decision"), [row[1:] for row in DECISIONS], ids=[r[0] for r in DECISIONS])
def test_the_required_decisions_hold(body: Any, decision: bool, point: DecisionPoint) -> None:
    assert point.decision(body) is decision
    assert point.decision({**body, "context": {"any": ["thing"]}}) is decision


def test_2_3_a_decision_is_a_boolean_and_its_context_an_object(point: DecisionPoint) -> None:
    body = point.post("evaluation", PERMITTED).body

    assert body["decision"] is True
    assert isinstance(body["context"], dict)


def without(*path: str) -> dict[str, Any]:
    """The permitted request without one field."""
    body = {name: dict(value) for name, value in PERMITTED.items()}
    held = body
    for name in path[:-1]:
        held = held[name]
    del held[path[-1]]
    return body


MISSING = [
    ("subject",), ("action",), ("resource",), ("subject", "type"), ("subject", "id"),
    ("action", "name"), ("resource", "type"), ("resource", "id"),
]  # fmt: skip


@pytest.mark.parametrize("path", MISSING, ids=[".".join(path) for path in MISSING])
def test_2_4_1_and_2_what_is_missing_is_400_and_named(path: tuple[str, ...], point: DecisionPoint) -> None:
    answer = point.post("evaluation", without(*path))

    assert answer.status == 400
    assert answer.body["where"] == ".".join(path)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_2_4_3_another_content_type_is_400(kind: str, point: DecisionPoint) -> None:
    assert point.post("evaluation", PERMITTED, **{"Content-Type": kind}).status == 400


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_2_4_3_parameters_and_case_of_the_content_type_do_not_matter(kind: str, point: DecisionPoint) -> None:
    assert point.post("evaluation", PERMITTED, **{"Content-Type": kind}).status == 200


@pytest.mark.parametrize(
    "raw",
    [b'{"subject": {', b"nope", b"{'a': 1}", b"\xff\xfe", b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 9999],
)
def test_2_4_4_malformed_json_is_400(raw: bytes, point: DecisionPoint) -> None:
    assert point.post("evaluation", raw).status == 400


def test_2_4_5_an_empty_body_is_400(point: DecisionPoint) -> None:
    assert point.post("evaluation", b"").status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "alice"}, {"action": {"name": 123}}, {"subject": None}, {"resource": []},
        {"resource": {"type": "record", "id": 1}}, {"subject": {"type": True, "id": "alice"}},
        {"context": "now"}, {"context": None}, {"context": []},
        {"subject": {**ALICE, "properties": []}}, {"action": {"name": "read", "properties": None}},
        {"resource": {**FIRST, "properties": "x"}},
    ],
)  # fmt: skip
def test_2_4_6_a_wrong_type_is_400(change: Any, point: DecisionPoint) -> None:
    assert point.post("evaluation", {**PERMITTED, **change}).status == 400


@pytest.mark.parametrize("raw", [b"[]", b"null", b"true", b'"x"', b"1"])
def test_a_body_that_is_no_object_is_400(raw: bytes, point: DecisionPoint) -> None:
    for path in ("evaluation", "evaluations", "search/subject", "search/resource", "search/action"):
        assert point.post(path, raw).status == 400


def test_2_5_the_id_of_a_request_comes_back_also_with_an_error(point: DecisionPoint) -> None:
    given = {"X-Request-ID": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"}

    for answer in (point.post("evaluation", PERMITTED, **given), point.post("evaluation", {}, **given)):
        assert answer.headers["X-Request-ID"] == given["X-Request-ID"]
    assert "X-Request-ID" not in point.post("evaluation", PERMITTED).headers


def test_2_6_the_same_request_gets_the_same_decision(point: DecisionPoint) -> None:
    assert {point.decision(PERMITTED) for _ in range(10)} == {True}


# --- 3 Batch --------------------------------------------------------------------------------------

BATCHES = [
    (
        "3.2.2",
        {"subject": BOB, "resource": FIRST, "evaluations": [{"action": READ}, {"action": WRITE}]},
        [True, False],
    ),
    (
        "3.2.3",
        {"subject": ALICE, "action": WRITE, "evaluations": [{"resource": ACTIVE}, {"resource": ARCHIVED}]},
        [True, False],
    ),
    (
        "3.2.4",
        {"action": WRITE, "resource": ARCHIVED, "evaluations": [{"subject": ALICE}, {"subject": ADMIN_BOB}]},
        [False, True],
    ),
    (
        "3.2.5",
        {"evaluations": [PERMITTED, {"subject": BOB, "action": WRITE, "resource": FIRST}]},
        [True, False],
    ),
    (
        "3.2.7",
        {
            "subject": ALICE,
            "action": WRITE,
            "resource": {"type": "record"},
            "evaluations": [
                {"resource": {"id": "record-1", "properties": {"status": "active"}}},
                {"resource": ARCHIVED},
            ],
        },
        [True, False],
    ),
    (
        "3.2.7, properties of the default are replaced too",
        {"subject": ALICE, "action": WRITE, "resource": ARCHIVED, "evaluations": [{"resource": FIRST}]},
        [True],
    ),
    (
        "3.4.1",
        {"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {}]},
        [True, False],
    ),
    (
        "3.4.1, items that are no objects",
        {"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, 1, None, {"resource": "x"}]},
        [True, False, False, False],
    ),
]


@pytest.mark.parametrize(("body", "decisions"), [row[1:] for row in BATCHES], ids=[r[0] for r in BATCHES])
def test_a_batch_answers_in_order(body: Any, decisions: list[bool], point: DecisionPoint) -> None:
    answer = point.post("evaluations", body)

    assert [one["decision"] for one in answer.body["evaluations"]] == decisions
    assert "decision" not in answer.body


def test_3_2_1_and_3_2_6_a_batch_with_defaults_and_contexts_is_accepted(point: DecisionPoint) -> None:
    body = {"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {"resource": SECOND}]}
    assert len(point.decisions(body)) == 2

    body["context"] = {"time": "2025-06-27T18:03-07:00"}
    body["evaluations"][1]["context"] = {"time": "2025-06-27T19:00-07:00", "source": "batch-override"}
    assert len(point.decisions(body)) == 2


def test_3_4_1_an_error_of_one_evaluation_stands_in_its_context(point: DecisionPoint) -> None:
    body = {"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {}]}

    failed = point.post("evaluations", body).body["evaluations"][1]

    assert failed["context"]["error"]["status"] == 400
    assert failed["context"]["error"]["where"] == "resource"


@pytest.mark.parametrize("more", [{}, {"evaluations": []}], ids=["3.4.2", "3.4.3"])
def test_without_evaluations_a_batch_is_one_evaluation(more: Any, point: DecisionPoint) -> None:
    answer = point.post("evaluations", {**PERMITTED, **more})

    assert (answer.status, answer.body["decision"]) == (200, True)
    assert "evaluations" not in answer.body


@pytest.mark.parametrize(
    "change",
    [
        {"evaluations": {}}, {"evaluations": "x"}, {"evaluations": None}, {"options": []},
        {"options": {"evaluations_semantic": "first"}}, {"options": {"evaluations_semantic": 1}},
        {"subject": "alice"}, {"context": 1}, {"evaluations": [{}] * 1001},
    ],
)  # fmt: skip
def test_a_batch_that_is_wrong_as_a_whole_is_400(change: Any, point: DecisionPoint) -> None:
    body = {"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}]}

    assert point.post("evaluations", {**body, **change}).status == 400


SEMANTICS = [
    ("execute_all", [READ, WRITE, READ], [True, False, True]),
    ("deny_on_first_deny", [READ, WRITE, READ], [True, False]),
    ("deny_on_first_deny", [READ, READ], [True, True]),
    ("permit_on_first_permit", [WRITE, READ, WRITE], [False, True]),
    ("permit_on_first_permit", [WRITE, WRITE], [False, False]),
]


@pytest.mark.parametrize(("semantic", "actions", "expected"), SEMANTICS)
def test_the_semantics_of_a_batch(
    semantic: str, actions: list[Any], expected: list[bool], point: DecisionPoint
) -> None:
    body = {
        "subject": BOB,
        "resource": FIRST,
        "evaluations": [{"action": one} for one in actions],
        "options": {"evaluations_semantic": semantic, "another": 1},
    }

    assert point.decisions(body) == expected


# --- 4 Search -------------------------------------------------------------------------------------

WHO_READS = {"subject": {"type": "user"}, "action": READ, "resource": FIRST}
WHAT_ALICE_READS = {"subject": ALICE, "action": READ, "resource": {"type": "record"}}
WHAT_ALICE_DOES = {"subject": ALICE, "resource": FIRST}

SEARCHES = [
    ("4.2.1", "subject", WHO_READS, [ALICE, BOB]),
    ("4.2.2", "subject", {**WHO_READS, "context": {"time": "2025-06-27T18:03-07:00"}}, [ALICE, BOB]),
    ("4.2.3", "subject", {**WHO_READS, "subject": ALICE}, [ALICE, BOB]),
    ("4.2.4", "subject", {**WHO_READS, "action": WRITE, "resource": ARCHIVED}, [BOB]),
    ("4.3.1", "resource", WHAT_ALICE_READS, [FIRST, SECOND]),
    ("4.3.2", "resource", {**WHAT_ALICE_READS, "resource": SECOND}, [FIRST, SECOND]),
    ("4.3.3", "resource", {**WHAT_ALICE_READS, "subject": ADMIN_BOB, "action": WRITE}, [FIRST, SECOND]),
    ("4.4.1", "action", WHAT_ALICE_DOES, ["read", "write"]),
    ("4.4.2", "action", {**WHAT_ALICE_DOES, "context": {"ip": "::1"}}, ["read", "write"]),
    ("4.4.3", "action", {"subject": ADMIN_BOB, "resource": ARCHIVED}, ["read", "write"]),
    ("4.6.1", "action", {"subject": {"type": "user", "id": "nonexistent-user"}, "resource": FIRST}, []),
    ("4.6.2", "subject", {**WHO_READS, "subject": {"type": "spaceship"}}, []),
    ("4.6, an unknown action", "subject", {**WHO_READS, "action": {"name": "fly"}}, []),
    ("4.6, an unknown type", "resource", {**WHAT_ALICE_READS, "resource": {"type": "spaceship"}}, []),
    (
        "4.6, an unknown subject",
        "resource",
        {**WHAT_ALICE_READS, "subject": {"type": "user", "id": "eve"}},
        [],
    ),
]


@pytest.mark.parametrize(
    ("what", "body", "expected"), [row[1:] for row in SEARCHES], ids=[row[0] for row in SEARCHES]
)
def test_a_search_finds_what_evaluations_allow(
    what: str, body: Any, expected: list[Any], point: DecisionPoint
) -> None:
    found = point.results(what, body)

    if what == "action":
        names = [one["name"] for one in found]
        assert [name for name in names if not name.startswith("records:")] == expected
        assert len(names) == len(set(names))
    else:
        assert found == [{"type": one["type"], "id": one["id"]} for one in expected]
    for one in found:
        asked = {**body, what: {**body.get(what, {}), **one}}
        assert point.decision(asked) is True


MISSING_IN_SEARCHES = [
    ("4.7.1", "subject", {"subject": {"type": "user"}, "resource": FIRST}, "action"),
    ("4.7.1", "resource", {"action": READ, "resource": {"type": "record"}}, "subject"),
    ("4.7.1", "action", {"subject": ALICE}, "resource"),
    ("4.7.2", "subject", {**WHO_READS, "resource": {"type": "record"}}, "resource.id"),
    ("4.7.2", "resource", {**WHAT_ALICE_READS, "subject": {"type": "user"}}, "subject.id"),
    ("4.7.2", "subject", {**WHO_READS, "subject": {}}, "subject.type"),
    ("4.7.2", "resource", {**WHAT_ALICE_READS, "resource": {}}, "resource.type"),
    ("pages", "subject", {**WHO_READS, "page": 1}, "page"),
    ("pages", "subject", {**WHO_READS, "page": {"limit": -1}}, "page.limit"),
    ("pages", "subject", {**WHO_READS, "page": {"limit": True}}, "page.limit"),
    ("pages", "subject", {**WHO_READS, "page": {"limit": 1.5}}, "page.limit"),
    ("pages", "subject", {**WHO_READS, "page": {"token": 1}}, "page.token"),
    ("pages", "subject", {**WHO_READS, "page": {"token": "made up"}}, "page.token"),
    ("pages", "subject", {**WHO_READS, "page": {"token": "ü"}}, "page.token"),
]


@pytest.mark.parametrize(("what", "body", "where"), [row[1:] for row in MISSING_IN_SEARCHES])
def test_a_malformed_search_is_400_and_says_where(
    what: str, body: Any, where: str, point: DecisionPoint
) -> None:
    answer = point.post(f"search/{what}", body)

    assert (answer.status, answer.body["where"]) == (400, where)


@pytest.mark.parametrize(
    ("what", "body"),
    [("subject", WHO_READS), ("resource", WHAT_ALICE_READS), ("action", WHAT_ALICE_DOES)],
)
def test_4_5_pages_follow_each_other_to_the_end(what: str, body: Any, point: DecisionPoint) -> None:
    whole = point.results(what, body)
    found, page = [], {"limit": 1}
    for _ in range(10):
        answer = point.post(f"search/{what}", {**body, "page": page}).body
        assert answer["page"]["count"] == len(answer["results"]) <= 1
        found += answer["results"]
        if not answer["page"]["next_token"]:
            break
        page = {"token": answer["page"]["next_token"]}

    assert found == whole
    assert len(found) >= 2


def test_4_5_a_page_of_another_search_is_refused(point: DecisionPoint) -> None:
    first = point.post("search/subject", {**WHO_READS, "page": {"limit": 1}}).body
    page = {"token": first["page"]["next_token"]}

    assert point.post("search/subject", {**WHO_READS, "page": page}).status == 200
    assert point.post("search/subject", {**WHO_READS, "action": WRITE, "page": page}).status == 400


def test_4_5_no_limit_and_a_far_too_large_one_return_everything(point: DecisionPoint) -> None:
    for page in ({}, {"limit": 10**9}):
        answer = point.post("search/subject", {**WHO_READS, "page": page}).body
        assert (len(answer["results"]), answer["page"]["next_token"]) == (2, "")


# --- 5 Transport, 6 Discovery ---------------------------------------------------------------------


@pytest.mark.parametrize("way", [ByDjango(), ByWsgi()], ids=["django", "wsgi"])
def test_6_the_metadata_say_where_everything_is(way: ByDjango | ByWsgi, settings: Any) -> None:
    settings.GATEHOUSE_URL = "https://console.example"

    answer = way.send("GET", "/.well-known/authzen-configuration", b"", {})

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.body == {
        "policy_decision_point": "https://console.example",
        "access_evaluation_endpoint": "https://console.example/access/v1/evaluation",
        "access_evaluations_endpoint": "https://console.example/access/v1/evaluations",
        "search_subject_endpoint": "https://console.example/access/v1/search/subject",
        "search_resource_endpoint": "https://console.example/access/v1/search/resource",
        "search_action_endpoint": "https://console.example/access/v1/search/action",
    }
    assert all(urlsplit(url).scheme == "https" for url in answer.body.values())


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_5_only_posts_are_answered(method: str, point: DecisionPoint) -> None:
    headers = {"Authorization": f"Bearer {point.token}", "Content-Type": "application/json"}

    answer = point.way.send(method, "/access/v1/evaluation", b"{}", headers)

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert point.way.send("POST", "/.well-known/authzen-configuration", b"", {}).status == 405


def test_5_an_unknown_address_is_404(point: DecisionPoint) -> None:
    assert point.post("evaluationz", PERMITTED).status == 404
    assert point.post("search/anything", PERMITTED).status == 404


def test_5_plain_http_is_refused_where_the_console_has_tls(records: DeclaredTenant, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    point = DecisionPoint(way=ByWsgi(), token=token_for(records.tenant.slug))

    assert point.post("evaluation", PERMITTED).status == 403
