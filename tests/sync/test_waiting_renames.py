"""Renames that wait together with other changes: a worker that was away finds all of them at once."""

from console.engine.state import Kind
from console.sync.models import Run
from tests.factories import Platform, at


def stand(platform: Platform, name: str) -> None:
    """Declare and apply a person in a group with a role and an entitlement, all named after the test."""
    platform.build(
        ("access:role:create", {"name": f"{name}-role"}),
        ("access:group:create", {"name": f"{name}-top"}),
        ("access:group:create", {"name": f"{name}-team", "parent": f"{name}-top"}),
        ("access:person:create", {"username": name}),
        ("access:person:create", {"username": f"{name}-two"}),
        ("access:membership:add", {"people": [name], "groups": [f"{name}-top/{name}-team"]}),
        ("access:group-role:give", {"groups": [f"{name}-top"], "roles": [f"{name}-role"]}),
    )


def settled(platform: Platform) -> None:
    run = platform.sync()
    assert run.state == Run.State.DONE, run.sentence
    assert platform.is_in_sync


def test_a_member_added_under_the_new_name_lands_with_the_rename(platform: Platform) -> None:
    stand(platform, "added")
    group = platform.group_id("added-top")
    platform.approve("access:group:edit", **platform.edit_group("added-top", name="added-new"))
    platform.approve("access:membership:add", people=["added-two"], groups=["added-new"])
    settled(platform)
    assert platform.group_id("added-new") == group
    assert platform.groups_of("added-two") == {"added-new"}
    assert platform.effective_roles("added") == {"added-role"}


def test_a_member_removed_under_the_new_name_is_out(platform: Platform) -> None:
    stand(platform, "out")
    platform.approve("access:group:edit", **platform.edit_group("out-top", name="out-new"))
    plan = platform.preview("access:membership:remove", people=["out"], groups=["out-new/out-team"])
    assert plan.impact["losers"] == 1
    platform.apply(plan)
    settled(platform)
    assert platform.groups_of("out") == set()
    assert platform.effective_roles("out") == set()
    assert platform.ledger(at(Kind.MEMBERSHIP, "out", "out-new/out-team")) is None


def test_members_and_roles_that_wait_under_the_old_name_follow_the_rename(platform: Platform) -> None:
    stand(platform, "follow")
    platform.approve("access:membership:add", people=["follow-two"], groups=["follow-top"])
    platform.approve("access:group:edit", **platform.edit_group("follow-top", name="follow-new"))
    settled(platform)
    assert platform.groups_of("follow-two") == {"follow-new"}
    assert platform.ledger(at(Kind.MEMBERSHIP, "follow-two", "follow-new")) is not None


def test_a_new_group_that_is_renamed_before_it_lands_stands_under_its_last_name_only(
    platform: Platform,
) -> None:
    platform.approve("access:group:create", name="young")
    platform.approve("access:role:create", name="young-role")
    platform.approve("access:group-role:give", groups=["young"], roles=["young-role"])
    platform.approve("access:group:edit", **platform.edit_group("young", name="grown"))
    settled(platform)
    names = {one["name"] for one in platform.keycloak.get("groups")}
    assert "grown" in names
    assert "young" not in names


def test_two_renames_of_a_group_become_one(platform: Platform) -> None:
    stand(platform, "twice")
    group = platform.group_id("twice-top")
    platform.approve("access:group:edit", **platform.edit_group("twice-top", name="twice-b"))
    platform.approve("access:group:edit", **platform.edit_group("twice-b", name="twice-c"))
    settled(platform)
    assert platform.group_id("twice-c") == group
    assert platform.groups_of("twice") == {"twice-c/twice-team"}


def test_two_renames_of_a_role_become_one(platform: Platform) -> None:
    stand(platform, "again")
    platform.approve("access:role:edit", **platform.edit_role("again-role", name="again-b"))
    platform.approve("access:role:edit", **platform.edit_role("again-b", name="again-c"))
    settled(platform)
    assert platform.effective_roles("again") == {"again-c"}
    assert not {"again-role", "again-b"} & platform.role_names()


def test_a_rename_and_back_again_changes_nothing(platform: Platform) -> None:
    stand(platform, "back")
    role = platform.keycloak.get("roles", "back-role")["id"]
    platform.approve("access:role:edit", **platform.edit_role("back-role", name="back-other"))
    platform.approve("access:role:edit", **platform.edit_role("back-other", name="back-role"))
    settled(platform)
    assert platform.keycloak.get("roles", "back-role")["id"] == role
    assert "back-other" not in platform.role_names()


