"""Roles that exist once for each value of a parameter, as one row or column that opens to its members."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from access.families import matching
from access.matrix.address import Address, nowhere
from access.matrix.asked import SEPARATOR
from console.graph.catalogue import Catalogue, FamilyRole
from console.graph.edges import Edge, EdgeKind, role

PREFIX = "family:"


@dataclass(frozen=True, slots=True)
class Family:
    """One role of a family: all roles whose names have its pattern, e.g. `pk:edit:<profile>`."""

    role: FamilyRole
    label: str = field(compare=False)

    @property
    def pattern(self) -> str:
        return self.role.pattern.text

    @property
    def key(self) -> str:
        return f"{PREFIX}{self.pattern}"

    @property
    def example(self) -> str:
        """The name of a role that stands for all of them; none is called so."""
        return self.role.pattern.of(f"any {self.role.pattern.parameter}")

    @property
    def title(self) -> str:
        return self.role.title

    @property
    def condition(self) -> Q:
        """The condition of a role of the database being one of these."""
        return matching(self.role.pattern)


def edges_of(catalogue: Catalogue) -> tuple[Edge, ...]:
    """Return what the roles that stand for families include, so that they are roles of the graph."""
    return tuple(
        Edge(role(one.pattern.of(value)), role(other.of(value)), EdgeKind.COMPOSITE)
        for family in catalogue.families
        for one in family.roles
        if (value := f"any {one.pattern.parameter}")
        for other in one.includes
    )


@dataclass(frozen=True)
class Families:
    """The families of a tenant, which of them are opened, and the address that opens or closes one."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    opened: tuple[str, ...] = ()
    address: Address = nowhere

    @cached_property
    def all(self) -> tuple[Family, ...]:
        return tuple(Family(role, one.name) for one in self.catalogue.families for role in one.roles)

    def of(self, name: str) -> Family | None:
        """Return the family that a role belongs to, or None."""
        return next((one for one in self.all if one.role.pattern.match(name)), None)

    def named(self, key: str) -> Family | None:
        """Return the family that a row's or column's key names, or None."""
        return next((one for one in self.all if one.key == key), None)

    @property
    def condition(self) -> Q:
        """The condition of a role of the database being in any family. None is where there are none."""
        found = Q(pk__in=[])
        for family in self.all:
            found |= family.condition
        return found

    def is_open(self, family: Family) -> bool:
        return family.pattern in self.opened

    def url(self, family: Family) -> str:
        """Return the address of the page with this family opened, or closed where it is open."""
        kept = [one for one in self.opened if one != family.pattern]
        wanted = kept if self.is_open(family) else [*kept, family.pattern]
        return self.address(open=SEPARATOR.join(wanted))
