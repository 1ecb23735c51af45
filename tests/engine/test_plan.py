"""The rules of the comparison, one by one."""

import pytest

from console.engine.ledger import LedgerFact
from console.engine.operation import Action, Phase
from console.engine.plan import Plan, plan
from console.engine.state import Kind, Resource, Selection, State
from tests.engine.world import at, lines, resource, state, world

ALL = Selection.all()


def sentences(chosen: Plan) -> dict[str, str]:
    return {finding.address.key: finding.sentence for finding in chosen.conflicts}


def test_what_is_declared_and_nowhere_else_is_created() -> None:
    chosen = world(desired=state("role:viewer")).plan()

    assert lines(chosen) == ["BUILD create role:viewer"]
    assert chosen.operations[0].reason == "is new"


def test_what_we_made_and_someone_removed_in_keycloak_is_made_again() -> None:
    made = world(desired=state("role:viewer"))
    made.book.facts = {at("role:viewer"): LedgerFact("1", {})}

    assert made.plan().operations[0].reason == "was removed in Keycloak"


def test_a_realm_that_is_missing_is_never_made_again_and_everything_waits() -> None:
    """F29 of the faults: a realm deleted behind our back."""
    made = world(desired=state("realm:", "role:viewer"))
    made.book.facts = {at("realm:"): LedgerFact("1", {})}

    chosen = made.plan()

    assert chosen.is_empty
    assert "never re-created" in sentences(chosen)["realm:"]
    assert "waits" in sentences(chosen)["role:viewer"]


def test_a_realm_made_anew_under_the_same_name_stops_everything() -> None:
    """F30 of the faults: another internal id under the same name."""
    made = world(desired=state("realm:"), there=state("realm:", "role:viewer"), ours=["role:viewer"])
    made.book.facts[at("realm:")] = LedgerFact("another-id", {})

    chosen = made.plan()

    assert chosen.is_empty
    assert "another object" in sentences(chosen)["realm:"]
    assert "waits" in sentences(chosen)["role:viewer"]


def test_what_stands_in_keycloak_as_declared_is_adopted() -> None:
    """F6 of the faults: it exists and is equal."""
    made = world(desired=state("role:viewer"), there=state("role:viewer"))

    assert lines(made.plan()) == ["BUILD adopt role:viewer"]
    made.run()
    assert made.book.facts[at("role:viewer")].id


def test_what_stands_in_keycloak_otherwise_is_never_overwritten() -> None:
    """F7 of the faults: it exists, is different and not ours."""
    made = world(
        desired=state(resource("role:viewer", description="Ours"), "role:editor", "composite:editor|viewer"),
        there=state(resource("role:viewer", description="Theirs")),
    )

    chosen = made.plan()

    assert lines(chosen) == ["BUILD create role:editor"]
    assert "exists in Keycloak and is not ours: it differs in description" in sentences(chosen)["role:viewer"]
    assert "waits for role" in sentences(chosen)["composite:editor|viewer"]


def test_what_has_our_name_and_another_id_is_left_alone() -> None:
    made = world(desired=State(), there=state("role:viewer"))
    made.book.facts = {at("role:viewer"): LedgerFact("another-id", {})}

    chosen = made.plan()

    assert chosen.is_empty
    assert "another object with the same name" in sentences(chosen)["role:viewer"]


def test_what_was_renamed_in_keycloak_is_neither_made_again_nor_deleted() -> None:
    there = state("role:reader")
    made = world(desired=state("role:viewer"), there=there)
    made.book.facts = {at("role:viewer"): LedgerFact(made.here().get(at("role:reader")).id, {})}

    for desired in (state("role:viewer"), State()):
        made.desired = desired
        chosen = made.plan()
        assert chosen.is_empty
        assert 'stands there as role "reader"' in sentences(chosen)["role:viewer"]


def test_a_difference_tells_whose_change_it_is() -> None:
    made = world(desired=State(), there=state("person:ann"), ours=["person:ann"])
    made.memory.things[made.book.facts[at("person:ann")].id].fields["last_name"] = "Theirs"
    made.desired = state(resource("person:ann", first_name="Ours"))

    (operation,) = made.plan().operations

    assert operation.action is Action.UPDATE
    assert operation.reason == "changed here: first_name; changed in Keycloak: last_name"


def test_what_is_no_longer_declared_is_deleted_only_if_it_is_ours() -> None:
    made = world(desired=State(), there=state("role:ours", "role:theirs"), ours=["role:ours"])

    chosen = made.plan()

    assert lines(chosen) == ["REVOKE delete role:ours"]
    assert chosen.unmanaged == (at("role:theirs"),)


