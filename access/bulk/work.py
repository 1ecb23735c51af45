"""What the workers ask of the access side: the verdicts on all rows of a job."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from access.bulk import reader, result
from access.bulk.columns import Field, Mapped
from access.bulk.judging import AssignmentsJudge, Judge, PeopleJudge
from access.bulk.known import Known
from access.bulk.reader import Row
from access.bulk.selection import judge_selection
from access.bulk.verdict import Verdict
from console.bulk import jobs, working
from console.bulk.models import BulkJob, BulkRow
from console.bulk.working import Judged, Report
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.web.sheets import unprotected
from tenants.loaders import tenant_named
from tenants.models import Tenant

EVERY = 500
UNKNOWN_SHOWN = 100
JUDGES: Mapping[str, type[Judge]] = {
    BulkJob.Kind.PEOPLE: PeopleJudge,
    BulkJob.Kind.ASSIGNMENTS: AssignmentsJudge,
}


def register() -> None:
    working.provide(judge)


def judge(job: BulkJob, actor: Actor, report: Report) -> Judged:
    """Return the verdicts on the rows of a job. Raises Gone, Forbidden."""
    tenant = tenant_named(actor, job.tenant)
    verdict = decide(actor, Permission.BULK_CREATE, tenant.slug)
    if not verdict.allowed:
        raise Forbidden(f"{verdict.reason} {verdict.who}".strip())
    if job.kind == BulkJob.Kind.SELECTION:
        return _judged(job, judge_selection(tenant, job.options, report), {}, {})
    return _judge_file(job, tenant, report)


def _judge_file(job: BulkJob, tenant: Tenant, report: Report) -> Judged:
    report(stage="Reading the file", done=0, total=0)
    mapped = Mapped.of(job.columns, job.options["fields"])
    rows = _rows(job)
    known = _known(tenant, mapped, rows)
    one = JUDGES[job.kind](known=known, mapped=mapped, options=job.options)
    verdicts = []
    for number, row in enumerate(rows):
        if number % EVERY == 0:
            report(stage="Checking the rows", done=number, total=len(rows))
        verdicts.append(one.judge(row))
    one.end(verdicts)
    found = {
        "unknown_groups": _most(one.names.unknown_groups),
        "unknown_roles": _most(one.names.unknown_roles),
        "is_unknown_more": len(one.names.unknown_groups) + len(one.names.unknown_roles),
    }
    new = {"new_groups": sorted(one.names.new_groups), "new_roles": sorted(one.names.new_roles)}
    return _judged(job, verdicts, found, new)


def _rows(job: BulkJob) -> list[Row]:
    table = reader.table_of(jobs.text_of(job), delimiter=job.delimiter)
    if not result.is_result(job.columns):
        return list(table.rows())
    return [Row(one.line, tuple(map(unprotected, one.cells))) for one in table.rows()]


def _known(tenant: Tenant, mapped: Mapped, rows: Sequence[Row]) -> Known:
    known = Known.of(tenant)
    usernames = _column(mapped, rows, Field.USERNAME)
    known.look_up(usernames, _column(mapped, rows, Field.EMAIL))
    known.look_up_emails(one.strip() for one in usernames if "@" in one)
    return known


def _column(mapped: Mapped, rows: Sequence[Row], field: Field) -> list[str]:
    place = mapped.place(field)
    return [] if place is None else [row.cells[place].strip() for row in rows if len(row.cells) > place]


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return Counter(counts).most_common(UNKNOWN_SHOWN)


def _judged(
    job: BulkJob, verdicts: Sequence[Verdict], found: dict[str, Any], options: dict[str, Any]
) -> Judged:
    return Judged(rows=_as_rows(job, verdicts), count=len(verdicts), found=found, options=options)


def _as_rows(job: BulkJob, verdicts: Iterable[Verdict]) -> Iterator[BulkRow]:
    for one in verdicts:
        yield BulkRow(
            job=job,
            line=one.line,
            part=one.part,
            cells=list(one.cells),
            wish=one.wish,
            outcome=one.outcome,
            errors=one.errors,
        )
