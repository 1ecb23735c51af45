"""What tests of pages share: the names that must never reach Keycloak, and a watch on what is sent."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.transport import Transport

HTMX = {"HX-Request": "true"}

BAD_NAMES = {
    "markup": "<script>alert(1)</script>",
    "two dots": "..",
    "a path upwards": "../x",
    "encoded dots": "%2e%2e",
    "a slash": "a/b",
    "a question mark": "a?b",
    "a hash": "a#b",
    "ten thousand characters": "a" * 10_000,
    "a control character": "a\x07b",
    "a line break": "a\nb",
    "an invisible character": "a\u200bb",
    "nothing": "",
    "spaces only": "   ",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call that is sent to a Keycloak during the test. The calls are made all the same."""
    seen: list[str] = []
    request = Transport.request

    async def watched(self: Transport, method: str, segments: Any, **more: Any) -> Any:
        seen.append(f"{method} /{'/'.join(segments)}")
        return await request(self, method, segments, **more)

    monkeypatch.setattr(Transport, "request", watched)
    return seen


def error_of(page: str, field: str) -> str:
    """Return what stands in the place of a field's help, as text; empty without an error."""
    found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</div>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""


def results_of(page: str) -> str:
    """Return the part of a page that a refresh replaces, without white space between lines."""
    start = page.index('<div id="results"')
    depth = 0
    for found in re.finditer(r"<div\b|</div>", page[start:]):
        depth += 1 if found.group() == "<div" else -1
        if depth == 0:
            return squeezed(page[start : start + found.end()])
    raise AssertionError("The part does not end.")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def queries_of(client: Client, url: str) -> int:
    """Return the number of queries of a page, after a first visit has filled what is kept."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)
