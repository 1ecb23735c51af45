"""The page of the OpenAPI document: Swagger UI from the console itself, without a script in the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from console.permissions.decorators import require
from console.permissions.vocabulary import Permission


@require(Permission.PROFILE_VIEW, somewhere=True)
@require_GET
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show every address of the REST API. Requests from the page carry a token that is typed there."""
    return render(request, "api/docs.html", {"schema_url": reverse("api:schema")})
