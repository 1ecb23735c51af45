"""What the shell around each page needs to know. `settings.NAVIGATION` names who fills it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail. `section` is what the current page's section must equal to mark it."""

    section: str
    label: str
    icon: str
    url: str
    hotkey: str = ""
    badge: int = 0
    badge_label: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the shortcut, in order, for display."""
        return tuple(self.hotkey.split())


@dataclass(frozen=True, slots=True)
class Place:
    """One tenant in the switcher."""

    name: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    """The rail, the tenant switcher, and where the jump box searches."""

    entries: tuple[Entry, ...] = ()
    low_entries: tuple[Entry, ...] = ()
    places: tuple[Place, ...] = ()
    current: str = "All tenants"
    section: str = ""
    search_url: str = ""
    sign_out_url: str = ""
    profile_url: str = ""


def navigation_for(request: HttpRequest) -> Navigation | None:
    """Return the navigation of a signed-in person, or None for everybody else."""
    user = getattr(request, "user", None)
    maker = getattr(settings, "NAVIGATION", None)
    if user is None or not user.is_authenticated or maker is None:
        return None
    make = cast(Callable[[HttpRequest], Navigation], import_string(maker))
    return make(request)
