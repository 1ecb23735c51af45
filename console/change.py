"""The door: every write passes `change`. It authorises, opens the transaction, locks the scope,
writes the audit, keeps what was touched, raises the generation and enqueues the sync.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from console.audit.models import AuditEvent, EventKind
from console.engine.state import Address
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync import queue
from console.sync.models import Scope, Touched


class Forbidden(Exception):
    """The actor may not do this. The message says what is missing and who can grant it."""


@dataclass(kw_only=True)
class Cause:
    """Why a change is made: the words of the administrator, and the plan that was approved.

    `changes` collects what the services made, so that a preview knows which addresses to compare.
    """

    reason: str = ""
    ticket: str = ""
    plan_id: UUID | None = None
    changes: "list[Change]" = field(default_factory=list)


@dataclass(kw_only=True)
class Change:
    """One passage through the door, filled in by the service that made it."""

    actor: Actor
    event: EventKind
    cause: Cause
    scope: Scope | None = None
    tenant: str = ""
    touched: dict[Address, Address | None] = field(default_factory=dict)
    rows: list[AuditEvent] = field(default_factory=list)

    def touch(self, *addresses: Address, was: Address | None = None) -> None:
        """Note addresses that must be compared with Keycloak, and the former one after a rename."""
        for address in addresses:
            self.touched[address] = was or self.touched.get(address)

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


class Unrecorded(Exception):
    """A service changed something and told the audit nothing. Nothing is kept."""


@contextmanager
def change(
    *,
    actor: Actor,
    permission: Permission,
    event: EventKind,
    scope: Scope | None = None,
    tenant: str = "",
    cause: Cause | None = None,
) -> Iterator[Change]:
    """Open the door for one change. Raises Forbidden, or Unrecorded when no audit row was given."""
    verdict = decide(actor, permission, tenant=tenant or None)
    if not verdict.allowed:
        raise Forbidden(f"{verdict.reason} {verdict.who}".strip())
    made = Change(actor=actor, event=event, cause=cause or Cause(), scope=scope, tenant=tenant)
    with transaction.atomic():
        if scope is not None:
            Scope.objects.select_for_update(of=("self",)).get(pk=scope.pk)
        yield made
        if not made.rows:
            raise Unrecorded(f"{event} wrote no audit row.")
        _keep(made)
    made.cause.changes.append(made)


def _keep(made: Change) -> None:
    for row in made.rows:
        row.scope = str(made.scope) if made.scope else ""
    AuditEvent.objects.bulk_create(made.rows)
    if made.scope is None or not made.touched:
        return
    Scope.objects.filter(pk=made.scope.pk).update(
        generation=F("generation") + 1, next_attempt_at=None, attempts=0
    )
    made.scope.refresh_from_db(fields=["generation"])
    Touched.objects.bulk_create(
        _touched(made, made.scope),
        update_conflicts=True,
        unique_fields=["scope", "address"],
        update_fields=["was", "generation", "plan", "sentence", "is_blocked"],
    )
    queue.enqueue(made.scope)


def _touched(made: Change, scope: Scope) -> list[Touched]:
    """Return the rows to keep. A rename of what is already waiting keeps its first former address."""
    waiting = dict(scope.touched.exclude(was="").values_list("address", "was"))
    former = {new: (was.key if was else waiting.get(new.key, "")) for new, was in made.touched.items()}
    former = {new: waiting.get(was, was) if was else "" for new, was in former.items()}
    return [
        Touched(
            scope=scope,
            address=address.key,
            was=was,
            generation=scope.generation,
            plan_id=made.cause.plan_id,
        )
        for address, was in former.items()
    ]
