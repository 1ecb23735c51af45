"""Who becomes an administrator by a plan, on every way that there is, and who is the last one."""

import pytest

from console.engine.operation import Operation
from console.engine.state import Resource, State
from console.engine.stops import Rule, Stop
from console.graph.edges import role
from console.graph.guarded import admin_rights, lapse_of, last_administrator, right_named
from console.graph.standing import Standing
from tests.engine.world import at, resource, world

ADMIN = "realm-management|realm-admin"


def state(*keys: str | Resource) -> State:
    return State.of(key if isinstance(key, Resource) else resource(key) for key in keys)


def planned(
    before: list[str | Resource], after: list[str | Resource]
) -> tuple[Standing, tuple[Operation, ...]]:
    """Return who stands where before, and the plan from there; all of it is ours."""
    there = state("client:realm-management", f"client-role:{ADMIN}", *before)
    desired = state("client:realm-management", f"client-role:{ADMIN}", *after)
    made = world(desired=desired, there=there, ours=[one.address.key for one in there])
    disabled = [one.address.path[0] for one in there if one.fields.get("enabled") is False]
    plan = made.plan()
    assert plan.conflicts == ()
    return Standing((one.address for one in there), disabled), plan.operations


def gained(before: list[str | Resource], after: list[str | Resource]) -> list[Stop]:
    standing, operations = planned(before, after)
    return admin_rights(standing, operations, also=[])


def told(stops: list[Stop]) -> str:
    return " ".join(one.finding.sentence for one in stops)


GROUND: list[str | Resource] = ["person:ann", "group:ops", "group:ops/inner", "role:lead", "client:app"]
GROUND += [
    "client-role:app|boss",
    "role:default-roles-acme",
    "organization:inc",
    "organization-group:inc|ops",
]


@pytest.mark.parametrize(
    "links",
    [
        [f"person-client-role:ann|{ADMIN}"],
        ["membership:ann|ops", f"group-client-role:ops|{ADMIN}"],
        ["membership:ann|ops/inner", f"group-client-role:ops|{ADMIN}"],
        ["person-role:ann|lead", f"composite-client-role:lead|{ADMIN}"],
        ["person-client-role:ann|app|boss", f"client-composite-client-role:app|boss|{ADMIN}"],
        ["membership:ann|ops", "group-role:ops|lead", f"composite-client-role:lead|{ADMIN}"],
        [
            "person-role:ann|lead",
            "composite:lead|default-roles-acme",
            f"composite-client-role:default-roles-acme|{ADMIN}",
        ],
    ],
)
def test_every_way_to_the_right_is_found_whichever_link_comes_last(links: list[str]) -> None:
    """T16, T18: judged on the closure before and after."""
    for last in links:
        rest = [link for link in links if link != last]
        stops = gained([*GROUND, *rest], [*GROUND, *links])

        (gain,) = [one for one in stops if one.subjects == {"person ann"}]
        assert gain.rule is Rule.ADMIN_RIGHT
        assert gain.sentence == "ann gets realm-admin of realm-management."
        assert "give it to others" in gain.consequence
        assert len(links) == 1 or "Way: ann › " in gain.consequence


def test_what_is_taken_or_was_so_before_gives_nobody_anything() -> None:
    links = ["membership:ann|ops", f"group-client-role:ops|{ADMIN}"]

    assert gained([*GROUND, *links], GROUND) == []
    assert gained([*GROUND, *links], [*GROUND, *links, "role:new"]) == []


def test_a_service_account_can_gain_it() -> None:
    stops = gained(GROUND, [*GROUND, f"service-client-role:app|{ADMIN}"])

    assert [one.sentence for one in stops] == [
        "The service account of app gets realm-admin of realm-management."
    ]


def test_who_is_enabled_again_gets_it_back() -> None:
    off, on = resource("person:ann", enabled=False), resource("person:ann", enabled=True)
    rest = [*GROUND[1:], f"person-client-role:ann|{ADMIN}"]

    assert "ann gets realm-admin" in told(gained([off, *rest], [on, *rest]))
    assert gained([on, *rest], [off, *rest]) == []


def test_who_only_gets_another_name_gains_nothing() -> None:
    there = state(
        "client:realm-management", f"client-role:{ADMIN}", "person:ann", f"person-client-role:ann|{ADMIN}"
    )
    desired = state(
        "client:realm-management", f"client-role:{ADMIN}", "person:ida", f"person-client-role:ida|{ADMIN}"
    )
    made = world(desired=desired, there=there, ours=[one.address.key for one in there])
    made.book.renames = {at("person:ida"): at("person:ann")}
    standing = Standing(one.address for one in there)

    assert made.plan().operations
    assert admin_rights(standing, made.plan().operations, also=[]) == []


