"""The record of a run: intent before each write, result after it, the ledger, the audit.

Nothing is written to Keycloak that was not first written here: no audit, no write.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from console.audit.models import AuditEvent, EventKind
from console.engine.ledger import Bookkeeping
from console.engine.operation import Action, Operation
from console.engine.plan import Plan as EnginePlan
from console.engine.state import Address, Resource, State
from console.engine.target import Outcome, Paused, Result
from console.portions import portions
from console.sync import lease, names, observed, rows
from console.sync.models import LedgerEntry, Plan, Run, Step
from console.sync.words import sentence

Row = tuple[Any, ...]
_STEP = (
    "run_id",
    "number",
    "address",
    "action",
    "phase",
    "words",
    "state",
    "sentence",
    "started_at",
    "plan_id",
    "part",
)
_EVENT = (
    *("event_id", "actor_key", "scope", "run_id", "at", "ticket"),
    *("kind", "actor_name", "tenant", "subject", "address", "old", "new", "reason", "plan_id"),
)
_FACT = ("scope_id", "address", "fields", "keycloak_id", "applied_at", "is_made")
_STATES = {Result.DONE: Step.State.DONE, Result.FAILED: Step.State.FAILED, Result.UNKNOWN: Step.State.UNKNOWN}
CHUNK = 2000  # operations in one transaction, a second at most
TOLD_FROM = 200  # operations in a run from which on its progress is written down as it goes


@dataclass(frozen=True, slots=True)
class _Begun:
    """What stands in the record of an operation that was begun."""

    number: int
    words: str


class RunJournal:
    """Writes down one run. The engine calls `intend` before and `record` after each batch."""

    def __init__(self, *, run: Run, token: UUID, by: str) -> None:
        self.run = run
        self.scope = run.scope
        self.token = token
        self.plans: Mapping[Address, Plan] = {}
        self.parts: Mapping[Address, str] = {}
        self.by = by
        self.begun: dict[int, _Begun] = {}
        self.number = 0
        self.implied: Mapping[Address, Sequence[Address]] = {}
        self._left: Counter[str] = Counter()
        self._lease = lease.Held(self.scope, token)

    def renew(self) -> None:
        """Hold the lease for the next write. Raises LostLease."""
        self._lease.check()

    def begin(self, plan: EnginePlan) -> None:
        """Bring the ledger up to what is known without a write, and keep what goes with each deletion."""
        self.implied = plan.implied
        self._left = Counter(self.parts.get(one.final, "") for one in plan.operations)
        self.run.total += len(plan.operations)
        self.run.parts += len(self._left.keys() - {""})
        self.run.save(update_fields=["total", "parts"])
        self._keep_books(plan.bookkeeping)

    def intend(self, operations: Sequence[Operation]) -> None:
        """Write what is about to happen. Raises LostLease when another run took over, Paused on demand."""
        now = lease.database_now()
        with transaction.atomic():
            self._lease.renew()
            if self._lease.is_paused:
                raise Paused
            rows.add(Step, _STEP, [self._step(operation, now) for operation in operations])
            self._audit([self._event(one, EventKind.SYNC_WRITE_INTENDED) for one in operations], now)
            if self.run.total >= TOLD_FROM:
                self._tell(operations)

    def record(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        """Write what came of it, with the ledger and what was observed, some thousand in one transaction.

        Raises LostLease: what a run that slept has seen may no longer be so.
        """
        for some in portions(list(zip(operations, outcomes, strict=True)), CHUNK):
            self._record(some)

    def _record(self, ended: Sequence[tuple[Operation, Outcome]]) -> None:
        now = lease.database_now()
        with lease.held(self.scope, self.token):
            self._close_steps(ended, now)
            self._audit(
                [self._event(one, EventKind.SYNC_WRITE_ENDED, outcome) for one, outcome in ended], now
            )
            done = [(one, outcome) for one, outcome in ended if outcome.result is Result.DONE]
            for operation, _ in done:
                if operation.action is Action.RENAME and operation.was is not None:
                    names.renamed(self.scope, {operation.was: operation.address})
            self._keep([(one, outcome) for one, outcome in done if one.action is not Action.DELETE], now)
            self._forget([one.address for one, _ in done if one.action is Action.DELETE])

    def _tell(self, operations: Sequence[Operation]) -> None:
        """Note how far the run has come: what is begun counts, its results follow in larger pieces."""
        self.run.done += len(operations)
        for operation in operations:
            part = self.parts.get(operation.final, "")
            self._left[part] -= 1
            self.run.parts_done += part != "" and self._left[part] == 0
        self.run.save(update_fields=["done", "parts_done"])

    def _keep_books(self, books: Bookkeeping) -> None:
        """Bring the ledger to what is known without a write: what is gone, renames that landed."""
        with transaction.atomic():
            LedgerEntry.objects.filter(
                scope=self.scope, address__among=[one.key for one in books.gone]
            ).delete()
            names.renamed(self.scope, dict(books.renamed))
            seen = {address.key: fact for address, fact in books.seen}
            known = list(LedgerEntry.objects.filter(scope=self.scope, address__among=list(seen)))
            for row in known:
                row.fields, row.keycloak_id = dict(seen[row.address].fields), seen[row.address].id or ""
            LedgerEntry.objects.bulk_update(known, ["fields", "keycloak_id"], batch_size=CHUNK)

    def _step(self, operation: Operation, now: datetime) -> Row:
        self.number += 1
        words = str(sentence(operation, realm=self.scope.realm))[:600]
        self.begun[id(operation)] = _Begun(self.number, words)
        plan = self.plans.get(operation.final)
        return (
            self.run.pk,
            self.number,
            operation.final.key,
            operation.action.value,
            operation.phase.value,
            words,
            Step.State.INTENDED.value,
            "",
            now,
            plan.pk if plan else None,
            self.parts.get(operation.final, "").partition("|")[2],
        )

    def _close_steps(self, ended: Sequence[tuple[Operation, Outcome]], now: datetime) -> None:
        """Close the steps: those that ended alike together."""
        alike: dict[tuple[str, str], list[int]] = {}
        for operation, outcome in ended:
            key = _STATES[outcome.result].value, outcome.sentence
            alike.setdefault(key, []).append(self.begun[id(operation)].number)
        for (state, said), numbers in alike.items():
            alike_steps = Step.objects.filter(run=self.run, number__among=numbers)
            alike_steps.update(state=state, sentence=said, finished_at=now)

    def _audit(self, events: Sequence[Row], now: datetime) -> None:
        """Add rows to the record. What is the same in all of them stands here."""
        same = ("system:sync", str(self.scope), self.run.pk, now, "")
        rows.add(AuditEvent, _EVENT, ((uuid4(), *same, *event) for event in events))

    def _event(self, operation: Operation, kind: EventKind, outcome: Outcome | None = None) -> Row:
        plan = self.plans.get(operation.final)
        return (
            kind.value,
            f"sync for {plan.applied_by}" if plan and plan.applied_by else self.by,
            plan.tenant if plan else "",
            self.begun[id(operation)].words,
            operation.address.key,
            dict(operation.before) if operation.before is not None else None,
            dict(operation.after) if operation.after is not None else None,
            f"{outcome.result}: {outcome.sentence}".rstrip(": ") if outcome else operation.reason,
            plan.pk if plan else None,
        )

    def _keep(self, done: Sequence[tuple[Operation, Outcome]], now: datetime) -> None:
        self._note(
            [
                (one.address.key, _kept_fields(one, end), end.id or one.id or "", one.action is Action.CREATE)
                for one, end in done
            ],
            now,
        )
        state = State.of(
            Resource(one.address, _kept_fields(one, outcome), outcome.id or one.id) for one, outcome in done
        )
        observed.keep(self.scope, state, looked_at=list(state.resources), now=now)

    def _note(self, facts: Sequence[tuple[str, dict[str, object], str, bool]], now: datetime) -> None:
        """Bring rows of the ledger up to these facts. Who holds the lease is the only one that adds some."""
        ledger = LedgerEntry.objects.filter(scope=self.scope, address__among=[key for key, *_ in facts])
        known = {row.address: row for row in ledger}
        for key, fields, id, is_made in facts:
            if row := known.get(key):
                row.is_made = is_made or (row.is_made and row.keycloak_id == id)
                row.fields, row.keycloak_id, row.applied_at = fields, id, now
        LedgerEntry.objects.bulk_update(known.values(), _FACT[2:], batch_size=CHUNK)
        new = {
            key: (self.scope.pk, key, fields, id, now, is_made)
            for key, fields, id, is_made in facts
            if key not in known
        }
        rows.add(LedgerEntry, _FACT, new.values())

    def _forget(self, deleted: Sequence[Address]) -> None:
        """Drop what was deleted, and every link that went with it."""
        addresses = [*deleted, *(link for one in deleted for link in self.implied.get(one, ()))]
        LedgerEntry.objects.filter(scope=self.scope, address__among=[one.key for one in addresses]).delete()
        observed.forget(self.scope, addresses)


def _kept_fields(operation: Operation, outcome: Outcome) -> dict[str, object]:
    return dict(outcome.fields) or dict(operation.after or {})