def test_only_declared_fields_are_compared() -> None:
    bare = State.of([Resource(at("person:ann"), {"email": ""})])
    made = world(desired=bare, there=state(resource("person:ann", first_name="Ann")), ours=["person:ann"])

    assert made.plan().is_empty
    assert made.plan().unchanged == (at("person:ann"),)


def test_only_selected_addresses_are_judged() -> None:
    selection = Selection(addresses=frozenset([at("role:one")]))

    chosen = plan(desired=state("role:one", "role:two"), actual=State(), ledger={}, selection=selection)

    assert lines(chosen) == ["BUILD create role:one"]


def test_what_could_not_be_read_is_neither_created_nor_deleted() -> None:
    """C1: not readable is not empty."""
    unread = State(unreadable={Kind.ROLE: "forbidden"})

    chosen = plan(
        desired=state("role:new", "person:ann", "person-role:ann|new"),
        actual=unread,
        ledger={at("role:old"): LedgerFact("1", {})},
        selection=ALL,
    )

    assert lines(chosen) == ["BUILD create person:ann"]
    assert {one.address.key for one in chosen.unreadable} == {"role:new", "role:old"}
    assert "could not be read" in sentences(chosen)["person-role:ann|new"]


def test_what_could_not_be_read_counts_in_the_digest() -> None:
    readable = plan(desired=state("role:a"), actual=state("role:a"), ledger={}, selection=ALL)
    forbidden = plan(
        desired=state("role:a"), actual=State(unreadable={Kind.ROLE: "x"}), ledger={}, selection=ALL
    )

    assert forbidden.digest != plan(desired=State(), actual=State(), ledger={}, selection=ALL).digest
    assert forbidden.digest != readable.digest


def test_a_role_that_keycloak_owns_is_linked_to_and_never_deleted() -> None:
    """T18 of the threats: the default roles are protected; what we include in them can be taken out."""
    keys = ["role:default-roles-acme", "role:viewer", "composite:default-roles-acme|viewer"]
    made = world(desired=State(), there=state(*keys), ours=keys)

    chosen = made.plan()

    assert lines(chosen) == ["REVOKE delete role:viewer"]
    assert chosen.implied[at("role:viewer")] == (at("composite:default-roles-acme|viewer"),)


def test_a_link_to_something_neither_declared_nor_there_is_refused() -> None:
    chosen = world(desired=state("person:ann", "membership:ann|nowhere")).plan()

    assert lines(chosen) == ["BUILD create person:ann"]
    assert "needs group" in sentences(chosen)["membership:ann|nowhere"]


def test_a_link_to_something_of_others_is_made() -> None:
    made = world(desired=state("person:ann", "person-role:ann|theirs"), there=state("role:theirs"))

    assert lines(made.plan()) == ["BUILD create person:ann", "GRANT create person-role:ann|theirs"]


def test_a_group_that_holds_something_of_others_is_not_deleted() -> None:
    made = world(desired=State(), there=state("group:a", "group:a/theirs"), ours=["group:a"])

    chosen = made.plan()

    assert chosen.is_empty
    assert "stays" in sentences(chosen)["group:a"]


def test_what_goes_with_a_deleted_group_needs_no_operation_and_is_listed() -> None:
    keys = ["group:a", "group:a/b", "role:r", "group-role:a/b|r", "person:ann", "membership:ann|a/b"]
    made = world(desired=state("role:r", "person:ann"), there=state(*keys), ours=keys)

    chosen = made.plan()

    assert lines(chosen) == ["REVOKE delete group:a"]
    along = {one.key for one in chosen.implied[at("group:a")]}
    assert along == {"group:a/b", "group-role:a/b|r", "membership:ann|a/b"}
    made.run()
    assert {one.key for one in made.book.facts} == {"role:r", "person:ann"}


def test_counts_name_every_phase() -> None:
    chosen = world(desired=state("role:r", "person:ann", "person-role:ann|r")).plan()

    assert chosen.counts == {Phase.REVOKE: 0, Phase.BUILD: 2, Phase.GRANT: 1, Phase.PRUNE: 0}
    assert not chosen.is_empty


def test_where_organizations_are_off_and_stay_off_the_plan_says_so() -> None:
    made = world(desired=state("realm:", "organization:acme"), there=state("realm:"), ours=["realm:"])

    chosen = made.plan()

    assert chosen.is_empty
    (found,) = chosen.conflicts
    assert found.address == at("organization:acme")
    assert "organizations are switched off in this realm" in found.sentence
    assert "Switch on “Organizations” in the realm settings." in found.sentence


