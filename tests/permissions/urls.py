"""The console's addresses, and a few views that show how declarations are kept."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from console.permissions.decorators import public, require
from console.permissions.vocabulary import Permission
from console.urls import urlpatterns as console_urlpatterns


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@require(Permission.ROLE_CREATE)
def tenant_role_create(request: HttpRequest, tenant: str) -> HttpResponse:
    return HttpResponse(f"{request.actor.name} in {tenant}")  # type: ignore[attr-defined]


@public("To show that everybody comes in.")
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.actor.name)  # type: ignore[attr-defined]


urlpatterns = [
    path("undeclared/", undeclared),
    path("in/<slug:tenant>/roles/", tenant_role_create),
    path("open/", open_page),
    *console_urlpatterns,
]
