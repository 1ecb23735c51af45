"""What granting or making a role sets off outside of Keycloak, said on the plan page before it is done."""

from collections.abc import Iterable, Mapping

from access.families import head_of, roles_for, sets_off
from access.models import Role
from access.services.base import Door
from console.graph.catalogue import Family
from console.sync.cause import Change
from tenants.blueprints import catalogue_of

NAMED = 12  # so many names stand in a sentence; the rest is counted


def tell(opened: Door, names: Iterable[str]) -> None:
    """Say what granting or making these roles sets off. Called inside a change."""
    wanted = list(names)
    if wanted:
        _tell(opened.made, sets_off(catalogue_of(opened.tenant), wanted))


def _tell(made: Change, found: Mapping[str, Family]) -> None:
    for family in {one.key: one for one in found.values()}.values():
        mine = sorted(name for name, one in found.items() if one.key == family.key)
        made.tell(f"{listed(mine)}: {family.sets_off}", follows="This happens outside of Keycloak.")


def tell_left(opened: Door, name: str) -> None:
    """Say which roles of a family stay when the one that sets something off goes. Called inside a change."""
    family = sets_off(catalogue_of(opened.tenant), [name]).get(name)
    if family is None:
        return
    value = head_of(family).pattern.match(name) or ""
    names = [one for one in roles_for(family, value) if one != name]
    there = Role.objects.filter(realm=opened.tenant.realm, name__in=names).order_by("name")
    say_left(opened.made, family, list(there.values_list("name", flat=True)))


def say_left(made: Change, family: Family, names: list[str]) -> None:
    """Say that these roles of a family stay."""
    if names:
        kept = "Whoever has one of them keeps it. Deleting them is a step of its own."
        made.tell(f"{listed(names)} stay.", follows=family.left_behind or kept)


def listed(names: list[str]) -> str:
    """Return names in one line; of many, the first and how many more."""
    if len(names) <= NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"
