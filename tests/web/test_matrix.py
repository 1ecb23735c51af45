"""The matrix of a platform in Chromium: keys, reasons, kept views, families, paper (row M4)."""

import pytest
from playwright.sync_api import expect

from tests.access.platforms import PlatformTenant
from tests.web.browser import Visitor


@pytest.fixture
def acme(transactional_db: None) -> PlatformTenant:
    acme = PlatformTenant("kdb-insights")
    acme.group_role("data", "insights.role.developer")
    acme.group("data/eng")
    for number, name in enumerate(("Ann Lee", "Bob Ray", "Cas Cole")):
        acme.person(f"p{number}", name)
        if number < 2:
            acme.member(f"p{number}", "data")
    acme.entitle(acme.person("p0"), "package:demo:WRITE")
    acme.was_read()
    return acme


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_view_bars_anybody_and_nothing_is_cut_off(
    acme: PlatformTenant, visitor: Visitor, theme: str
) -> None:
    visitor.choose_theme(theme)
    first, second = (acme.person(f"p{number}").pk for number in (0, 1))
    faults: dict[str, list[str]] = {}
    for path in (
        "/t/acme/matrix/?view=roles",
        "/t/acme/matrix/?show=resources",
        "/t/acme/matrix/?view=accounts",
        f"/t/acme/matrix/?row=p{first}&column=capability:insights:update-entities",
        f"/t/acme/matrix/?row=p{acme.person('p2').pk}&column=capability:insights:update-entities",
        f"/t/acme/matrix/compare/?of=people&who={first}&who={second}",
        f"/t/acme/matrix/what-if/?who={first}&without=group:data",
        "/matrix/tenants/",
        "/matrix/person/?q=p0",
        f"/t/acme/roles/{acme.role('insights.role.developer').pk}/",
    ):
        for width in (1440, 1280):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.go(path)
            found = [*visitor.barriers(), *visitor.overlaps()]
            if not visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                found.append("the page scrolls sideways")
            faults |= {f"{path} at {width}": found} if found else {}

    assert faults == {}
    assert visitor.complaints == []


def test_a_phone_can_scroll_the_grid_and_read_the_reasons(acme: PlatformTenant, visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    names = page.locator("#matrix tbody th").first.bounding_box()
    frame = page.locator("#matrix-frame").bounding_box()

    assert names is not None
    assert frame is not None
    assert names["width"] < frame["width"] / 1.5
    page.locator("#matrix tr[data-key] td").first.click()
    expect(page.locator("#why h2")).to_be_visible()


def test_enter_on_a_capability_opens_its_reasons(acme: PlatformTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.locator("#matrix td[tabindex='0']").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.press("Enter")

    expect(page.locator("#why")).to_contain_text("Create an own package and deploy it")
    assert "column=capability%3Ainsights%3Acreate-package" in page.url


def test_a_view_is_kept_as_a_tab_and_dropping_it_is_undone(acme: PlatformTenant, visitor: Visitor) -> None:
    visitor.go("/t/acme/matrix/?view=groups")
    page = visitor.page
    page.keyboard.press("/")
    page.keyboard.type("eng")
    expect(page.locator("#matrix tr[data-key]")).to_have_count(1)
    page.get_by_role("button", name="Save view").first.click()
    page.locator(".save-menu input[name=name]").first.fill("Engineers")
    page.locator(".save-menu button[type=submit]").first.click()

    tab = page.get_by_role("link", name="Engineers")
    expect(tab).to_have_attribute("aria-current", "true")
    assert tab.get_attribute("href") == "/t/acme/matrix/?view=groups&q=eng"
    page.locator("[data-toast]").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Engineers")).to_have_count(0)


def test_a_family_opens_in_place(transactional_db: None, visitor: Visitor) -> None:
    acme = PlatformTenant("prokube")
    for value in ("ada", "bob"):
        acme.family("workspace", value)
    visitor.go("/t/acme/matrix/?view=roles")
    page = visitor.page
    page.get_by_role("link", name="Open pk:edit:<profile>").click()

    expect(page.locator("#matrix tr[data-key]", has_text="pk:edit:ada")).to_be_visible()
    page.get_by_role("link", name="Close pk:edit:<profile>").click()
    expect(page.locator("#matrix tr[data-key]", has_text="pk:edit:ada")).to_have_count(0)


def test_on_paper_there_is_the_table_with_its_legend_and_nothing_to_press(
    acme: PlatformTenant, visitor: Visitor
) -> None:
    visitor.go("/t/acme/matrix/")
    page = visitor.page
    page.emulate_media(media="print")

    expect(page.locator(".marks")).to_be_visible()
    expect(page.locator("#matrix")).to_be_visible()
    for gone in (".rail", ".topbar", ".matrix-tools", ".view-actions .btn"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('#matrix thead')).display") == (
        "table-header-group"
    )
