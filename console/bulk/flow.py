"""The way of an applied bulk change to Keycloak: pause, go on, try the failed rows again."""

from django.db import transaction
from django.utils import timezone

from console.bulk.models import BulkJob, BulkRow
from console.bulk.orders import NotNow
from console.sync import pausing, queue
from console.sync.models import Plan, Run, Scope, Step, Touched


def pause(job: BulkJob) -> None:
    """Let no further row of the realm begin; what is being written is finished. Raises NotNow."""
    pausing.pause(_scope(job))


def resume(job: BulkJob) -> None:
    """Let the rows go on where they stopped. Raises NotNow."""
    pausing.resume(_scope(job))


def retry_failed(job: BulkJob) -> int:
    """Try the rows that failed once more, and none but those. Return how many. Raises NotNow."""
    scope = _scope(job)
    with transaction.atomic():
        rows = Touched.objects.filter(plan=job.plan_id, is_set_aside=True)
        parts = rows.exclude(part="").values("part").distinct().count()
        if not rows.update(sentence="", is_blocked=False, is_set_aside=False):
            raise NotNow("No row of this failed.")
        Scope.objects.filter(pk=scope.pk).update(attempts=0, next_attempt_at=None)
        queue.enqueue(scope)
    return parts


def not_begun(job: BulkJob) -> set[str]:
    """Return the parts of which nothing was written yet. Raises NotNow while something may be written."""
    scope = _scope(job)
    if not scope.is_paused or Run.objects.filter(scope=scope, state=Run.State.RUNNING).exists():
        raise NotNow("Pause first, and wait until what is being written is finished.")
    waiting = Touched.objects.filter(plan=job.plan_id).exclude(part="").values_list("part", flat=True)
    begun = Step.objects.filter(plan_id=job.plan_id).values_list("part", flat=True)
    return set(waiting) - set(begun)


def mark_cancelled(job: BulkJob, parts: set[str]) -> None:
    """Write on the rows that they were taken back before they began."""
    sentence = f"Cancelled on {timezone.now():%-d %b %Y} before anything of it was written."
    rows = BulkRow.objects.filter(job=job, part__among=parts, outcome__in=("create", "change"))
    rows.update(outcome=BulkRow.Outcome.LEFT_OUT, errors=[{"column": "", "value": "", "sentence": sentence}])


def _scope(job: BulkJob) -> Scope:
    plan = job.plan
    if plan is None or plan.state != Plan.State.APPLIED or plan.scope_id is None:
        raise NotNow("Nothing of this was applied yet.")
    return Scope.objects.get(pk=plan.scope_id)
