"""Three hundred people from a file in a browser: checked, planned, paused, written, and one tried again."""

import csv
import os
import re
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from console.keycloak.connection import Connection
from console.sync.models import Scope, Step
from tests.journeys.console import LONG, Console
from tests.keycloak.forwarder import Fault, Forwarder, forwarding
from tests.keycloak.world import World

MANY = 300
HEAD = ("User name", "E-mail", "First name", "Last name", "Groups", "Roles")


@pytest.fixture
def console(page: Page, live_server: LiveServer, worker: subprocess.Popen[bytes]) -> Console:
    page.set_viewport_size({"width": 1440, "height": 900})
    return Console(page, live_server.url)


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    """A file as a department sends it: semicolons, Latin-1, and three bad rows."""
    file = tmp_path / "staff.csv"
    with file.open("w", encoding="latin-1", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(HEAD)
        for number in range(MANY):
            name = f"w{number:03}"
            email = f"{name}@example.org" if number != 7 else "taken@example.org"
            writer.writerow([name, email, "Jörg", f"Worker {number}", "crew, night", "reader,writer"])
        writer.writerow(["W-Upper", "", "", "", "", ""])
        writer.writerow(["wrong-mail", "nowhere", "", "", "", ""])
        writer.writerow(["w000", "", "", "", "", ""])
    return file


def test_three_hundred_people_are_imported_and_one_is_tried_again(
    console: Console,
    first_administrator: tuple[str, str],
    realm_name: Any,
    keycloak_connection: Connection,
    staff: Path,
) -> None:
    username, password = first_administrator
    realm = realm_name("crew")
    console.sign_in(username, password, secrets.token_urlsafe(18))
    with forwarding(keycloak_connection.url) as forwarder:
        _prepare(console, realm, forwarder.url)
        _import(console, realm, keycloak_connection, staff, forwarder)


def _import(
    console: Console, realm: str, keycloak_connection: Connection, staff: Path, forwarder: Forwarder
) -> None:
    keycloak = World(keycloak_connection, realm)
    squatter = {"username": "squatter", "email": "taken@example.org", "enabled": True}
    keycloak.post("users", json=squatter)
    page = console.page

    _upload(console, realm, staff)
    _name_columns(console)
    _look_at_the_rows(console)
    for ending in ("/partialImport", "/users"):  # slow enough for a middle to stop in
        forwarder.spoil("POST", ending, Fault(seconds=3), times=200)
    _apply(console)
    _pause_and_go_on(console, realm)

    results = page.locator("#results")
    expect(results).to_contain_text("299 of 300 done, 1 failed", timeout=LONG * 4)
    console.keep_picture("import-failed")
    failed = page.locator("table.rows-list tbody tr")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("w007")
    people = keycloak.get("users", max=1000)
    assert len(people) == MANY  # 299 and the one who holds the e-mail
    assert {one["firstName"] for one in people if one["username"] != "squatter"} == {"Jörg"}

    keycloak.delete("users", next(one["id"] for one in people if one["username"] == "squatter"))
    page.get_by_role("button", name="Try the failed rows again").click()
    expect(results).to_contain_text("Keycloak holds all of it. 300 of 300 done", timeout=LONG)
    console.keep_picture("import-done")

    for group in ("crew", "night"):
        found = keycloak.get("group-by-path", group)
        assert len(keycloak.get("groups", found["id"], "members", max=1000)) == MANY
    for role in ("reader", "writer"):
        assert len(keycloak.get("roles", role, "users", max=1000)) == MANY
    _read_the_result(console)


def _prepare(console: Console, realm: str, url: str) -> None:
    console.go("/servers/new/")
    console.fill(
        name="local",
        url=url,
        client_id=os.environ["KEYCLOAK_CLIENT_ID"],
        secret=os.environ["KEYCLOAK_CLIENT_SECRET"],
    )
    console.submit()
    console.do("/tenants/new/", name="Crew", slug=realm)
    console.do(f"/t/{realm}/groups/new/", name="crew")
    console.do(f"/t/{realm}/roles/new/", name="reader")


def _upload(console: Console, realm: str, staff: Path) -> None:
    console.go(f"/t/{realm}/imports/")
    console.keep_picture("imports-empty")
    console.page.get_by_role("link", name="Import a file").last.click()
    console.keep_picture("import-upload")
    console.page.locator("[name=file]").set_input_files(staff)
    console.submit()


def _name_columns(console: Console) -> None:
    main = console.page.locator("main")
    expect(main).to_contain_text("read as Latin-1, columns parted by semicolon")
    expect(main.get_by_text("Jörg").first).to_be_visible()
    console.page.locator("[name=separator]").select_option(label="Comma")
    console.keep_picture("import-columns")
    console.submit()


def _look_at_the_rows(console: Console) -> None:
    """Unknown names first leave every row out; then they are made with the import."""
    page = console.page
    results = page.locator("#results")
    expect(results).to_contain_text("No row can be applied as it is.", timeout=LONG)
    expect(results).to_contain_text("2 unknown: group night (300), role writer (300)")
    console.keep_picture("import-unknown")
    page.get_by_role("button", name="Create them").click()
    expect(results).to_contain_text("the plan of 300 rows is ready", timeout=LONG)
    rows = page.locator("table.rows-list tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Use small letters")
    expect(rows.nth(1)).to_contain_text("Enter a valid email address.")
    expect(rows.nth(2)).to_contain_text("Line 2 has this user name already.")
    console.keep_picture("import-ready")


def _apply(console: Console) -> None:
    page = console.page
    page.get_by_role("link", name="Look at the plan").click()
    page.wait_for_url("**/plans/**")
    console.keep_picture("import-plan")
    page.locator("[name=reason]").fill("The night shift begins")
    page.get_by_role("button", name=re.compile(r"^Apply ")).click()
    page.wait_for_url("**/imports/**")


def _pause_and_go_on(console: Console, realm: str) -> None:
    """Stop in the middle: some is written by then, and nothing more while it is paused."""
    page = console.page
    results = page.locator("#results")
    expect(results).to_contain_text(re.compile(r"[1-9]\d* of 1,502 writes"), timeout=LONG)
    console.keep_picture("import-writing")
    page.get_by_role("button", name="Pause").click(timeout=LONG)
    expect(results).to_contain_text("Paused.", timeout=LONG)
    scope = Scope.objects.get(realm=realm)
    assert scope.is_paused
    expect(results).not_to_contain_text("writes", timeout=LONG * 2)  # what was begun is finished
    written = Step.objects.filter(run__scope=scope, state=Step.State.DONE).count()
    assert 0 < written < 1500
    console.keep_picture("import-paused")
    assert Step.objects.filter(run__scope=scope, state=Step.State.DONE).count() == written
    page.get_by_role("button", name="Go on").click()


def _read_the_result(console: Console) -> None:
    with console.page.expect_download() as download:
        console.page.get_by_role("link", name="Result file").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert [row[-3] for row in rows].count("done") == MANY
    assert [row[-1] for row in rows if row[-3] == "not possible"] == ["302", "303", "304"]
