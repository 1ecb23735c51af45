"""Decisions beyond the scenario: whose tenant, who is asked about, why, and how old. Shows M4 and M5."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from console.engine.state import Address, Kind
from console.identity.models import ApiToken, SignIn
from console.permissions.vocabulary import Permission as P
from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import (
    BLUEPRINT,
    ByWsgi,
    DecisionPoint,
    token_for,
    use_blueprint,
)
from tests.api.authzen.test_certification import ALICE, BATCHES, FIRST, PERMITTED, READ, WHO_READS
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(records: DeclaredTenant) -> DecisionPoint:
    return DecisionPoint(way=ByWsgi(), token=token_for("records"))


def context(point: DecisionPoint, body: Any) -> dict[str, Any]:
    found: dict[str, Any] = point.post("evaluation", body).body["context"]
    return found


# --- who asks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer gate_nothing", "Basic YWRhOmFkYQ==", "Bearer ü"])
def test_without_a_token_that_stands_nothing_is_decided(given: str, point: DecisionPoint) -> None:
    answer = point.post("evaluation", PERMITTED, Authorization=given)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused_in_the_next_request(point: DecisionPoint) -> None:
    assert point.decision(PERMITTED)
    ApiToken.objects.update(revoked_at=timezone.now(), revoked_by="sue")

    assert point.post("evaluation", PERMITTED).status == 401


def test_a_token_without_the_right_is_403(point: DecisionPoint) -> None:
    point.token = token_for("records", P.ROLE_VIEW)

    answer = point.post("evaluation", PERMITTED)

    assert answer.status == 403
    assert "access:decision:view" in answer.body["reason"]


def test_malformed_requests_without_a_token_are_told_nothing_more(point: DecisionPoint) -> None:
    assert point.post("evaluation", b"nonsense", Authorization="").status == 401


# --- whose tenant ---------------------------------------------------------------------------------


def test_a_token_for_all_tenants_must_be_told_which(point: DecisionPoint) -> None:
    point.token = token_for("")

    unsaid = point.post("evaluation", PERMITTED)

    assert (unsaid.status, unsaid.body["where"]) == (400, "context.tenant")
    assert point.decision({**PERMITTED, "context": {"tenant": "records"}})
    resource = {**FIRST, "properties": {"tenant": "records"}}
    assert point.decision({**PERMITTED, "resource": resource})


@pytest.mark.parametrize("named", ["globex", "nowhere", "", 1, None, ["records"], "records\x00"])
def test_another_tenant_and_one_that_is_not_there_get_the_same_no(named: Any, point: DecisionPoint) -> None:
    certified_elsewhere = DeclaredTenant("globex")
    use_blueprint_again(certified_elsewhere)
    certified_elsewhere.person_role("alice", "record-writer")
    missing = {**PERMITTED, "context": {"tenant": "no-such-tenant"}}

    answer = point.post("evaluation", {**PERMITTED, "context": {"tenant": named}})

    if named in ("", None):  # nothing is named, so the token's tenant counts or the request is wrong
        assert answer.status == 400
        return
    body = answer.body
    assert body["decision"] is False
    told = point.post("evaluation", missing).body
    for one in (body, told):
        one["context"].pop("decided_at")
    assert body == told


def use_blueprint_again(made: DeclaredTenant) -> None:
    use_blueprint(made.tenant, BLUEPRINT.replace('version: "1"', 'version: "2"'))


def test_two_tenants_in_one_batch_do_not_see_each_other(point: DecisionPoint) -> None:
    other = DeclaredTenant("globex")
    use_blueprint_again(other)
    other.person_role("carol", "record-reader")
    point.token = token_for("")
    carol = {"type": "user", "id": "carol"}
    asked = [(who, slug) for who in (ALICE, carol) for slug in ("records", "globex")]

    decisions = point.decisions(
        {
            "action": READ,
            "resource": FIRST,
            "evaluations": [{"subject": who, "context": {"tenant": slug}} for who, slug in asked],
        }
    )

    assert decisions == [True, False, False, True]


# --- who is asked about ---------------------------------------------------------------------------

NOBODY = [
    {"type": "user", "id": "eve"},
    {"type": "user", "id": ""},
    {"type": "", "id": "alice"},
    {"type": "user", "id": "alice\x00"},
    {"type": "user", "id": "ALICE"},
    {"type": "user", "id": " alice"},
    {"type": "user", "id": "a" * 5000},
    {"type": "client", "id": "alice"},
    {"type": "group", "id": "alice"},
    {"type": "operator", "id": "alice"},
]


@pytest.mark.parametrize("subject", NOBODY)
def test_whoever_is_not_known_may_nothing_and_that_is_no_error(subject: Any, point: DecisionPoint) -> None:
    assert point.decision({**PERMITTED, "subject": subject}) is False


@pytest.mark.parametrize(
    "change",
    [
        {"action": {"name": "fly"}},
        {"action": {"name": ""}},
        {"action": {"name": "READ"}},
        {"resource": {"type": "record", "id": ""}},
        {"resource": {"type": "car", "id": "record-1"}},
        {"resource": {"type": "service", "id": "records"}},
    ],
)
def test_an_unknown_action_or_resource_is_a_no(change: Any, point: DecisionPoint) -> None:
    assert point.decision({**PERMITTED, **change}) is False


def test_a_disabled_account_may_nothing_and_is_found_by_no_search(
    point: DecisionPoint, records: DeclaredTenant
) -> None:
    row = records.person("alice")
    row.enabled = False
    row.save()

    assert "disabled" in context(point, PERMITTED)["reason_admin"]["en"]
    assert not point.decision(PERMITTED)
    assert [one["id"] for one in point.results("subject", WHO_READS)] == ["bob"]


def test_a_group_and_a_role_are_subjects_too(point: DecisionPoint, records: DeclaredTenant) -> None:
    records.group_role("readers", "record-reader")

    assert point.decision({**PERMITTED, "subject": {"type": "group", "id": "readers"}})
    assert point.decision({**PERMITTED, "subject": {"type": "role", "id": "record-writer"}})
    assert point.results("subject", {**WHO_READS, "subject": {"type": "group"}}) == [
        {"type": "group", "id": "readers"}
    ]


def test_membership_in_the_tenant_comes_before_every_role(records: DeclaredTenant) -> None:
    share = DeclaredTenant("north", share_of=records)
    use_blueprint_again(share)
    share.member("carol", "north/staff")
    share.person_role("carol", "record-reader")
    point = DecisionPoint(way=ByWsgi(), token=token_for("north"))

    assert point.decision({**PERMITTED, "subject": {"type": "user", "id": "carol"}})
    refused = context(point, PERMITTED)
    assert not point.decision(PERMITTED)  # alice has the role, and is in no group of the share
    assert "does not belong to this tenant" in refused["reason_admin"]["en"]
    assert refused["reason_admin"] == context(point, {**PERMITTED, "subject": NOBODY[0]})["reason_admin"]
    assert [one["id"] for one in point.results("subject", WHO_READS)] == ["carol"]


def test_who_is_only_in_keycloak_counts_as_she_is_there(
    point: DecisionPoint, records: DeclaredTenant
) -> None:
    found = (Address(Kind.PERSON, ("dora",)), Address(Kind.PERSON_ROLE, ("dora", "record-reader")))
    records.was_read(beside=found)

    assert point.decision({**PERMITTED, "subject": {"type": "user", "id": "dora"}})
    assert "dora" in [one["id"] for one in point.results("subject", WHO_READS)]


# --- operators of this console (M4) ---------------------------------------------------------------


def operator(name: str, action: str, tenant: str = "records") -> dict[str, Any]:
    return {
        "subject": {"type": "operator", "id": name},
        "action": {"name": action},
        "resource": {"type": "tenant", "id": tenant},
    }


def test_operators_are_decided_by_tenant_then_role_and_cluster_admins_above_all(
    point: DecisionPoint, settings: Any, client: Any
) -> None:
    settings.CLUSTER_ADMIN_GROUPS = ("/platform",)
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    sign_in_as(client, "olga", groups=("/platform",))
    sign_in_as(client, "tina", groups=("/tenants/records/admins",))
    sign_in_as(client, "gus", groups=("/tenants/globex/admins",))
    sign_in_as(client, "vera", roles=("viewer",))
    asked = {
        name: (
            point.decision(operator(f"sso:{name}", "access:role:create")),
            point.decision(operator(f"sso:{name}", "tenants:tenant:create")),
        )
        for name in ("ada", "olga", "tina", "gus", "vera")
    }

    assert asked == {
        "ada": (True, True),
        "olga": (True, True),
        "tina": (True, False),
        "gus": (False, False),
        "vera": (False, False),
    }
    told = context(point, operator("sso:olga", "access:role:create"))["reason_admin"]["en"]
    assert "is a member of /platform, which stands in CLUSTER_ADMIN_GROUPS" in told
    told = context(point, operator("sso:ada", "access:role:create"))["reason_admin"]["en"]
    assert "has the realm role gatehouse-admin" in told
    SignIn.objects.filter(user__username="sso:ada").update(roles=[], groups=[])
    assert not point.decision(operator("sso:ada", "access:role:create"))


# --- why, and how old -----------------------------------------------------------------------------


def test_an_answer_says_why_to_administrators_and_to_the_user(point: DecisionPoint) -> None:
    yes, no = context(point, PERMITTED), context(point, {**PERMITTED, "action": {"name": "delete"}})

    assert yes["id"] == "allowed"
    assert yes["reason_admin"]["en"] == "“Read a record” is allowed: the role record-reader gives it."
    assert no["id"] == "none"
    assert "the role record-writer would give it, but action.properties.soft" in no["reason_admin"]["en"]
    assert "record-writer" not in no["reason_user"]["en"]


def test_an_answer_says_how_old_it_is_and_what_could_not_be_read(
    point: DecisionPoint, records: DeclaredTenant
) -> None:
    assert context(point, PERMITTED)["read_at"] is None
    records.was_read()
    scope = records.realm.scope
    scope.read_at = timezone.now() - timedelta(minutes=5)
    scope.save()
    records.could_not_read(Kind.COMPOSITE)

    told = context(point, PERMITTED)

    assert 300 <= told["age_seconds"] < 320
    assert told["unread"] == {"composite": "Keycloak answered 403."}
    assert told["tenant"] == "records"


def test_what_could_not_be_read_is_never_a_yes(point: DecisionPoint, records: DeclaredTenant) -> None:
    records.was_read()
    records.could_not_read(Kind.PERSON_ROLE)

    told = point.post("evaluation", {**PERMITTED, "action": {"name": "delete"}}).body

    assert told["decision"] is False
    assert told["context"]["id"] == "unknown"


def test_decisions_go_on_while_keycloak_is_gone(point: DecisionPoint, records: DeclaredTenant) -> None:
    """The server's address leads nowhere in this test, and nothing is asked of it."""
    records.was_read()
    server = records.realm.scope.server
    server.url = "http://127.0.0.1:9"
    server.save()

    assert point.decision(PERMITTED)
    assert context(point, PERMITTED)["age_seconds"] > 0


def test_a_change_counts_in_the_next_decision(point: DecisionPoint, records: DeclaredTenant) -> None:
    write = {**PERMITTED, "subject": {"type": "user", "id": "bob"}, "action": {"name": "write"}}
    assert not point.decision(write)

    link = records.person_role("bob", "record-writer")
    assert point.decision(write)

    link.delete()
    assert not point.decision(write)


# --- cost -----------------------------------------------------------------------------------------


def test_a_batch_costs_as_many_queries_as_one_question(
    point: DecisionPoint, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    point.decision(PERMITTED)
    with django_assert_max_num_queries(25) as one:
        point.decision(PERMITTED)
    body = {**BATCHES[1][1], "evaluations": BATCHES[1][1]["evaluations"] * 50}
    with django_assert_num_queries(len(one)):
        assert point.decisions(body) == [True, False] * 50
