"""Role families as the pages show them: one row for `pk:edit:<profile>`, opened to its members.

A family's roles are ordinary roles whose names a pattern describes. All of it is counted and paged in the
database: a tenant may have five roles for each of its people.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Length, Substr

from access.models import Person, PersonRole, Role
from access.queries import roles_with_counts
from console.engine.state import Address, Kind
from console.graph.catalogue import Catalogue, Family, FamilyRole, Pattern
from console.sync.models import Observed
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

ONE_VALUE = "[^:/<>|]+"  # what stands for the parameter, as `Pattern` has it


@dataclass(frozen=True, slots=True)
class FoldedRole:
    """One role of a family for all values of its parameter."""

    family: Family
    role: FamilyRole
    roles_count: int
    people_count: int

    @property
    def includes(self) -> str:
        return ", ".join(one.text for one in self.role.includes)


@dataclass(frozen=True, slots=True)
class Member:
    """One value of a family's parameter: which of the roles exist for it, in the family's order."""

    value: str
    roles: tuple[tuple[FamilyRole, Role | None], ...]

    @property
    def is_whole(self) -> bool:
        return all(role is not None for _, role in self.roles)


def head_of(family: Family) -> FamilyRole:
    """Return the role whose granting sets something off: the one given to a person, or else the first."""
    return next((one for one in family.roles if one.pattern == family.given), family.roles[0])


def family_named(catalogue: Catalogue, key: str) -> Family | None:
    return next((one for one in catalogue.families if one.key == key), None)


def ends_of(pattern: Pattern) -> tuple[str, str]:
    """Return what stands before and after the parameter of a pattern."""
    before, _, rest = pattern.text.partition("<")
    return before, rest.partition(">")[2]


def matching(pattern: Pattern, column: str = "name") -> Q:
    """Return the condition of a name being of this pattern, as `Pattern.match` decides it."""
    before, after = ends_of(pattern)
    regex = f"^{re.escape(before)}{ONE_VALUE}{re.escape(after)}$"
    return Q(**{f"{column}__startswith": before, f"{column}__regex": regex})


def of_families(families: Iterable[Family]) -> Q:
    """Return the condition of being a role of any of these. Nothing is, where there are none."""
    condition = Q(pk__in=[])
    for family in families:
        for one in family.roles:
            condition |= matching(one.pattern)
    return condition


def folded(tenant: Tenant, families: Collection[Family]) -> list[FoldedRole]:
    """Return one row for each role of the families, with two queries for all."""
    pairs = [(family, one) for family in families for one in family.roles]
    if not pairs:
        return []
    own = Role.objects.of(tenant)
    links = PersonRole.objects.filter(role__in=own)
    numbers = own.aggregate(
        **{f"n{at}": Count("pk", filter=matching(one.pattern)) for at, (_, one) in enumerate(pairs)}
    )
    people = links.aggregate(
        **{
            f"n{at}": Count("pk", filter=matching(one.pattern, "role__name"))
            for at, (_, one) in enumerate(pairs)
        }
    )
    return [
        FoldedRole(family, one, numbers[f"n{at}"], people[f"n{at}"]) for at, (family, one) in enumerate(pairs)
    ]


def values_of(tenant: Tenant, family: Family, *, containing: str = "") -> QuerySet[Any, str]:
    """Return the values for which any role of the family exists, in order: to be counted and sliced."""
    parts = [_values(tenant, one.pattern, containing) for one in family.roles]
    return parts[0].union(*parts[1:]).order_by("value")


def _values(tenant: Tenant, pattern: Pattern, containing: str) -> QuerySet[Any, str]:
    before, after = ends_of(pattern)
    rest = Length("name") - len(before) - len(after)
    rows = Role.objects.of(tenant).filter(matching(pattern))
    named = rows.annotate(value=Substr("name", len(before) + 1, rest))
    if containing:
        named = named.filter(value__icontains=containing)
    return named.order_by().values_list("value", flat=True)


def members(tenant: Tenant, family: Family, values: Iterable[str]) -> list[Member]:
    """Return what exists for each of these values, with one query."""
    wanted = list(values)
    names = [one.pattern.of(value) for value in wanted for one in family.roles]
    found = {row.name: row for row in roles_with_counts(tenant).filter(name__in=names)}
    return [
        Member(value, tuple((one, found.get(one.pattern.of(value))) for one in family.roles))
        for value in wanted
    ]


# --- people without theirs ------------------------------------------------------------------------


def declared_without(tenant: Tenant, family: Family) -> QuerySet[Person]:
    """Return the declared people for whom the family's role neither is declared nor was read in Keycloak."""
    assert family.given is not None
    before, after = ends_of(family.given)
    name = Concat(Value(before), OuterRef("username"), Value(after), output_field=CharField())
    key = Concat(Value(_key(before)), OuterRef("username"), Value(_quoted(after)), output_field=CharField())
    return (
        Person.objects.of(tenant)
        .exclude(Exists(Role.objects.filter(realm=tenant.realm, name=name)))
        .exclude(Exists(Observed.objects.filter(scope=tenant.realm.scope, address=key)))
        .annotate(origin=Value("here", output_field=CharField()))
        .order_by("username")
    )


