"""Many rows through the door at once: in sets, with a part each, and as a whole or not at all."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Group, GroupRole, Membership, Person, PersonRole, Role
from access.services import bulk
from access.services.assignments import NothingToDo
from access.services.people import BelongsToMore, Taken
from console.audit.models import AuditEvent
from console.bulk.models import BulkJob, BulkRow
from console.identity.actor import Actor, ActorKind
from console.permissions import policy
from console.permissions.vocabulary import Permission as P
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Gone, Refused
from console.sync.models import Plan, Touched
from tests.access.declared import DeclaredTenant
from tests.factories import MIRA, tenant_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.group("crew")
    acme.role("reader")
    acme.role("writer")
    acme.person("ann", "Ann Lee", email="ann@example.org")
    return acme


def new(username: str, **more: Any) -> tuple[str, dict[str, Any]]:
    fields = {"username": username, "email": "", "first_name": "", "last_name": "", "enabled": True}
    given = {name: more.pop(name) for name in list(more) if name in fields}
    return username, {"create": True, "fields": {**fields, **given}, **more}


def kept(tenant: DeclaredTenant, *wishes: tuple[str, dict[str, Any]], **options: Any) -> str:
    """Return the key of a job with these rows, as the check leaves them."""
    job = BulkJob.objects.create(
        tenant=tenant.tenant.slug, kind="people", title="Import", actor_key="x", options=options
    )
    for line, (part, wish) in enumerate(wishes, 2):
        outcome = "create" if wish.get("create") else "change"
        BulkRow.objects.create(job=job, line=line, part=part, wish=wish, outcome=outcome)
    return str(job.pk)


def apply(tenant: DeclaredTenant, job: str, actor: Actor = MIRA, plan: Plan | None = None) -> None:
    cause = Cause(reason="why", plan_id=plan.pk if plan else None)
    bulk.apply_rows(actor=actor, tenant=tenant.tenant.slug, job=job, cause=cause)


def parts(tenant: DeclaredTenant) -> dict[str, str]:
    return dict(Touched.objects.filter(scope=tenant.realm.scope).values_list("address", "part"))


def test_each_person_is_a_part_with_all_that_is_hers(acme: DeclaredTenant) -> None:
    job = kept(
        acme,
        new("bob", email="bob@example.org", join=["crew"], give=["reader", "writer"]),
        ("ann", {"fields": {"enabled": False}, "join": ["crew"]}),
    )

    apply(acme, job)

    assert parts(acme) == {
        "person:bob": "bob",
        "membership:bob|crew": "bob",
        "person-role:bob|reader": "bob",
        "person-role:bob|writer": "bob",
        "person:ann": "ann",
        "membership:ann|crew": "ann",
    }
    bob, ann = Person.objects.get(username="bob"), Person.objects.get(username="ann")
    assert (bob.email, bob.created_by, ann.enabled, ann.revision) == (
        "bob@example.org",
        "Mira Torres",
        False,
        2,
    )
    link = Membership.objects.get(person=bob)
    assert (link.created_by, link.reason, link.group.path) == ("Mira Torres", "why", "crew")


def test_the_record_has_one_row_for_each_person_and_one_for_the_whole(acme: DeclaredTenant) -> None:
    apply(acme, kept(acme, new("bob", join=["crew"]), ("ann", {"fields": {"email": "a@b.org"}})))

    rows = AuditEvent.objects.filter(tenant="acme", kind="access:bulk:apply").order_by("id")
    assert [row.address for row in rows] == ["", "person:bob", "person:ann"]
    assert rows[0].new == {"rows": 2, "created": 1, "edited": 1, "given": 1, "taken": 0}
    assert (rows[1].old, rows[1].new["groups"]) == (None, ["crew"])
    assert (rows[2].old, rows[2].new) == ({"email": "ann@example.org"}, {"email": "a@b.org"})


def test_links_are_taken_and_what_is_so_already_is_left(acme: DeclaredTenant) -> None:
    acme.member("ann", "crew")
    acme.person_role("ann", "reader")
    wish = {"leave": ["crew"], "take": ["reader", "writer"], "give": []}

    apply(acme, kept(acme, ("ann", wish)))

    assert not Membership.objects.exists()
    assert not PersonRole.objects.exists()
    assert parts(acme) == {"membership:ann|crew": "ann", "person-role:ann|reader": "ann"}


def test_groups_get_and_lose_roles(acme: DeclaredTenant) -> None:
    acme.group_role("crew", "reader")
    wish = {"group": "crew", "give": ["writer"], "take": ["reader"]}

    apply(acme, kept(acme, ("group crew", wish)))

    assert list(GroupRole.objects.values_list("role__name", flat=True)) == ["writer"]
    assert set(parts(acme).values()) == {"group crew"}


def test_groups_and_roles_are_made_before_the_rows_that_name_them(acme: DeclaredTenant) -> None:
    job = kept(
        acme,
        new("bob", join=["crew/day/early"], give=["auditor"]),
        new_groups=["crew/day", "crew/day/early"],
        new_roles=["auditor"],
    )

    apply(acme, job)

    made = Group.objects.get(path="crew/day/early")
    assert (made.parent.path, made.parent.parent.path) == ("crew/day", "crew")  # type: ignore[union-attr]
    assert Role.objects.filter(name="auditor").exists()
    found = parts(acme)
    assert [found[one] for one in ("group:crew/day", "group:crew/day/early", "role:auditor")] == ["", "", ""]


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        (new("ann"), Taken, "Line 3: Somebody has this user name"),
        (new("cas", email="ANN@example.org"), Taken, "Somebody has this e-mail"),
        (new("cas", join=["crow"]), Gone, "Line 3: there is no group crow"),
        (new("cas", give=["raeder"]), Gone, "Line 3: there is no role raeder"),
        (("nobody", {"join": ["crew"]}), Gone, "Line 3: this person no longer exists"),
    ],
)
def test_what_no_longer_holds_refuses_the_whole_with_its_line(
    acme: DeclaredTenant, wish: tuple[str, dict[str, Any]], error: type[Refused], words: str
) -> None:
    job = kept(acme, new("bob", join=["crew"]), wish)

    with pytest.raises(error, match=words):
        apply(acme, job)

    assert not Person.objects.filter(username="bob").exists()
    assert parts(acme) == {}


def test_a_job_without_rows_and_the_job_of_another_tenant_change_nothing(acme: DeclaredTenant) -> None:
    """T1: the id of a job of another tenant is nobody's here."""
    other = DeclaredTenant("other")
    job = kept(acme, new("bob"))

    with pytest.raises(NothingToDo):
        apply(acme, kept(acme))
    for actor in (MIRA, tenant_admin("other")):
        with pytest.raises(Gone, match="thirty days"):
            apply(other, job, actor)
    with pytest.raises(Gone):
        apply(acme, job, tenant_admin("other"))


