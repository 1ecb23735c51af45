"""Preview and apply: what was seen is what is done, once."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from console.audit.models import AuditEvent
from console.engine.state import Kind
from console.sync.commands import Refused
from console.sync.models import Plan
from console.sync.preview import Blocked, Changed, Unreachable
from console.transport import calls
from tests.factories import Platform, at

WRITES = ("POST", "PUT", "DELETE")


def standing(platform: Platform) -> tuple[Any, ...]:
    """Return what a preview must leave as it is, in the console and in Keycloak."""
    scope = platform.scope
    return (
        scope.generation,
        list(scope.touched.values_list("address", flat=True)),
        list(scope.ledger.order_by("address").values_list("address", "keycloak_id")),
        AuditEvent.objects.filter(tenant=platform.tenant).count(),
        platform.role_names(),
        sorted(one["name"] for one in platform.keycloak.get("groups")),
        sorted(one["username"] for one in platform.keycloak.get("users")),
    )


def words_of(plan: Plan) -> list[str]:
    return ["".join(part for part, _ in one["words"]) for one in plan.operations]


def test_a_preview_changes_nothing_anywhere(platform: Platform) -> None:
    before = standing(platform)

    with calls() as made:
        plan = platform.preview("access:role:create", name="only-seen")

    assert words_of(plan) == ["Create role only-seen"]
    assert [one for one in made.made if one.startswith(WRITES) and "openid-connect" not in one] == []
    assert standing(platform) == before


def test_apply_does_what_the_preview_said(platform: Platform) -> None:
    plan = platform.preview("access:role:create", name="wanted")

    applied = platform.apply(plan, reason="needed")
    platform.sync()

    assert (applied.state, applied.reason, applied.applied_by) == (
        Plan.State.APPLIED,
        "needed",
        "Mira Torres",
    )
    assert "wanted" in platform.role_names()
    assert platform.ledger(at(Kind.ROLE, "wanted")) == platform.keycloak.get("roles", "wanted")["id"]
    assert platform.is_in_sync


def test_a_change_in_keycloak_after_the_preview_is_shown_before_anything_is_applied(
    platform: Platform,
) -> None:
    """F28: another administrator's PUT lies between preview and apply."""
    platform.build(("access:role:create", {"name": "moving", "description": "Ours"}))
    plan = platform.preview("access:role:edit", **platform.edit_role("moving", description="New"))
    representation = platform.keycloak.get("roles", "moving")
    platform.keycloak.put("roles", "moving", json=representation | {"description": "Theirs"})

    with pytest.raises(Changed) as changed:
        platform.apply(plan)

    plan.refresh_from_db()
    assert plan.state == Plan.State.STALE
    assert changed.value.plan.is_open
    assert changed.value.plan.operations[0]["changes"] == [["description", "Theirs", "New"]]
    assert platform.keycloak.get("roles", "moving")["description"] == "Theirs"
    assert platform.is_in_sync


def test_the_new_plan_can_be_applied(platform: Platform) -> None:
    """F28: having seen the other value, the administrator decides."""
    platform.build(("access:role:create", {"name": "settled", "description": "Ours"}))
    plan = platform.preview("access:role:edit", **platform.edit_role("settled", description="New"))
    representation = platform.keycloak.get("roles", "settled")
    platform.keycloak.put("roles", "settled", json=representation | {"description": "Theirs"})
    with pytest.raises(Changed) as changed:
        platform.apply(plan)

    platform.apply(changed.value.plan)
    platform.sync()

    assert platform.keycloak.get("roles", "settled")["description"] == "New"


def test_a_change_of_the_declared_state_after_the_preview_is_shown_too(platform: Platform) -> None:
    platform.build(
        ("access:role:create", {"name": "one"}),
        ("access:role:create", {"name": "two"}),
        ("access:person:create", {"username": "pat"}),
    )
    plan = platform.preview("access:person-role:give", people=["pat"], roles=["one", "two"])
    platform.do("access:person-role:give", people=["pat"], roles=["one"])

    with pytest.raises(Changed) as changed:
        platform.apply(plan)

    assert words_of(changed.value.plan) == ["Give pat the role two"]


def test_a_plan_that_is_applied_twice_is_applied_once(platform: Platform) -> None:
    """F18: the second press of the button is told so."""
    plan = platform.preview("access:role:create", name="once")
    platform.apply(plan)
    rows = AuditEvent.objects.filter(plan_id=plan.pk).count()

    with pytest.raises(Refused):
        platform.apply(Plan.objects.get(pk=plan.pk))

    platform.sync()
    assert rows == 1
    assert [one for one in platform.role_names() if one == "once"] == ["once"]


def test_two_windows_that_apply_at_the_same_moment_apply_once(platform: Platform) -> None:
    """F18: both previews hold, one of the two wins."""
    plan, both, ends = platform.preview("access:role:create", name="raced"), Barrier(2, timeout=20), []

    def press() -> None:
        mine = Plan.objects.get(pk=plan.pk)
        both.wait()
        try:
            platform.apply(mine)
            ends.append("applied")
        except Refused:
            ends.append("refused")
        finally:
            connection.close()

    windows = [Thread(target=press) for _ in range(2)]
    for window in windows:
        window.start()
    for window in windows:
        window.join(60)

    assert sorted(ends) == ["applied", "refused"]
    assert AuditEvent.objects.filter(plan_id=plan.pk, kind="access:role:create").count() == 1


def test_a_plan_that_was_discarded_is_not_applied(platform: Platform) -> None:
    plan = platform.preview("access:role:create", name="discarded")
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.DISCARDED)
    plan.refresh_from_db()

    with pytest.raises(Refused, match="discarded"):
        platform.apply(plan)

    assert "discarded" not in platform.role_names()


