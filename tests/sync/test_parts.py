"""Parts of a change fail alone and are tried alone; a pause stops a run between two batches."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from access.models import Person
from console.audit.models import EventKind
from console.change import change
from console.engine.state import Kind
from console.identity.actor import Actor
from console.keycloak.target import KeycloakTarget
from console.permissions.vocabulary import Permission
from console.sync import loaders, runs
from console.sync.cause import Cause
from console.sync.collect import collect, compared
from console.sync.models import Plan, Run, Scope, Step
from tests.factories import MIRA, Platform, at
from tests.keycloak.forwarder import Fault, Forwarder, forwarding
from tests.keycloak.world import fresh


@pytest.fixture
def forwarder(platform: Platform) -> Iterator[Forwarder]:
    """The console reaches the real Keycloak through it for one test."""
    with forwarding(platform.keycloak.connection.url) as running, platform.reached_at(running.url):
        yield running


def approved(platform: Platform, *people: dict[str, Any], actor: Actor = MIRA) -> Plan:
    """Declare new people, each a part of her own, and approve what that asks for."""
    plan = Plan.objects.create(
        title="many",
        command="",
        values={},
        tenant=platform.tenant,
        actor_key=actor.key,
        actor_name=actor.name,
        read_at=timezone.now(),
    )
    realm = platform.row.realm
    rows = [Person(realm=realm, created_by=actor.name, **one) for one in people]
    with change(
        actor=actor,
        permission=Permission.PERSON_CREATE,
        event=EventKind.ACCESS_PERSON_CREATED,
        scope=platform.scope,
        tenant=platform.tenant,
        cause=Cause(plan_id=plan.pk),
    ) as made:
        for row in Person.objects.bulk_create(rows):
            made.touch(row.address, part=row.username)
            made.record(f"Person {row}", address=row.address, new={})
    work = collect(platform.scope, platform.scope.touched.all())
    target = KeycloakTarget(platform.server.connection(), platform.realm)
    plan.fingerprints = sorted(compared(work, target.read(work.to_read)).fingerprints)
    plan.save(update_fields=["fingerprints"])
    return plan


def newcomers(count: int) -> list[dict[str, Any]]:
    prefix = fresh("part")
    return [{"username": f"{prefix}-{n}", "email": f"{prefix}-{n}@example.org"} for n in range(count)]


def there(platform: Platform, people: list[dict[str, Any]]) -> set[str]:
    return {
        one["username"]
        for one in people
        if platform.keycloak.get("users", username=one["username"], exact="true")
    }


def test_a_row_that_keycloak_refuses_is_set_aside_alone_and_the_others_are_done(platform: Platform) -> None:
    taken = f"{fresh('taken')}@example.org"
    platform.keycloak.make_person(fresh("other"), email=taken)
    people = newcomers(30)
    people[7]["email"] = taken
    plan = approved(platform, *people)

    run = platform.sync()

    bad = people[7]["username"]
    assert there(platform, people) == {one["username"] for one in people} - {bad}
    (left,) = platform.scope.touched.all()
    assert (left.address, left.is_set_aside, left.is_blocked) == (at(Kind.PERSON, bad).key, True, False)
    assert "email" in left.sentence
    assert (run.state, run.sentence) == (Run.State.BLOCKED, left.sentence)
    assert (run.total, run.parts, run.parts_failed) == (30, 30, 1)
    states = dict(Step.objects.filter(plan_id=plan.pk).values_list("part", "state"))
    assert states == {one["username"]: "failed" if one["username"] == bad else "done" for one in people}


def test_only_the_failed_row_is_tried_again(platform: Platform, forwarder: Forwarder) -> None:
    taken = f"{fresh('taken')}@example.org"
    holder = platform.keycloak.make_person(fresh("holder"), email=taken)
    people = newcomers(6)
    people[2]["email"] = taken
    approved(platform, *people)
    platform.sync()
    platform.keycloak.delete("users", holder)
    forwarder.seen.clear()

    loaders.retry(platform.scope)
    run = platform.sync()

    assert run.state == Run.State.DONE, run.sentence
    assert run.total == 1
    assert forwarder.count("POST", "/users") == 1
    assert there(platform, people) == {one["username"] for one in people}
    assert platform.is_in_sync


def test_a_conflict_blocks_its_own_part_only(platform: Platform) -> None:
    people = newcomers(6)
    platform.keycloak.make_person(people[3]["username"], email="stranger@example.org", firstName="Stranger")
    approved(platform, *people)

    run = platform.sync()

    assert run.state == Run.State.BLOCKED
    (left,) = platform.scope.touched.all()
    assert (left.address, left.is_blocked) == (at(Kind.PERSON, people[3]["username"]).key, True)
    assert len(there(platform, people)) == 6
    assert (
        platform.keycloak.get("users", username=people[3]["username"], exact="true")[0]["firstName"]
        == "Stranger"
    )


def test_rows_whose_reply_is_lost_wait_and_the_others_are_over(
    platform: Platform, forwarder: Forwarder
) -> None:
    people = newcomers(50)
    approved(platform, *people)
    forwarder.spoil("POST", "/partialImport", Fault(cut_after=0, forwarded=False))

    run = platform.sync()

    assert run.state == Run.State.FAILED
    assert platform.scope.touched.count() == 25
    assert len(there(platform, people)) == 25
    assert platform.scope.next_attempt_at is not None
    assert platform.sync().state == Run.State.DONE
    assert len(there(platform, people)) == 50


def test_without_parts_a_plan_still_waits_whole(platform: Platform) -> None:
    """Whoever is refused among people without parts holds back all that the plan asked for."""
    platform.build(
        *(("access:role:create", {"name": f"whole-{name}"}) for name in ("a", "b")),
        ("access:person:create", {"username": "whole"}),
    )
    platform.approve("access:person-role:give", people=["whole"], roles=["whole-a", "whole-b"])
    platform.keycloak.delete("roles", "whole-b")

    run = platform.sync()

    assert run.state == Run.State.BLOCKED
    assert platform.scope.touched.filter(is_set_aside=True).count() == 2


def pause(platform: Platform, *, on: bool = True) -> None:
    Scope.objects.filter(pk=platform.scope.pk).update(is_paused=on)


def test_a_paused_realm_is_left_alone_until_somebody_goes_on(platform: Platform) -> None:
    platform.approve("access:role:create", name="not-yet")
    pause(platform)

    assert runs.sync(platform.scope.pk) is None
    assert "not-yet" not in platform.role_names()

    pause(platform, on=False)
    assert platform.sync().state == Run.State.DONE
    assert "not-yet" in platform.role_names()


def test_a_pause_in_the_middle_keeps_what_is_done_and_leaves_the_rest(
    platform: Platform, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = newcomers(300)
    approved(platform, *people)
    begin, seen = runs.RunJournal.intend, []

    def pause_after_two(self: runs.RunJournal, operations: Any) -> None:
        if len(seen) == 2:
            pause(platform)
        seen.append(operations)
        begin(self, operations)

    with monkeypatch.context() as patch:
        patch.setattr(runs.RunJournal, "intend", pause_after_two)
        run = platform.sync()

    done = sum(len(one) for one in seen[:2])
    assert run.state == Run.State.PAUSED
    assert (run.total, run.done, run.parts_done) == (300, done, done)
    assert len(there(platform, people)) == done
    assert platform.scope.touched.count() == 300 - done
    pause(platform, on=False)
    again = platform.sync()
    assert (again.state, again.total) == (Run.State.DONE, 300 - done)
    assert len(there(platform, people)) == 300
    assert platform.is_in_sync
