"""A page and the named part of it that a refresh returns, so that the two never differ."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


def is_partial(request: HttpRequest) -> bool:
    """Return whether htmx asks for a part. Boosted and history requests want the whole page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    *,
    page: str,
    fragment: str | None = None,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page, or its named partial `fragment` when htmx asks for a part."""
    name = f"{page}#{fragment}" if fragment and is_partial(request) else page
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def client_redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Return a redirect that htmx follows in the browser, not inside the part it would replace."""
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(url)
    return redirect(url)
