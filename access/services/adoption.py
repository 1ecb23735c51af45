"""Adoption: what Keycloak holds becomes what is declared. Nothing is written there.

An object, a selection or a whole realm, in one change. Of what is declared already, Keycloak's values are
taken; what is gone there is given up. What is not taken over stays in Keycloak, unmanaged.
"""

from collections.abc import Collection, Mapping
from typing import Any

from access.models import Composite, Entitlement, Group, GroupRole, Membership, Person, PersonRole, Role
from access.models.entitlements import held_by
from access.services import groups, people, roles
from access.services.base import Door, door
from access.services.taking import OF_ACCESS, Taking, is_of_access
from console.audit.models import EventKind
from console.bulk import orders
from console.engine.kinds import REALM, all_needs, described
from console.engine.state import Address, Fields, Kind
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Refused, command
from console.sync.models import Observed, Scope
from tenants.loaders import tenant_named
from tenants.models import Tenant
from tenants.services import declarations, taking

LEFT_TOLD = 200


def _size(values: Mapping[str, Any]) -> int:
    """Return how many things a take-over looks at."""
    if not values.get("everything"):
        return len(values.get("addresses") or ())
    return Observed.objects.filter(scope__declared_realm__tenants__slug=values["tenant"]).count()


@command("access:adopt", later=orders.Later(size=_size))
def adopt(
    *,
    actor: Actor,
    tenant: str,
    addresses: list[str] | None = None,
    everything: bool = False,
    cause: Cause | None = None,
) -> Mapping[Address, str]:
    """Take over what was read in Keycloak at these addresses, or all; return what is left, each with why.

    An address that was read and is not there is given up. Whoever names a link gets its ends, too. Raises
    Refused for what was not read and for what is not this tenant's, Gone.
    """
    asked = [declarations.address_of(key) for key in addresses or []]
    with door(
        actor=actor,
        tenant=tenant,
        permission=_right(tenant_named(actor, tenant), asked, everything),
        event=EventKind.ACCESS_ADOPTED,
        cause=cause,
    ) as opened:
        scope = opened.tenant.realm.scope
        _refuse_unread(scope, asked)
        found = observed_at(scope, None if everything else asked)
        gone = [one for one in asked if one not in found]
        _refuse_others(opened, [*asked, *found], everything=everything)
        left = _take(opened, found)
        give_up(opened, gone)
        _refuse_nothing(opened, asked, left)
        _record_left(opened, left)
    return left


def _right(tenant: Tenant, asked: Collection[Address], everything: bool) -> Permission:
    """Return what must be held: roles, groups and people of a managed realm are the tenant's matter."""
    if everything or tenant.realm.scope.is_observed or not is_of_access(asked):
        return Permission.REALM_ADOPT
    return Permission.ADOPTION_CREATE


def observed_at(scope: Scope, asked: Collection[Address] | None) -> dict[Address, Fields]:
    """Return what was read at these addresses, with what links stand on; None: all that was read."""
    rows = Observed.objects.filter(scope=scope)
    if asked is not None:
        wanted = {*asked, *(need for one in asked if one.kind in OF_ACCESS for need in all_needs(one))}
        rows = rows.filter(address__in=[one.key for one in wanted])
    return {Address.parse(key): fields for key, fields in rows.values_list("address", "fields")}


def _refuse_unread(scope: Scope, asked: Collection[Address]) -> None:
    if scope.read_at is None:
        raise Refused(f"The realm {scope.realm} was never read whole. Wait until a worker has read it.")
    for one in asked:
        if why := scope.unreadable.get(one.key) or scope.unreadable.get(one.kind.value):
            raise Refused(f"{described(one)} could not be read: {why}")


def _refuse_others(opened: Door, found: Collection[Address], *, everything: bool) -> None:
    """Of a share, only what is declared and its own is taken over: the rest of the realm is others'."""
    if not opened.tenant.is_share:
        return
    own = _declared(opened.tenant, found)
    others = [one for one in found if one not in own]
    if everything or others:
        raise Refused(
            f"{opened.tenant} has a share of the realm: what it does not manage yet is for the realm's "
            "administrators to take over."
        )


