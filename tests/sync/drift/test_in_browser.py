"""Choosing rows of the inbox in a real browser: by box, by all, by key, in both themes, without complaint."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from console.sync.drift.check import check
from tests.factories import Platform
from tests.web.browser import Visitor


@pytest.fixture(scope="module")
def chosen(new_platform: Callable[..., Platform]) -> Platform:
    made = new_platform("chosen")
    check(made.scope.pk)
    for name in ("first", "second", "third"):
        made.keycloak.make_role(name)
    check(made.scope.pk)
    return made


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_rows_are_chosen_and_counted(chosen: Platform, live_server: object, page: Page, theme: str) -> None:
    visitor = Visitor(page, live_server.url)  # type: ignore[attr-defined]
    visitor.sign_in("gatehouse-admin")
    visitor.choose_theme(theme)
    page.goto(f"{visitor.address}/drift/")
    bulk, count = page.locator("[data-bulk]"), page.locator(".bulk-count [data-bulk-count]")
    assert not bulk.is_visible()

    page.get_by_label("Select first").check()
    assert (bulk.is_visible(), count.inner_text()) == (True, "1")
    page.get_by_label("Select all on this page").check()
    assert count.inner_text() == "3"
    page.get_by_label("Select all on this page").uncheck()
    assert not bulk.is_visible()

    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 700, "y": 700})
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert (page.get_by_label("Select first").is_checked(), count.inner_text()) == (True, "1")
    page.locator("[data-bulk]").get_by_role("button", name="Accept").click()
    page.wait_for_url("**/drift/**")
    assert page.get_by_text("1 item accepted as it stands.").is_visible()
    assert page.get_by_label("Select first").count() == 0
    assert visitor.complaints == []
    _bring_back(chosen)


def _bring_back(platform: Platform) -> None:
    platform.keycloak.delete("roles", "first")
    check(platform.scope.pk)
    from console.sync.drift.models import Accepted, DriftItem

    Accepted.objects.filter(scope=platform.scope, address="role:first").delete()
    DriftItem.objects.filter(scope=platform.scope, address="role:first").delete()
    platform.keycloak.make_role("first")
    check(platform.scope.pk)
