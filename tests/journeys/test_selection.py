"""Several people chosen in a list in a browser: a page, all that match, and what is done with them."""

import os
import secrets
import subprocess
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from access.bulk import reader, uploads
from access.models import Group, Membership
from console.bulk import jobs, orders
from console.bulk.models import BulkJob
from console.identity.actor import Actor
from console.sync.models import Touched
from tenants.models import Tenant
from tests.journeys.console import LONG, Console

MANY = 60
SYSTEM = Actor.system("test")
T = TypeVar("T")


@pytest.fixture
def console(page: Page, live_server: LiveServer, worker: subprocess.Popen[bytes]) -> Console:
    page.set_viewport_size({"width": 1440, "height": 900})
    return Console(page, live_server.url)


def test_all_who_match_a_filter_are_added_to_a_group(
    console: Console, first_administrator: tuple[str, str], realm_name: Any
) -> None:
    username, password = first_administrator
    realm = realm_name("several")
    console.sign_in(username, password, secrets.token_urlsafe(18))
    console.go("/servers/new/")
    console.fill(
        name="local",
        url=os.environ["KEYCLOAK_URL"],
        client_id=os.environ["KEYCLOAK_CLIENT_ID"],
        secret=os.environ["KEYCLOAK_CLIENT_SECRET"],
    )
    console.submit()
    console.do("/tenants/new/", name="Several", slug=realm)
    console.do(f"/t/{realm}/groups/new/", name="crew")
    owner = Tenant.objects.with_realm().get(slug=realm)
    _people(owner)
    page, bar = console.page, console.page.locator("#several")

    console.go(f"/t/{realm}/people/?q=wanda")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Choose Wanda").first.check()
    expect(bar).to_contain_text("1 chosen")
    page.get_by_role("checkbox", name="Choose all on this page").check()
    expect(bar).to_contain_text("50 chosen")
    page.get_by_role("checkbox", name="All 60 that match").check()
    expect(bar).to_contain_text("60 chosen")
    page.wait_for_timeout(400)
    console.keep_picture("several-chosen")
    bar.get_by_role("button", name="Add to groups").click()

    expect(page.locator("main")).to_contain_text("60 people: Wanda")
    console.pick("groups", "crew")
    console.keep_picture("several-form")
    console.submit()
    results = page.locator("#results")
    expect(results).to_contain_text("the plan of 60 rows is ready", timeout=LONG)
    assert BulkJob.objects.get().options["filter"] == "q=wanda"
    page.get_by_role("link", name="Look at the plan").click()
    page.locator("[name=reason]").fill("All of the crew")
    page.get_by_role("button", name="Apply").click()

    expect(results).to_contain_text("Keycloak holds all of it. 60 of 60 done", timeout=LONG)
    crew = Group.objects.get(path="crew", realm=owner.realm)
    assert Membership.objects.filter(group=crew).count() == MANY
    assert not Membership.objects.filter(person__username="other").exists()


def _people(owner: Tenant) -> None:
    """Import sixty people called Wanda and one other, by the worker, without a browser."""
    lines = ["user name,first name", *(f"w{number:02},Wanda" for number in range(MANY)), "other,Otto"]
    table = reader.read("\n".join(lines).encode())
    job = uploads.keep_file(actor=SYSTEM, tenant=owner, kind="people", file_name="w.csv", table=table)
    fields = ["username", "first_name"]
    uploads.name_columns(job, actor=SYSTEM, fields=fields, options=uploads.DEFAULTS)
    plan = _until(lambda: jobs.one_of(owner.slug, job.pk).plan)
    orders.LATER.apply(actor=SYSTEM, plan=plan, reason="for a test", ticket="")
    _until(lambda: jobs.one_of(owner.slug, job.pk).state == BulkJob.State.APPLIED)
    _until(lambda: not Touched.objects.filter(plan=plan).exists())
    BulkJob.objects.all().delete()


def _until(found: Callable[[], T]) -> T:
    """Return what is found once a worker has done its work."""
    end = monotonic() + 60
    while not (value := found()):
        assert monotonic() < end, "it did not happen in time"
        sleep(0.2)
    return value
