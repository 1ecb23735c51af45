"""What an administrator does in the console, as a test says it."""

import os

from playwright.sync_api import Locator, Page, expect

LONG = 30_000


class Console:
    """A browser in the hands of an administrator."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def sign_in(self, username: str, password: str, new_password: str) -> None:
        """Sign in through Keycloak, which asks for a new password."""
        self.go("/")
        self.page.get_by_role("link", name="Sign in with Keycloak").click()
        self.page.locator("#username").fill(username)
        self.page.locator("#password").fill(password)
        self.page.locator("#kc-login").click()
        self.page.locator("#password-new").fill(new_password)
        self.page.locator("#password-confirm").fill(new_password)
        self.page.locator("input[type=submit], button[type=submit]").first.click()
        expect(self.page).to_have_url(f"{self.address}/")

    def fill(self, **fields: str) -> None:
        """Fill fields by their names."""
        for name, value in fields.items():
            control = self.page.locator(f"main [name={name}]").first
            if control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(label=value)
            else:
                control.fill(value)

    def pick(self, name: str, *texts: str) -> None:
        """Choose from a search field, as somebody does who types."""
        for text in texts:
            box = self.page.locator(f"search-picker:has(select[name={name}]) input").first
            box.click()
            box.press_sequentially(text, delay=10)
            self.page.locator(".ts-dropdown .option", has_text=text).first.click()
        self.page.keyboard.press("Escape")

    def submit(self) -> None:
        """Press the one button that sends the form."""
        self.page.locator("button[type=submit][form=ask]").click()

    def preview(self) -> None:
        """Send the form: the plan page opens."""
        self.submit()
        self.page.wait_for_url("**/plans/**")

    def gained(self) -> Locator:
        return self.page.locator("#impact tr:has([aria-label=Gained])")

    def lost(self) -> Locator:
        return self.page.locator("#impact tr:has([aria-label=Lost])")

    def apply(self, reason: str = "") -> None:
        """Apply the plan and wait until Keycloak holds it."""
        if reason:
            self.page.locator("[name=reason]").fill(reason)
        self.page.get_by_role("button", name="Apply").click()
        expect(self.page.locator("#progress")).to_contain_text("In sync", timeout=LONG)

    def do(self, path: str, **fields: str) -> None:
        """Fill a form, look at its plan, and apply it."""
        self.go(path)
        self.fill(**fields)
        self.preview()
        self.apply()

    def cell(self, row: str, column: str) -> Locator:
        """Return a cell of the matrix by the names of its row and its column."""
        heads = self.page.locator("table.matrix th.head span").all_inner_texts()
        rows = self.page.locator("table.matrix tbody tr", has_text=row)
        return rows.first.locator("td").nth(heads.index(column))

    def keep_picture(self, name: str) -> None:
        """Keep what the browser shows, where somebody asked for pictures."""
        folder = os.environ.get("KEEP_PICTURES")
        if folder:
            for theme in ("light", "dark"):
                self.page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
                self.page.screenshot(path=f"{folder}/{name}-{theme}.png")
            self.page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
