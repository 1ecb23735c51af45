"""The overview, the shell's navigation and the search."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.web.navigation import Navigation
from console.web.pages import render_page


def navigation(request: HttpRequest) -> Navigation:
    return Navigation()


@require(Permission.OVERVIEW_VIEW, somewhere=True)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    return render_page(request, page="home.html", context={})


@require(Permission.OVERVIEW_VIEW, somewhere=True)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    return render_page(request, page="search.html", context={})
