"""Secrets of what is declared: sealed for one realm and one address, opened only for a write to Keycloak.

They never stand in a page, a plan or the record. That one is new shows by its version: a random mark beside
the secret in Keycloak, in a field that we manage.
"""

import uuid
from collections.abc import Mapping

from console.engine.kinds import REALM, spec_of
from console.engine.masked import has_mask
from console.engine.state import Address, Kind
from console.keycloak.secrets import Secret
from console.seal import CannotOpen, seal, unseal
from console.sync.commands import Refused
from console.sync.models import Scope
from console.sync.secrets import provide
from tenants.models import Declaration, Realm

Kept = Mapping[str, Mapping[str, str]]  # name: {"sealed": …, "version": …}

VERSION_KEY = "gatehouse.secret"
MARKED_IN = ("attributes", "config")  # fields in which the version stands, whichever the kind has
# Keycloak keeps only settings of a directory that it knows: no mark stays there (measured on 26.7.5).
UNMARKED = frozenset({Kind.DIRECTORY})


def register() -> None:
    provide(secrets_at)


def sealed(scope: Scope, address: Address, secrets: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return secrets that were typed as they are kept and as a stored plan may hold them.

    Raises Refused for what its kind has no place for.
    """
    for name, value in secrets.items():
        if name not in spec_of(address).secrets:
            raise Refused(f"A {spec_of(address).label} has no secret {name}.")
        if has_mask(value):
            raise Refused(
                "Only asterisks: that is a masked secret, and is never written.", field=f"secret_{name}"
            )
    return {
        name: {"sealed": seal(value, context=_context(scope, address, name)), "version": uuid.uuid4().hex[:8]}
        for name, value in secrets.items()
        if value
    }


def moved(scope: Scope, kept: Kept, was: Address, now: Address) -> dict[str, dict[str, str]]:
    """Return kept secrets for the same thing under another name, with the versions that they had."""
    return {
        name: {
            "sealed": seal(_opened(scope, was, name, one), context=_context(scope, now, name)),
            "version": one["version"],
        }
        for name, one in kept.items()
    }


def verified(scope: Scope, address: Address, kept: Kept) -> dict[str, dict[str, str]]:
    """Return sealed secrets of a command. Raises Refused for one that was sealed for something else."""
    for name, one in kept.items():
        if name not in spec_of(address).secrets:
            raise Refused(f"A {spec_of(address).label} has no secret {name}.")
        try:
            _opened(scope, address, name, one)
        except CannotOpen as error:
            raise Refused(str(error), field=f"secret_{name}") from error
    return {name: dict(one) for name, one in kept.items()}


def sealed_parameters(typed: Mapping[str, str], *, place: str) -> dict[str, dict[str, str]]:
    """Return secret parameters of a blueprint as a stored plan may hold them: sealed for this place."""
    return {
        name: {"sealed": seal(value, context=_parameter(place, name)), "version": uuid.uuid4().hex[:8]}
        for name, value in typed.items()
        if value
    }


def opened_parameters(kept: Kept, *, place: str) -> dict[str, str]:
    """Return secret parameters for one expansion. Raises Refused for one that was sealed elsewhere."""
    try:
        return {name: unseal(one["sealed"], context=_parameter(place, name)) for name, one in kept.items()}
    except CannotOpen as error:
        raise Refused(str(error)) from error


def _parameter(place: str, name: str) -> str:
    return f"blueprint parameter|{place}|{name}"


def refuse_unseen(address: Address, kept: Kept, *, is_same: bool) -> None:
    """Refuse a secret that nobody would write: of a directory, without any other change. Raises Refused."""
    if kept and is_same and address.kind in UNMARKED:
        raise Refused(
            "Keycloak keeps no mark of a directory's password, so a new one alone would never be written: "
            "change another setting with it.",
            field=f"secret_{next(iter(kept))}",
        )


def secrets_at(scope: Scope, address: Address) -> dict[str, Secret]:
    """Return the secrets that are kept for an address. Raises CannotOpen."""
    kept: Kept | None
    if address == REALM:
        kept = Realm.objects.filter(scope=scope).values_list("secrets", flat=True).first()
    else:
        rows = Declaration.objects.filter(realm__scope=scope, address=address.key)
        kept = rows.values_list("secrets", flat=True).first()
    return {name: Secret(_opened(scope, address, name, one)) for name, one in (kept or {}).items()}


def marked(address: Address, fields: Mapping[str, object], kept: Kept) -> dict[str, object]:
    """Return the fields with the version of the kept secrets, so that a new one is a change."""
    known = spec_of(address).fields
    place = next((name for name in MARKED_IN if name in known), None)
    if not kept or place is None or address.kind in UNMARKED:
        return dict(fields)
    version = "-".join(kept[name]["version"] for name in sorted(kept))
    there = fields.get(place, {})
    assert isinstance(there, Mapping)
    return {**fields, place: {**there, VERSION_KEY: version}}


def _opened(scope: Scope, address: Address, name: str, one: Mapping[str, str]) -> str:
    return unseal(one["sealed"], context=_context(scope, address, name))


def _context(scope: Scope, address: Address, name: str) -> str:
    return f"declaration|{scope.pk}|{address.key}|{name}"
