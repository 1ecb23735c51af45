"""Addresses that cannot be read: no database holds a null character, so no page can look for one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class RefuseNulls:
    """Answers a query with a null character before a view hands it to the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in text for name, values in request.GET.lists() for text in (name, *values)):
            return render(request, "400.html", status=400)
        return self.get_response(request)
