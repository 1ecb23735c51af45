"""What has a time begins and ends in Keycloak by itself, and never without the door."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from access import timing
from access.models import Entitlement, GroupRole, Membership, PersonRole
from console.engine.state import Kind
from console.sync.models import Plan, Run, Touched
from console.timed import Term
from tenants.models import Declaration
from tests.factories import Platform, at


@pytest.fixture(scope="module")
def office(new_platform: Callable[..., Platform]) -> Platform:
    platform = new_platform("office")
    platform.build(
        ("access:group:create", {"name": "data"}),
        *(("access:role:create", {"name": name}) for name in ("reader", "writer", "planner")),
        *(
            ("access:person:create", person(name))
            for name in ("ann", "ben", "cleo", "dora", "eve", "fay", "gus")
        ),
        ("tenants:declaration:put", {"declarations": [robot()]}),
    )
    return platform


@pytest.fixture(autouse=True)
def nothing_left_waiting(office: Platform) -> Iterator[None]:
    yield
    Touched.objects.all().delete()
    for model in (Membership, PersonRole, GroupRole, Entitlement):
        model.every.all().update(starts_at=None, ends_at=None, state=Term.ACTIVE)


def person(username: str) -> dict[str, Any]:
    return {
        "username": username,
        "email": f"{username}@example.org",
        "first_name": username,
        "last_name": "Lee",
    }


def robot() -> dict[str, Any]:
    fields = {"service_accounts": True, "standard_flow": False, "public": False}
    return {"address": "client:robot", "fields": fields}


def later(**parts: float) -> str:
    return (timezone.now() + timedelta(**parts)).isoformat()


def ago(**parts: float) -> datetime:
    return timezone.now() - timedelta(**parts)


def was_due(model: Any, **moments: datetime) -> None:
    """Let time pass: what is not over yet lies in the past now."""
    rows = model.every.exclude(state=Term.ENDED).exclude(starts_at=None, ends_at=None)
    assert rows.update(**moments)


def turned(platform: Platform) -> Run:
    """Let the clock look, and the run that follows do it."""
    assert timing.once() == 1
    return platform.sync()


def test_what_begins_later_is_not_in_keycloak_and_no_run_brings_it(office: Platform) -> None:
    plan = office.approve(
        "access:person-role:give", people=["ann"], roles=["reader"], starts_at=later(hours=1), ends_at=""
    )

    assert plan.size == 0
    assert "Nothing is written before." in plan.notes[0][0]
    assert not Touched.objects.exists()
    assert office.effective_roles("ann") == set()
    assert timing.once() == 0


def test_it_begins_on_its_time_and_ends_on_its_time(office: Platform) -> None:
    office.approve(
        "access:person-role:give",
        people=["ben"],
        roles=["writer"],
        starts_at=later(hours=1),
        ends_at=later(hours=2),
    )

    was_due(PersonRole, starts_at=ago(seconds=7))
    begun = turned(office)
    roles_in_between = office.effective_roles("ben")
    was_due(PersonRole, starts_at=ago(hours=2), ends_at=ago(seconds=3))
    ended = turned(office)

    assert (begun.state, ended.state) == (Run.State.DONE, Run.State.DONE)
    assert roles_in_between == {"writer"}
    assert office.effective_roles("ben") == set()
    assert office.is_in_sync
    link = PersonRole.every.get(person__username="ben")
    assert link.state == Term.ENDED
    assert link.turned_at is not None
    (row,) = office.audit(kind="access:term:end")
    assert row.actor_name == "time"
    assert row.old is not None
    assert set(row.old) == {"planned", "done"}


def test_many_at_once_are_one_change_and_one_run(office: Platform) -> None:
    before = Run.objects.count()
    office.do(
        "access:membership:add",
        people=["ann", "ben", "cleo", "dora", "eve", "fay"],
        groups=["data"],
        ends_at=later(hours=1),
    )
    office.do(
        "access:entitlement:grant",
        resource=office.resource().pk,
        level="READ",
        people=["ann", "ben", "cleo", "dora", "eve"],
        groups=["data"],
        ends_at=later(hours=1),
    )
    was_due(Membership, ends_at=ago(seconds=5))
    was_due(Entitlement, ends_at=ago(seconds=5))

    run = turned(office)

    assert run.state == Run.State.DONE, run.sentence
    assert run.total == 12  # more deletions than the guard's brake lets pass unapproved
    assert Run.objects.count() == before + 3
    assert Plan.objects.filter(command="access:term:turn").order_by("-created_at").first().size == 12  # type: ignore[union-attr]
    assert office.groups_of("ann") == set()
    assert office.attribute("ann") == set()


def test_service_accounts_hold_for_a_time_too(office: Platform) -> None:
    client = Declaration.objects.get(realm__scope=office.scope, address="client:robot").pk
    office.do("access:service-role:give", clients=[client], roles=["planner"], ends_at=later(hours=1))
    office.do("access:service-membership:add", clients=[client], groups=["data"], ends_at=later(hours=1))
    office.do(
        "access:entitlement:grant",
        resource=office.resource().pk,
        level="WRITE",
        people=[],
        groups=[],
        clients=[client],
        ends_at=later(hours=1),
    )
    held = account(office)
    was_due(Declaration, ends_at=ago(seconds=5))
    was_due(Entitlement, ends_at=ago(seconds=5))

    run = turned(office)

    assert held == ({"planner"}, {"data"}, {"package:demo:WRITE"})
    assert run.state == Run.State.DONE, run.sentence
    assert account(office) == (set(), set(), set())


def account(office: Platform) -> tuple[set[str], set[str], set[str]]:
    """Return the roles, groups and entitlements of the service account, as Keycloak has them."""
    (client,) = office.keycloak.get("clients", clientId="robot")
    user = office.keycloak.get("clients", client["id"], "service-account-user")
    roles = office.keycloak.get("users", user["id"], "role-mappings", "realm")
    groups = office.keycloak.get("users", user["id"], "groups")
    return (
        {one["name"] for one in roles if not one["name"].startswith("default-roles")},
        {one["path"].removeprefix("/") for one in groups},
        set((user.get("attributes") or {}).get("entitlements", [])),
    )


def test_a_renewal_changes_the_end_and_nothing_in_keycloak(office: Platform) -> None:
    office.do("access:group-role:give", groups=["data"], roles=["reader"], ends_at=later(hours=1))
    link = GroupRole.objects.get(group__path="data", role__name="reader")

    plan = office.approve("access:term:renew", grants={"group-role": [link.pk]}, ends_at=later(days=30))

    link.refresh_from_db()
    assert plan.size == 0
    assert plan.notes[0][1] == "Keycloak holds it already: nothing is written there."
    assert link.ends_at is not None
    assert link.ends_at > timezone.now() + timedelta(days=29)
    assert office.is_in_sync


def test_what_becomes_lasting_is_said_on_the_plan_page_and_in_the_record(office: Platform) -> None:
    office.do("access:person-role:give", people=["gus"], roles=["reader"], ends_at=later(hours=1))
    link = PersonRole.objects.get(person__username="gus", role__name="reader")
    until = f"{link.ends_at:%-d %B %Y, %H:%M} UTC"

    plan = office.approve("access:term:renew", grants={"person-role": [link.pk]}, ends_at="")

    said = [sentence for sentence, _ in plan.notes]
    assert said == [
        "gus Lee has reader no longer ends by itself.",
        f"gus Lee has reader was until {until}, and becomes lasting.",
    ]
    (event,) = office.audit(kind="access:term:renew", subject="gus Lee has reader")
    assert event.changed_fields == [("until", until, "no end")]


def test_what_has_ended_is_renewed_by_giving_it_again(office: Platform) -> None:
    office.do("access:person-role:give", people=["cleo"], roles=["planner"], ends_at=later(hours=1))
    was_due(PersonRole, ends_at=ago(seconds=5))
    turned(office)
    link = PersonRole.every.get(person__username="cleo", role__name="planner")

    office.do("access:term:renew", grants={"person-role": [link.pk]}, ends_at=later(hours=1))

    assert office.effective_roles("cleo") == {"planner"}


def test_what_was_renewed_a_moment_before_does_not_end(office: Platform) -> None:
    office.do("access:person-role:give", people=["dora"], roles=["planner"], ends_at=later(hours=1))
    link = PersonRole.objects.get(person__username="dora")
    was_due(PersonRole, ends_at=ago(seconds=5))
    office.approve("access:term:renew", grants={"person-role": [link.pk]}, ends_at=later(hours=1))

    assert timing.once() == 0
    assert office.effective_roles("dora") == {"planner"}


def test_a_time_that_went_by_wholly_while_nobody_worked_never_begins(office: Platform) -> None:
    office.approve(
        "access:person-role:give",
        people=["eve"],
        roles=["writer"],
        starts_at=later(hours=1),
        ends_at=later(hours=2),
    )
    was_due(PersonRole, starts_at=ago(hours=2), ends_at=ago(hours=1))

    assert timing.once() == 1

    assert PersonRole.every.get(person__username="eve").state == Term.ENDED
    assert not Touched.objects.filter(address=at(Kind.PERSON_ROLE, "eve", "writer").key).exists()
    assert office.effective_roles("eve") == set()


def test_an_end_stands_at_once_while_keycloak_is_silent_and_reaches_it_later(office: Platform) -> None:
    office.do("access:person-role:give", people=["fay"], roles=["writer"], ends_at=later(hours=1))
    was_due(PersonRole, ends_at=ago(seconds=5))
    with office.reached_at("http://127.0.0.1:9"):
        assert timing.once() == 1
        ended_here = not PersonRole.objects.filter(person__username="fay").exists()

    run = office.sync()

    assert ended_here
    assert run.state == Run.State.DONE, run.sentence
    assert office.effective_roles("fay") == set()


def test_what_begins_later_follows_a_new_name_of_its_client(office: Platform) -> None:
    client = Declaration.objects.get(realm__scope=office.scope, address="client:robot")
    office.approve(
        "access:service-membership:add", clients=[client.pk], groups=["data"], starts_at=later(hours=1)
    )
    office.do("tenants:declaration:rename", address="client:robot", revision=client.revision, name="reporter")
    was_due(Declaration, starts_at=ago(seconds=3))

    run = turned(office)

    assert run.state == Run.State.DONE, run.sentence
    (found,) = office.keycloak.get("clients", clientId="reporter")
    user = office.keycloak.get("clients", found["id"], "service-account-user")
    assert [one["name"] for one in office.keycloak.get("users", user["id"], "groups")] == ["data"]
