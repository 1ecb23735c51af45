"""The way to the sign-in page and back to where the operator was."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Return the way to the sign-in page and back; for htmx as a header that moves the whole page."""
    address = f"{reverse('identity:sign-in')}?{urlencode({'next': return_address(request)})}"
    if request.headers.get("HX-Request") != "true":
        return HttpResponseRedirect(address)
    return HttpResponse(status=401, headers={"HX-Redirect": address})


def return_address(request: HttpRequest) -> str:
    """Return the page to come back to: the page around an htmx request, and never another site."""
    if request.headers.get("HX-Request") == "true":
        return _same_site_path(request, request.headers.get("HX-Current-URL", ""))
    return request.get_full_path() if request.method in ("GET", "HEAD") else _referring_page(request)


def _referring_page(request: HttpRequest) -> str:
    return _same_site_path(request, request.headers.get("Referer", ""))


def _same_site_path(request: HttpRequest, url: str) -> str:
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
