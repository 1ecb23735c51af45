"""The order by effect, one rule after the other."""

from console.engine.operation import Phase
from console.engine.state import State
from tests.engine.world import World, at, lines, resource, state, world


def synced(*keys: str) -> World:
    return world(desired=state(*keys), there=state(*keys), ours=keys)


def test_links_go_before_anything_is_built_and_come_after_everything_is() -> None:
    made = synced("role:old", "person:ann", "person-role:ann|old")
    made.desired = state("role:old", "role:new", "person:ann", "person-role:ann|new")

    assert lines(made.plan()) == [
        "REVOKE delete person-role:ann|old",
        "BUILD create role:new",
        "GRANT create person-role:ann|new",
    ]


def test_disabling_comes_first_and_enabling_last() -> None:
    made = world(
        desired=state(resource("person:ann", enabled=False), "person:bob", "role:r"),
        there=state("person:ann", resource("person:bob", enabled=False)),
        ours=["person:ann", "person:bob"],
    )

    assert lines(made.plan()) == [
        "REVOKE update person:ann",
        "BUILD create role:r",
        "GRANT update person:bob",
    ]


def test_an_update_that_narrows_and_widens_is_done_in_two_steps() -> None:
    before = resource("realm:", registration_allowed=True, sso_session_max=100, display_name="Old")
    made = world(desired=State(), there=state(before), ours=["realm:"])
    made.desired = state(
        resource("realm:", registration_allowed=False, sso_session_max=200, display_name="New")
    )

    first, second = made.plan().operations

    assert (first.phase, second.phase) == (Phase.REVOKE, Phase.GRANT)
    assert first.after is not None
    assert (first.after["registration_allowed"], first.after["sso_session_max"]) == (False, 100)
    assert first.after["display_name"] == "New"
    assert second.before == first.after
    assert made.run().done == 2
    assert made.plan().is_empty


def test_organizations_are_switched_on_before_one_is_made_and_off_after_the_last_is_gone() -> None:
    off = resource("realm:", sso_session_max=10, registration_allowed=True)
    on = resource("realm:", sso_session_max=20, registration_allowed=False, organizations_enabled=True)
    made = world(desired=state(off), there=state(off), ours=["realm:"])

    made.desired = state(on, "organization:acme", "organization-group:acme|a")
    opening = made.plan()
    made.run()
    made.desired = state(off)
    closing = made.plan()

    assert lines(opening) == [
        "REVOKE update realm:",
        "BUILD update realm:",
        "BUILD create organization:acme",
        "BUILD create organization-group:acme|a",
        "GRANT update realm:",
    ]
    first, second, *_, last = opening.operations
    assert (first.after, second.after) == (second.before, last.before)
    assert last.after == on.fields
    assert lines(closing) == [
        "REVOKE update realm:",
        "REVOKE delete organization:acme",
        "BUILD update realm:",
        "GRANT update realm:",
    ]
    made.run()
    assert made.plan().is_empty


def test_a_list_that_loses_and_gains_passes_through_what_both_have() -> None:
    before = resource("profile-attribute:entitlements", edit=["admin", "user"])
    made = world(desired=State(), there=state(before), ours=["profile-attribute:entitlements"])
    made.desired = state(resource("profile-attribute:entitlements", edit=["admin", "support"]))

    first, second = made.plan().operations

    assert first.after is not None
    assert first.after["edit"] == ["admin"]
    assert second.phase is Phase.GRANT


def test_a_new_person_is_made_enabled_and_without_rights() -> None:
    made = world(desired=state("role:r", "person:ann", "person-role:ann|r"))

    assert lines(made.plan()) == [
        "BUILD create role:r",
        "BUILD create person:ann",
        "GRANT create person-role:ann|r",
    ]


def test_parents_are_made_before_children() -> None:
    made = world(desired=state("group:a/b/c", "group:a/b", "group:a"))

    ranks = [(one.address.key, one.rank) for one in made.plan().operations]

    assert ranks == [("group:a", 0), ("group:a/b", 1), ("group:a/b/c", 2)]


def test_what_confers_nothing_is_removed_last_and_its_link_first() -> None:
    made = synced("client-scope:sc", "mapper:sc|m", "default-scope:sc", "profile-attribute:x")
    made.desired = State()

    chosen = made.plan()

    assert lines(chosen) == [
        "REVOKE delete default-scope:sc",
        "PRUNE delete client-scope:sc",
        "PRUNE delete profile-attribute:x",
    ]
    assert chosen.implied[at("client-scope:sc")] == (at("mapper:sc|m"),)


