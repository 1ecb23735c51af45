"""Signing in as people do it: in Chromium, under the strict Content-Security-Policy."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from console.identity.models import SignIn, User
from tests.identity.realm import PASSWORD, TestRealm

pytestmark = pytest.mark.django_db(transaction=True)

LOCAL_PASSWORD = "the sealed password of a test"


@pytest.fixture(autouse=True)
def fresh_limits(transactional_db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def refusals(page: Page) -> list[str]:
    """What the browser refused to load or run."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of the live console: the one that Keycloak sends browsers back to."""
    assert live_server.url == settings.GATEHOUSE_URL
    return live_server.url


def test_an_administrator_signs_in_and_out(
    site: str, realm: TestRealm, page: Page, refusals: list[str]
) -> None:
    realm.add_person("betty")
    realm.give_role("betty", "gatehouse-admin")
    page.goto(f"{site}/profile/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("link", name="Sign in with Keycloak", exact=True).click()
    page.get_by_label("Username or email").fill("betty")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In").click()

    expect(page).to_have_url(f"{site}/profile/")
    expect(page.get_by_text("gatehouse-admin")).to_be_visible()

    page.get_by_role("button", name=re.compile("your account")).click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert realm.sessions_of("betty") == []
    page.get_by_role("link", name="Sign in with Keycloak", exact=True).click()
    expect(page.locator("#password")).to_be_visible()  # Keycloak asks again: its session is gone
    assert refusals == []


def test_a_security_key_is_the_second_factor_of_a_break_glass_account(
    site: str, page: Page, context: BrowserContext, refusals: list[str]
) -> None:
    User.objects.create_superuser("root", password=LOCAL_PASSWORD)
    _with_security_key(context, page)

    _give_password(page, site)
    expect(page.get_by_role("heading", name="Set a second factor first")).to_be_visible()
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Add the key").click()
    expect(page.locator("pre.codes")).to_be_visible()
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    page.get_by_role("link", name="I have written them down").click()
    page.get_by_role("button", name=re.compile("Sign out")).click()

    _give_password(page, site)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/admin/")

    expect(page.get_by_text("Gatehouse administration").first).to_be_visible()
    assert SignIn.objects.open().get().is_complete
    assert refusals == []


def test_an_authenticator_app_is_enrolled_from_its_picture_or_its_text(
    site: str, page: Page, refusals: list[str], tmp_path: Path
) -> None:
    User.objects.create_superuser("root", password=LOCAL_PASSWORD)
    _give_password(page, site)
    page.get_by_role("link", name="Use an authenticator app").click()
    seed = page.locator("main code").inner_text()

    width = page.locator(".totp-picture").evaluate("picture => picture.naturalWidth")
    left = 30 - time.time() % 30
    if left < 6:  # the code must still be the same when it arrives
        time.sleep(left)
    page.locator("input[name=code]").fill(format_hotp_value(hotp_value(seed, int(time.time()) // 30)))
    page.get_by_role("button", name="Set it").click()

    assert width > 0
    expect(page.locator("pre.codes")).to_be_visible()
    assert refusals == []


def _give_password(page: Page, site: str) -> None:
    page.goto(f"{site}/sign-in/")
    page.get_by_role("link", name=re.compile("break-glass")).click()
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(LOCAL_PASSWORD)
    page.get_by_role("button", name="Continue").click()


def _with_security_key(context: BrowserContext, page: Page) -> None:
    """Plug a key that verifies its owner into the browser."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
