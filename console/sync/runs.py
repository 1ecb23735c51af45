"""One run: bring a scope to what is declared, and do no more than was approved."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from console.engine.apply import Ending, Report, apply
from console.engine.guard import guard
from console.engine.judge import Finding
from console.engine.operation import Action
from console.engine.plan import Plan as EnginePlan
from console.engine.state import Address, Kind
from console.engine.stops import Stop, joined
from console.engine.target import LostLease, Result
from console.keycloak import importing
from console.keycloak.client import client_for
from console.keycloak.target import KeycloakTarget
from console.sync import approvals, circuit, guarding, lease, observed, observing, queue
from console.sync.administration import Asked
from console.sync.aside import set_aside
from console.sync.collect import Work, collect, compared
from console.sync.drift import items, watching
from console.sync.drift.check import check
from console.sync.failing import Failing, PutOff
from console.sync.journal import RunJournal
from console.sync.models import Plan, Run, Scope, Step, Touched
from console.sync.secrets import secrets_of
from console.sync.snapshot import snapshot
from console.sync.times import TIMES


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one round of a run works on, read in one transaction.

    `parts` says what belongs together and fails alone, by address and across all plans.
    """

    run: Run
    work: Work
    plans: Mapping[Address, Plan]
    parts: Mapping[Address, str]

    @cached_property
    def different_plans(self) -> tuple[Plan, ...]:
        return tuple({plan.pk: plan for plan in self.plans.values()}.values())

    @property
    def approved(self) -> frozenset[str]:
        return frozenset(mark for plan in self.different_plans for mark in plan.fingerprints)

    @property
    def accepted(self) -> tuple[Stop, ...]:
        """What somebody confirmed with a reason, of what the guard holds back."""
        return joined(stop for plan in self.different_plans for stop in plan.held)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Who asked for these plans, and for which tenants."""
        known = {(plan.actor_key, plan.tenant) for plan in self.different_plans}
        return tuple(Asked(actor_key=key, tenant=tenant) for key, tenant in sorted(known))


class PausedHere(Exception):
    """Somebody asked for a pause: what was begun is done and recorded, the rest waits."""


def sync(scope_id: int) -> Run | None:
    """Bring the scope to what is declared and return the run, or None when nothing was to be done.

    What is blocked, failed for good or dead is set aside with its whole plan, and the rest goes on. Raises
    `lease.Busy` while another run holds the scope, `circuit.Open` while its server does not answer.
    """
    scope = Scope.objects.select_related("server").filter(pk=scope_id).first()
    if scope is None or scope.is_paused:
        return None  # its tenant was given up after the job was made, or somebody asked for a pause
    if not scope.touched.filter(is_set_aside=False).exists():
        _settle(scope)
        return None
    with circuit.through(scope.server):
        token = lease.take(scope)
        try:
            return _run(scope, token)
        finally:
            lease.release(scope, token)


def _run(scope: Scope, token: UUID) -> Run:
    _end_the_dead(scope)
    run = Run.objects.create(scope=scope, started_at=timezone.now(), generation=scope.generation)
    journal = RunJournal(run=run, token=token, by="sync")
    failing = Failing(run=run, token=token)
    try:
        aside = _rounds(failing, journal)
        ended = _ended(failing, aside)
    except LostLease as error:
        return _end(run, Run.State.LOST, str(error))
    except PausedHere as error:
        return _end(run, Run.State.PAUSED, str(error))
    if failing.own is not None:
        raise failing.own
    return ended


def _rounds(failing: Failing, journal: RunJournal) -> list[Finding]:
    """Go on until nothing is left to try. Return what was set aside. Raises LostLease, PausedHere."""
    aside: list[Finding] = []
    while rows := failing.portion(list(Touched.objects.filter(scope=failing.run.scope, is_set_aside=False))):
        try:
            if (job := _job(failing.run, rows)) is not None:
                aside += _round(job, journal)
        except (LostLease, PausedHere, DatabaseError):
            raise
        except Exception as error:
            if not failing.take(error, rows=rows):
                break
    return aside


def _ended(failing: Failing, aside: list[Finding]) -> Run:
    """Close the run with what came of it. Raises LostLease."""
    run, scope = failing.run, failing.run.scope
    if failing.faults and scope.touched.filter(is_set_aside=False).exists():
        failing.put_off()
    else:
        with lease.held(scope, failing.token):
            _settle(scope)
    if failing.dead:
        return _end(run, Run.State.DEAD, failing.dead[0])
    if failing.faults:
        fault = failing.faults[0]
        return _end(run, Run.State.UNKNOWN if fault.is_unknown else Run.State.FAILED, fault.sentence)
    if aside:
        return _end(run, Run.State.BLOCKED, aside[0].sentence)
    adopted = Step.objects.filter(run=run, action=Action.ADOPT.value).count()
    return _end(run, Run.State.DONE, _told(run.total - adopted, adopted))


def _end_the_dead(scope: Scope) -> None:
    """Close the runs whose workers died: who holds the lease is the only one that runs."""
    dead = Run.objects.filter(scope=scope, state=Run.State.RUNNING)
    begun = Step.objects.filter(run__in=dead.values("pk"), state=Step.State.INTENDED)
    begun.update(state=Step.State.UNKNOWN, sentence="Its worker stopped. The next run looks what is there.")
    dead.update(
        state=Run.State.LOST, sentence="Its worker stopped before the end.", finished_at=timezone.now()
    )


def _job(run: Run, portion: Sequence[Touched]) -> Job | None:
    """Return the work of these rows, as far as they still wait."""
    with snapshot():
        scope = Scope.objects.select_related("server").get(pk=run.scope_id)
        rows = _still_waiting(scope, portion)
        if not rows:
            return None
        work = collect(scope, rows)
        # One row may stand for a change of thousands: what pages show of a plan is left where it is.
        known = Plan.objects.only(
            "fingerprints", "targets", "stops", "tenant", "actor_key", "applied_by"
        ).in_bulk({row.plan_id for row in rows if row.plan_id})
    by_address = {Address.parse(row.address): row for row in rows}
    return Job(
        run=run,
        work=work,
        plans={one: known[row.plan_id] for one, row in by_address.items() if row.plan_id in known},
        parts={one: f"{row.plan_id}|{row.part}" for one, row in by_address.items() if row.part},
    )


def _still_waiting(scope: Scope, portion: Sequence[Touched]) -> list[Touched]:
    """Return the rows that wait as they did, and anew those that were touched since they were loaded."""
    waiting = scope.touched.filter(is_set_aside=False, pk__among=[row.pk for row in portion])
    now = dict(waiting.values_list("pk", "generation"))
    same = [row for row in portion if now.get(row.pk) == row.generation]
    other = now.keys() - {row.pk for row in same}
    return [*same, *waiting.filter(pk__among=other)] if other else same


def _round(job: Job, journal: RunJournal) -> list[Finding]:
    """Compare, and do what is approved. Return what was set aside instead, if anything was.

    Each round takes at least one waiting address away, so a run ends. Raises PutOff, LostLease,
    KeycloakError.
    """
    if why := observing.why_not(job.run.scope):
        closed = [Finding(one, why) for one in job.work.selection.addresses]
        with lease.held(job.run.scope, journal.token):
            return _set_aside(job, closed, is_blocked=True)
    target = KeycloakTarget(
        job.run.scope.server.connection(),
        job.run.scope.realm,
        before_write=journal.renew,
        ids=job.work.selection.ids,
        beat_seconds=TIMES.beat,
        secrets=secrets_of(job.run.scope),
    )
    actual = target.read(job.work.to_read)
    found = compared(job.work, actual)
    with lease.held(job.run.scope, journal.token):
        observed.keep(job.run.scope, actual, looked_at=job.work.to_read.addresses, now=timezone.now())
    ground = guarding.Ground(scope=job.run.scope, asked=job.asked, read=target.read)
    held = guarding.stops_of(found, ground=ground)
    refused = guard(found, approved=_approved(job, found), stops=held, accepted=job.accepted)
    if stops := [*found.conflicts, *found.unreadable, *refused]:
        with lease.held(job.run.scope, journal.token):
            return _set_aside(job, stops, is_blocked=True)
    return _execute(job, found, target, journal)


def _execute(job: Job, found: EnginePlan, target: KeycloakTarget, journal: RunJournal) -> list[Finding]:
    """Apply, and forget what is done. Return what failed for good. Raises PutOff, PausedHere, LostLease."""
    journal.plans, journal.parts = job.plans, job.parts
    report = apply(found, target=target, journal=journal, parts=job.parts)
    with lease.held(job.run.scope, journal.token):
        _tell_end(job, report)
        _clear(job, report)
        if _is_read_whole_after(found):
            queue.enqueue_read(job.run.scope)
    if report.state is Ending.DONE:
        return []
    if report.state is Ending.PAUSED:
        raise PausedHere("Paused here. What was begun is done; the rest waits until somebody goes on.")
    lasting = _lasting(job, report)
    if lasting:
        with lease.held(job.run.scope, journal.token):
            _set_aside(job, lasting, is_blocked=False)
    over = {job.parts.get(one.address, "") for one in lasting}
    if rest := [sentence for part, sentence in report.fallen.items() if part not in over]:
        raise PutOff(
            rest[0],
            is_unknown=report.state is Ending.UNKNOWN,
            is_away=client_for(job.run.scope.server.connection()).is_silent,
            failed=_fallen(job, report),
        )
    return lasting


def _is_read_whole_after(found: EnginePlan) -> bool:
    """Tell whether links of new people were taken from Keycloak's word: the next check reads each of them."""
    created = (one for one in found.operations if one.action is Action.CREATE)
    return sum(one.address.kind is Kind.PERSON for one in created) >= importing.MANY