def test_a_rename_is_one_operation_and_touches_no_link() -> None:
    made = synced("role:old", "group:g", "group-role:g|old", "person:ann", "person-role:ann|old")
    made.desired = state("role:new", "group:g", "group-role:g|new", "person:ann", "person-role:ann|new")
    made.book.renames = {at("role:new"): at("role:old")}

    chosen = made.plan()

    assert lines(chosen) == ["BUILD rename role:new"]
    assert chosen.operations[0].was == at("role:old")
    made.run()
    assert {one.key for one in made.book.facts} == {one.key for one in made.desired.resources}
    assert made.book.renames == {}


def test_a_moved_group_takes_its_subtree_along_and_counts_as_a_grant() -> None:
    made = synced("group:a", "group:b", "group:a/x", "group:a/x/y", "role:r", "group-role:b|r")
    made.desired = state("group:a", "group:b", "group:b/x", "group:b/x/y", "role:r", "group-role:b|r")
    made.book.renames = {at("group:b/x"): at("group:a/x")}

    assert lines(made.plan()) == ["GRANT rename group:b/x"]


def test_a_group_that_something_leaves_stands_until_the_end_and_gives_nothing_meanwhile() -> None:
    made = synced("group:a", "group:a/x", "role:r", "group-role:a|r", "person:ann", "membership:ann|a")
    made.desired = state("group:x", "role:r", "person:ann")
    made.book.renames = {at("group:x"): at("group:a/x")}

    assert lines(made.plan()) == [
        "REVOKE delete group-role:a|r",
        "REVOKE delete membership:ann|a",
        "GRANT rename group:x",
        "PRUNE delete group:a",
    ]


def test_a_group_that_waits_for_a_rename_goes_by_itself_so_that_a_run_that_was_cut_can_go_on() -> None:
    """When the first move landed, nothing keeps `h/g` any more: its deletion must have been approved."""
    made = synced("group:h", "group:h/g", "group:h/g/x", "group:h/y")
    made.desired = state("group:x", "group:y")
    made.book.renames = {at("group:x"): at("group:h/g/x"), at("group:y"): at("group:h/y")}
    chosen = made.plan()
    made.memory.write(chosen.operations[0])

    assert lines(chosen) == [
        "GRANT rename group:x",
        "GRANT rename group:y",
        "PRUNE delete group:h/g",
        "PRUNE delete group:h",
    ]
    assert made.plan().fingerprints < chosen.fingerprints


def test_groups_of_an_organization_are_renamed_and_moved_in_their_own_tree() -> None:
    ground = ["organization:acme", "organization:beta", "group:b", "organization-group:beta|b"]
    made = synced(
        *ground, "organization-group:acme|a", "organization-group:acme|b", "organization-group:acme|a/x"
    )
    made.desired = state(
        *ground,
        "group:b/x",
        "organization-group:beta|b/x",
        "organization-group:acme|a",
        "organization-group:acme|c",
        "organization-group:acme|c/x",
        "organization-group:acme|c/x/new",
    )
    made.book.renames = {
        at("organization-group:acme|c"): at("organization-group:acme|b"),
        at("organization-group:acme|c/x"): at("organization-group:acme|a/x"),
    }

    assert lines(made.plan()) == [
        "BUILD create group:b/x",
        "BUILD create organization-group:beta|b/x",
        "BUILD rename organization-group:acme|c",
        "GRANT rename organization-group:acme|c/x",
        "GRANT create organization-group:acme|c/x/new",
    ]
    ids = {made.book.facts[at("organization-group:acme|a/x")].id}
    made.run()
    assert {made.book.facts[at("organization-group:acme|c/x")].id} == ids
    assert made.plan().is_empty


def test_who_leaves_an_organization_leaves_its_groups_and_who_joins_it_joins_it_first() -> None:
    ground = ["organization:acme", "organization-group:acme|a", "person:ann", "person:bob"]
    ann = ["organization-member:acme|ann", "organization-group-member:acme|a|ann"]
    made = synced(*ground, *ann)
    made.desired = state(*ground, "organization-member:acme|bob", "organization-group-member:acme|a|bob")

    chosen = made.plan()

    assert lines(chosen) == [
        "REVOKE delete organization-member:acme|ann",
        "GRANT create organization-member:acme|bob",
        "GRANT create organization-group-member:acme|a|bob",
    ]
    assert chosen.implied[at(ann[0])] == (at(ann[1]),)
    made.run()
    assert {one.key for one in made.book.facts} == {one.key for one in made.desired.resources}