def test_a_new_realm_without_a_word_about_organizations_has_none() -> None:
    bare = Resource(at("realm:"), {"enabled": True})
    made = world(desired=state(bare, "organization:acme"))

    assert [one.address for one in made.plan().conflicts] == [at("organization:acme")]


def test_what_is_hidden_is_not_gone() -> None:
    """Somebody switched organizations off in Keycloak: on again, they are as they were."""
    keys = ["organization:acme", "organization-group:acme|a", "person:ann", "organization-member:acme|ann"]
    on = resource("realm:", organizations_enabled=True)
    made = world(desired=state(on, *keys), there=state(on, *keys), ours=["realm:", *keys])
    made.memory.things[str(made.book.facts[at("realm:")].id)].fields["organizations_enabled"] = False

    chosen = made.plan()
    made.run(chosen)

    assert lines(chosen) == ["BUILD update realm:"]
    hidden = {"organization:acme", "organization-group:acme|a", "organization-member:acme|ann"}
    assert {one.address.key for one in chosen.unreadable} == hidden
    assert "switched off in Keycloak" in chosen.unreadable[0].sentence
    assert chosen.bookkeeping.is_empty
    assert made.plan().is_empty
    assert made.plan().unreadable == ()


TOTP = resource("required-action:TOTP", enabled=False)


def test_what_keycloak_made_along_with_a_realm_of_ours_is_changed_without_adoption() -> None:
    made = world(desired=state("realm:"))
    made.run()
    made.memory._create(at("required-action:TOTP"), {**TOTP.fields, "enabled": True}, None)
    made.desired = state("realm:", TOTP)

    chosen = made.plan()
    made.run(chosen)

    assert lines(chosen) in (["REVOKE update required-action:TOTP"], ["BUILD update required-action:TOTP"])
    assert "Keycloak made it along with ours" in chosen.operations[0].reason
    assert made.plan().is_empty


def test_in_a_realm_that_was_adopted_it_must_be_adopted_first() -> None:
    there = state("realm:", resource("required-action:TOTP", enabled=True))
    made = world(desired=state("realm:", TOTP), there=there, ours=["realm:"])

    chosen = made.plan()

    assert chosen.is_empty
    assert "is not ours: it differs in enabled" in sentences(chosen)["required-action:TOTP"]


def test_mappers_that_keycloak_puts_into_a_directory_of_ours_are_ours_to_change_and_others_are_not() -> None:
    made = world(desired=state("realm:", "directory:ldap"))
    made.run()
    for name in ("email", "theirs"):
        address = at(f"directory-mapper:ldap|{name}")
        made.memory._create(address, dict(resource(address.key, config={"a": "1"}).fields), None)
    mappers = [resource(f"directory-mapper:ldap|{name}", config={"a": "2"}) for name in ("email", "theirs")]
    made.desired = state("realm:", "directory:ldap", *mappers)

    chosen = made.plan()

    assert [one.address for one in chosen.operations] == [at("directory-mapper:ldap|email")]
    assert list(sentences(chosen)) == ["directory-mapper:ldap|theirs"]


IN_EVERY_REALM = [
    "composite-client-role:reader|realm-management|view-users",
    "client-optional-scope:app|phone",
]


def test_what_keycloak_makes_with_a_realm_can_be_linked_to_before_the_realm_is_there() -> None:
    made = world(desired=state("realm:", "role:reader", "client:app", *IN_EVERY_REALM))

    chosen = made.plan()

    assert chosen.conflicts == ()
    assert {one.address.key for one in chosen.operations} >= set(IN_EVERY_REALM)


@pytest.mark.parametrize(
    "key",
    ["composite-client-role:reader|realm-management|view-everything", "client-optional-scope:app|phones"],
)
def test_what_keycloak_does_not_make_is_missed_in_a_new_realm_too(key: str) -> None:
    chosen = world(desired=state("realm:", "role:reader", "client:app", key)).plan()

    assert "which is not declared" in sentences(chosen)[key]


def test_in_a_realm_that_is_there_what_was_deleted_in_it_is_missed() -> None:
    desired = state("realm:", "role:reader", *IN_EVERY_REALM[:1])
    made = world(desired=desired, there=state("realm:", "role:reader"), ours=["realm:", "role:reader"])

    assert "which is not declared" in sentences(made.plan())[IN_EVERY_REALM[0]]
