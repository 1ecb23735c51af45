"""Whose a difference is: the tenant, as the app above knows it. It registers itself here."""

from collections.abc import Collection, Mapping
from typing import Protocol

from console.engine.state import Address
from console.sync.models import Scope


class Owners(Protocol):
    """Tells which tenant an address of a realm belongs to."""

    def __call__(self, scope: Scope, addresses: Collection[Address]) -> Mapping[Address, str]: ...


_OWNERS: list[Owners] = []


def provide(owners: Owners) -> None:
    """Register who knows owners. Called once an app, from its `ready`."""
    if owners not in _OWNERS:
        _OWNERS.append(owners)


def owners_of(scope: Scope, addresses: Collection[Address]) -> dict[Address, str]:
    """Return the tenant's slug of each address that belongs to one tenant alone."""
    found: dict[Address, str] = {}
    for owners in _OWNERS if addresses else ():
        found |= {address: slug for address, slug in owners(scope, addresses).items() if slug}
    return found