def _declared(tenant: Tenant, addresses: Collection[Address]) -> set[Address]:
    """Return which of these are rows of the tenant; a link is, when both ends are."""
    names: dict[Kind, tuple[Any, str]] = {
        Kind.ROLE: (Role, "name"),
        Kind.GROUP: (Group, "path"),
        Kind.PERSON: (Person, "username"),
    }
    own = {
        Address(kind, (name,))
        for kind, (model, column) in names.items()
        for name in model.objects.of(tenant).values_list(column, flat=True)
    }
    return {one for one in addresses if one in own or _stands_on(one, own)}


def _stands_on(address: Address, own: Collection[Address]) -> bool:
    needs = [need for need in all_needs(address) if need.kind is not Kind.GROUP or need in own]
    return address.kind in OF_ACCESS - {Kind.ROLE, Kind.GROUP, Kind.PERSON} and all(
        one in own for one in needs
    )


def _take(opened: Door, found: Mapping[Address, Fields]) -> dict[Address, str]:
    left = {one: why for one in found if (why := taking.why_left(one))}
    work = Taking(opened, {one: fields for one, fields in found.items() if one.kind in OF_ACCESS})
    scope = opened.tenant.realm.scope
    if scope.is_observed:
        Scope.objects.filter(pk=scope.pk).update(mode=Scope.Mode.MANAGED)
        scope.mode = Scope.Mode.MANAGED
    # Clients first: their service accounts hold entitlements.
    taking.take(
        opened.made, opened.tenant.realm, {one: fields for one, fields in found.items() if one not in left}
    )
    work.take()
    return left | work.left


def give_up(opened: Door, gone: Collection[Address]) -> None:
    """Declare no longer what is not in Keycloak any more, with all that hangs on it."""
    realm, made = opened.tenant.realm, opened.made
    for address in sorted(gone, key=lambda one: (-one.path[0].count("/") if one.path else 0, one)):
        if address == REALM:
            raise Refused("The realm itself is missing in Keycloak: there is nothing to take over.")
        for row in _rows_at(opened.tenant, address):
            made.touch(address, *_links_of(row))
            made.record(f"{described(address)}", address=address, old={})
            declarations.give_up(made, realm, address)
            _delete(row)
        declarations.give_up(made, realm, address)
    taking.give_up(made, realm, gone)


def _delete(row: Any) -> None:
    row.delete()


def _links_of(row: Any) -> list[Address]:
    service = {Role: roles, Group: groups, Person: people}.get(type(row))
    return service.links_of(row) if service else []


def _rows_at(tenant: Tenant, address: Address) -> list[Any]:
    """Return the row of an address, none where nothing is declared."""
    path, rows = address.path, {"realm": tenant.realm}
    match address.kind:
        case Kind.ROLE:
            found: Any = Role.objects.filter(**rows, name=path[0])
        case Kind.GROUP:
            found = _leaf(Group.objects.filter(**rows, path=path[0]))
        case Kind.PERSON:
            found = Person.objects.filter(**rows, username=path[0])
        case Kind.COMPOSITE:
            found = Composite.objects.filter(**rows, parent__name=path[0], child__name=path[1])
        case Kind.GROUP_ROLE:
            found = GroupRole.objects.filter(**rows, group__path=path[0], role__name=path[1])
        case Kind.MEMBERSHIP:
            found = Membership.objects.filter(**rows, person__username=path[0], group__path=path[1])
        case Kind.PERSON_ROLE:
            found = PersonRole.objects.filter(**rows, person__username=path[0], role__name=path[1])
        case Kind.ENTITLEMENT:
            owner = held_by(path[0], path[1])
            type_name, name, level = path[2].split(":")
            found = Entitlement.objects.filter(
                **rows, **owner, resource__type__name=type_name, resource__name=name, level=level
            )
        case _:
            return []
    return list(found)


def _leaf(found: Any) -> Any:
    group = found.first()
    if group is not None and group.children.exists():
        raise Refused(f"Groups stand below {group.words} here: give those up first.")
    return found


def _refuse_nothing(opened: Door, asked: Collection[Address], left: Mapping[Address, str]) -> None:
    """Refuse a take-over that takes nothing: the form says why, and no empty plan is made."""
    if not opened.made.touched:
        why = next((left[one] for one in asked if one in left), "Nothing was found there.")
        raise Refused(f"There is nothing to take over. {why}")


def _record_left(opened: Door, left: Mapping[Address, str]) -> None:
    if left:
        told = {one.key: left[one] for one in sorted(left)[:LEFT_TOLD]}
        opened.made.record(f"{len(left)} left as they are in Keycloak", new=told)
