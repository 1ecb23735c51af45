"""Blueprints as pages and services read them: parsed and expanded once in a process, kept by what made it.

The key of what is kept is the digest of the text together with the parameters, so nothing kept is ever
stale: other parameters or another version are another key.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.urls import reverse

from console.blueprints.expand import expand
from console.blueprints.loader import load
from console.blueprints.model import Blueprint as Read
from console.blueprints.model import Expansion
from console.blueprints.placeholders import placeholders_in
from console.blueprints.shipped import shipped as products
from console.engine.kinds import KINDS
from console.engine.state import Address
from console.graph.catalogue import Catalogue
from tenants.models import Blueprint, BlueprintPart, BlueprintUse, Realm, Tenant

KEPT = 64
_WITHOUT = Catalogue()


def catalogue_of(tenant: Tenant) -> Catalogue:
    """Return what rights open in this tenant, with one query. Empty for a tenant without a blueprint."""
    use = (
        BlueprintUse.objects.filter(tenant=tenant)
        .values_list("blueprint__digest", "parameters", "blueprint_id")
        .first()
    )
    if use is None:
        return _WITHOUT
    digest, parameters, pk = use
    return catalogue_by(digest=digest, parameters=parameters, blueprint=pk)


def catalogue_by(*, digest: str, parameters: Mapping[str, Any], blueprint: int) -> Catalogue:
    """Return the catalogue of one version with its parameters; no query where this process has it."""
    return _catalogue(digest, _canonical(parameters), blueprint)


def catalogues_of(tenants: Iterable[Tenant]) -> dict[int, Catalogue]:
    """Return what rights open in each of these tenants, by id, with one query for all that are known."""
    found = {one.pk: _WITHOUT for one in tenants}
    uses = BlueprintUse.objects.filter(tenant__in=found).values_list(
        "tenant_id", "blueprint__digest", "parameters", "blueprint_id"
    )
    for tenant, digest, parameters, pk in uses:
        found[tenant] = _catalogue(digest, _canonical(parameters), pk)
    return found


@lru_cache(maxsize=KEPT)
def _catalogue(digest: str, parameters: str, pk: int) -> Catalogue:
    text = Blueprint.objects.values_list("text", flat=True).get(pk=pk, digest=digest)
    return expand(parsed(text), json.loads(parameters)).catalogue


def made_from(tenant: Tenant, address: Address) -> str:
    """Return which blueprint made this in the tenant, as people call it, "" for none."""
    parts = BlueprintPart.objects.filter(use__tenant=tenant, address=address.key)
    found = parts.values_list("use__blueprint__name", "use__blueprint__version").first()
    return " ".join(found) if found else ""


def links_made(tenant: Tenant) -> frozenset[Address]:
    """Return the links that the tenant's blueprint made, with one query: what has no name of its own."""
    links = Q(pk__in=[])
    for kind in (one for one, spec in KINDS.items() if not spec.has_name):
        links |= Q(address__startswith=f"{kind.value}:")
    parts = BlueprintPart.objects.filter(links, use__tenant=tenant)
    return frozenset(Address.parse(one) for one in parts.values_list("address", flat=True))


def expansion_of(use: BlueprintUse) -> Expansion:
    """Return all that a tenant's blueprint says with its parameters."""
    return expand(parsed(use.blueprint.text), use.parameters)


def presets_of(realm: Realm) -> dict[tuple[str, ...], str]:
    """Return the entitlement types and resources that blueprints of a realm name, each with the blueprint.

    A type has its name as key, a resource that and its own.
    """
    found: dict[tuple[str, ...], str] = {}
    for use in BlueprintUse.objects.filter(tenant__realm=realm).select_related("blueprint"):
        said = expansion_of(use)
        keys = [(one.name,) for one in said.catalogue.entitlements]
        found |= dict.fromkeys([*keys, *((one.type, one.name) for one in said.resources)], str(use.blueprint))
    return found


@lru_cache(maxsize=KEPT)
def parsed(text: str) -> Read:
    """Return a blueprint, checked. Raises Invalid with every fault that was found."""
    return load(text)


def field_of(parameter: str) -> str:
    """Return how forms call a parameter."""
    return f"p_{parameter}"


def realm_parameter(read: Read) -> str:
    """Return the parameter that the realm's name is made from, "" for none."""
    inside = placeholders_in(str(read.body["realm"]["name"]))
    return next((one for one in inside if read.parameter(one)), "")


def _canonical(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"))


# --- versions -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a blueprint: of the product, or a row of ours. `uses` are those one may know of."""

    read: Read
    row: Blueprint | None = None
    is_shipped: bool = False
    uses: list[BlueprintUse] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.read.key

    @property
    def version(self) -> str:
        return self.read.version

    @property
    def name(self) -> str:
        return self.read.name

    @property
    def choice(self) -> str:
        """How a form names it."""
        return f"{self.key}@{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("tenants:blueprint-detail", kwargs={"key": self.key, "version": self.version})


@lru_cache(maxsize=1)
def shipped() -> Mapping[tuple[str, str], Read]:
    """Return what ships with the product, by key and version."""
    return {(one.key, one.version): one for one in products()}


def shipped_named(key: str, version: str) -> Read | None:
    return shipped().get((key, version))


def versions(*, key: str | None = None) -> list[Version]:
    """Return all versions, by name, the newest of each first. With one query, without who uses them."""
    found = Blueprint.objects.order_by("key", "version")
    rows = {(row.key, row.version): row for row in (found if key is None else found.filter(key=key))}
    mine = {at: Version(read=parsed(row.text), row=row, is_shipped=_ships(row)) for at, row in rows.items()}
    for at, read in shipped().items():
        if at not in mine and key in (None, read.key):
            mine[at] = Version(read=read, is_shipped=True)
    by_age = sorted(mine.values(), key=lambda one: age(one.version), reverse=True)
    return sorted(by_age, key=lambda one: (_place(one.key), one.name, one.key))


def version_named(key: str, version: str) -> Version | None:
    """Return one version, or None where there is none."""
    return next((one for one in versions(key=key) if one.version == version), None)


def version_chosen(choice: str) -> Version | None:
    """Return the version that a form names as `key@version`, or None."""
    key, _, version = choice.partition("@")
    return version_named(key, version) if key and version else None


def newest(found: Iterable[Version]) -> list[Version]:
    """Return the newest version of each, in the order in which they came."""
    first: dict[str, Version] = {}
    for one in found:
        first.setdefault(one.key, one)
    return list(first.values())


def newer_than(found: Iterable[Version], version: str) -> list[Version]:
    return [one for one in found if age(one.version) > age(version)]


def age(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return something to sort versions by: 1.10 is newer than 1.9."""
    parts = re.findall(r"\d+|[^\d.]+", version)
    return tuple((1, int(one), "") if one.isdigit() else (0, 0, one) for one in parts)


def _ships(row: Blueprint) -> bool:
    ships = shipped_named(row.key, row.version)
    return ships is not None and ships.digest == row.digest


def _place(key: str) -> int:
    """Return where a blueprint stands in lists: those of the product first, in its own order."""
    keys = list(dict.fromkeys(key for key, _ in shipped()))
    return keys.index(key) if key in keys else len(keys)
