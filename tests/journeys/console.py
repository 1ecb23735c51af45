"""What an administrator does in the console, as a test says it."""

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

    def preview(self) -> None:
        """Send the form: the plan page opens."""
        self.page.locator("main form button[type=submit].btn-primary").click()
        self.page.wait_for_url("**/plans/**")

    def gained(self) -> Locator:
        return self.page.locator("#impact [data-change=gained]")

    def lost(self) -> Locator:
        return self.page.locator("#impact [data-change=lost]")

    def apply(self, reason: str = "") -> None:
        """Apply the plan and wait until Keycloak holds it."""
        if reason:
            self.page.locator("[name=reason]").fill(reason)
        self.page.get_by_role("button", name="Apply").click()
        expect(self.page.locator("#plan-progress")).to_contain_text("In sync", timeout=LONG)

    def do(self, path: str, **fields: str) -> None:
        """Fill a form, look at its plan, and apply it."""
        self.go(path)
        self.fill(**fields)
        self.preview()
        self.apply()
