"""The pages in Chromium: nobody is barred, nothing is refused, every key does what it says (row M4)."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.access.declared import DeclaredTenant
from tests.web.browser import Visitor


@pytest.fixture
def acme(transactional_db: None) -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.role("operator")
    acme.group_role("data", "developer")
    acme.entitle(acme.group("data"), "package:demo:READ")
    for number, name in enumerate(("Ann Lee", "Bob Ray", "Cas Cole")):
        acme.person(f"p{number}", name)
        acme.member(f"p{number}", "data/eng" if number else "data")
    acme.person_role("p0", "viewer", reason="a second path")
    acme.was_read()
    return acme


def pages(acme: DeclaredTenant) -> dict[str, str]:
    """Every kind of page that needs no Keycloak to be shown."""
    first, role = acme.person("p0").pk, acme.role("developer").pk
    eng, data = acme.group("data/eng").pk, acme.group("data").pk
    in_tenant = {
        "matrix": "matrix/",
        "reasons": f"matrix/?row=p{first}&column=role:viewer",
        "no match": "matrix/?q=nobody",
        "groups in the matrix": "matrix/?view=groups",
        "people": "people/",
        "person": f"people/{first}/",
        "new person": "people/new/",
        "edit a person": f"people/{first}/edit/",
        "give access": f"people/{first}/give/",
        "leave a group": f"people/{first}/leave/{data}/",
        "delete a person": f"people/{first}/delete/",
        "groups": "groups/",
        "group": f"groups/{eng}/",
        "new group": "groups/new/",
        "roles": "roles/",
        "role": f"roles/{role}/",
        "include roles": f"roles/{role}/include/",
        "entitlements": "entitlements/",
        "grant": "entitlements/grant/",
        "new type": "entitlements/types/new/",
        "realm": "realm/",
    }
    beside = {
        "overview": "/",
        "tenants": "/tenants/",
        "new tenant": "/tenants/new/",
        "servers": "/servers/",
        "server": f"/servers/{acme.realm.scope.server_id}/",
        "new server": "/servers/new/",
        "sync": "/sync/",
        "record": "/audit/",
        "profile": "/profile/",
        "search": "/search/?q=ann",
        "nowhere": "/nowhere/",
    }
    return {name: f"/t/acme/{path}" for name, path in in_tenant.items()} | beside


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_bars_anybody_and_the_policy_refuses_nothing(
    acme: DeclaredTenant, visitor: Visitor, theme: str
) -> None:
    visitor.choose_theme(theme)
    barred: dict[str, list[str]] = {}
    for name, path in pages(acme).items():
        visitor.go(path)
        barred[name] = visitor.barriers()

    complaints = [one for one in visitor.complaints if "404" not in one]
    assert {name: found for name, found in barred.items() if found} == {}
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_before_a_sign_in_bar_nobody_either(
    transactional_db: None, page: Page, live_server: LiveServer, theme: str
) -> None:
    stranger = Visitor(page, live_server.url)
    stranger.choose_theme(theme)
    barred: dict[str, list[str]] = {}
    for path in ("/sign-in/", "/local/login/", "/nowhere/"):
        stranger.go(path)
        barred[path] = stranger.barriers()

    assert {path: found for path, found in barred.items() if found} == {}
    assert [one for one in stranger.complaints if "404" not in one] == []


@pytest.mark.parametrize("width", [1024, 1440])
def test_nothing_is_cut_off_from_1024_pixels_on(acme: DeclaredTenant, visitor: Visitor, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 800})
    cut: dict[str, list[str]] = {}
    for name, path in pages(acme).items():
        visitor.go(path)
        cut[name] = visitor.overlaps()
        if not visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            cut[name].append("the page scrolls sideways")

    assert {name: found for name, found in cut.items() if found} == {}


def test_the_arrow_keys_walk_the_matrix_and_there_is_one_tab_stop(
    acme: DeclaredTenant, visitor: Visitor
) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    here = "() => [document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]"

    page.locator("#matrix td[tabindex='0']").focus()
    first = page.evaluate(here)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    after_arrows = page.evaluate(here)
    page.keyboard.press("End")
    at_the_end = page.evaluate(here)
    page.keyboard.press("Control+Home")
    back = page.evaluate(here)
    page.keyboard.press("]")
    next_group = page.evaluate(here)

    assert after_arrows == [first[0] + 1, first[1] + 1]
    assert at_the_end[1] == page.locator("#matrix .head").count()
    assert back == first
    assert next_group == [first[0], 4]  # after three roles begins the next group
    assert page.locator("#matrix td[tabindex='0']").count() == 1


def test_enter_opens_the_reasons_and_the_address_keeps_them(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.locator("#matrix td[tabindex='0']").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#why")).to_contain_text("Why is this allowed?")
    assert "row=p" in page.url
    assert "column=role%3Adeveloper" in page.url
    page.reload()
    expect(page.locator("#why")).to_contain_text("Why is this allowed?")
    expect(page.locator("#matrix [aria-selected='true']")).to_have_count(1)

    page.keyboard.press("Escape")
    expect(page.locator("#why")).to_be_hidden()
    assert "row=" not in page.url


def test_a_click_shows_every_path_and_going_back_closes_it(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    row = page.locator(f"#matrix tr[data-key='p{acme.person('p0').pk}']")
    row.locator("td").nth(2).click()

    why = page.locator("#why")
    expect(why).to_contain_text("Allowed by 2 paths")
    expect(why).to_contain_text("a second path")
    expect(why).to_contain_text("Removing one of these is not enough")
    page.go_back()
    expect(why).to_be_hidden()


def test_typing_narrows_the_rows_and_the_address_holds_the_filter(
    acme: DeclaredTenant, visitor: Visitor
) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.keyboard.press("/")
    page.keyboard.type("cas")

    expect(page.locator("#matrix tr[data-key]")).to_have_count(1)
    assert page.url.endswith("/t/acme/matrix/?view=people&q=cas")
    assert page.evaluate("document.activeElement.name") == "q"


def test_open_reasons_stay_in_the_address_while_one_filters(acme: DeclaredTenant, visitor: Visitor) -> None:
    first = acme.person("p0").pk
    visitor.go(f"/t/acme/matrix/?row=p{first}&column=role:viewer")
    page = visitor.page
    page.keyboard.press("/")
    page.keyboard.type("ann")

    expect(page.locator("#matrix tr[data-key]")).to_have_count(1)
    expect(page.locator("#matrix [aria-selected='true']")).to_have_count(1)
    assert f"row=p{first}" in page.url
    page.reload()
    expect(page.locator("#why")).to_contain_text("Why is this allowed?")


def test_a_count_leads_to_the_columns_that_it_counts(acme: DeclaredTenant, visitor: Visitor) -> None:
    for number in range(70):
        acme.role(f"role{number:02}")
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    assert visitor.barriers() == []

    page.locator("#matrix td.s", has_text="1/2").first.click()

    expect(page.locator("#matrix .head")).to_have_count(2)
    assert page.url.endswith("columns=package")


def test_a_group_of_rows_folds(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.get_by_role("button", name="data 3").click()

    expect(page.locator("#matrix tr[data-key]").first).to_be_hidden()
    expect(page.get_by_role("button", name="data 3")).to_have_attribute("aria-expanded", "false")


def test_the_jump_box_opens_by_key_finds_and_goes(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator("#palette-results")).to_contain_text("Access matrix")
    page.keyboard.type("cas")
    expect(page.locator("#palette-results")).to_contain_text("Cas Cole")
    assert visitor.barriers() == []

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Cas Cole", level=1)).to_be_visible()


def test_escape_closes_the_jump_box_and_gives_the_focus_back(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.locator("#matrix td[tabindex='0']").focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#palette")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "TD"


def test_letters_lead_to_the_pages(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/")
    visitor.page.keyboard.press("g")
    visitor.page.keyboard.press("m")

    expect(visitor.page.get_by_role("heading", name="Access matrix")).to_be_visible()


def test_the_keys_are_listed_and_single_ones_can_be_switched_off(
    acme: DeclaredTenant, visitor: Visitor
) -> None:
    visitor.go("/")
    page = visitor.page
    page.keyboard.press("Shift+?")
    expect(page.locator("#dialog")).to_contain_text("Access matrix of Acme")
    assert visitor.barriers() == []

    with page.expect_navigation():  # the page comes again without those keys
        page.get_by_label("Keys without Ctrl work in this browser").click(no_wait_after=True)
    page.keyboard.press("g")
    page.keyboard.press("m")

    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_the_theme_is_kept_and_the_next_page_comes_in_it(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.choose_theme("light")
    visitor.go("/")
    page = visitor.page
    page.get_by_role("button", name="Change between light and dark").click()

    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    visitor.go("/t/acme/matrix/")
    assert page.locator("html[data-bs-theme=dark]").count() == 1
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 29)"


def test_a_part_that_fails_is_said_and_what_was_typed_stays(acme: DeclaredTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.context.set_offline(True)
    page.keyboard.press("/")
    page.keyboard.type("cas")

    expect(page.locator("#toasts")).to_contain_text("cannot be reached")
    expect(page.locator("input[name=q]").first).to_have_value("cas")
