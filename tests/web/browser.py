"""Chromium on real pages: signed in, with every complaint of the page collected."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.operators import sign_in_as

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()


class Visitor:
    """An administrator in a browser. `complaints`: errors of scripts, refusals of the policy."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.set_viewport_size({"width": 1440, "height": 900})
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def sign_in(self, *roles: str, name: str = "julia", groups: tuple[str, ...] = ()) -> None:
        client = Client()
        sign_in_as(client, name, roles=roles, groups=groups)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.address}]
        )

    def choose_theme(self, theme: str) -> None:
        self.page.context.add_cookies([{"name": "theme", "value": theme, "url": self.address}])

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}", wait_until="load")

    def barriers(self) -> list[str]:
        """Return what axe finds wrong. It comes in by the debugger: the policy refuses foreign scripts."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Runtime.evaluate", {"expression": AXE})
        found = self.page.evaluate(
            "async () => (await axe.run(document, {preload: false})).violations.map("
            "one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}: ${one.nodes[0].failureSummary}`)"
        )
        return list(found)

    def overlaps(self) -> list[str]:
        """Return what is cut off at the right edge of the window."""
        return list(
            self.page.evaluate(
                """() => [...document.querySelectorAll(
                     '.topbar > *, .view-head > *, .view-actions > *, .tools > *, .bar-bottom > *')]
                   .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
                   .map(one => one.outerHTML.slice(0, 120))"""
            )
        )