NEEDED = {
    P.PERSON_CREATE: new("bob"),
    P.PERSON_EDIT: ("ann", {"fields": {"enabled": False}}),
    P.MEMBERSHIP_ADD: ("ann", {"join": ["crew"]}),
    P.MEMBERSHIP_REMOVE: ("ann", {"leave": ["crew"]}),
    P.ASSIGNMENT_ADD: ("ann", {"give": ["reader"]}),
    P.ASSIGNMENT_REMOVE: ("ann", {"take": ["reader"]}),
    P.GROUP_ROLE_ADD: ("group crew", {"group": "crew", "give": ["reader"]}),
    P.GROUP_ROLE_REMOVE: ("group crew", {"group": "crew", "take": ["reader"]}),
}


@pytest.mark.parametrize("right", NEEDED)
def test_no_right_of_the_single_forms_is_gone_round(
    acme: DeclaredTenant, right: P, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who may import, and may do all but one thing."""
    limited = Actor(key="sso:li", name="Li", kind=ActorKind.SSO, roles=frozenset({policy.AUDITOR}))
    monkeypatch.setitem(policy.ROLE_TABLE, policy.AUDITOR, frozenset(P) - {right})  # type: ignore[arg-type]
    job = kept(acme, NEEDED[right])

    with pytest.raises(Forbidden, match=str(right)):
        apply(acme, job, limited)


def test_a_person_of_a_share_joins_its_group_and_takes_over_nobody(acme: DeclaredTenant) -> None:
    birch = DeclaredTenant("birch", share_of=acme)
    birch.member("ben", "birch")
    birch.member("ben", "crew")
    cause = Cause()

    bulk.apply_rows(actor=MIRA, tenant="birch", job=kept(birch, new("bob")), cause=cause)

    assert Membership.objects.get(person__username="bob").group.path == "birch"
    assert {one.key for one in cause.changes[0].not_to_adopt} == {"person:bob"}
    with pytest.raises(BelongsToMore, match="Line 2: ben belongs to more"):
        apply(birch, kept(birch, ("ben", {"fields": {"enabled": False}})))
    with pytest.raises(Gone, match="Line 2"):
        apply(birch, kept(birch, ("ann", {"give": []}), ("ann", {"join": ["birch"]})))


def applied(acme: DeclaredTenant) -> Plan:
    return Plan.objects.create(
        scope=acme.realm.scope,
        title="Import",
        tenant="acme",
        command=bulk.COMMAND,
        values={},
        actor_key="x",
        read_at=timezone.now(),
        state=Plan.State.APPLIED,
        applied_at=timezone.now(),
        applied_by="x",
    )


def world() -> tuple[list[Any], ...]:
    return (
        list(Person.objects.order_by("username").values_list("username", "email", "enabled")),
        list(Membership.objects.order_by("pk").values_list("person__username", "group__path")),
        list(PersonRole.objects.order_by("pk").values_list("person__username", "role__name")),
        list(GroupRole.objects.order_by("pk").values_list("group__path", "role__name")),
    )


def test_a_change_can_be_taken_back_whole(acme: DeclaredTenant) -> None:
    acme.member("ann", "crew")
    acme.group_role("crew", "reader")
    before, plan = world(), applied(acme)
    job = kept(
        acme,
        new("bob", join=["crew"], give=["writer"]),
        ("ann", {"fields": {"enabled": False, "email": ""}, "give": ["writer"], "leave": ["crew"]}),
        ("group crew", {"group": "crew", "take": ["reader"], "give": ["writer"]}),
    )
    apply(acme, job, plan=plan)
    assert world() != before

    count = bulk.take_back(actor=MIRA, tenant="acme", plan=str(plan.pk))

    assert (count, world()) == (3, before)


def test_parts_of_a_change_can_be_taken_back_alone(acme: DeclaredTenant) -> None:
    plan = applied(acme)
    apply(acme, kept(acme, new("bob", join=["crew"]), new("cas", join=["crew"])), plan=plan)

    bulk.take_back(actor=MIRA, tenant="acme", plan=str(plan.pk), parts={"cas"})

    assert Person.objects.filter(username__in=["bob", "cas"]).values_list("username", flat=True)[0] == "bob"
    assert Membership.objects.count() == 1
    with pytest.raises(Gone):
        bulk.take_back(actor=MIRA, tenant="acme", plan=str(plan.pk), parts={"nobody"})


def test_ten_times_the_rows_need_no_more_queries(acme: DeclaredTenant) -> None:
    def queries(first: int, count: int) -> int:
        names = [f"p{number}" for number in range(first, first + count)]
        job = kept(acme, *(new(name, join=["crew"], give=["reader", "writer"]) for name in names))
        with CaptureQueriesContext(connection) as caught:
            apply(acme, job)
        return len(caught)

    queries(0, 2)
    few = queries(100, 20)

    assert queries(1000, 200) <= few + 2  # bulk inserts go in batches