def test_who_is_no_member_of_an_organization_gets_into_none_of_its_groups() -> None:
    ground = ["organization:acme", "organization-group:acme|a", "person:ann"]
    made = synced(*ground)
    made.desired = state(*ground, "organization-group-member:acme|a|ann")

    chosen = made.plan()

    assert chosen.is_empty
    assert "needs membership of ann in organization" in chosen.conflicts[0].sentence


def test_a_group_goes_to_no_other_organization_and_a_role_to_no_other_client() -> None:
    """Keycloak keeps each where it was made: it goes from the one and is made in the other."""
    ground = ["organization:acme", "organization:beta", "client:shop", "client:store"]
    made = synced(*ground, "organization-group:acme|a", "client-role:shop|r")
    made.desired = state(*ground, "organization-group:beta|a", "client-role:store|r")
    made.book.renames = {
        at("organization-group:beta|a"): at("organization-group:acme|a"),
        at("client-role:store|r"): at("client-role:shop|r"),
    }

    assert lines(made.plan()) == [
        "REVOKE delete client-role:shop|r",
        "REVOKE delete organization-group:acme|a",
        "BUILD create client-role:store|r",
        "BUILD create organization-group:beta|a",
    ]
    made.run()
    assert made.plan().is_empty


def test_moves_that_cross_wait_for_each_other_so_that_nobody_passes_through_a_foreign_group() -> None:
    made = synced("group:p", "group:q", "group:p/b", "group:p/b/a")
    made.desired = state("group:p", "group:q", "group:q/b", "group:a")
    made.book.renames = {at("group:q/b"): at("group:p/b"), at("group:a"): at("group:p/b/a")}

    first, second = made.plan().operations

    assert (first.address, second.address) == (at("group:a"), at("group:q/b"))


def test_moves_for_which_no_order_is_safe_are_refused_together() -> None:
    homes = ["group:p", "group:q", "group:r", "group:s"]
    made = synced(*homes, "group:p/b", "group:p/b/a", "group:r/d", "group:r/d/c")
    made.desired = state(*homes, "group:q/b", "group:q/b/c", "group:s/d", "group:s/d/a")
    made.book.renames = {
        at("group:q/b"): at("group:p/b"),
        at("group:q/b/c"): at("group:r/d/c"),
        at("group:s/d"): at("group:r/d"),
        at("group:s/d/a"): at("group:p/b/a"),
    }

    chosen = made.plan()

    assert chosen.is_empty
    assert "in two changes" in chosen.conflicts[0].sentence


def test_names_that_are_exchanged_are_refused_and_nothing_is_deleted() -> None:
    made = synced("role:r", "role:s")
    made.book.renames = {at("role:r"): at("role:s"), at("role:s"): at("role:r")}

    chosen = made.plan()

    assert chosen.is_empty
    assert len(chosen.conflicts) == 2


def test_a_name_that_is_taken_in_keycloak_is_refused_and_nothing_is_deleted() -> None:
    there = state("role:old", "role:taken", "person:ann", "person-role:ann|old")
    made = world(desired=State(), there=there, ours=["role:old", "person:ann", "person-role:ann|old"])
    made.desired = state("role:taken", "person:ann", "person-role:ann|taken")
    made.book.renames = {at("role:taken"): at("role:old")}

    chosen = made.plan()

    assert chosen.is_empty
    assert "the name is taken" in chosen.conflicts[-1].sentence


def test_a_chain_of_names_is_renamed_from_its_free_end() -> None:
    made = synced("role:a", "role:b")
    made.desired = state("role:b", "role:c", "role:a")
    made.book.renames = {at("role:c"): at("role:b"), at("role:b"): at("role:a")}

    assert lines(made.plan()) == ["BUILD rename role:c", "BUILD rename role:b", "BUILD create role:a"]
    made.run()
    assert made.plan().is_empty


def test_a_rename_that_landed_unrecorded_is_learnt_without_a_write() -> None:
    made = synced("group:a", "group:a/x", "person:ann", "membership:ann|a/x")
    made.desired = state("group:b", "group:b/x", "person:ann", "membership:ann|b/x")
    made.book.renames = {at("group:b"): at("group:a")}
    made.memory.write(made.plan().operations[0])

    chosen = made.plan()

    assert chosen.is_empty
    assert len(chosen.bookkeeping.renamed) == 3
    made.run()
    assert {one.key for one in made.book.facts} == {one.key for one in made.desired.resources}
