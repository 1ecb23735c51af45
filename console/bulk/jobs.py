"""How bulk jobs are kept and found: by tenant, so that what is another tenant's does not exist."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from console.bulk.models import BulkFile, BulkJob, ColumnNames
from console.identity.actor import Actor
from console.sync.commands import Refused


class NotNow(Refused):
    """The job is not at a point where this can be asked for."""


def make(*, tenant: str, kind: str, title: str, actor: Actor, text: str = "", **values: Any) -> BulkJob:
    """Return a new job, kept with the text of its file."""
    with transaction.atomic():
        job = BulkJob.objects.create(
            tenant=tenant,
            kind=kind,
            title=title[:300],
            actor_key=actor.key,
            actor_name=actor.name,
            **values,
        )
        if text:
            BulkFile.objects.create(job=job, text=text)
    return job


def text_of(job: BulkJob) -> str:
    """Return the text of a job's file, "" where there is none any more."""
    return BulkFile.objects.filter(job=job).values_list("text", flat=True).first() or ""


def of_tenant(tenant: str) -> QuerySet[BulkJob]:
    """Return the jobs of a tenant, the newest first."""
    return BulkJob.objects.filter(tenant=tenant).select_related("plan").order_by("-created_at", "pk")


def one_of(tenant: str, pk: UUID) -> BulkJob:
    """Return a job of a tenant. Raises Http404."""
    row = of_tenant(tenant).filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such import, or it was deleted after thirty days.")
    return row


def names_of(tenant: str, kind: str) -> ColumnNames:
    """Return what columns meant the last time; empty before the first."""
    return ColumnNames.objects.filter(tenant=tenant, kind=kind).first() or ColumnNames()


def keep_names(tenant: str, kind: str, *, fields: dict[str, str], options: dict[str, Any]) -> None:
    """Keep what columns mean, on top of what was said of others before."""
    row, _ = ColumnNames.objects.get_or_create(tenant=tenant, kind=kind)
    row.fields, row.options = {**row.fields, **fields}, options
    row.save(update_fields=["fields", "options"])


def keep_options(job: BulkJob, options: dict[str, Any]) -> None:
    """Keep how the rows shall be read. Raises NotNow when they are being applied, or were."""
    states = [one for one in BulkJob.State if one not in _SETTLED]
    if not BulkJob.objects.filter(pk=job.pk, state__in=states).update(options=options):
        raise NotNow(f"This is {job.get_state_display().lower()}.")
    job.options = options


_SETTLED = (BulkJob.State.APPLYING, BulkJob.State.APPLIED, BulkJob.State.CANCELLED)
