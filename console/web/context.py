"""The context processor of the shell."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from console.web.navigation import navigation_for

THEME_COOKIE = "theme"
THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the theme and, read only when a template asks, the navigation."""
    chosen = request.COOKIES.get(THEME_COOKIE)
    return {
        "theme": chosen if chosen in THEMES else "",
        "navigation": SimpleLazyObject(lambda: navigation_for(request)),
    }