@pytest.mark.parametrize(
    ("link", "whom"),
    [
        (f"group-client-role:ops|{ADMIN}", "Whoever has the one gets the other"),
        (f"composite-client-role:default-roles-acme|{ADMIN}", "Whoever has the one gets the other"),
        (f"allowed-client-role:app|{ADMIN}", "Tokens of the client may carry it"),
        (f"organization-group-client-role:inc|ops|{ADMIN}", "to nobody. A later version may"),
    ],
)
def test_a_link_to_it_is_critical_even_where_nobody_has_it_yet(link: str, whom: str) -> None:
    (stop,) = gained(GROUND, [*GROUND, link])

    assert stop.rule is Rule.ADMIN_RIGHT
    assert "leads to realm-admin of realm-management" in stop.sentence
    assert whom in stop.consequence


def test_a_default_group_that_leads_to_it_is_critical() -> None:
    links = [f"group-client-role:ops|{ADMIN}"]

    (stop,) = gained([*GROUND, *links], [*GROUND, *links, "default-group:ops"])

    assert "Everybody who is new gets it." in stop.consequence


@pytest.mark.parametrize(
    ("key", "config"),
    [
        ("identity-provider-mapper:corp|m", {"role": "realm-management.realm-admin"}),
        ("identity-provider-mapper:corp|m", {"group": "/ops"}),
        ("identity-provider-mapper:corp|m", {"role": "lead"}),
        ("directory-mapper:ldap|m", {"role": "realm-management.realm-admin"}),
        ("client-mapper:app|m", {"role": "realm-management.realm-admin"}),
    ],
)
def test_a_mapper_that_hands_it_out_is_critical(key: str, config: dict[str, str]) -> None:
    """T20: who owns the identity provider or the directory decides who gets it."""
    ground = [*GROUND, "identity-provider:corp", "directory:ldap"]
    ground += [f"group-client-role:ops|{ADMIN}", f"composite-client-role:lead|{ADMIN}"]

    (stop,) = gained(ground, [*ground, resource(key, config=config)])

    assert "leads to realm-admin of realm-management" in stop.sentence
    assert gained(ground, [*ground, resource(key, config={"claim": "x", "role": "other"})]) == []


def test_a_mapper_that_is_changed_to_hand_it_out_is_critical() -> None:
    ground = [*GROUND, "identity-provider:corp"]
    before = resource("identity-provider-mapper:corp|m", config={"role": "lead"})
    after = resource("identity-provider-mapper:corp|m", config={"role": "realm-management.realm-admin"})

    assert "leads to realm-admin" in told(gained([*ground, before], [*ground, after]))


def test_who_only_may_list_is_no_administrator() -> None:
    query = ["client-role:realm-management|query-users"]

    assert (
        gained([*GROUND, *query], [*GROUND, *query, "person-client-role:ann|realm-management|query-users"])
        == []
    )


def test_what_the_settings_name_counts_too() -> None:
    standing, operations = planned(GROUND, [*GROUND, "person-role:ann|lead"])

    assert admin_rights(standing, operations, also=[]) == []
    assert told(admin_rights(standing, operations, also=[right_named("lead")])).startswith(
        "ann gets role lead."
    )


def test_many_gainers_are_named_by_the_first_and_counted() -> None:
    people = [f"person:p{number}" for number in range(6)]
    members = [f"membership:p{number}|ops" for number in range(6)]

    stops = gained(
        [*GROUND, *people, *members], [*GROUND, *people, *members, f"group-client-role:ops|{ADMIN}"]
    )

    assert stops[0].sentence == "p0, p1, p2 and 3 more get realm-admin of realm-management."
    assert len(stops[0].subjects) == 6


BOB = ["person:bob", "role:lead", "group:ops"]


def lapse(before: list[str], after: list[str]) -> Stop | None:
    standing, operations = planned(list(before), list(after))
    found = lapse_of(standing, operations, wanted=[role("lead")])
    return found and last_administrator(found, realm="acme")


def test_the_last_one_is_named_with_what_takes_the_right() -> None:
    stop = lapse([*BOB, "person-role:bob|lead"], BOB)

    assert stop is not None
    assert stop.sentence == "Nobody is an administrator of acme any more."
    assert 'the end of role "lead" of bob' in stop.consequence
    assert stop.name == "acme"


def test_one_after_the_other_leaves_nobody_between() -> None:
    """The order by effect takes first and gives last: at the end somebody is there, on the way nobody."""
    stop = lapse([*BOB, "person:ann", "person-role:bob|lead"], [*BOB, "person:ann", "person-role:ann|lead"])

    assert stop is not None
    assert stop.sentence == "For a moment nobody is an administrator of acme."
    assert "Give first, then take in a second change." in stop.consequence
    lasting = lapse([*BOB, "person-role:bob|lead"], BOB)
    assert lasting is not None
    assert not stop.covers(lasting)
    assert lasting.covers(stop)


@pytest.mark.parametrize(
    "after",
    [
        [*BOB, "person:ann", "person-role:ann|lead"],
        [*BOB, "person:ann", "person-role:ann|lead", "person-role:bob|lead"],
    ],
)
def test_somebody_who_stays_is_enough(after: list[str]) -> None:
    before = [*BOB, "person:ann", "person-role:bob|lead", "person-role:ann|lead"]

    assert lapse(before, after) is None


def test_without_one_before_nobody_is_missed() -> None:
    assert lapse([*BOB, "group-role:ops|lead"], BOB) is None
