"""The width of a phone, and paper: nothing runs over the edge, nothing is cut off (row M4)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.web.browser import Visitor

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def acme(transactional_db: None) -> PlatformTenant:
    acme = PlatformTenant("kdb-insights")
    acme.group_role("data", "insights.role.developer")
    for number, name in enumerate(("Ann Lee", "Bob Ray", "Cas Cole")):
        acme.person(f"p{number}", name)
        acme.member(f"p{number}", "data")
    row = acme.person_role("p0", "insights.role.viewer")
    row.ends_at = timezone.now() + timedelta(days=2)
    row.save(update_fields=["ends_at"])
    acme.resource("package", "demo")
    acme.was_read()
    return acme


def addresses(acme: DeclaredTenant) -> dict[str, str]:
    ann, bob = acme.person("p0").pk, acme.person("p1").pk
    own = {
        "matrix": "matrix/",
        "reasons": f"matrix/?row=p{ann}&column=role:insights.role.viewer&show=rights",
        "compare": f"matrix/compare/?of=people&who={ann}&who={bob}",
        "person": f"people/{ann}/",
        "people": "people/",
        "role": f"roles/{acme.role('insights.role.viewer').pk}/",
        "group": f"groups/{acme.group('data').pk}/",
        "entitlements": "entitlements/",
        "times": "times/",
    }
    beside = {"overview": "/", "tenants": "/matrix/tenants/", "everywhere": "/matrix/person/?q=p0"}
    return {name: f"/t/{acme.tenant.slug}/{path}" for name, path in own.items()} | beside


def beyond(page: Page) -> list[str]:
    """Return what stands wholly or partly beyond the right edge, outside of a part that scrolls."""
    found: list[str] = page.evaluate(
        """() => {
          const scrolls = (one) => {
            for (let up = one.parentElement; up; up = up.parentElement) {
              if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return up.id !== "main";
            }
            return false;
          };
          return [...document.querySelectorAll(".frame *")]
            .filter((one) => one.getBoundingClientRect().width && one.checkVisibility())
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one))
            .filter((one) => !one.closest(".visually-hidden, svg, .crumbs, .switcher, .path, td"))
            .map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    return found


def test_nothing_runs_over_the_edge_of_a_phone(acme: PlatformTenant, visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    found: dict[str, list[str]] = {}
    for name, path in addresses(acme).items():
        visitor.go(path)
        found[name] = beyond(visitor.page)
        width = visitor.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            found[name].append(f"the page is {width} px wide")

    assert {name: some for name, some in found.items() if some} == {}
    assert visitor.complaints == []


def test_a_phone_bars_nobody(acme: PlatformTenant, visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    barred: dict[str, list[str]] = {}
    for name in ("matrix", "person"):
        visitor.go(addresses(acme)[name])
        barred[name] = visitor.barriers()

    assert {name: some for name, some in barred.items() if some} == {}


def test_the_search_and_the_menu_can_be_reached_on_a_phone(acme: PlatformTenant, visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size(PHONE)
    visitor.go("/t/acme/people/")

    page.get_by_role("button", name="Search or jump to").click()
    expect(page.locator("#palette-input")).to_be_focused()
    page.keyboard.press("Escape")
    menu = page.get_by_role("navigation", name="Main")
    menu.get_by_role("link", name="Roles").click()
    page.wait_for_url("**/roles/")


def test_paper_shows_all_of_it_and_nothing_to_press(acme: PlatformTenant, visitor: Visitor) -> None:
    page = visitor.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 600})  # an upright sheet
    for name in ("matrix", "compare", "person", "role", "group"):
        visitor.go(addresses(acme)[name])

        expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
        expect(page.locator(".view-actions .btn").first).to_be_hidden()
        assert page.locator(".row-action:visible").count() == 0
        assert cut_off(page) == [], name
        assert page.evaluate("getComputedStyle(document.querySelector('.view')).overflowY") == "visible"


def cut_off(page: Page) -> list[str]:
    """Return what of lists and heads does not fit into its place."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".list td, .list th, .list .path > span, .view-title")]
          .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def test_paper_has_several_sheets_where_one_is_not_enough(acme: PlatformTenant, visitor: Visitor) -> None:
    for number in range(60):
        acme.person_role("p0", f"role-{number:02}")
    visitor.go(addresses(acme)["person"])

    assert visitor.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 2


def test_paper_is_light_and_says_when_keycloak_was_read(acme: PlatformTenant, visitor: Visitor) -> None:
    visitor.choose_theme("dark")
    visitor.go(addresses(acme)["person"])
    page = visitor.page
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"

    page.emulate_media(media="print")
    said = page.evaluate(
        "getComputedStyle(document.querySelector('.facts-line relative-time'), '::after').content"
    )
    assert "22 Nov 2026, 02:14:00 UTC" in said
