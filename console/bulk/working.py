"""What a worker does with a bulk change: judge the rows, preview the whole, and later apply it.

The rights are those that the operator has at that moment. A worker that dies leaves the order to another
one, which begins it anew.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from django.db import connection, transaction
from django.utils import timezone

from console.bulk import orders
from console.bulk.models import BulkJob, BulkRow
from console.engine.state import Address, Kind
from console.identity.acting import NotHere, actor_named
from console.identity.actor import Actor
from console.sync import preview, work
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.sync.models import Plan

COMMAND = "access:bulk:apply"
BATCH = 1_000
ROUNDS = 3
TO_APPLY = (BulkRow.Outcome.CREATE, BulkRow.Outcome.CHANGE)
State = BulkJob.State


class Report(Protocol):
    """How a judge says how far it is."""

    def __call__(self, *, stage: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The rows of a job as they shall be kept, one after the other, and what was found beside them."""

    rows: Iterator[BulkRow]
    count: int
    found: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


Judge = Callable[[BulkJob, Actor, Report], Judged]
_JUDGES: list[Judge] = []


def provide(judge: Judge) -> None:
    """Register the app that knows what rows mean, and what the workers do for it."""
    _JUDGES[:] = [judge]
    work.register(orders.CHECK, check)
    work.register(orders.APPLY, apply)
    work.register_purge(orders.purge)


def check(key: str) -> None:
    """Judge every row and preview what is possible of them."""
    _carry_out(key, State.CHECKING, _check)


def apply(key: str) -> None:
    """Apply the plan that was approved, if it still holds."""
    _carry_out(key, State.APPLYING, _apply)


def _carry_out(key: str, state: str, do: Callable[[BulkJob, Actor], None]) -> None:
    job = orders.claimed(key, state)
    if job is None:
        return
    stopped = State.READY if state == State.APPLYING else State.FAILED
    try:
        with _patient_database():
            do(job, actor_named(job.actor_key, clock=timezone.now))
    except orders.Overtaken:
        return
    except (Refused, Forbidden, NotHere) as error:
        _stop(job, stopped, str(error))
    except Exception:
        _stop(job, stopped, "The console itself failed here. The worker's log says where.")
        raise


@contextmanager
def _patient_database() -> Iterator[None]:
    """Let a transaction wait for this process: between two queries it works through all the rows.

    Not for ever: a worker that was stopped must not hold the realm for long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '120s'")
    try:
        yield
    finally:
        if not connection.in_atomic_block and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET idle_in_transaction_session_timeout")


def _stop(job: BulkJob, state: str, sentence: str) -> None:
    try:
        orders.end(job, state, sentence)
    except orders.Overtaken:
        return


def _check(job: BulkJob, actor: Actor) -> None:
    def report(*, stage: str, done: int, total: int) -> None:
        orders.report(job, stage=stage, done=done, total=total)

    if not job.has_rows:
        return _look(job, actor)
    found = _keep(job, _JUDGES[0](job, actor, report), report)
    for _ in range(ROUNDS):
        if not job.rows.filter(outcome__in=TO_APPLY).exists():
            return orders.end(job, State.CHECKED, found=_counted(job, found))
        report(stage="Comparing with Keycloak", done=0, total=0)
        plan = _preview(job, actor)
        if not _leave_out(job, plan):
            return orders.end(job, State.READY, found=_counted(job, found), plan=plan)
        Plan.objects.filter(pk=plan.pk).update(state=Plan.State.STALE)
    raise Refused("Keycloak changed several times during the check. Check again.")


def _look(job: BulkJob, actor: Actor) -> None:
    """Preview the one change that a job stands for."""
    orders.report(job, stage="Comparing with Keycloak", done=0, total=0)
    asked = job.options["asked"]
    plan = preview.preview(
        actor=actor,
        command=asked["command"],
        values=asked["values"],
        title=job.title,
        tenant=job.tenant,
        back=job.get_absolute_url(),
        undo_of=Plan.objects.filter(pk=asked["undo_of"]).first(),
    )
    orders.end(job, State.READY, plan=plan)


def _preview(job: BulkJob, actor: Actor) -> Plan:
    return preview.preview(
        actor=actor,
        command=COMMAND,
        values={"tenant": job.tenant, "job": str(job.pk)},
        title=job.title,
        tenant=job.tenant,
        back=job.get_absolute_url(),
    )


def _keep(job: BulkJob, judged: Judged, report: Report) -> dict[str, Any]:
    """Keep the rows in the place of those of an earlier check, and return what was found beside them.

    They are let go of here: what follows needs the memory.
    """
    with transaction.atomic():
        job.options = {**job.options, **judged.options}
        BulkJob.objects.filter(pk=job.pk, order=job.order).update(options=job.options, plan=None)
        job.rows.all()._raw_delete(using=job._state.db)
    kept = 0
    while some := list(islice(judged.rows, BATCH)):
        report(stage="Keeping the rows", done=kept, total=judged.count)
        BulkRow.objects.bulk_create(some)
        kept += len(some)
    return judged.found


def _leave_out(job: BulkJob, plan: Plan) -> bool:
    """Mark the rows that Keycloak stands against, and tell whether there are any."""
    against: defaultdict[str, list[str]] = defaultdict(list)
    for finding in plan.findings:
        if part := part_of(Address.parse(finding["address"])):
            against[part].append(finding["sentence"])
    rows = list(job.rows.filter(part__among=against, outcome__in=TO_APPLY))
    for row in rows:
        row.outcome = BulkRow.Outcome.ERROR
        row.errors = [{"column": "", "value": row.part, "sentence": one} for one in against[row.part]]
    BulkRow.objects.bulk_update(rows, ["outcome", "errors"], batch_size=BATCH)
    return bool(rows)


def part_of(address: Address) -> str:
    """Return whose row an address belongs to, "" where it is nobody's."""
    match address.kind:
        case Kind.PERSON | Kind.MEMBERSHIP | Kind.PERSON_ROLE:
            return address.path[0]
        case Kind.GROUP_ROLE:
            return f"group {address.path[0]}"[:300]
        case Kind.ENTITLEMENT if address.path[0] == Kind.PERSON.value:
            return address.path[1]
    return ""


def _counted(job: BulkJob, found: dict[str, Any]) -> dict[str, Any]:
    rows: Iterable[str] = job.rows.values_list("outcome", flat=True)
    counts: dict[str, int] = dict.fromkeys(BulkRow.Outcome.values, 0)
    for outcome in rows:
        counts[outcome] += 1
    counts = {name.replace("-", "_"): count for name, count in counts.items()}
    return {**found, "counts": counts}


def _apply(job: BulkJob, actor: Actor) -> None:
    if job.plan is None:
        raise Refused("The plan of this was deleted. Check the rows again.")
    if job.plan.state == Plan.State.APPLIED:  # a worker died right after it
        return orders.end(job, State.APPLIED)
    orders.report(job, stage="Comparing with Keycloak once more", done=0, total=0)
    try:
        plan = preview.apply(
            actor=actor,
            plan=job.plan,
            reason=job.reason,
            ticket=job.ticket,
            confirmed=job.confirmed,
        )
    except preview.Changed as changed:
        orders.end(job, State.READY, str(changed), plan=changed.plan)
    else:
        orders.end(job, State.APPLIED, plan=plan)
