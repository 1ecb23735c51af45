"""The door that every write passes (`console/change.py`)."""

from threading import Event, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from access.models import Role
from access.services import assignments, people, roles
from console.audit.models import AuditEvent, EventKind
from console.change import Unrecorded, change
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Conflict
from console.sync.models import Plan
from tests.factories import MIRA, STRANGER, Platform, at, tenant_admin


def jobs(platform: Platform) -> int:
    """Return how many jobs were ever asked for this realm."""
    return ProcrastinateJob.objects.filter(task_name="sync.scope", args__scope_id=platform.scope.pk).count()


def standing(platform: Platform) -> tuple[Any, ...]:
    """Return everything that a change of this realm writes to."""
    scope = platform.scope
    return (
        scope.generation,
        sorted(scope.touched.values_list("address", "generation")),
        AuditEvent.objects.filter(tenant=platform.tenant).count(),
        sorted(Role.objects.filter(realm__scope=scope).values_list("name", "revision")),
        jobs(platform),
    )


def create_role(platform: Platform, *names: str, actor: Actor = MIRA, is_told: bool = True) -> None:
    """Make roles as a service does, with every step of a service but perhaps the record."""
    with change(
        actor=actor,
        permission=Permission.ROLE_CREATE,
        event=EventKind.ACCESS_ROLE_CREATED,
        scope=platform.scope,
        tenant=platform.tenant,
    ) as made:
        for name in names:
            if is_told:
                made.record(f"Role {name}", new={})
            made.touch(Role.objects.create(realm=platform.row.realm, name=name, created_by="m").address)


def test_an_actor_without_the_right_writes_nothing(platform: Platform) -> None:
    before = standing(platform)

    with pytest.raises(Forbidden, match="create role"):
        create_role(platform, "never", actor=tenant_admin("another"))

    assert standing(platform) == before


def test_a_stranger_is_told_what_is_missing_and_who_can_give_it(platform: Platform) -> None:
    with pytest.raises(Forbidden) as refused:
        create_role(platform, "never", actor=STRANGER)

    assert "access:role:create" in str(refused.value)
    assert f"/tenants/{platform.tenant}/admins" in str(refused.value)


def test_the_tenants_own_administrator_passes(platform: Platform) -> None:
    create_role(platform, "by-its-own", actor=tenant_admin(platform.tenant))

    assert Role.objects.filter(realm__scope=platform.scope, name="by-its-own").exists()


def test_a_service_that_tells_the_audit_nothing_is_rolled_back(platform: Platform) -> None:
    before = standing(platform)

    with pytest.raises(Unrecorded):
        create_role(platform, "unrecorded", is_told=False)

    assert standing(platform) == before


def test_a_change_raises_the_generation_touches_and_enqueues_once(platform: Platform) -> None:
    generation, asked = platform.scope.generation, jobs(platform)

    role = roles.create(actor=MIRA, tenant=platform.tenant, name="counted")

    assert platform.scope.generation == generation + 1
    assert platform.touched(role.address).generation == generation + 1
    assert jobs(platform) == asked + 1


def test_the_record_holds_who_what_why_and_the_values_before_and_after(platform: Platform) -> None:
    """Row: audit with frozen names, old and new values."""
    plan = Plan.objects.create(
        title="t", command="", values={}, actor_key="", actor_name="", read_at="2026-01-01T00:00:00Z"
    )
    role = roles.create(actor=MIRA, tenant=platform.tenant, name="told", description="First")
    cause = Cause(reason="better words", ticket="T-9", plan_id=plan.pk)

    roles.edit(
        actor=MIRA,
        tenant=platform.tenant,
        role=role.pk,
        revision=1,
        name="told-again",
        description="Second",
        cause=cause,
    )

    row = AuditEvent.objects.filter(tenant=platform.tenant, kind=EventKind.ACCESS_ROLE_EDITED).latest("id")
    assert (row.actor_key, row.actor_name) == (MIRA.key, MIRA.name)
    assert (row.reason, row.ticket, row.plan_id) == ("better words", "T-9", plan.pk)
    assert row.scope == str(platform.scope)
    assert row.address == at(Kind.ROLE, "told-again").key
    assert row.old == {"name": "told", "description": "First"}
    assert row.new == {"name": "told-again", "description": "Second"}


