"""Pages around a sign-in: one card without the menu, whoever looks at them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def plain_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return the page, kept by no cache."""
    response = render(request, template, {"navigation": None, **(context or {})}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
