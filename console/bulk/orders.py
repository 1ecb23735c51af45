"""What people order of a bulk change: check it, apply it, give it up. A worker carries it out.

Each order has a number. Who carries out an order that was overtaken by another one writes nothing more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from console.bulk import jobs
from console.bulk.jobs import NotNow
from console.bulk.models import KEPT, BulkFile, BulkJob
from console.identity.actor import Actor
from console.sync import queue
from console.sync.commands import Gone
from console.sync.models import Plan
from console.sync.preview import refuse_unsettled

CHECK = "bulk.check"
APPLY = "bulk.apply"
State = BulkJob.State


class Overtaken(Exception):
    """Somebody ordered something else meanwhile, or gave the job up."""


def check(job: BulkJob, *, actor: Actor) -> None:
    """Let a worker look at every row and preview the whole. Raises NotNow."""
    with transaction.atomic():
        row = _locked(job.pk)
        if row.is_settled or row.state == State.APPLYING:
            raise NotNow(f"This is {row.get_state_display().lower()}.")
        _discard_plan(row)
        _order(row, State.CHECKING, CHECK, actor)


def cancel(job: BulkJob) -> None:
    """Give the job up before anything of it was applied. Raises NotNow."""
    with transaction.atomic():
        row = _locked(job.pk)
        if row.is_settled or row.state == State.APPLYING:
            raise NotNow(f"This is {row.get_state_display().lower()}.")
        _discard_plan(row)
        BulkJob.objects.filter(pk=row.pk).update(
            state=State.CANCELLED, sentence="", order=F("order") + 1, plan=None
        )
        BulkFile.objects.filter(job=row).delete()


LARGE = 1_000  # things from which on a change is a worker's: a preview of them takes seconds

Size = Callable[[Mapping[str, Any]], int]


@dataclass(frozen=True, kw_only=True)
class Later:
    """What pages do with a change that is a worker's: always, or where `size` says that it is large.

    `size` answers from the command's values how many things it concerns, without looking at each.
    """

    size: Size | None = None

    def begin(self, *, actor: Actor, **asked: Any) -> str | None:
        """Return the page of a new job whose preview a worker makes, None for what is not large."""
        if self.size is None or self.size(asked["values"]) < LARGE:
            return None
        undo_of = asked.get("undo_of")
        kept = {
            "command": asked["command"],
            "values": dict(asked["values"]),
            "undo_of": str(undo_of.pk) if undo_of is not None else None,
        }
        with transaction.atomic():
            job = jobs.make(
                tenant=asked["tenant"],
                kind=BulkJob.Kind.CHANGE,
                title=asked["title"],
                actor=actor,
                options={"asked": kept},
            )
            check(job, actor=actor)
        return job.get_absolute_url()

    def takes(self, plan: Plan) -> bool:
        """Tell whether the plan is a job's."""
        return _job_of(plan) is not None

    def apply(self, *, actor: Actor, plan: Plan, reason: str, ticket: str, confirmed: str = "") -> None:
        """Let a worker apply the plan. Raises NotNow, Gone, and what the plan itself refuses."""
        refuse_unsettled(plan, reason=reason, confirmed=confirmed)
        with transaction.atomic():
            row = _locked(_job_of(plan))
            if row.state != State.READY or row.plan_id != plan.pk:
                raise NotNow("This is being applied already, or was checked again.")
            row.reason, row.ticket, row.confirmed = reason, ticket, confirmed
            _order(row, State.APPLYING, APPLY, actor)

    def look_again(self, *, actor: Actor, plan: Plan) -> None:
        """Let a worker check the rows again. Raises NotNow, Gone."""
        with transaction.atomic():
            check(_locked(_job_of(plan)), actor=actor)


LATER = Later()


def _job_of(plan: Plan) -> UUID | None:
    """Return the job of a plan: named by its command, or known to have made it."""
    if "job" in plan.values:
        return UUID(plan.values["job"])
    return BulkJob.objects.filter(plan=plan).values_list("pk", flat=True).first()


def report(job: BulkJob, *, stage: str, done: int, total: int) -> None:
    """Note how far the order is. Raises Overtaken."""
    values: dict[str, object] = {"stage": stage, "done": done, "total": total}
    if job.stage != stage:
        job.stage = stage
        values["stage_since"] = timezone.now()
    _write(job, **values)


def end(job: BulkJob, state: str, sentence: str = "", **values: object) -> None:
    """Note where the order led to; once it is applied, nobody reads the file any more. Raises Overtaken."""
    _write(job, state=state, sentence=sentence, stage="", **values)
    if state == State.APPLIED:
        BulkFile.objects.filter(job=job).delete()


def claimed(key: str, state: str) -> BulkJob | None:
    """Return the job of an order, or None when the order no longer holds."""
    pk, _, order = key.partition(":")
    return BulkJob.objects.filter(pk=pk, order=int(order), state=state).first()


def purge(now: datetime) -> int:
    """Delete what is older than thirty days, with its rows, and return how many jobs."""
    old = BulkJob.objects.filter(created_at__lt=now - KEPT)
    count = old.count()
    old.delete()
    return count


def _locked(pk: UUID | None) -> BulkJob:
    found = BulkJob.objects.filter(pk=pk) if pk is not None else BulkJob.objects.none()
    row = found.select_for_update(of=("self",)).first()
    if row is None:
        raise Gone("The rows of this change were deleted: they are kept for thirty days.")
    return row


def _order(row: BulkJob, state: str, work: str, actor: Actor) -> None:
    row.state, row.order, row.sentence = state, row.order + 1, ""
    row.stage, row.done, row.total = "Waits for a worker", 0, 0
    row.stage_since = timezone.now()
    row.actor_key, row.actor_name = actor.key, actor.name
    row.save(
        update_fields=[
            *("state", "order", "sentence", "stage", "done", "total", "stage_since"),
            *("actor_key", "actor_name", "reason", "ticket", "confirmed", "plan"),
        ]
    )
    queue.enqueue_work(work, f"{row.pk}:{row.order}", lock=f"bulk:{row.tenant}")


def _discard_plan(row: BulkJob) -> None:
    """Forget the plan that was shown: it is not what would happen any more."""
    if row.plan_id:
        Plan.objects.filter(pk=row.plan_id, state=Plan.State.OPEN).update(state=Plan.State.STALE)
        row.plan = None


def _write(job: BulkJob, **values: object) -> None:
    if not BulkJob.objects.filter(pk=job.pk, order=job.order).update(**values):
        raise Overtaken
