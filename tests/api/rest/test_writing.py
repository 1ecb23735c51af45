"""Writing over the REST API on a real Keycloak: plans, idempotency keys, revisions, what is refused."""

from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from access.models import Group, Person, Role
from console.api.models import KeptAnswer
from console.audit.models import AuditEvent
from console.identity.api_tokens import digest_of
from console.identity.models import ApiToken
from console.permissions.vocabulary import Permission as P
from console.sync.models import Plan
from tests.api.authzen.fixture import token_for
from tests.api.rest.program import Program
from tests.factories import Platform

pytestmark = pytest.mark.usefixtures("transactional_db")

ALL = tuple(one for one in P if one.area in ("access", "sync") or one is P.TENANT_VIEW)


@pytest.fixture(autouse=True)
def _no_throttle(transactional_db: None) -> None:
    cache.clear()


@pytest.fixture(scope="module")
def program(platform: Platform) -> Program:
    return Program(token=token_for(platform.tenant, *ALL))


@pytest.fixture(scope="module")
def base(platform: Platform) -> str:
    return f"tenants/{platform.tenant}/"


def pk(model: Any, platform: Platform, **found: str) -> int:
    return int(model.objects.get(realm__scope=platform.scope, **found).pk)


def test_a_post_makes_a_plan_and_lets_it_stand_and_keycloak_has_it(
    program: Program, platform: Platform, base: str
) -> None:
    answer = program.post(f"{base}roles/", {"name": "reader", "description": "Reads", "reason": "a test"})

    assert answer.status == 202, answer.body
    body = answer.body
    plan = Plan.objects.get(pk=body["plan"])
    assert (plan.state, plan.digest, plan.reason) == ("applied", body["digest"], "a test")
    assert plan.actor_name == "certification (API token)"
    assert body["run"] == {"state": "queued"}
    assert body["operations"][0]["words"]
    assert body["links"]["page"].endswith(f"/plans/{plan.pk}/")
    assert "reader" not in platform.role_names()
    platform.sync()
    assert "reader" in platform.role_names()
    later = program.get(body["links"]["self"].removeprefix("/api/v1/")).body
    assert later["run"]["state"] == "done"
    assert AuditEvent.objects.filter(plan_id=plan.pk, actor_key__startswith="token:gate_").exists()


def test_a_preview_changes_nothing(program: Program, platform: Platform, base: str) -> None:
    answer = program.post(f"{base}roles/?preview=true", {"name": "only-shown"})

    assert (answer.status, answer.body["state"], answer.body["run"]) == (200, "open", None)
    assert not Role.objects.filter(name="only-shown").exists()
    assert program.post(f"{base}roles/?preview=maybe", {"name": "x"}).status == 400


def test_everything_that_forms_do(program: Program, platform: Platform, base: str) -> None:
    for path, body in (
        ("roles/", {"name": "one"}),
        ("roles/", {"name": "two"}),
        ("groups/", {"name": "team"}),
        ("people/", {"username": "ann", "email": "ann@example.org", "first_name": "Ann"}),
    ):
        answer = program.post(f"{base}{path}", body)
        assert answer.status == 202, answer.body
        platform.sync()
    one, two = pk(Role, platform, name="one"), pk(Role, platform, name="two")
    team, ann = pk(Group, platform, path="team"), pk(Person, platform, username="ann")

    for path, body in (
        (f"roles/{one}/includes/", {"children": [two]}),
        ("group-roles/", {"groups": [team], "roles": [one]}),
        ("memberships/", {"people": [ann], "groups": [team]}),
        ("person-roles/", {"people": [ann], "roles": [two], "ends_at": "2099-01-01T00:00:00Z"}),
    ):
        answer = program.post(f"{base}{path}", body)
        assert answer.status == 202, answer.body
        platform.sync()

    assert platform.effective_roles("ann") >= {"one", "two"}
    for path in ("memberships", "person-roles", "group-roles"):
        rows = program.get(f"{base}{path}/").body["results"]
        assert len(rows) == 1
        assert program.delete(f"{base}{path}/{rows[0]['id']}/").status == 202
        platform.sync()
        assert program.delete(f"{base}{path}/{rows[0]['id']}/").status == 404
    assert not platform.effective_roles("ann") & {"one", "two"}
    assert program.delete(f"{base}roles/{one}/includes/{two}/").status == 202
    assert program.delete(f"{base}roles/{one}/").status == 202
    platform.sync()
    assert "one" not in platform.role_names()


