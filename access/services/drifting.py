"""Taking Keycloak's side of what drifted into the database, with names that were changed there."""

from typing import Any

from access.models import Group, Person, Role
from access.services import adoption, groups, roles
from access.services.base import door
from console.audit.models import EventKind
from console.bulk import orders
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from console.sync.drift.models import Change, DriftItem
from tenants.loaders import tenant_named
from tenants.models import Declaration, Tenant
from tenants.services import declarations


@command("access:drift:take", later=orders.Later(size=lambda values: len(values["addresses"])))
def take(*, actor: Actor, tenant: str, scope: int, addresses: list[str], cause: Cause | None = None) -> None:
    """Let what is declared follow Keycloak at these addresses, in one plan. Raises Gone, Refused.

    What has another name there gets that name here, with all that hangs on it; the rest is adopted.
    Rights are asked for by the services that do it.
    """
    if not tenant:
        raise Refused("This belongs to a realm that several tenants share: take it over there, one by one.")
    owner = tenant_named(actor, tenant)
    items = list(
        DriftItem.objects.filter(
            scope=owner.realm.scope, scope_id=scope, tenant=tenant, address__in=addresses, closed_at=None
        ).order_by("address")
    )
    if len(items) != len(set(addresses)):
        raise Gone("Something that you chose no longer differs. Load the page again.")
    common: dict[str, Any] = {"actor": actor, "tenant": tenant, "cause": cause or Cause()}
    adopted: list[str] = []
    for item in items:
        if item.change == Change.RENAMED and item.applied is not None:
            _rename(owner, item, common)
            adopted += [item.stands_at] if item.ours != item.theirs else []
        else:
            adopted += [item.stands_at or item.address, *item.along]
    if adopted:
        adoption.adopt(addresses=adopted, **common)


def _rename(owner: Tenant, item: DriftItem, common: dict[str, Any]) -> None:
    address, now = Address.parse(item.address), Address.parse(item.stands_at)
    match address.kind:
        case Kind.ROLE:
            role = _row(Role.objects.of(owner).filter(name=address.path[0]))
            roles.edit(
                role=role.pk,
                revision=role.revision,
                name=now.path[0],
                description=role.description,
                **common,
            )
        case Kind.PERSON:
            _rename_person(owner, address, now, common)
        case Kind.GROUP:
            _move(owner, address, now, common)
        case _:
            row = _row(Declaration.objects.filter(realm=owner.realm, address=address.key))
            declarations.rename(address=address.key, revision=row.revision, name=now.path[-1], **common)


def _rename_person(owner: Tenant, was: Address, now: Address, common: dict[str, Any]) -> None:
    """Give a person the user name of Keycloak: no form offers that, for clients know people by it."""
    with door(permission=Permission.PERSON_EDIT, event=EventKind.ACCESS_PERSON_EDITED, **common) as opened:
        person = _row(Person.objects.of(owner).select_for_update(of=("self",)).filter(username=was.path[0]))
        person.username, person.revision = now.path[0], person.revision + 1
        person.save(update_fields=["username", "revision"])
        declarations.follow(owner.realm, was, now)
        opened.made.touch(now, was=was)
        opened.made.record(
            f"Person {person}", address=now, old={"username": was.path[0]}, new={"username": now.path[0]}
        )


def _move(owner: Tenant, address: Address, now: Address, common: dict[str, Any]) -> None:
    """Give a group the name and the place that it has in Keycloak."""
    group = _row(Group.objects.of(owner).filter(path=address.path[0]))
    above, _, name = now.path[0].rpartition("/")
    parent = _row(Group.objects.of(owner).filter(path=above)).pk if above else None
    groups.edit(
        group=group.pk,
        revision=group.revision,
        name=name,
        description=group.description,
        parent=parent,
        **common,
    )


def _row(rows: Any) -> Any:
    row = rows.first()
    if row is None:
        raise Gone("What has another name in Keycloak, or what it stands in, is no longer declared here.")
    return row
