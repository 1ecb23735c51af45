"""An administrator's browser at a running console: real sign-in, forms with tokens, parts of pages."""

import html
import re
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.runtime.values import Values
from console.transport import LONG, Secret, run
from tests.identity.keycloak_login import HttpBrowser, KeycloakBrowser, Page
from tests.identity.realm import CLIENT_ID, CLIENT_SECRET, make_realm

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ACTION = re.compile(r'<form id="apply"[^>]* action="([^"]+)"')


class WrongPage(Exception):
    """The console answered with another page than the one that is measured."""


class ConsoleBrowser(HttpBrowser):
    """Speaks with the console at one address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def sign_in(self, username: str) -> None:
        """Sign in through Keycloak's own page."""
        start = self.get(f"{self.address}/oidc/authenticate/?next=/")
        _expect(start, 302)
        _expect(self.get(KeycloakBrowser().sign_in(start.location, username=username)), 302)
        _expect(self.page("/"), 200)

    def page(self, path: str) -> Page:
        return self.get(f"{self.address}{path}")

    def part(self, path: str) -> Page:
        """Ask for the part of a page that refreshes itself, as its script does."""
        return self._open(urllib.request.Request(f"{self.address}{path}", headers={"HX-Request": "true"}))

    def send(self, form: Page, path: str, **fields: str) -> str:
        """Send a form of this page and return the path to which the console leads."""
        answer = self.post(f"{self.address}{path}", csrfmiddlewaretoken=_one(_TOKEN, form), **fields)
        _expect(answer, 302)
        return answer.location


def apply_path(plan: Page) -> str:
    """Return where the plan page's button *Apply* sends its form."""
    return _one(_ACTION, plan)


def _one(pattern: re.Pattern[str], page: Page) -> str:
    found = pattern.search(page.text)
    if found is None:
        raise WrongPage(f"no {pattern.pattern} in a page of status {page.status}")
    return html.unescape(found.group(1))


def _expect(page: Page, status: int) -> None:
    if page.status != status:
        raise WrongPage(f"answered {page.status}, not {status}: {page.text[:600]}")


@contextmanager
def operators(values: Values) -> Iterator[None]:
    """A realm of operators for the console of these settings, and the settings pointed at it."""
    connection = Connection(
        url=values["KEYCLOAK_URL"],
        client_id=values["KEYCLOAK_CLIENT_ID"],
        client_secret=Secret(values["KEYCLOAK_CLIENT_SECRET"]),
    )
    name = f"bench-operators-{uuid.uuid4().hex[:6]}"
    admin = client_for(connection)
    realm = make_realm(admin=admin, url=connection.url, name=name, console_url=values["GATEHOUSE_URL"])
    values.put(
        {"OIDC_ISSUER": realm.issuer, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET}
    )
    try:
        yield
    finally:
        run(admin.delete(("admin", "realms", name), patience=LONG))
