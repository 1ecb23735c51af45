"""What granting or making a role sets off outside of Keycloak, said on the plan page before it is done."""

from collections.abc import Iterable, Mapping

from access.families import sets_off
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


def listed(names: list[str]) -> str:
    """Return names in one line; of many, the first and how many more."""
    if len(names) <= NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"
