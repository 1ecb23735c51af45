"""The door: every write passes `change`. It authorises, opens the transaction, locks the scope,
writes the audit, keeps what was touched, raises the generation and enqueues the sync.

A preview goes the same way in a transaction that is rolled back, and locks and enqueues nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from console import delegation
from console.audit.models import AuditEvent, EventKind
from console.identity import events
from console.identity.actor import Actor, ActorKind
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync import confirming, observing, queue, touched
from console.sync.cause import Cause, Change, Forbidden
from console.sync.models import Scope


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
    """Open the door for one change.

    Raises Forbidden, HandsOutMore for a right that the actor may not give, ReadOnly for a realm that is
    only observed, Unrecorded when no audit row was given.
    """
    verdict = decide(actor, permission, tenant=tenant or None)
    if not verdict.allowed:
        raise Forbidden(f"{verdict.reason} {verdict.who}".strip())
    made = Change(
        actor=actor, permission=permission, event=event, cause=cause or Cause(), scope=scope, tenant=tenant
    )
    with transaction.atomic():
        if scope is not None and not made.cause.is_trial:
            # Without the key: rows that only refer to the realm need not wait, nor be waited for.
            Scope.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.pk)
        yield made
        if not made.rows:
            raise Unrecorded(f"{event} wrote no audit row.")
        _keep(made)
        delegation.refuse_overreach(made)
    made.cause.changes.append(made)


def _keep(made: Change) -> None:
    rows = [*made.rows, *confirming.rows(made)]
    for row in rows:
        row.scope = str(made.scope) if made.scope else ""
    AuditEvent.objects.bulk_create(rows)
    if made.scope is None or not made.touched:
        return
    observing.refuse(made.scope)
    _raise_generation(made.scope, is_trial=made.cause.is_trial)
    made.touched |= touched.keep(made.scope, made.touched, plan_id=made.cause.plan_id, parts=made.parts)
    if not made.cause.is_trial:
        queue.enqueue(made.scope)


def _raise_generation(scope: Scope, *, is_trial: bool) -> None:
    """Note that something else is declared now. A trial does so for itself, and holds nobody up."""
    if is_trial:
        scope.generation += 1
        return
    Scope.objects.filter(pk=scope.pk).update(generation=F("generation") + 1, next_attempt_at=None, attempts=0)
    scope.refresh_from_db(fields=["generation"])


_SIGN_INS = {
    "closed": EventKind.IDENTITY_ACCOUNT_CLOSED,
    "created": EventKind.IDENTITY_LOCAL_CREATED,
    "factor-added": EventKind.IDENTITY_FACTOR_ADDED,
    "factor-removed": EventKind.IDENTITY_FACTOR_REMOVED,
    "opened": EventKind.IDENTITY_ACCOUNT_OPENED,
    "refused": EventKind.IDENTITY_REFUSED,
    "signed-in": EventKind.IDENTITY_SIGNED_IN,
    "signed-out": EventKind.IDENTITY_SIGNED_OUT,
}


def note_sign_in(event: events.Event) -> None:
    """Record a beginning or end of a session. It changes nothing here, so no right is asked for."""
    kind = _SIGN_INS[event.name]
    if kind is EventKind.IDENTITY_SIGNED_IN and event.actor.kind is ActorKind.LOCAL:
        kind = EventKind.IDENTITY_LOCAL_SIGNED_IN
    AuditEvent.objects.create(
        kind=kind,
        actor_key=event.actor.key,
        actor_name=event.actor.name,
        subject=event.actor.name,
        reason=", ".join(part for part in (event.detail, event.address) if part),
    )