def _fallen(job: Job, report: Report) -> list[Finding]:
    """Return what did not come to its end: whole parts, or what failed of the rest."""
    failed = [Finding(one.final, outcome.sentence) for one, outcome in report.bad]
    return failed + [
        Finding(one, report.fallen[part]) for one, part in job.parts.items() if part in report.fallen
    ]


def _lasting(job: Job, report: Report) -> list[Finding]:
    """Return what would fail again, in parts where something was refused for good."""
    bad = [(one, outcome, job.parts.get(one.final, "")) for one, outcome in report.bad]
    unknown = {part for _, outcome, part in bad if outcome.result is Result.UNKNOWN}
    refused = {part for _, outcome, part in bad if not outcome.retryable}
    over = refused - unknown
    told = {part for _, _, part in bad}
    # A part that fell because of another one goes on, or is left alone, with that one.
    led = report.fallen.keys() - told if told <= over else set()
    along = {part: one for one, part in job.parts.items() if part in led}
    found = [Finding(one.final, outcome.sentence) for one, outcome, part in bad if part in over]
    return found + [Finding(one, report.fallen[part]) for part, one in along.items()]


def _tell_end(job: Job, report: Report) -> None:
    """Note how far the run came, exactly."""
    run = job.run
    run.done = run.total if report.state is Ending.DONE else max(0, run.total - len(report.undone))
    run.parts_failed += len(report.fallen.keys() - {""})
    if report.state is Ending.DONE or report.fallen:
        run.parts_done = run.parts - run.parts_failed
    run.save(update_fields=["done", "parts_done", "parts_failed"])