def test_types_resources_and_grants(program: Program, platform: Platform, base: str) -> None:
    kind = program.post(f"{base}entitlement-types/", {"name": "package", "levels": ["READ", "WRITE"]})
    assert kind.status == 201, kind.body
    thing = program.post(f"{base}resources/", {"type": kind.body["id"], "name": "demo"})
    assert thing.status == 201, thing.body
    program.post(f"{base}people/", {"username": "eva", "email": "eva@example.org"})
    platform.sync()
    eva = pk(Person, platform, username="eva")

    grant = {"resource": thing.body["id"], "level": "READ", "people": [eva]}
    assert program.post(f"{base}entitlements/", grant).status == 202
    platform.sync()

    rows = program.get(f"{base}entitlements/?q=eva").body["results"]
    assert [(row["type"], row["resource"], row["level"]) for row in rows] == [("package", "demo", "READ")]
    assert platform.attribute("eva") == {"package:demo:READ"}
    assert program.delete(f"{base}entitlements/{rows[0]['id']}/").status == 202


# --- two at once ----------------------------------------------------------------------------------


def test_a_repeat_with_the_same_key_changes_nothing_and_gets_the_same_answer(
    program: Program, base: str
) -> None:
    body, key = {"name": "kept"}, {"Idempotency_Key": "order-66"}
    first = program.post(f"{base}roles/", body, **key)
    plans = Plan.objects.count()

    again = program.post(f"{base}roles/", body, **key)

    assert first.status == 202
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Plan.objects.count() == plans
    assert program.post(f"{base}roles/", {"name": "other"}, **key).status == 409
    assert not Role.objects.filter(name="other").exists()


def test_a_repeat_gets_its_answer_also_where_the_change_took_away_what_it_was_of(
    program: Program, platform: Platform, base: str
) -> None:
    program.post(f"{base}roles/", {"name": "once-edited"})
    path = f"{base}roles/{pk(Role, platform, name='once-edited')}/"
    edit = {"name": "once-edited", "description": "again"}
    first = program.put(path, edit, If_Match='"1"', Idempotency_Key="order-70")
    again = program.put(path, edit, If_Match='"1"', Idempotency_Key="order-70")
    gone = program.delete(path, Idempotency_Key="order-71")
    still_gone = program.delete(path, Idempotency_Key="order-71")

    assert (first.status, gone.status) == (202, 202)
    assert (again.status, again.body) == (first.status, first.body)
    assert (still_gone.status, still_gone.body) == (gone.status, gone.body)
    assert still_gone.headers["Idempotent-Replayed"] == "true"
    assert program.delete(path, Idempotency_Key="order-72").status == 404


def test_no_answer_is_given_again_to_a_token_that_may_no_longer(
    program: Program, platform: Platform, base: str
) -> None:
    token = token_for(platform.tenant, *ALL)
    other = Program(token=token)
    other.post(f"{base}roles/", {"name": "once-mine"})
    path = f"{base}roles/{pk(Role, platform, name='once-mine')}/"
    assert other.delete(path, Idempotency_Key="order-73").status == 202

    assert program.delete(path, Idempotency_Key="order-73").status == 404
    row = ApiToken.objects.get(digest=digest_of(token))
    ApiToken.objects.filter(pk=row.pk).update(permissions=[P.ROLE_VIEW.value])
    assert other.delete(path, Idempotency_Key="order-73").status == 403
    ApiToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now(), revoked_by="mira")
    assert other.delete(path, Idempotency_Key="order-73").status == 401


def test_a_refusal_is_kept_under_its_key_too(program: Program, base: str) -> None:
    program.post(f"{base}roles/", {"name": "taken"})
    body, key = {"name": "taken"}, {"Idempotency_Key": "order-67"}

    assert program.post(f"{base}roles/", body, **key).status == 422
    assert program.post(f"{base}roles/", body, **key).headers["Idempotent-Replayed"] == "true"