def test_a_group_renamed_and_deleted_before_a_run_is_gone(platform: Platform) -> None:
    stand(platform, "gone")
    platform.approve("access:group:edit", **platform.edit_group("gone-top/gone-team", name="gone-new"))
    platform.approve("access:group:delete", group="gone-top/gone-new")
    settled(platform)
    top = platform.keycloak.get("groups", platform.group_id("gone-top"), "children")
    assert top == []
    assert platform.ledger(at(Kind.GROUP, "gone-top/gone-team")) is None


def test_a_role_renamed_and_deleted_before_a_run_is_gone(platform: Platform) -> None:
    stand(platform, "lost")
    platform.approve("access:role:edit", **platform.edit_role("lost-role", name="lost-new"))
    platform.approve("access:role:delete", role="lost-new")
    settled(platform)
    assert not {"lost-role", "lost-new"} & platform.role_names()
    assert platform.effective_roles("lost") == set()


def test_the_name_that_a_rename_leaves_can_be_used_at_once(platform: Platform) -> None:
    stand(platform, "reuse")
    former = platform.keycloak.get("roles", "reuse-role")["id"]
    platform.approve("access:role:edit", **platform.edit_role("reuse-role", name="reuse-new"))
    plan = platform.preview("access:role:create", name="reuse-role")
    platform.apply(plan)
    settled(platform)
    assert platform.keycloak.get("roles", "reuse-new")["id"] == former
    assert platform.keycloak.get("roles", "reuse-role")["id"] != former
    assert platform.effective_roles("reuse") == {"reuse-new"}


def test_a_group_below_a_renamed_one_can_be_renamed_and_moved_too(platform: Platform) -> None:
    stand(platform, "deep")
    team = platform.group_id("deep-top/deep-team")
    platform.approve("access:group:edit", **platform.edit_group("deep-top", name="deep-new"))
    platform.approve("access:group:edit", **platform.edit_group("deep-new/deep-team", name="deep-crew"))
    platform.approve("access:role:create", name="deep-second")
    platform.approve("access:group-role:give", groups=["deep-new/deep-crew"], roles=["deep-second"])
    settled(platform)
    assert platform.group_id("deep-new/deep-crew") == team
    assert platform.effective_roles("deep") == {"deep-role", "deep-second"}


def test_what_was_taken_from_a_renamed_role_is_taken(platform: Platform) -> None:
    stand(platform, "taken")
    platform.approve("access:role:edit", **platform.edit_role("taken-role", name="taken-new"))
    platform.approve("access:group-role:take", groups=["taken-top"], roles=["taken-new"])
    settled(platform)
    assert platform.effective_roles("taken") == set()
    assert platform.keycloak.get("roles", "taken-new")["name"] == "taken-new"


def test_a_person_deleted_while_her_group_waits_for_its_name_is_gone(platform: Platform) -> None:
    stand(platform, "leaver")
    platform.approve("access:group:edit", **platform.edit_group("leaver-top", name="leaver-new"))
    platform.approve("access:person:delete", person="leaver")
    settled(platform)
    assert platform.keycloak.get("users", username="leaver", exact="true") == []


def test_a_new_description_of_a_renamed_group_keeps_its_place(platform: Platform) -> None:
    stand(platform, "words")
    group = platform.group_id("words-top")
    platform.approve("access:group:edit", **platform.edit_group("words-top", name="words-new"))
    platform.approve("access:group:edit", **platform.edit_group("words-new", description="Now with words"))
    settled(platform)
    assert platform.group_id("words-new") == group
    assert platform.keycloak.get("groups", group)["description"] == "Now with words"


def test_a_rename_that_a_run_made_between_preview_and_run_does_not_block(platform: Platform) -> None:
    stand(platform, "between")
    platform.approve("access:group:edit", **platform.edit_group("between-top", name="between-new"))
    plan = platform.preview(
        "access:membership:remove", people=["between"], groups=["between-new/between-team"]
    )
    platform.sync()
    try:
        platform.apply(plan)
    except Exception as changed:  # the administrator looks again
        platform.apply(changed.plan)
    settled(platform)
    assert platform.groups_of("between") == set()
