"""Pages of a list with real page numbers."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50


def page_of(
    request: HttpRequest, items: "QuerySet[Any, Any] | Sequence[Any]", *, per_page: int = PER_PAGE
) -> "Page[Any]":
    """Return the page that the URL names; a number out of range gives the nearest page."""
    return Paginator(items, per_page).get_page(request.GET.get("page"))
