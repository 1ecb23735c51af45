"""The overview, the jump box and the navigation: what looks at all apps at once."""

from console.home.rail import navigation
from console.home.views import overview, search

__all__ = ["navigation", "overview", "search"]
