"""What single people are in and have, joined with the structure that they stand on."""

from collections import ChainMap
from collections.abc import Collection

from access.kept.reading import Read
from access.kept.structure import (
    Around,
    Structure,
    gone_of,
    once_applied,
    pending_of,
    provenance_of,
)
from console.engine.state import Address, Kind, Resource, State
from console.graph.edges import Edge, edges_of
from tenants.models import Realm


def edges_with(realm: Realm, found: Read, structure: Structure, *, settled: bool = False) -> tuple[Edge, ...]:
    """Return the edges of the people that were read, with where each comes from.

    `settled`: without what waits to be taken away, and under the names that wait to be given.
    """
    part, seen = found.personal, found.personal.seen
    people, known = _people(found, structure.around) if settled else _somebody(found)
    groups = structure.default_groups
    if settled:
        seen, groups = settled_links(found, structure.around), structure.around.default_groups
    addresses = {*part.declared, *seen, *people, *groups}
    declared = ChainMap(dict(part.declared), dict(structure.part.declared))
    told = provenance_of(declared, _Either(seen, structure.part.seen), was_read=structure.was_read)
    return edges_of(
        State.of(Resource(one, part.fields.get(one, {})) for one in addresses),
        None if settled else told,
        default_role=realm.default_role,
        known={one.path[0] for one in known},
        signs_in=structure.is_open,
    )


def settled_links(found: Read, around: Around) -> set[Address]:
    """Return the links of people that are in Keycloak and do not wait to be taken away."""
    pending = pending_of(around.waiting, found.personal.waiting)
    return once_applied(found.personal.seen, pending, around.gone | _gone(found))


def _gone(found: Read) -> frozenset[Address]:
    return gone_of(found.personal.waiting, {Address(Kind.PERSON, (one,)) for one in found.people})


def _somebody(found: Read) -> tuple[set[Address], set[Address]]:
    """Return who is somebody here, and of whom Keycloak said what they have."""
    known = {Address(Kind.PERSON, (one,)) for one in found.known}
    return {Address(Kind.PERSON, (one,)) for one in found.people} | known, known


def _people(found: Read, around: Around) -> tuple[set[Address], set[Address]]:
    """Return the same, once what waits is applied."""
    renamed = pending_of(around.waiting, found.personal.waiting).renamed
    known = {renamed(one) for one in _somebody(found)[1]} - _gone(found)
    return {Address(Kind.PERSON, (one,)) for one in found.people} | known, known


class _Either:
    """Addresses of two sets, without a third one."""

    def __init__(self, first: Collection[Address], second: Collection[Address]) -> None:
        self._first, self._second = first, second

    def __contains__(self, address: object) -> bool:
        return address in self._first or address in self._second
