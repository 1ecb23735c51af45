"""From a file or a choice in a list to a job: what is kept, and what is proposed for its columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from access.bulk.columns import guessed
from access.bulk.reader import Table
from access.services.bulk import take_back
from console.bulk import flow, jobs, orders
from console.bulk.models import BulkJob
from console.identity.actor import Actor
from console.sync.cause import Cause
from tenants.models import Tenant

DEFAULTS: Mapping[str, str] = {"existing": "update", "missing": "refuse", "separator": ";"}


def keep_file(*, actor: Actor, tenant: Tenant, kind: str, file_name: str, table: Table) -> BulkJob:
    """Return a new job with the file, and its columns as they may mean."""
    kept = jobs.names_of(tenant.slug, kind)
    noun = BulkJob.Kind(kind).label.lower()
    return jobs.make(
        tenant=tenant.slug,
        kind=kind,
        title=f"Import {noun} from {file_name}",
        actor=actor,
        file_name=file_name,
        encoding=table.encoding,
        delimiter=table.delimiter,
        text=table.text,
        columns=list(table.columns),
        options={
            **DEFAULTS,
            **kept.options,
            "fields": guessed(kind, table.columns, kept.fields),
        },
    )


def name_columns(job: BulkJob, *, actor: Actor, fields: Sequence[str], options: Mapping[str, Any]) -> None:
    """Keep what the columns mean, also for the next file, and let a worker check the rows. Raises NotNow."""
    said = dict(zip(job.columns, fields, strict=True))
    jobs.keep_names(job.tenant, job.kind, fields=said, options=dict(options))
    jobs.keep_options(job, {**job.options, **options, "fields": list(fields)})
    orders.check(job, actor=actor)


def keep_selection(*, actor: Actor, tenant: Tenant, title: str, options: Mapping[str, Any]) -> BulkJob:
    """Return a new job for a choice in a list; a worker checks it at once."""
    job = jobs.make(
        tenant=tenant.slug,
        kind=BulkJob.Kind.SELECTION,
        title=title,
        actor=actor,
        columns=["Name"],
        options=dict(options),
    )
    orders.check(job, actor=actor)
    return job


def cancel_not_begun(job: BulkJob, *, actor: Actor) -> int:
    """Take back the rows of which nothing was written yet, and return how many. Raises NotNow, Gone."""
    if not job.has_rows:
        raise orders.NotNow("This is one change: it can be reverted once it is done.")
    parts = flow.not_begun(job)
    if not parts:
        raise orders.NotNow("Something was written for every row already.")
    count = take_back(
        actor=actor,
        tenant=job.tenant,
        plan=str(job.plan_id),
        parts=parts,
        cause=Cause(reason=f"Cancelled before it began: {job.title}"),
    )
    flow.mark_cancelled(job, parts)
    return count