def waiting(tenant: Tenant, family: Family, *, containing: str = "") -> Any:
    """Return the user names of both sorts, each with where it is: to be counted and sliced."""
    sorts: list[Any] = [declared_without(tenant, family), arrived_without(tenant, family)]
    rows = [one.filter(username__icontains=containing) if containing else one for one in sorts]
    declared, arrived = (one.order_by().values_list("username", "origin") for one in rows)
    return declared.union(arrived).order_by("username")


def people_without(tenant: Tenant, family: Family) -> int:
    """Return how many are without, of either sort."""
    return declared_without(tenant, family).count() + arrived_without(tenant, family).count()


def arrived_without(tenant: Tenant, family: Family) -> QuerySet[Observed]:
    """Return the people that were read in Keycloak, are not declared, and have no such role there or here.

    They came by other ways: a directory, self-registration, another tool.
    """
    assert family.given is not None
    before, after = ends_of(family.given)
    scope = tenant.realm.scope
    start = len(Address(Kind.PERSON, ("",)).key)
    people = Observed.objects.filter(scope=scope, kind=Kind.PERSON.value)
    quoted = Substr(OuterRef("address"), start + 1)
    key = Concat(Value(_key(before)), quoted, Value(_quoted(after)), output_field=CharField())
    name = Concat(Value(before), quoted, Value(after), output_field=CharField())
    return (
        people.annotate(
            username=Substr(F("address"), start + 1), origin=Value("keycloak", output_field=CharField())
        )
        .exclude(Exists(Person.objects.filter(realm=tenant.realm, username=OuterRef("username"))))
        .exclude(Exists(Observed.objects.filter(scope=scope, address=key)))
        .exclude(Exists(Role.objects.filter(realm=tenant.realm, name=name)))
        .order_by("username")
    )


def _key(before: str) -> str:
    return Address(Kind.ROLE, (before,)).key


def _quoted(after: str) -> str:
    return Address(Kind.ROLE, (after,)).key.partition(":")[2]


# --- what granting sets off -----------------------------------------------------------------------


def sets_off(catalogue: Catalogue, names: Iterable[str]) -> dict[str, Family]:
    """Return the roles among these whose granting or making sets something off, each with its family."""
    heads = [(head_of(one).pattern, one) for one in catalogue.families if one.sets_off]
    return {name: family for name in names for pattern, family in heads if pattern.match(name)}


def said_before(tenant: Tenant, names: Iterable[str] = ()) -> str:
    """Return what a form says before one of these roles is granted; without names, before any is chosen."""
    catalogue = catalogue_of(tenant)
    chosen = list(names)
    if chosen:
        return " ".join(sorted({family.sets_off for family in sets_off(catalogue, chosen).values()}))
    return " ".join(one.sets_off for one in catalogue.families if one.sets_off)


def roles_for(family: Family, value: str) -> Mapping[str, FamilyRole]:
    """Return the names of all roles of the family for this value."""
    return {one.pattern.of(value): one for one in family.roles}