# --- what others made --------------------------------------------------------------------------


def make_foreign(platform: Platform, kind: str) -> dict[str, Any]:
    """Make a thing in Keycloak directly, and return the command that declares another one of its name."""
    match kind:
        case "role":
            platform.keycloak.make_role("twin", description="Somebody else's")
            return {"command": "access:role:create", "name": "twin"}
        case "group":
            platform.keycloak.make("groups", name="twin", description="Somebody else's")
            return {"command": "access:group:create", "name": "twin"}
        case _:
            platform.keycloak.make_person("twin")
            return {"command": "access:person:create", "username": "twin"}


@pytest.mark.parametrize("kind", ["role", "group", "person"])
def test_a_foreign_twin_is_a_conflict_that_blocks(platform: Platform, kind: str) -> None:
    values = make_foreign(platform, kind)

    plan = platform.preview(values.pop("command"), **values)

    (finding,) = plan.findings
    assert "exists in Keycloak and is not ours" in finding["sentence"]
    assert plan.operations == []
    with pytest.raises(Blocked):
        platform.apply(plan)
    assert platform.is_in_sync


def test_a_realm_of_the_same_name_is_a_conflict_that_blocks(platform: Platform) -> None:
    foreign = f"{platform.tenant}-foreign"
    other = Platform(
        tenant=foreign,
        server=platform.server,
        keycloak=type(platform.keycloak)(platform.keycloak.connection, foreign),
    )
    other.keycloak.make_realm(displayName="Somebody else's")
    try:
        plan = other.preview(
            "tenants:tenant:create", slug=foreign, name="Ours", server=platform.server.pk, realm=foreign
        )
        assert [one["address"] for one in plan.findings if "not ours" in one["sentence"]] == ["realm:"]
        with pytest.raises(Blocked):
            other.apply(plan)
        assert other.keycloak.get()["displayName"] == "Somebody else's"
    finally:
        other.keycloak.delete()


def test_an_equal_twin_is_taken_over_without_a_write(platform: Platform) -> None:
    made = platform.keycloak.make_role("equal", description="Same words")
    plan = platform.preview("access:role:create", name="equal", description="Same words")
    assert [(one["action"], one["writes"]) for one in plan.operations] == [("adopt", False)]

    platform.apply(plan)
    with calls() as during:
        platform.sync()

    assert [one for one in during.made if one.startswith(WRITES) and "openid-connect" not in one] == []
    assert platform.ledger(at(Kind.ROLE, "equal")) == made["id"]


def test_what_others_made_beside_ours_survives_every_change(platform: Platform) -> None:
    """Row: the console never writes what it does not own."""
    keycloak = platform.keycloak
    platform.build(
        ("access:role:create", {"name": "ours"}),
        ("access:role:create", {"name": "inner"}),
        ("access:group:create", {"name": "crew"}),
        ("access:person:create", {"username": "sam", "email": "sam@example.org"}),
        ("access:membership:add", {"people": ["sam"], "groups": ["crew"]}),
        ("access:composite:add", {"role": "ours", "children": ["inner"]}),
    )
    foreign_role = keycloak.make_role("theirs")
    foreign_person = keycloak.make_person("tom")
    ours = keycloak.get("roles", "ours")
    keycloak.post("roles", "ours", "composites", json=[foreign_role])
    keycloak.post("users", platform.person_id("sam"), "role-mappings", "realm", json=[foreign_role])
    keycloak.put("users", foreign_person, "groups", platform.group_id("crew"))
    keycloak.put("roles", "ours", json=ours | {"attributes": {"colour": ["red"]}})
    group = keycloak.get("groups", platform.group_id("crew"))
    keycloak.put("groups", group["id"], json=group | {"attributes": {"floor": ["3"]}})
    keycloak.make("groups", group["id"], "children", name="theirs-below")

    platform.do("access:role:edit", **platform.edit_role("ours", description="New words"))
    platform.do("access:role:edit", **platform.edit_role("ours", name="ours-renamed"))
    platform.do("access:group:edit", **platform.edit_group("crew", name="crew-renamed"))
    platform.do("access:person:edit", **platform.edit_person("sam", last_name="Sato"))
    platform.do("access:person-role:give", people=["sam"], roles=["inner"])
    platform.do("access:person-role:take", people=["sam"], roles=["inner"])
    platform.do("access:composite:remove", role="ours-renamed", child="inner")
    platform.do("access:membership:remove", people=["sam"], groups=["crew-renamed"])

    assert {one["name"] for one in keycloak.get("roles", "ours-renamed", "composites")} == {"theirs"}
    assert keycloak.get("roles", "ours-renamed")["attributes"] == {"colour": ["red"]}
    assert keycloak.get("groups", group["id"])["attributes"]["floor"] == ["3"]
    assert {one["name"] for one in keycloak.get("groups", group["id"], "children")} == {"theirs-below"}
    assert {one["username"] for one in keycloak.get("groups", group["id"], "members")} == {"tom"}
    assert platform.effective_roles("sam") == {"theirs"}
    assert keycloak.get("users", platform.person_id("sam"))["email"] == "sam@example.org"


def test_without_keycloak_a_preview_says_so_and_keeps_nothing(platform: Platform) -> None:
    plans = Plan.objects.count()

    with platform.reached_at("http://127.0.0.1:9"), pytest.raises(Unreachable, match=platform.server.name):
        platform.preview("access:role:create", name="unreachable")

    assert Plan.objects.count() == plans
