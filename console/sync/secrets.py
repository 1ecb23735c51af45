"""Secrets for the gateway: apps that keep some, sealed, hand them out one at a time, right before a write."""

from collections.abc import Callable, Mapping

from console.engine.state import Address
from console.keycloak.secrets import Secret
from console.sync.models import Scope

Source = Callable[[Scope, Address], Mapping[str, Secret]]

_SOURCES: list[Source] = []


def provide(source: Source) -> None:
    """Register where an app keeps secrets. Called once an app, from its `ready`."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def secrets_of(scope: Scope) -> Callable[[Address], Mapping[str, Secret]]:
    """Return what answers with the secrets of an address, by the registry's names for them.

    It raises CannotOpen for one that is kept and no longer opens: nothing is written without it.
    """

    def of(address: Address) -> Mapping[str, Secret]:
        found: dict[str, Secret] = {}
        for source in _SOURCES:
            found |= source(scope, address)
        return found

    return of
