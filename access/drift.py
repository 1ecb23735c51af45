"""Which tenant a difference in a realm belongs to: of a shared realm, by its group, prefix and people."""

from collections.abc import Collection, Mapping

from access.models import Person
from console.engine.kinds import ends
from console.engine.state import Address, Kind
from console.sync.drift.owners import provide
from console.sync.models import Scope
from tenants.models import Tenant


def register() -> None:
    provide(owners)


def owners(scope: Scope, addresses: Collection[Address]) -> Mapping[Address, str]:
    """Return the tenant's slug of each address that is one tenant's alone, with a few queries."""
    tenants = list(Tenant.objects.filter(realm__scope=scope))
    whole = next((one for one in tenants if not one.is_share), None)
    if whole is not None:
        return dict.fromkeys(addresses, whole.slug)
    people = {one.slug: _people(one, addresses) for one in tenants}
    found: dict[Address, str] = {}
    for address in addresses:
        own = {one.slug for one in tenants if _is_of(one, address, people[one.slug])}
        if len(own) == 1:
            found[address] = own.pop()
    return found


def _people(tenant: Tenant, addresses: Collection[Address]) -> set[str]:
    named = {one.path[0] for address in addresses for one in _things(address) if one.kind is Kind.PERSON}
    own = Person.objects.of(tenant).filter(username__in=named)
    return set(own.values_list("username", flat=True))


def _things(address: Address) -> list[Address]:
    return [end for _, end in ends(address)] or [address]


def _is_of(tenant: Tenant, address: Address, people: Collection[str]) -> bool:
    return any(_is_own(tenant, thing, people) for thing in _things(address))


def _is_own(tenant: Tenant, thing: Address, people: Collection[str]) -> bool:
    name = thing.path[-1] if thing.path else ""
    if thing.kind is Kind.GROUP:
        return name == tenant.group_name or name.startswith(f"{tenant.group_name}/")
    if thing.kind is Kind.ROLE:
        return name.startswith(tenant.role_prefix)
    return thing.kind is Kind.PERSON and name in people
