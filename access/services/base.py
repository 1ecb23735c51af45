"""How a service of the access side begins: the tenant, its scope, and the rows of that tenant."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from access.models import Person
from console.audit.models import EventKind
from console.change import change
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause, Change
from console.sync.commands import Conflict, Gone, Refused
from tenants.loaders import tenant_named
from tenants.models import Tenant


class Rows(Protocol):
    """A manager of rows that belong to tenants."""

    def of(self, tenant: Tenant) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An open change of one tenant."""

    tenant: Tenant
    made: Change
    now: datetime = field(default_factory=timezone.now)

    @property
    def by(self) -> str:
        return self.made.actor.name

    @property
    def row(self) -> dict[str, Any]:
        """The same as columns, for very many grants at once."""
        return {
            "realm_id": self.tenant.realm_id,
            "created_by": self.by,
            "reason": self.made.cause.reason,
        }

    @property
    def share(self) -> str:
        """The slug of the share in which something is planned, "" for a realm's own tenant."""
        return str(self.tenant.slug) if self.tenant.is_share else ""

    @property
    def link(self) -> dict[str, Any]:
        """The fields that every new grant has: its realm, by whom and why."""
        return {"realm": self.tenant.realm, "created_by": self.by, "reason": self.made.cause.reason}


@contextmanager
def door(
    *, actor: Actor, tenant: str, permission: Permission, event: EventKind, cause: Cause | None
) -> Iterator[Door]:
    """Open the door for a change of what a tenant holds. Raises Gone, and Forbidden as `change` does."""
    owner = tenant_named(actor, tenant)
    with change(
        actor=actor,
        permission=permission,
        event=event,
        scope=owner.realm.scope,
        tenant=owner.slug,
        cause=cause,
    ) as made:
        yield Door(tenant=owner, made=made)


def the(rows: Rows, tenant: Tenant, pk: int, *, field: str | None = None) -> Any:
    """Return one row of the tenant, locked. Raises Gone."""
    own = rows.of(tenant)
    row = own.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise Gone(f"This {own.model._meta.verbose_name} no longer exists.", field=field)
    return row


def each(rows: Rows, tenant: Tenant, pks: Iterable[int], *, field: str | None = None) -> list[Any]:
    """Return the rows of the tenant in the order of their ids. Raises Gone when one is missing."""
    wanted = sorted(set(pks))
    found = list(rows.of(tenant).filter(pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise Gone(f"{len(wanted) - len(found)} of what you chose no longer exist.", field=field)
    return found


def refuse_to_lose(tenant: Tenant, people: Collection[int]) -> None:
    """Refuse a change after which some of these people are in no group of a share, and so out of reach.

    Raises Refused. In a realm of its own every person stays the tenant's.
    """
    if not tenant.is_share:
        return
    kept = Person.objects.of(tenant).filter(pk__in=people).values("pk")
    lost = Person.objects.filter(pk__in=people).exclude(pk__in=kept).order_by("username").first()
    if lost is not None:
        raise Refused(would_be_lost(lost, tenant))


def would_be_lost(person: object, tenant: Tenant) -> str:
    """Return why a share keeps this person in one of its groups."""
    return (
        f"{person} would be in no group of {tenant} any more, and so not of this tenant. "
        "Add the person to another group first, or delete the person."
    )


def unchanged_since(row: Any, revision: int, *fields: str) -> None:
    """Refuse an edit of something that another editor changed. Raises Conflict with the present values."""
    if row.revision != revision:
        theirs = {name: getattr(row, name) for name in fields}
        raise Conflict("Somebody changed this while you were editing.", theirs=theirs, revision=row.revision)