def test_names_in_the_record_outlive_the_things(platform: Platform) -> None:
    person = people.create(
        actor=MIRA, tenant=platform.tenant, username="gone", first_name="Gona", last_name="Way"
    )
    people.delete(actor=MIRA, tenant=platform.tenant, person=person.pk)

    row = AuditEvent.objects.filter(tenant=platform.tenant, kind=EventKind.ACCESS_PERSON_DELETED).latest("id")

    assert row.subject == "Person Gona Way"
    assert row.old is not None
    assert row.old["username"] == "gone"


def test_a_job_becomes_visible_to_others_with_the_change_and_not_before(platform: Platform) -> None:
    """F26: a job that is seen before its change is committed would find nothing to do."""
    asked, seen = jobs(platform), []
    made, look = Event(), Event()

    def from_outside() -> None:
        made.wait(20)
        seen.append(jobs(platform))
        connection.close()
        look.set()

    watcher = Thread(target=from_outside)
    watcher.start()
    with transaction.atomic():
        roles.create(actor=MIRA, tenant=platform.tenant, name="outbox")
        made.set()
        assert look.wait(20)
        assert jobs(platform) == asked + 1
    watcher.join(20)

    assert seen == [asked]
    assert jobs(platform) == asked + 1


def test_a_rolled_back_change_leaves_no_job_behind(platform: Platform) -> None:
    """F26: the job is in the transaction of the change."""
    before = standing(platform)

    with transaction.atomic():
        roles.create(actor=MIRA, tenant=platform.tenant, name="taken-back")
        transaction.set_rollback(True)

    assert standing(platform) == before


def test_the_second_of_two_editors_sees_the_values_of_the_first(platform: Platform) -> None:
    """F27: nobody overwrites what she has not seen."""
    role = roles.create(actor=MIRA, tenant=platform.tenant, name="shared", description="Old")
    edit = {"actor": MIRA, "tenant": platform.tenant, "role": role.pk, "revision": 1, "name": "shared"}
    roles.edit(**edit, description="Hers")
    before = standing(platform)

    with pytest.raises(Conflict) as conflict:
        roles.edit(**edit, description="Mine")

    assert conflict.value.theirs == {"name": "shared", "description": "Hers"}
    assert conflict.value.revision == 2
    assert standing(platform) == before


def test_two_simultaneous_editors_do_not_both_win(platform: Platform) -> None:
    """F27: the second waits for the first, reads again and is refused."""
    role = roles.create(actor=MIRA, tenant=platform.tenant, name="raced", description="Old")
    ends: list[str] = []

    def edit(words: str) -> None:
        try:
            roles.edit(
                actor=MIRA, tenant=platform.tenant, role=role.pk, revision=1, name="raced", description=words
            )
            ends.append(words)
        except Conflict:
            ends.append("conflict")
        finally:
            connection.close()

    editors = [Thread(target=edit, args=(words,)) for words in ("One", "Two")]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(30)

    role.refresh_from_db()
    assert sorted(ends) == sorted([role.description, "conflict"])
    assert role.revision == 2


def test_an_error_inside_leaves_nothing(platform: Platform) -> None:
    before = standing(platform)

    with pytest.raises(IntegrityError):
        create_role(platform, "twice", "twice")

    assert standing(platform) == before


def test_what_waits_under_a_replaced_name_waits_under_the_new_one(platform: Platform) -> None:
    role = roles.create(actor=MIRA, tenant=platform.tenant, name="early")
    person = people.create(actor=MIRA, tenant=platform.tenant, username="waiter")
    assignments.give_roles(actor=MIRA, tenant=platform.tenant, people=[person.pk], roles=[role.pk])

    roles.edit(actor=MIRA, tenant=platform.tenant, role=role.pk, revision=1, name="late", description="")

    waiting = {Address.parse(key) for key in platform.scope.touched.values_list("address", flat=True)}
    assert at(Kind.PERSON_ROLE, "waiter", "late") in waiting
    assert at(Kind.ROLE, "late") in waiting
    assert not {one for one in waiting if "early" in one.path}
