"""A browser for the tests of pages."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.web.browser import Visitor


@pytest.fixture
def visitor(page: Page, live_server: LiveServer) -> Visitor:
    """An administrator of everything, signed in. Scripts and styles run under the real security policy."""
    visitor = Visitor(page, live_server.url)
    visitor.sign_in("gatehouse-admin")
    return visitor
