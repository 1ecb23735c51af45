"""What a change carries through the door: why it is made, and what the service did."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from console.audit.models import AuditEvent, EventKind
from console.engine.state import Address
from console.engine.stops import Stop
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.models import Scope


class Forbidden(Exception):
    """The actor may not do this. The message says what is missing and who can grant it."""


@dataclass(kw_only=True)
class Cause:
    """Why a change is made: the words of the administrator, and the plan that was approved.

    `confirmed` are the guard's stops that the reason is for. `changes` collects what the services made,
    so that a preview knows which addresses to compare. `is_trial`: all of it will be rolled back, so nobody
    has to wait for it.
    """

    reason: str = ""
    ticket: str = ""
    plan_id: UUID | None = None
    confirmed: tuple[Stop, ...] = ()
    is_trial: bool = False
    changes: "list[Change]" = field(default_factory=list)


@dataclass(kw_only=True)
class Change:
    """One passage through the door, filled in by the service that made it."""

    actor: Actor
    permission: Permission
    event: EventKind
    cause: Cause
    scope: Scope | None = None
    tenant: str = ""
    touched: dict[Address, Address | None] = field(default_factory=dict)
    parts: dict[Address, str] = field(default_factory=dict)
    not_to_adopt: set[Address] = field(default_factory=set)
    rows: list[AuditEvent] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def touch(self, *addresses: Address, was: Address | None = None, part: str = "") -> None:
        """Note addresses that must be compared with Keycloak, and the former one after a rename.

        Those with the same `part` belong together: where one of them fails, the others of it wait, and the
        rest of the change goes on. What several parts rely on must not have one.
        """
        for address in addresses:
            self.touched[address] = was or self.touched.get(address)
            if part:
                self.parts[address] = part

    def refuse_to_adopt(self, address: Address) -> None:
        """Note what this tenant must not take over if it stands in Keycloak already: it may be another's."""
        self.not_to_adopt.add(address)

    def tell(self, sentence: str, *, follows: str = "") -> None:
        """Note, for the plan page, what whoever approves must know and no operation shows."""
        if (sentence, follows) not in self.notes:
            self.notes.append((sentence, follows))

    def record(
        self,
        subject: str,
        *,
        address: Address | None = None,
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
    ) -> None:
        """Add one audit row: which thing, and what was and is now."""
        self.rows.append(
            AuditEvent(
                kind=self.event,
                actor_key=self.actor.key,
                actor_name=self.actor.name,
                tenant=self.tenant,
                subject=subject[:600],
                address=address.key if address else "",
                old=old,
                new=new,
                reason=self.cause.reason,
                ticket=self.cause.ticket,
                plan_id=self.cause.plan_id,
            )
        )
