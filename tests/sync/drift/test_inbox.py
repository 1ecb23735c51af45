"""The inbox on a real realm: who sees what, what each button does, and what the page costs."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Person, PersonRole
from console.audit.models import AuditEvent
from console.engine.state import Address, Kind
from console.sync import status
from console.sync.drift.check import check
from console.sync.drift.models import Accepted, DriftItem, Watch
from console.sync.models import Plan
from tests.factories import Platform
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, results_of, squeezed
from tests.sync.drift.conftest import open_items

LIST = "/drift/"


@pytest.fixture(scope="module")
def drifted(new_platform: Callable[..., Platform]) -> Platform:
    """Three people and two roles, checked; then changed in Keycloak."""
    made = new_platform("drifted")
    made.build(
        ("access:role:create", {"name": "viewer"}),
        ("access:role:create", {"name": "admin"}),
        *(
            ("access:person:create", {"username": name, "email": f"{name}@example.org"})
            for name in ("ann", "ben", "cleo")
        ),
        ("access:person-role:give", {"people": ["ann"], "roles": ["viewer"]}),
    )
    check(made.scope.pk)
    return made


@pytest.fixture(autouse=True)
def only_this_realm(drifted: Platform) -> Iterator[None]:
    """Each test begins with a realm that agrees."""
    yield
    for person in Person.objects.filter(realm__scope=drifted.scope):
        change_email(drifted, person.username, person.email)
    assert open_items(drifted) == []


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    return client


def change_email(platform: Platform, username: str, email: str) -> None:
    person = platform.keycloak.get("users", platform.person_id(username))
    platform.keycloak.put("users", person["id"], json=person | {"email": email})


def give(platform: Platform, username: str, role: str) -> None:
    found = platform.keycloak.get("roles", role)
    platform.keycloak.post("users", platform.person_id(username), "role-mappings", "realm", json=[found])


def item_at(platform: Platform, key: str) -> DriftItem:
    check(platform.scope.pk)
    return DriftItem.objects.get(scope=platform.scope, address=key, closed_at__isnull=True)


def press(client: Client, name: str, *items: DriftItem, **more: str) -> str:
    """Press a button of the inbox for these items, and return where it leads."""
    answer = client.post(reverse(f"sync:{name}"), {"item": [str(one.pk) for one in items], **more})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return str(answer["Location"])


def apply(client: Client, location: str) -> Plan:
    plan = Plan.objects.get(pk=location.rstrip("/").rsplit("/", 1)[1])
    answer = client.post(reverse("sync:plan-apply", args=[plan.pk]), {"reason": "for a test of drift"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return plan


def test_pushing_ours_brings_keycloak_back_and_settles_the_item(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "ann@elsewhere.example")
    item = item_at(drifted, "person:ann")

    plan = apply(boss, press(boss, "drift-push", item))
    drifted.sync()

    assert [one["action"] for one in plan.operations] == ["update"]
    assert drifted.keycloak.get("users", drifted.person_id("ann"))["email"] == "ann@example.org"
    item.refresh_from_db()
    assert item.closed_how == "Settled by a run."
    assert open_items(drifted) == []


def test_taking_theirs_changes_what_is_declared_and_writes_nothing(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ben", "ben@elsewhere.example")
    item = item_at(drifted, "person:ben")

    apply(boss, press(boss, "drift-take", item))
    drifted.sync()

    row = Person.objects.get(realm__scope=drifted.scope, username="ben")
    assert row.email == "ben@elsewhere.example"
    assert open_items(drifted) == []


def test_a_role_given_in_keycloak_can_be_taken_away_again(drifted: Platform, boss: Client) -> None:
    """A link that nobody declared is not ours to delete, until somebody approves the plan that says so."""
    give(drifted, "cleo", "admin")
    item = item_at(drifted, "person-role:cleo|admin")
    assert (item.state, item.risk) == ("unmanaged", "widens")
    assert "admin" in drifted.effective_roles("cleo")

    location = press(boss, "drift-push", item)
    assert drifted.ledger(Address(Kind.PERSON_ROLE, ("cleo", "admin"))) is None  # a preview owns nothing
    plan = apply(boss, location)
    drifted.sync()

    assert [(one["action"], one["address"]) for one in plan.operations] == [
        ("delete", "person-role:cleo|admin")
    ]
    assert drifted.effective_roles("cleo") == set()
    assert open_items(drifted) == []


def test_a_role_given_in_keycloak_can_be_adopted(drifted: Platform, boss: Client) -> None:
    give(drifted, "ben", "viewer")
    item = item_at(drifted, "person-role:ben|viewer")

    apply(boss, press(boss, "drift-take", item))
    drifted.sync()

    assert PersonRole.objects.filter(realm__scope=drifted.scope, person__username="ben").count() == 1
    assert drifted.effective_roles("ben") == {"viewer"}
    assert open_items(drifted) == []


def test_several_items_become_one_plan(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "a@elsewhere.example")
    give(drifted, "cleo", "admin")
    items = open_items(drifted)

    plan = apply(boss, press(boss, "drift-push", *items))
    drifted.sync()

    assert sorted(one["address"] for one in plan.operations) == ["person-role:cleo|admin", "person:ann"]
    assert open_items(drifted) == []


def test_an_ignored_item_comes_back_when_its_value_changes(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item = item_at(drifted, "person:ann")
    until = (timezone.now() + timedelta(days=10)).date().isoformat()

    press(boss, "drift-ignore", item, reason="Her own wish, see the ticket", until=until)

    item.refresh_from_db()
    assert item.is_ignored
    check(drifted.scope.pk)
    assert (
        "No items" in boss.get(LIST).content.decode() or "Nothing differs" in boss.get(LIST).content.decode()
    )
    assert "Her own wish" in boss.get(LIST, {"shelf": "ignored"}).content.decode()
    row = AuditEvent.objects.filter(kind="sync:drift:ignore").latest("id")
    assert (row.address, row.reason) == ("person:ann", "Her own wish, see the ticket")

    change_email(drifted, "ann", "second@elsewhere.example")
    check(drifted.scope.pk)

    item.refresh_from_db()
    assert not item.is_ignored
    assert "ann" in results_of(boss.get(LIST).content.decode())


def test_an_ignored_item_comes_back_after_its_day(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item = item_at(drifted, "person:ann")
    until = (timezone.now() + timedelta(days=2)).date().isoformat()
    press(boss, "drift-ignore", item, reason="For two days", until=until)

    DriftItem.objects.filter(pk=item.pk).update(ignored_until=timezone.now() - timedelta(seconds=1))

    page = boss.get(LIST).content.decode()
    assert reverse("sync:drift-detail", args=[item.pk]) in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"reason": "", "until": "2099-01-01"}, "This field is required"),
        ({"reason": "Because", "until": ""}, "This field is required"),
        ({"reason": "Because", "until": "2020-01-01"}, "from tomorrow on"),
        ({"reason": "Because", "until": "2099-01-01"}, "at most a year"),
    ],
)
def test_ignoring_needs_a_reason_and_a_day(
    drifted: Platform, boss: Client, values: dict[str, str], sentence: str
) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item = item_at(drifted, "person:ann")

    answer = boss.post(reverse("sync:drift-ignore"), {"item": str(item.pk), **values})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    item.refresh_from_db()
    assert not item.is_ignored


def test_a_foreign_thing_is_accepted_and_shown_again_when_it_changes(drifted: Platform, boss: Client) -> None:
    drifted.keycloak.make_role("foreign", description="made there")
    item = item_at(drifted, "role:foreign")

    press(boss, "drift-accept", item)

    assert open_items(drifted) == []
    assert Accepted.objects.get(scope=drifted.scope, address="role:foreign").accepted_by == "boss"
    role = drifted.keycloak.get("roles", "foreign")
    drifted.keycloak.put("roles", "foreign", json=role | {"description": "changed there"})
    (changed,) = open_items(drifted)
    assert (changed.address, changed.change) == ("role:foreign", "changed")
    drifted.keycloak.delete("roles", "foreign")
    (gone,) = open_items(drifted)
    assert gone.change == "removed"
    press(boss, "drift-accept", gone)
    assert open_items(drifted) == []


def test_only_foreign_things_are_accepted(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item = item_at(drifted, "person:ann")

    press(boss, "drift-accept", item)

    item.refresh_from_db()
    assert item.closed_at is None


def test_a_refresh_is_the_same_part_of_the_page(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item_at(drifted, "person:ann")

    page = boss.get(LIST).content.decode()
    part = boss.get(LIST, headers=HTMX).content.decode()

    assert squeezed(part) == results_of(page)
    assert "first@elsewhere.example" in part
    assert "style=" not in page


def test_the_page_costs_the_same_however_much_differs(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item_at(drifted, "person:ann")
    before = queries_of(boss, LIST)
    for name in ("ben", "cleo"):
        change_email(drifted, name, f"{name}@third.example")
    assert len(open_items(drifted)) == 3

    assert queries_of(boss, LIST) == before


def test_another_tenants_administrator_sees_and_does_nothing(drifted: Platform, client: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item = item_at(drifted, "person:ann")
    sign_in_as(client, "other", groups=("/tenants/nobody/admins",))

    assert "ann" not in results_of(client.get(LIST).content.decode())
    for name in ("drift-push", "drift-take", "drift-accept", "drift-notice", "drift-ignore"):
        assert client.post(reverse(f"sync:{name}"), {"item": str(item.pk)}).status_code == 404
    assert client.get(reverse("sync:drift-detail", args=[item.pk])).status_code == 404


def test_the_tenants_own_administrator_pushes(drifted: Platform, client: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item = item_at(drifted, "person:ann")
    sign_in_as(client, "own", groups=(f"/tenants/{drifted.tenant}/admins",))

    apply(client, press(client, "drift-push", item))
    drifted.sync()

    assert drifted.keycloak.get("users", drifted.person_id("ann"))["email"] == "ann@example.org"


def test_an_auditor_sees_without_buttons(drifted: Platform, client: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item_at(drifted, "person:ann")
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))

    page = client.get(LIST).content.decode()

    assert "first@elsewhere.example" in page
    assert not re.search(r"Push ours|Take theirs|Ignore…|Compare now", page)


def test_the_interval_is_kept_and_audited(drifted: Platform, boss: Client) -> None:
    watch = Watch.objects.get(scope=drifted.scope)
    address = reverse("sync:drift-schedule", args=[drifted.scope.pk])

    answer = boss.post(address, {"every_minutes": "240", "revision": str(watch.revision)})
    again = boss.post(address, {"every_minutes": "60", "revision": str(watch.revision)})

    assert answer.status_code == 302
    assert again.status_code == 422
    assert "Somebody changed this meanwhile" in again.content.decode()
    watch.refresh_from_db()
    assert (watch.every_minutes, watch.interval) == (240, "every 4 hours")
    left = (watch.due_at - timezone.now()).total_seconds()
    assert 210 * 60 < left < 270 * 60
    assert AuditEvent.objects.filter(kind="sync:drift:schedule", scope=str(drifted.scope)).count() == 1


def test_a_check_is_asked_for_and_shows_that_it_waits(drifted: Platform, boss: Client) -> None:
    boss.post(reverse("sync:drift-check"), {"scope": str(drifted.scope.pk)})

    assert "waits for a worker" in boss.get(LIST).content.decode()
    check(drifted.scope.pk)
    done = boss.get(LIST, {"running": "1"}, headers=HTMX)
    assert done["HX-Refresh"] == "true"


def test_what_could_not_be_read_is_named(drifted: Platform, boss: Client) -> None:
    Watch.objects.filter(scope=drifted.scope).update(
        unreadable={"client": "Our service account may not do this."}
    )

    page = squeezed(boss.get(LIST).content.decode())

    assert "could not be read" in page
    assert "client (Our service account may not do this.)" in page
    Watch.objects.filter(scope=drifted.scope).update(unreadable={})


def test_badge_and_overview_count_what_differs(drifted: Platform, boss: Client) -> None:
    change_email(drifted, "ann", "first@elsewhere.example")
    item_at(drifted, "person:ann")

    page = squeezed(boss.get("/").content.decode())

    assert 'aria-label="Drift, 1 differ from Keycloak"' in page
    assert '<b class="strip-count">1</b> differs from Keycloak' in page
    assert status.of_scopes([drifted.scope])[drifted.scope.pk].word == "drifted"
    assert "Drifted" in page
    assert "In sync</span>" not in page