def _clear(job: Job, report: Report) -> None:
    """Forget what is applied: a part once all of it is, a plan once all of it is.

    What was touched again meanwhile has a later generation and stays.
    """
    addresses = job.work.selection.addresses
    if report.undone:
        waiting = {job.parts.get(one, "") for one in report.undone}
        addresses = frozenset(one for one in addresses if job.parts.get(one, "") not in waiting)
    done = Touched.objects.filter(scope=job.run.scope, generation__lte=job.work.generation)
    done.filter(address__among=[one.key for one in addresses]).delete()
    items.settle(job.run.scope, addresses, now=timezone.now())


def _set_aside(job: Job, stops: list[Finding], *, is_blocked: bool) -> list[Finding]:
    """Leave alone what cannot be done, with its part or its whole plan, and return it."""
    set_aside(job.run.scope, stops, among=job.work.selection.addresses, is_blocked=is_blocked)
    return stops


def _approved(job: Job, found: EnginePlan) -> frozenset[str]:
    return approvals.covered(
        found,
        shown=job.approved,
        ends={(key, mark) for plan in job.different_plans for key, mark in plan.targets},
        ledger=job.work.ledger,
        selection=job.work.selection,
    )


def _told(written: int, adopted: int) -> str:
    """Return what was done, in a sentence: what was only taken over is no change of Keycloak."""
    taken = f"{adopted:,} {'thing' if adopted == 1 else 'things'} taken over"
    if not written:
        return f"{taken}, nothing written." if adopted else "Nothing was left to do."
    made = f"{written:,} {'change' if written == 1 else 'changes'} made"
    return f"{made}, {taken}." if adopted else f"{made}."


def _end(run: Run, state: str, sentence: str) -> Run:
    run.state, run.sentence, run.finished_at = state, sentence, timezone.now()
    run.save(update_fields=["state", "sentence", "finished_at"])
    return run


def _settle(scope: Scope) -> None:
    """Where nothing is touched any more, what is declared stands."""
    with transaction.atomic():
        row = Scope.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.pk)
        Scope.objects.filter(pk=row.pk).update(attempts=0, next_attempt_at=None)
        if not row.touched.exists() and row.is_pending:
            Scope.objects.filter(pk=row.pk).update(applied_generation=row.generation)
        if row.read_at is None:
            queue.enqueue_read(row)


def read_everything(scope_id: int) -> None:
    """Read the whole realm, keep what was found, and compare it. Raises KeycloakError; `circuit.Open` is one.

    A check that runs already does the same, so that one is enough.
    """
    with suppress(watching.Running):
        check(scope_id)
