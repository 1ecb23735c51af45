"""What a new tenant will make in Keycloak, said beside the form while one types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenants.desired import ATTRIBUTE, CARRIER


@dataclass(frozen=True, slots=True)
class Made:
    """One line: a thing, its gloss and how many."""

    icon: str
    thing: str
    gloss: str
    count: int = 1


def summary_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the lines for what stands in the form, checked or not yet."""
    slug = typed.get("slug", "").strip()
    is_share = typed.get("served_by") == "share"
    made = _share(slug) if is_share else _own(typed.get("realm", "").strip() or slug)
    return {
        "made": made,
        "made_total": sum(one.count for one in made),
        "is_share": is_share,
        "slug_shown": slug or "short-name",
    }


def _share(slug: str) -> tuple[Made, ...]:
    return (Made("users-group", "Group", f"{slug or 'its short name'}, at the top of the shared realm"),)


def _own(realm: str) -> tuple[Made, ...]:
    """Return the realm with the carrier of entitlements, as `tenants.desired` declares it."""
    return (
        Made("world", "Realm", realm or "its short name"),
        Made("user", "User-profile attribute", f"{ATTRIBUTE}, only administrators set it"),
        Made("key", "Client scope", CARRIER),
        Made("filter", "Mapper", "adds the values of all groups"),
        Made("link", "Default client scope", "for clients made later"),
    )
