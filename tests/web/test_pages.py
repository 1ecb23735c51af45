"""A page, its named part, and which of the two is answered."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from console.web import client_redirect, is_partial


def asked(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def test_htmx_gets_a_part() -> None:
    assert is_partial(asked(**{"HX-Request": "true"}))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
    ],
)
def test_everybody_else_gets_the_page(headers: dict[str, str]) -> None:
    assert not is_partial(asked(**headers))


def test_a_request_that_no_middleware_saw_gets_the_page() -> None:
    assert not is_partial(RequestFactory().get("/"))


def test_a_redirect_is_followed_by_the_browser_and_not_inside_the_part() -> None:
    assert client_redirect(asked(**{"HX-Request": "true"}), "/plans/")["HX-Redirect"] == "/plans/"
    assert client_redirect(asked(), "/plans/")["Location"] == "/plans/"
