"""The record of a run: intent before each write, result after it, the ledger, the audit.

Nothing is written to Keycloak that was not first written here: no audit, no write.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from console.audit.models import AuditEvent, EventKind
from console.engine.judge import Finding
from console.engine.ledger import Bookkeeping
from console.engine.operation import Action, Operation
from console.engine.plan import Plan as EnginePlan
from console.engine.state import Address, Resource, State
from console.engine.target import Outcome, Result
from console.sync import lease, names, observed
from console.sync.models import LedgerEntry, Plan, Run, Step
from console.sync.words import sentence

_STATES = {Result.DONE: Step.State.DONE, Result.FAILED: Step.State.FAILED, Result.UNKNOWN: Step.State.UNKNOWN}


class RunJournal:
    """Writes down one run. The engine calls `intend` before and `record` after each batch."""

    def __init__(self, *, run: Run, token: UUID, by: str) -> None:
        self.run = run
        self.scope = run.scope
        self.token = token
        self.plans: Mapping[Address, Plan] = {}
        self.by = by
        self.number = 0
        self.steps: dict[str, Step] = {}
        self.implied: Mapping[Address, Sequence[Address]] = {}
        self.is_retryable = True
        self.failed: list[Finding] = []

    def renew(self) -> None:
        """Hold the lease for the next write. Raises LostLease."""
        lease.renew(self.scope, self.token)

    def begin(self, plan: EnginePlan) -> None:
        """Bring the ledger up to what is known without a write, and keep what goes with each deletion."""
        self.implied = plan.implied
        self._keep_books(plan.bookkeeping)

    def intend(self, operations: Sequence[Operation]) -> None:
        """Write what is about to happen. Raises LostLease when another run took over."""
        now = lease.database_now()
        with transaction.atomic():
            lease.renew(self.scope, self.token)
            steps = [self._step(operation, now) for operation in operations]
            Step.objects.bulk_create(steps)
            self.steps |= {one.fingerprint: step for one, step in zip(operations, steps, strict=True)}
            AuditEvent.objects.bulk_create(
                [self._event(one, EventKind.SYNC_WRITE_INTENDED) for one in operations]
            )

    def record(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        """Write what came of it, in one transaction with the ledger and with what was observed.

        Raises LostLease: what a run that slept has seen may no longer be so.
        """
        now = lease.database_now()
        ended = list(zip(operations, outcomes, strict=True))
        with lease.held(self.scope, self.token):
            self._close_steps(ended, now)
            AuditEvent.objects.bulk_create(
                [self._event(one, EventKind.SYNC_WRITE_ENDED, outcome) for one, outcome in ended]
            )
            done = [(one, outcome) for one, outcome in ended if outcome.result is Result.DONE]
            for operation, _ in done:
                if operation.action is Action.RENAME and operation.was is not None:
                    names.renamed(self.scope, {operation.was: operation.address})
            self._keep([(one, outcome) for one, outcome in done if one.action is not Action.DELETE], now)
            self._forget([one.address for one, _ in done if one.action is Action.DELETE])
        bad = [(one, outcome) for one, outcome in ended if outcome.result is not Result.DONE]
        self.failed = [Finding(one.final, outcome.sentence) for one, outcome in bad]
        self.is_retryable = all(outcome.retryable or outcome.result is Result.UNKNOWN for _, outcome in bad)

    def _keep_books(self, books: Bookkeeping) -> None:
        """Bring the ledger to what is known without a write: what is gone, renames that landed."""
        with transaction.atomic():
            LedgerEntry.objects.filter(scope=self.scope, address__in=[one.key for one in books.gone]).delete()
            names.renamed(self.scope, dict(books.renamed))
            for address, fact in books.seen:
                rows = LedgerEntry.objects.filter(scope=self.scope, address=address.key)
                rows.update(fields=dict(fact.fields), keycloak_id=fact.id or "")

    def _step(self, operation: Operation, now: datetime) -> Step:
        self.number += 1
        return Step(
            run=self.run,
            number=self.number,
            address=operation.final.key,
            action=operation.action.value,
            phase=operation.phase.value,
            words=str(sentence(operation, realm=self.scope.realm))[:600],
            started_at=now,
            plan_id=self._plan_id(operation),
        )

    def _plan_id(self, operation: Operation) -> UUID | None:
        plan = self.plans.get(operation.final)
        return plan.pk if plan else None

    def _close_steps(self, ended: Sequence[tuple[Operation, Outcome]], now: datetime) -> None:
        for operation, outcome in ended:
            step = self.steps[operation.fingerprint]
            step.state, step.sentence, step.finished_at = _STATES[outcome.result], outcome.sentence, now
        rows = [self.steps[operation.fingerprint] for operation, _ in ended]
        Step.objects.bulk_update(rows, ["state", "sentence", "finished_at"])

    def _event(self, operation: Operation, kind: EventKind, outcome: Outcome | None = None) -> AuditEvent:
        plan = self.plans.get(operation.final)
        return AuditEvent(
            kind=kind,
            actor_key="system:sync",
            actor_name=f"sync for {plan.applied_by}" if plan and plan.applied_by else self.by,
            tenant=plan.tenant if plan else "",
            scope=str(self.scope),
            subject=str(sentence(operation, realm=self.scope.realm))[:600],
            address=operation.address.key,
            old=dict(operation.before) if operation.before is not None else None,
            new=dict(operation.after) if operation.after is not None else None,
            reason=f"{outcome.result}: {outcome.sentence}".rstrip(": ") if outcome else operation.reason,
            plan_id=plan.pk if plan else None,
            run_id=self.run.pk,
        )

    def _keep(self, done: Sequence[tuple[Operation, Outcome]], now: datetime) -> None:
        rows = [
            LedgerEntry(
                scope=self.scope,
                address=one.address.key,
                keycloak_id=outcome.id or one.id or "",
                fields=_kept_fields(one, outcome),
                applied_at=now,
            )
            for one, outcome in done
        ]
        LedgerEntry.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["scope", "address"],
            update_fields=["keycloak_id", "fields", "applied_at"],
        )
        state = State.of(
            Resource(one.address, _kept_fields(one, outcome), outcome.id or one.id) for one, outcome in done
        )
        observed.keep(self.scope, state, looked_at=list(state.resources), now=now)

    def _forget(self, deleted: Sequence[Address]) -> None:
        """Drop what was deleted, and every link that went with it."""
        addresses = [*deleted, *(link for one in deleted for link in self.implied.get(one, ()))]
        LedgerEntry.objects.filter(scope=self.scope, address__in=[one.key for one in addresses]).delete()
        observed.forget(self.scope, addresses)


def _kept_fields(operation: Operation, outcome: Outcome) -> dict[str, object]:
    return dict(outcome.fields) or dict(operation.after or {})
