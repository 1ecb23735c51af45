"""The page for what nobody expected."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

NO_DATABASE = "The console's database does not answer now. What was not confirmed to you was not done."


def failed(request: HttpRequest) -> HttpResponse:
    """Return a page that asks again by itself where the database is away, and the page of a fault else."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return server_error(request)
    page = render_to_string("503.html", {"sentence": NO_DATABASE})
    return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
