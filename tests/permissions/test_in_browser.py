"""M4 in a browser: what four kinds of people see and may do, and what a refusal tells each of them.

Two tenants on the real Keycloak. The four are in groups of the console's own realm, as their tokens say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.factories import Platform, database, new_platform
from tests.operators import sign_in_as
from tests.web.browser import Visitor

__all__ = ["database", "new_platform"]

OPERATIONS = "/operations"


@dataclass(frozen=True)
class Tenants:
    acme: Platform
    globex: Platform


@pytest.fixture(scope="module")
def tenants(new_platform: Callable[..., Platform]) -> Tenants:
    made = Tenants(new_platform("acme"), new_platform("globex"))
    for one, role in ((made.acme, "acme-reader"), (made.globex, "globex-reader")):
        one.do("access:role:create", name=role)
    return made


@pytest.fixture
def visitor(tenants: Tenants, settings: Any, live_server: Any, page: Page) -> Visitor:
    settings.CLUSTER_ADMIN_GROUPS = (OPERATIONS,)
    return Visitor(page, live_server.url)


def come(visitor: Visitor, tenants: Tenants, who: str) -> None:
    """Sign in as one of the four: by name, with what stands in the token."""
    acme = f"/tenants/{tenants.acme.tenant}"
    roles, groups = {
        "otto": (("gatehouse-auditor",), (acme,)),
        "nele": ((), (acme,)),
        "tina": ((), (f"{acme}/admins",)),
        "olga": ((), (OPERATIONS,)),
    }[who]
    visitor.sign_in(*roles, name=who, groups=groups)


def status(visitor: Visitor, path: str) -> int:
    answer = visitor.page.goto(f"{visitor.address}{path}")
    assert answer is not None
    return answer.status


def pages(tenants: Tenants) -> dict[str, str]:
    acme, globex = f"/t/{tenants.acme.tenant}", f"/t/{tenants.globex.tenant}"
    return {
        "overview": "/",
        "roles of acme": f"{acme}/roles/",
        "matrix of acme": f"{acme}/matrix/",
        "new role in acme": f"{acme}/roles/new/",
        "roles of globex": f"{globex}/roles/",
        "new role in globex": f"{globex}/roles/new/",
        "tenants": "/tenants/",
        "new tenant": "/tenants/new/",
        "servers": "/servers/",
    }


OPEN = {
    "otto": {"overview", "roles of acme", "matrix of acme", "roles of globex", "tenants", "servers"},
    "nele": set(),
    "tina": {"overview", "roles of acme", "matrix of acme", "new role in acme", "tenants"},
    "olga": {
        "overview", "roles of acme", "matrix of acme", "new role in acme", "roles of globex",
        "new role in globex", "tenants", "new tenant", "servers",
    },
}  # fmt: skip


@pytest.mark.parametrize("who", OPEN)
def test_each_may_open_what_is_written_and_nothing_else(visitor: Visitor, tenants: Tenants, who: str) -> None:
    come(visitor, tenants, who)

    found = {name: status(visitor, path) for name, path in pages(tenants).items()}

    assert {name for name, code in found.items() if code == 200} == OPEN[who]
    assert {code for code in found.values() if code != 200} <= {403}


def links(visitor: Visitor) -> set[str]:
    """Return the words of all links and buttons of the page."""
    found = visitor.page.locator("main a, main button, nav a").all_inner_texts()
    return {" ".join(one.split()) for one in found}


@pytest.mark.parametrize(("who", "may_change"), [("otto", False), ("tina", True), ("olga", True)])
def test_who_may_not_change_is_offered_no_change(
    visitor: Visitor, tenants: Tenants, who: str, may_change: bool
) -> None:
    come(visitor, tenants, who)

    visitor.go(pages(tenants)["roles of acme"])

    assert "acme-reader" in visitor.page.locator("main").inner_text()
    assert ("New role" in links(visitor)) is may_change
    assert visitor.complaints == []


def test_an_administrator_of_a_tenant_sees_no_other_anywhere(visitor: Visitor, tenants: Tenants) -> None:
    come(visitor, tenants, "tina")

    for path in ("/", "/tenants/", "/search/?q=globex"):
        visitor.go(path)
        assert tenants.globex.tenant not in visitor.page.content(), path


@pytest.mark.parametrize("who", ["tina", "olga"])
def test_who_may_change_changes_it_in_keycloak(visitor: Visitor, tenants: Tenants, who: str) -> None:
    come(visitor, tenants, who)

    visitor.go(pages(tenants)["new role in acme"])
    visitor.page.locator("main [name=name]").fill(f"made-by-{who}")
    visitor.page.get_by_role("button", name="Preview changes").click()
    visitor.page.wait_for_url("**/plans/**")
    visitor.page.get_by_role("button", name="Apply").click()
    expect(visitor.page.locator("#progress")).to_be_visible()
    tenants.acme.sync()

    assert f"made-by-{who}" in tenants.acme.role_names()


# --- what a refusal tells ---------------------------------------------------------------------------------


def refusal(visitor: Visitor, path: str) -> tuple[str, dict[str, str]]:
    """Return the heading of a refusal, and each way to the right with who is known to have it."""
    assert status(visitor, path) == 403
    rows = visitor.page.locator("main tbody tr").all()
    ways = dict(row.locator("td").all_inner_texts() for row in rows)
    return visitor.page.locator("h1").inner_text(), ways


@pytest.fixture
def known(tenants: Tenants) -> None:
    """All of them signed in before, and so did two administrators."""
    sign_in_as(Client(), "ada", roles=("gatehouse-admin",))
    sign_in_as(Client(), "gus", groups=(f"/tenants/{tenants.globex.tenant}/admins",))
    sign_in_as(Client(), "tina", groups=(f"/tenants/{tenants.acme.tenant}/admins",))
    sign_in_as(Client(), "olga", groups=(OPERATIONS,))


@pytest.mark.usefixtures("known")
def test_a_member_with_a_role_that_reads_is_told_who_can_grant_more(
    visitor: Visitor, tenants: Tenants
) -> None:
    come(visitor, tenants, "otto")

    heading, ways = refusal(visitor, pages(tenants)["new role in acme"])

    assert heading == "You may not “create role”"
    assert ways == {
        "the realm role gatehouse-admin": "ada",
        f"the group /tenants/{tenants.acme.tenant}/admins": "tina",
        "the group /operations, which has the rights of gatehouse-admin": "olga",
    }


@pytest.mark.usefixtures("known")
def test_a_member_without_a_role_is_told_whom_to_ask(visitor: Visitor, tenants: Tenants) -> None:
    """She is a member of the tenant, and that alone gives nothing."""
    come(visitor, tenants, "nele")

    assert status(visitor, pages(tenants)["roles of acme"]) == 403

    text = visitor.page.locator("body").inner_text()
    assert "You are nele. The token has: no realm role at all." in text
    assert "membership of a group /tenants/…/admins" in text
    assert "gatehouse-admin" in text
    assert "You can ask: ada" in text


@pytest.mark.usefixtures("known")
def test_an_administrator_of_another_tenant_is_told_the_way_and_no_names_of_it(
    visitor: Visitor, tenants: Tenants
) -> None:
    come(visitor, tenants, "tina")

    heading, ways = refusal(visitor, pages(tenants)["new role in globex"])

    assert heading == "You may not “create role”"
    assert ways[f"the group /tenants/{tenants.globex.tenant}/admins"] == "nobody that may be named here"
    assert ways["the realm role gatehouse-admin"] == "ada"
