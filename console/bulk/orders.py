"""What people order of a bulk change: check it, apply it, give it up. A worker carries it out.

Each order has a number. Who carries out an order that was overtaken by another one writes nothing more.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from console.bulk.models import KEPT, BulkFile, BulkJob
from console.identity.actor import Actor
from console.sync import queue
from console.sync.commands import Gone, Refused
from console.sync.models import Plan
from console.sync.preview import refuse_unsettled

CHECK = "bulk.check"
APPLY = "bulk.apply"
State = BulkJob.State


class Overtaken(Exception):
    """Somebody ordered something else meanwhile, or gave the job up."""


class NotNow(Refused):
    """The job is not at a point where this can be asked for."""


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


class _Later:
    """What the plan page does with the plan of a bulk change."""

    def apply(self, *, actor: Actor, plan: Plan, reason: str, ticket: str, confirmed: str = "") -> None:
        """Let a worker apply the plan. Raises NotNow, Gone, and what the plan itself refuses."""
        refuse_unsettled(plan, reason=reason, confirmed=confirmed)
        with transaction.atomic():
            row = _locked(UUID(plan.values["job"]))
            if row.state != State.READY or row.plan_id != plan.pk:
                raise NotNow("This is being applied already, or was checked again.")
            row.reason, row.ticket, row.confirmed = reason, ticket, confirmed
            _order(row, State.APPLYING, APPLY, actor)

    def look_again(self, *, actor: Actor, plan: Plan) -> None:
        """Let a worker check the rows again. Raises NotNow, Gone."""
        with transaction.atomic():
            check(_locked(UUID(plan.values["job"])), actor=actor)


LATER = _Later()


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


def _locked(pk: UUID) -> BulkJob:
    row = BulkJob.objects.select_for_update(of=("self",)).filter(pk=pk).first()
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
