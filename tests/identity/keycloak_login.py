"""A person at Keycloak's own login page, driven over HTTP like a browser without JavaScript."""

import html
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPMessage
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.identity.realm import PASSWORD

_FORM = re.compile(r"<form[^>]*>")
_ACTION = re.compile(r'action="([^"]+)"')


@dataclass(frozen=True)
class Page:
    status: int
    headers: HTTPMessage
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **more: Any) -> None:
        return None


class HttpBrowser:
    """Keeps cookies and follows nothing."""

    def __init__(self) -> None:
        # Browsers send secure cookies to http://localhost too; the library does so when told.
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(
            _NoRedirect(), urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({})
        )

    def get(self, url: str) -> Page:
        return self._open(urllib.request.Request(url))

    def post(self, url: str, **fields: str) -> Page:
        return self._open(urllib.request.Request(url, data=urlencode(fields).encode()))

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=20) as reply:
                return Page(reply.status, reply.headers, reply.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as reply:
            return Page(reply.code, reply.headers, reply.read().decode("utf-8", "replace"))


class KeycloakBrowser(HttpBrowser):
    """Stops where Keycloak sends the browser back to the console."""

    def sign_in(self, authorization_url: str, *, username: str, password: str = PASSWORD) -> str:
        """Return the address on the console to which Keycloak sent the browser after the login."""
        page = self.get(authorization_url)
        if page.status in (302, 303):  # an open session at Keycloak needs no form
            return page.location
        answer = self.post(_action_of(page), username=username, password=password)
        assert answer.status == 302, f"Keycloak refused the login: {answer.status}"
        return answer.location


def _action_of(page: Page) -> str:
    form = next((one for one in _FORM.findall(page.text) if "kc-form-login" in one), None)
    assert form, f"Keycloak answered {page.status} without a login form: {page.text[:400]}"
    found = _ACTION.search(form)
    assert found, form
    return html.unescape(found.group(1))


def path_of(url: str) -> str:
    """Return path and query of an address on the console, as the test client takes them."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
