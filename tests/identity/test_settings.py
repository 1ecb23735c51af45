"""What protects cookies and pages follows from the console's address: nothing can be forgotten."""

import json
import os
import subprocess
import sys

import pytest

ASKED = (
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_HTTPONLY",
    "OIDC_REDIRECT_REQUIRE_HTTPS",
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
    "OIDC_USE_PKCE",
    "OIDC_RP_SIGN_ALGO",
    "MFA_TRUST_ENABLED",
)


def settings_for(url: str) -> dict[str, object]:
    """The settings that a process with this address would run with."""
    code = (
        "import json, sys, console.settings as s;"
        "print(json.dumps({name: getattr(s, name) for name in sys.argv[1:]}))"
    )
    environment = os.environ | {"GATEHOUSE_URL": url}
    done = subprocess.run(
        [sys.executable, "-c", code, *ASKED], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_behind_https_cookies_are_bound_to_the_host() -> None:
    found = settings_for("https://gatehouse.example.org")

    assert found["SESSION_COOKIE_NAME"] == "__Host-sid"
    assert found["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    for name in (
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "OIDC_REDIRECT_REQUIRE_HTTPS"
    ):  # fmt: skip
        assert found[name] is True, name
    assert found["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False


def test_on_localhost_cookies_work_without_tls() -> None:
    found = settings_for("http://localhost:8000")

    assert found["SESSION_COOKIE_NAME"] == "sid"
    assert found["SESSION_COOKIE_SECURE"] is False
    assert found["SECURE_SSL_REDIRECT"] is False


@pytest.mark.parametrize("url", ["http://localhost:8000", "https://gatehouse.example.org"])
def test_everywhere_the_same_holds(url: str) -> None:
    found = settings_for(url)

    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["OIDC_USE_PKCE"] is True
    assert found["OIDC_RP_SIGN_ALGO"] == "RS256"
    assert found["MFA_TRUST_ENABLED"] is False
