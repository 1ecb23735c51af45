"""The main job in a browser: from the first sign-in to a token that holds exactly what was predicted."""

import os
import re
import secrets
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from access.models import Group, Role
from tests.journeys.console import Console
from tests.journeys.person import RealmOfTenant

KEYCLOAKS_OWN = {"offline_access", "uma_authorization"}


@pytest.fixture
def console(page: Page, live_server: LiveServer, worker: subprocess.Popen[bytes]) -> Console:
    page.set_viewport_size({"width": 1440, "height": 900})
    return Console(page, live_server.url)


def test_an_administrator_gives_access_by_form_and_a_real_token_holds_what_was_predicted(
    console: Console, first_administrator: tuple[str, str], realm_name: Any, keycloak_connection: Any
) -> None:
    """M1 M4: sign-in, tenant, roles, groups, people, a grant, its reason, its token, and its end."""
    username, password = first_administrator
    realm = realm_name("acme")
    tenant = RealmOfTenant(keycloak_connection, realm)

    console.sign_in(username, password, secrets.token_urlsafe(18))
    _list_the_server(console)
    console.do("/tenants/new/", name="Acme", slug=realm)
    _make_roles(console, realm)
    _make_groups(console, realm)
    _make_people(console, realm)
    _entitle_the_group(console, realm)
    _join(console, realm)
    login = tenant.prepare_login("ann")

    nothing = tenant.token(login)
    assert tenant.roles(nothing) == KEYCLOAKS_OWN | {f"default-roles-{realm}"}
    assert tenant.entitlements(nothing) == {"package:demo:READ"}

    _give_the_role(console, realm)

    granted = tenant.token(login)
    assert tenant.roles(granted) == KEYCLOAKS_OWN | {f"default-roles-{realm}", "developer", "viewer"}
    assert tenant.entitlements(granted) == {"package:demo:READ"}

    _look_at_why(console, realm)
    _take_the_role(console, realm)

    taken = tenant.token(login)
    assert tenant.roles(taken) == KEYCLOAKS_OWN | {f"default-roles-{realm}"}
    assert tenant.entitlements(taken) == {"package:demo:READ"}

    _read_the_record(console)


def _list_the_server(console: Console) -> None:
    console.go("/servers/new/")
    console.fill(
        name="local",
        url=os.environ["KEYCLOAK_URL"],
        client_id=os.environ["KEYCLOAK_CLIENT_ID"],
        secret=os.environ["KEYCLOAK_CLIENT_SECRET"],
    )
    console.submit()
    console.page.get_by_role("button", name="Test connection").click()
    expect(console.page.locator("#probe")).to_contain_text("It may create realms.")


def _make_roles(console: Console, realm: str) -> None:
    console.do(f"/t/{realm}/roles/new/", name="viewer", description="Sees things")
    console.do(f"/t/{realm}/roles/new/", name="developer", description="Makes things")
    console.go(f"/t/{realm}/roles/{Role.objects.get(name='developer').pk}/include/")
    console.pick("children", "viewer")
    console.preview()
    console.apply()


def _make_groups(console: Console, realm: str) -> None:
    console.do(f"/t/{realm}/groups/new/", name="platform")
    console.do(f"/t/{realm}/groups/new/", name="data", parent="platform")


def _make_people(console: Console, realm: str) -> None:
    for username, first, last in (("ann", "Ann", "Arbor"), ("bob", "Bob", "Byrne"), ("cas", "Cas", "Cole")):
        console.do(
            f"/t/{realm}/people/new/",
            username=username,
            email=f"{username}@example.org",
            first_name=first,
            last_name=last,
        )


def _entitle_the_group(console: Console, realm: str) -> None:
    for path, fields in (
        ("types/new/", {"name": "package", "levels": "READ, WRITE"}),
        ("resources/new/", {"name": "demo", "type": "package"}),
    ):
        console.go(f"/t/{realm}/entitlements/{path}")
        console.fill(**fields)
        console.submit()
        console.page.wait_for_url(f"**/t/{realm}/entitlements/")
    console.go(f"/t/{realm}/entitlements/grant/")
    console.fill(entitlement="demo-ro: package demo, READ")
    console.pick("groups", "platform")
    console.preview()
    console.apply()


def _join(console: Console, realm: str) -> None:
    data = Group.objects.get(path="platform/data")
    console.go(f"/t/{realm}/groups/{data.pk}/add/")
    console.pick("people", "ann", "bob")
    console.preview()
    expect(console.gained()).to_have_count(1)
    expect(console.gained().first).to_contain_text("package:demo:READ")
    console.apply()


def _give_the_role(console: Console, realm: str) -> None:
    platform = Group.objects.get(path="platform")
    console.go(f"/t/{realm}/groups/{platform.pk}/give/")
    console.pick("roles", "developer")
    console.preview()
    expect(console.gained()).to_have_count(2)
    for right in ("developer", "viewer"):
        row = console.gained().filter(has_text=re.compile(rf"\b{right}\b")).first
        expect(row).to_contain_text("Ann Arbor, Bob Byrne")
    expect(console.page.get_by_role("button", name="Apply 1 operation")).to_be_visible()
    console.keep_picture("plan")
    console.apply(reason="The platform team takes over")


def _look_at_why(console: Console, realm: str) -> None:
    """Ann has viewer by one way only: the group's parent, its role, and what that includes."""
    console.go(f"/t/{realm}/matrix/")
    console.cell("Ann Arbor", "viewer").click()
    why = console.page.locator("#why")
    expect(why).to_contain_text("platform / data")
    expect(why).to_contain_text("platform")
    expect(why).to_contain_text("developer")
    expect(why).to_contain_text("The platform team takes over")
    console.keep_picture("matrix")


def _take_the_role(console: Console, realm: str) -> None:
    platform, role = Group.objects.get(path="platform"), Role.objects.get(name="developer")
    console.go(f"/t/{realm}/groups/{platform.pk}/take/{role.pk}/")
    console.preview()
    expect(console.lost()).to_have_count(2)
    console.apply()


def _read_the_record(console: Console) -> None:
    console.go("/audit/")
    console.keep_picture("audit")
    expect(console.page.locator("main")).to_contain_text("The platform team takes over")
