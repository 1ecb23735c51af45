"""The families of roles of a bulk change: made for the people who shall have theirs, and given to them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from access.families import family_named
from access.models import Person
from access.services import families
from access.services.base import Door
from console.engine.state import Address, Kind
from console.sync.commands import Gone
from tenants.blueprints import catalogue_of

if TYPE_CHECKING:
    from access.services.bulk import Wish


def give_families(opened: Door, wishes: "Mapping[str, Wish]") -> None:
    """Make what is missing of each family that is wished for, and give it to its people. Raises Gone."""
    wanted: defaultdict[str, list[Wish]] = defaultdict(list)
    for one in wishes.values():
        for key in one.families:
            wanted[key].append(one)
    catalogue = catalogue_of(opened.tenant) if wanted else None
    for key in sorted(wanted):
        family = family_named(catalogue, key) if catalogue else None
        if family is None:
            raise Gone(f"Line {wanted[key][0].line}: there is no family of roles {key} any more.")
        names = [one.part for one in wanted[key]]
        people = Person.objects.of(opened.tenant).filter(username__among=names)
        before = len(opened.made.rows)
        families.make(opened, family, {row.username: row for row in people})
        _note(opened, wishes, before)


def _note(opened: Door, wishes: "Mapping[str, Wish]", before: int) -> None:
    """Note with each person which role was given to her, so that it can be taken back with the rest."""
    for row in opened.made.rows[before:]:
        address = Address.parse(row.address) if row.address else None
        if address is not None and address.kind is Kind.PERSON_ROLE:
            wishes[address.path[0]].new.setdefault("roles", []).append(address.path[1])
