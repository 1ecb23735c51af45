"""A change too large for a request: a worker previews and applies it, on the page of an import."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.bulk import uploads
from access.models import Group, Person
from console.bulk import orders
from console.bulk.models import BulkJob
from console.bulk.orders import NotNow
from console.bulk.standing import standing_of
from console.identity.acting import actor_named
from console.permissions.policy import ADMIN
from console.sync import runs
from console.sync.models import Plan
from tests.access.bulk.conftest import Imports, csv_of
from tests.factories import Platform
from tests.keycloak.world import fresh
from tests.operators import sign_in_as


@pytest.fixture
def mira() -> Client:
    return Client()


@pytest.fixture
def imports(platform: Platform, mira: Client) -> Imports:
    user = sign_in_as(mira, "mira", roles=(ADMIN,))
    return Imports(platform, actor_named(user.username, clock=timezone.now))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three things be very many."""
    monkeypatch.setattr(orders, "LARGE", 3)


def groups_of_others(platform: Platform, count: int) -> list[str]:
    """Make groups that nobody declared, and let the console read them."""
    names = [fresh("theirs") for _ in range(count)]
    for name in names:
        platform.keycloak.make("groups", name=name)
    runs.read_everything(platform.scope.pk)
    return names


def the_job(platform: Platform) -> BulkJob:
    return BulkJob.objects.filter(tenant=platform.tenant).latest("created_at")


def test_a_large_adoption_is_previewed_and_applied_by_a_worker(
    imports: Imports, mira: Client, small: None
) -> None:
    platform = imports.platform
    names = groups_of_others(platform, 3)
    plans = Plan.objects.count()

    asked = mira.post(
        reverse("tenants:adopt", args=[platform.tenant]) + "?kind=group",
        {"address": [f"group:{name}" for name in names]},
    )

    job = the_job(platform)
    assert (asked.status_code, asked.headers["Location"]) == (302, job.get_absolute_url())
    assert (job.state, job.title) == (BulkJob.State.CHECKING, f"Adopt 3 things of {platform.realm}")
    assert Plan.objects.count() == plans
    waiting = mira.get(job.get_absolute_url()).content.decode()
    assert "Waits for a worker" in waiting
    assert "Filter rows" not in waiting

    ready = imports.work(job)
    assert ready.plan is not None, ready.sentence
    assert "The plan of 3 operations is ready." in mira.get(job.get_absolute_url()).content.decode()

    applied = mira.post(
        reverse("sync:plan-apply", args=[ready.plan_id]), {"reason": "they are ours", "ticket": ""}
    )
    assert applied.headers["Location"] == job.get_absolute_url()
    assert not Group.objects.filter(realm__scope=platform.scope, path__in=names).exists()

    done = imports.work(imports.again(job))
    assert done.state == BulkJob.State.APPLIED, done.sentence
    assert Group.objects.filter(realm__scope=platform.scope, path__in=names).count() == 3
    platform.sync()
    standing = standing_of(imports.again(job), now=timezone.now())
    assert standing is not None
    assert (standing.done, standing.total, standing.word) == (3, 3, "in-sync")
    assert "3 of 3 done" in mira.get(job.get_absolute_url()).content.decode()
    with pytest.raises(NotNow, match="reverted"):
        uploads.cancel_not_begun(imports.again(job), actor=imports.actor)


def test_a_small_adoption_is_previewed_at_once(imports: Imports, mira: Client) -> None:
    platform = imports.platform
    (name,) = groups_of_others(platform, 1)
    count = BulkJob.objects.count()

    asked = mira.post(
        reverse("tenants:adopt", args=[platform.tenant]) + "?kind=group", {"address": [f"group:{name}"]}
    )

    plan = Plan.objects.latest("created_at")
    assert asked.headers["Location"] == plan.get_absolute_url()
    assert BulkJob.objects.count() == count


def test_a_large_import_is_taken_back_by_a_worker(imports: Imports, mira: Client, small: None) -> None:
    platform = imports.platform
    rows = [("User name", "E-mail"), *((fresh("back"), "") for _ in range(3))]
    job = imports.apply(imports.check("people", csv_of(*rows)))
    platform.sync()
    assert job.plan is not None

    asked = mira.post(reverse("sync:plan-revert", args=[job.plan_id]))

    revert = the_job(platform)
    assert asked.headers["Location"] == revert.get_absolute_url()
    ready = imports.work(revert)
    assert ready.plan is not None, ready.sentence
    assert ready.plan.undo_of_id == job.plan_id
    assert Person.objects.filter(username=rows[1][0]).exists()
    imports.apply(ready, reason="they came by mistake, all of them")
    platform.sync()
    assert not Person.objects.filter(username=rows[1][0]).exists()
    assert platform.keycloak.get("users", username=rows[1][0], exact="true") == []


def test_the_preview_of_a_large_change_can_be_given_up_and_looked_at_again(
    imports: Imports, mira: Client, small: None
) -> None:
    platform = imports.platform
    names = groups_of_others(platform, 3)
    mira.post(
        reverse("tenants:adopt", args=[platform.tenant]) + "?kind=group",
        {"address": [f"group:{name}" for name in names]},
    )
    ready = imports.work(the_job(platform))

    again = mira.post(reverse("sync:plan-read-again", args=[ready.plan_id]))

    assert again.headers["Location"] == ready.get_absolute_url()
    assert imports.work(imports.again(ready)).state == BulkJob.State.READY
    mira.post(reverse("access:bulk-cancel", args=[platform.tenant, ready.pk]))
    assert imports.again(ready).state == BulkJob.State.CANCELLED
    assert not Group.objects.filter(realm__scope=platform.scope, path__in=names).exists()
