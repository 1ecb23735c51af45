"""One run: bring a scope to what is declared, and do no more than was approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from console.engine.apply import Ending, Report, apply
from console.engine.guard import Limits, guard
from console.engine.judge import Finding
from console.engine.operation import digest_of
from console.engine.plan import Plan as EnginePlan
from console.engine.plan import plan as compare
from console.engine.state import Address, Selection
from console.engine.target import LostLease
from console.keycloak.errors import KeycloakError, Temporary
from console.keycloak.target import KeycloakTarget
from console.sync import lease, observed, queue
from console.sync.collect import Work, collect
from console.sync.journal import RunJournal
from console.sync.models import Plan, Run, Scope, Touched

MOST_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one run works on, read in one transaction."""

    run: Run
    token: UUID
    work: Work
    plans: Mapping[Address, Plan]

    @property
    def approved(self) -> frozenset[str]:
        return frozenset(mark for plan in self.plans.values() for mark in plan.fingerprints)


def sync(scope_id: int) -> Run | None:
    """Bring the scope to what is declared and return the run, or None when nothing was to be done.

    Raises `lease.Busy` while another run holds the scope.
    """
    scope = Scope.objects.select_related("server").filter(pk=scope_id).first()
    if scope is None:
        return None  # its tenant was given up after the job was made
    if not scope.touched.exists():
        _settle(scope)
        return None
    token = lease.take(scope)
    try:
        return _sync(_job(scope, token))
    finally:
        lease.release(scope, token)


def _job(scope: Scope, token: UUID) -> Job:
    with transaction.atomic():
        locked = Scope.objects.select_for_update(of=("self",)).select_related("server").get(pk=scope.pk)
        rows = list(locked.touched.select_related("plan"))
        work = collect(locked, rows)
        run = Run.objects.create(scope=locked, started_at=timezone.now(), generation=locked.generation)
    plans = {Address.parse(row.address): row.plan for row in rows if row.plan is not None}
    return Job(run=run, token=token, work=work, plans=plans)


def _sync(job: Job) -> Run:
    try:
        target = KeycloakTarget(
            job.run.scope.server.connection(),
            job.run.scope.realm,
            before_write=lambda: lease.renew(job.run.scope, job.token),
            ids=job.work.selection.ids,
        )
        actual = target.read(job.work.to_read)
        found = compare(
            desired=job.work.desired, actual=actual, ledger=job.work.ledger, selection=job.work.selection
        )
        observed.keep(job.run.scope, actual, looked_at=job.work.to_read.addresses, now=timezone.now())
        return _carry_out(job, found, target)
    except LostLease as error:
        return _end(job, Run.State.LOST, str(error))
    except KeycloakError as error:
        return _put_off(job, error.sentence, again=isinstance(error, Temporary))


def _carry_out(job: Job, found: EnginePlan, target: KeycloakTarget) -> Run:
    limits = Limits(ledger_size=job.run.scope.ledger.count(), realm=job.run.scope.realm)
    refused = guard(found, approved=_approved(job, found), limits=limits)
    stops = (*found.conflicts, *found.unreadable, *refused)
    if stops:
        return _block(job, stops)
    journal = RunJournal(run=job.run, token=job.token, plans=job.plans, by="sync")
    Run.objects.filter(pk=job.run.pk).update(total=len(found.operations))
    report = apply(found, target=target, journal=journal)
    return _finish(job, report, again=journal.is_retryable)


def _approved(job: Job, found: EnginePlan) -> frozenset[str]:
    """Return what may be done: what was approved, and the same end reached from what we ourselves applied.

    Between a preview and its run an earlier run of ours may have moved the thing; then the write
    starts from another value, which is ours, and ends where it was approved to end.
    """
    targets = {(one, mark) for plan in job.plans.values() for one, mark in plan.targets}
    ours = {
        one.fingerprint
        for one in found.operations
        if (one.address.key, digest_of(one.after)) in targets and _is_ours(job, one.address, one.before)
    }
    return job.approved | ours


def _is_ours(job: Job, address: Address, before: Mapping[str, object] | None) -> bool:
    fact = job.work.ledger.get(address)
    return fact is not None and before is not None and all(fact.fields.get(k) == v for k, v in before.items())


def _finish(job: Job, report: Report, *, again: bool) -> Run:
    if report.state is Ending.DONE:
        with transaction.atomic():
            Touched.objects.filter(scope=job.run.scope, generation__lte=job.work.generation).delete()
            Scope.objects.filter(pk=job.run.scope_id).update(
                applied_generation=job.work.generation, attempts=0, next_attempt_at=None
            )
        if job.run.scope.read_at is None:
            queue.enqueue_read(job.run.scope)
        return _end(job, Run.State.DONE, _told(report.done))
    return _put_off(job, report.sentence, again=again, is_unknown=report.state is Ending.UNKNOWN)


def _told(count: int) -> str:
    return (
        "Nothing was left to do." if not count else f"{count} {'change' if count == 1 else 'changes'} made."
    )


def _block(job: Job, stops: tuple[Finding, ...]) -> Run:
    for stop in stops:
        rows = Touched.objects.filter(scope=job.run.scope, address=stop.address.key)
        rows.update(sentence=stop.sentence, is_blocked=True)
    return _end(job, Run.State.BLOCKED, stops[0].sentence)


def _put_off(job: Job, sentence: str, *, again: bool, is_unknown: bool = False) -> Run:
    """End the run as failed, and note when the next attempt is due, if one makes sense."""
    scope = Scope.objects.get(pk=job.run.scope_id)
    attempts = scope.attempts + 1
    due = timezone.now() + FIRST_WAIT * 2**attempts if again and attempts < MOST_ATTEMPTS else None
    Scope.objects.filter(pk=scope.pk).update(attempts=attempts, next_attempt_at=due)
    open_rows = Touched.objects.filter(scope=scope, generation__lte=job.work.generation)
    open_rows.filter(address__in=_open_addresses(job)).update(sentence=sentence)
    return _end(job, Run.State.UNKNOWN if is_unknown else Run.State.FAILED, sentence)


def _open_addresses(job: Job) -> list[str]:
    done = set(job.run.steps.filter(state="done").values_list("address", flat=True))
    return [one.key for one in job.work.selection.addresses if one.key not in done]


def _end(job: Job, state: str, sentence: str) -> Run:
    job.run.state, job.run.sentence, job.run.finished_at = state, sentence, timezone.now()
    job.run.save(update_fields=["state", "sentence", "finished_at"])
    return job.run


def _settle(scope: Scope) -> None:
    """Nothing is touched: what is declared stands."""
    with transaction.atomic():
        row = Scope.objects.select_for_update(of=("self",)).get(pk=scope.pk)
        if not row.touched.exists() and row.is_pending:
            Scope.objects.filter(pk=row.pk).update(applied_generation=row.generation)


def read_everything(scope_id: int) -> None:
    """Read the whole realm and keep what was found. Raises KeycloakError."""
    scope = Scope.objects.select_related("server").filter(pk=scope_id).first()
    if scope is None:
        return
    target = KeycloakTarget(scope.server.connection(), scope.realm)
    state = target.read(Selection.all())
    observed.replace_all(scope, state, now=timezone.now())
