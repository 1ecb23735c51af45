"""What a new tenant will make in Keycloak, said beside the form while one types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.blueprints.model import Blueprint, Count, Expansion
from console.engine.kinds import KINDS
from console.engine.state import Kind
from console.web.icons import OUTLINE
from tenants.blueprint_forms import example, sketch, typed_in
from tenants.blueprints import Version, newest, versions
from tenants.desired import ATTRIBUTE, CARRIER, FIRST

ICONS: Mapping[Kind, str] = {
    Kind.REALM: "world",
    Kind.ROLE: "shield",
    Kind.COMPOSITE: "hierarchy-2",
    Kind.GROUP: "users-group",
    Kind.CLIENT: "plug",
    Kind.CLIENT_SCOPE: "filter",
    Kind.MAPPER: "arrow-right",
    Kind.CLIENT_MAPPER: "arrow-right",
    Kind.PROFILE_ATTRIBUTE: "user",
    Kind.IDENTITY_PROVIDER: "login",
}
ON_CARDS = (Kind.ROLE, Kind.GROUP, Kind.CLIENT, Kind.CLIENT_SCOPE)


@dataclass(frozen=True, slots=True)
class Card:
    """One blueprint to choose: what it is for, and how much it makes."""

    version: Version
    icon: str
    counts: str
    is_chosen: bool


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


def cards(chosen: Version | None) -> list[Card]:
    """Return the newest version of each blueprint; of the chosen one, the version that was chosen."""
    rows = [chosen if chosen and chosen.key == one.key else one for one in newest(versions())]
    return [
        Card(
            version=one,
            icon=one.read.icon if one.read.icon in OUTLINE else "table",
            counts=_counted(example(one.read.text)),
            is_chosen=chosen is not None and chosen.key == one.key,
        )
        for one in rows
    ]


def _counted(said: Expansion) -> str:
    numbers = {kind: sum(one.address.kind is kind for one in said.state) for kind in ON_CARDS}
    words = [f"{number} {_noun(kind, number)}" for kind, number in numbers.items() if number]
    families = [f"{len(one.roles)} roles a {one.parameter}" for one in said.catalogue.families]
    return ", ".join(["1 realm", *families, *words])


def _noun(kind: Kind, number: int) -> str:
    words = KINDS[kind].label if number == 1 else KINDS[kind].plural
    return words.replace("client ", "")


def summary_from(blueprint: Blueprint, data: Mapping[str, str]) -> dict[str, Any]:
    """Return the lines for a tenant from a blueprint, with what was typed so far."""
    said = sketch(blueprint, typed_in(blueprint, data))
    made = [_line(one, one.kind) for one in said.counts if one.kind is not None]
    extra = [one for one in FIRST if one not in said.state]
    if extra:
        made.append(
            Made("key", "What carries entitlements", f"{ATTRIBUTE}, with scope and mapper", len(extra))
        )
    return {
        "made": made,
        "made_total": sum(one.count for one in made),
        "said": said,
        "realm_shown": said.realm_name,
        "is_share": False,
    }


def _line(one: Count, kind: Kind) -> Made:
    if kind is Kind.REALM:
        return Made("world", "Realm", "with its settings", one.number)
    icon = ICONS.get(kind, "link" if KINDS[kind].is_link else "settings")
    return Made(icon, f"{one.label[0].upper()}{one.label[1:]}", one.gloss, one.number)
