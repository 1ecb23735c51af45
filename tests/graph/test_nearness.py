"""What is left out before the guard asks who reaches a right changes no answer, and very much is left out."""

from hypothesis import event, given
from hypothesis import strategies as st

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Kind
from console.graph.edges import Node, NodeKind, client_role, group, role
from console.graph.guarded import admin_rights, grounds_of_trust, lapse_of
from console.graph.nearness import leads, near, without_idle
from tests.engine.world import World, at
from tests.graph.test_guard_holds import ADMINS
from tests.graph.test_standing import any_world, many, standing_of

OF_PEOPLE = {Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE, Kind.ORGANIZATION_GROUP_MEMBER}


@many
@given(any_world, st.sampled_from(ADMINS))
def test_without_what_is_idle_the_guard_says_the_same(made: World, right: Node) -> None:
    standing, operations = standing_of(made), made.plan().operations
    structure = [one for one in standing.links if one.kind not in OF_PEOPLE]

    some = without_idle(operations, near(structure, operations, [right]))

    event("something is left out" if len(some) < len(operations) else "all is kept")
    assert admin_rights(standing, some, also=[right]) == admin_rights(standing, operations, also=[right])
    assert lapse_of(standing, some, wanted=[right]) == lapse_of(standing, operations, wanted=[right])
    trusted = grounds_of_trust(standing, operations, wanted=[right])
    assert grounds_of_trust(standing, some, wanted=[right]) == trusted


def creates(*keys: str) -> list[Operation]:
    return [Operation(Action.CREATE, at(key), Phase.GRANT, None, {}) for key in keys]


def test_new_links_of_people_to_what_leads_to_no_right_are_left_out() -> None:
    structure = [at("group-role:staff|reader"), at("group-role:ops|operator")]
    idle = creates(*(f"membership:p{n}|staff" for n in range(50)), "person-role:ann|reader")
    telling = creates("person:ann", "membership:ann|ops", "person-role:bob|operator")

    around = near(structure, [*idle, *telling], [role("operator")])

    assert without_idle([*idle, *telling], around) == telling


def test_who_comes_into_a_group_below_one_with_a_right_is_kept() -> None:
    """That it stands below is known by its name alone: it has no role of its own."""
    operations = creates("membership:ann|ops/night", "membership:bob|ops/night", "membership:ann|staff")

    around = near([at("group-role:ops|operator")], operations, [role("operator")])

    assert {one.name for one in around if one.kind is NodeKind.GROUP} == {"ops", "ops/night"}
    assert without_idle(operations, around) == operations[:2]


def test_what_leads_to_a_right_by_the_plan_itself_is_kept() -> None:
    granted = creates("group-client-role:staff|realm-management|manage-users")
    operations = [*granted, *creates("membership:ann|staff", "membership:ann|crew")]

    assert without_idle(operations, near([], operations, [])) == operations[:2]


def test_a_right_of_keycloak_itself_and_what_the_settings_name_are_always_near() -> None:
    right = client_role("realm-management", "manage-users")
    operations = creates("person-client-role:ann|realm-management|manage-users", "membership:ann|ops")

    around = near([], operations, [group("ops")])

    assert {right, group("ops")} <= around
    assert without_idle(operations, around) == operations
    assert leads(operations[0].address, frozenset())


def test_where_something_is_renamed_nothing_is_left_out() -> None:
    rename = Operation(Action.RENAME, at("role:new"), Phase.BUILD, {}, {}, was=at("role:old"))
    operations = [rename, *creates("person-role:ann|other")]

    assert without_idle(operations, near([], operations, [])) == operations