def test_a_request_that_is_at_work_is_not_begun_twice(program: Program, base: str) -> None:
    program.post(f"{base}roles/", {"name": "busy"}, Idempotency_Key="order-68")
    KeptAnswer.objects.filter(key="order-68").update(status=None, body=None)

    answer = program.post(f"{base}roles/", {"name": "busy"}, Idempotency_Key="order-68")

    assert (answer.status, "still at work" in answer.body["reason"]) == (409, True)


def test_an_edit_is_on_top_of_what_was_read(program: Program, platform: Platform, base: str) -> None:
    program.post(f"{base}groups/", {"name": "edited"})
    platform.sync()
    path = f"{base}groups/{pk(Group, platform, path='edited')}/"
    etag = program.get(path).headers["ETag"]
    body = {"name": "edited", "description": "first"}

    assert program.put(path, body).status == 428
    assert program.put(path, body, If_Match=etag).status == 202
    stale = program.put(path, body | {"description": "second"}, If_Match=etag)
    assert (stale.status, stale.body["revision"]) == (412, 2)
    assert program.put(path, body | {"description": "second", "revision": 2}).status == 202
    platform.sync()
    assert program.get(path).body["description"] == "second"


# --- what is refused ------------------------------------------------------------------------------

WRONG = [
    ("roles/", {}, 400, ["name"]),
    ("roles/", {"name": 1, "descripton": "x"}, 400, ["descripton"]),
    ("roles/", {"name": "a/b"}, 422, ["name"]),
    ("roles/", {"name": "x\x00"}, 400, ["name"]),
    ("roles/", {"name": "n" * 999}, 400, ["name"]),
    ("roles/", [], 400, []),
    ("groups/", {"name": "g", "parent": 99999}, 422, ["parent"]),
    ("people/", {"username": "UPPER"}, 422, ["username"]),
    ("memberships/", {"people": [1], "groups": []}, 400, ["groups"]),
    ("memberships/", {"people": [9999999], "groups": [9999999]}, 422, ["people"]),
    ("memberships/", {"people": [10**30], "groups": [1]}, 400, ["people.0"]),
    ("memberships/", {"people": [1], "groups": [1], "ends_at": "soon"}, 400, ["ends_at"]),
    ("memberships/", {"people": [1], "groups": [1], "ends_at": "2099-01-01T00:00:00"}, 400, ["ends_at"]),
]


@pytest.mark.parametrize(("path", "body", "status", "fields"), WRONG)
def test_what_is_wrong_is_named_by_its_field(
    path: str, body: Any, status: int, fields: list[str], program: Program, base: str
) -> None:
    answer = program.post(f"{base}{path}", body)

    assert answer.status == status, answer.body
    assert list(answer.body.get("fields", {})) == fields


def test_a_body_that_is_not_json_is_refused(program: Program, base: str) -> None:
    assert program.post(f"{base}roles/", b"{nope").status == 400
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert program.post(f"{base}roles/", b"name=x", **form).status == 415
    assert program.call("PATCH", f"{base}roles/").status == 405


def test_a_stop_of_the_guard_leaves_the_plan_to_a_person(
    program: Program, platform: Platform, base: str, settings: Any
) -> None:
    program.post(f"{base}roles/", {"name": "precious"})
    platform.sync()
    settings.GUARD_DELETIONS, settings.GUARD_DELETION_SHARE = 0, 0

    answer = program.delete(f"{base}roles/{pk(Role, platform, name='precious')}/")

    assert answer.status == 409, answer.body
    assert answer.body["plan"]["state"] == "open"
    assert answer.body["plan"]["stops"][0]["sentence"]
    assert Role.objects.filter(name="precious").exists()


def test_a_token_without_the_right_to_apply_may_preview_only(platform: Platform, base: str) -> None:
    program = Program(token=token_for(platform.tenant, P.ROLE_CREATE, P.PLAN_CREATE, P.TENANT_VIEW))

    assert program.post(f"{base}roles/?preview=true", {"name": "shown"}).status == 200
    assert program.post(f"{base}roles/", {"name": "shown"}).status == 403


def test_while_keycloak_is_gone_nothing_is_said_and_nothing_done(
    program: Program, platform: Platform, base: str
) -> None:
    with platform.reached_at("http://127.0.0.1:9"):
        answer = program.post(f"{base}roles/", {"name": "in-the-dark"})

    assert answer.status == 503
    assert not Role.objects.filter(name="in-the-dark").exists()
