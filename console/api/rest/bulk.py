"""Many changes in one plan over the REST API: a CSV file, its dry run, and what came of each row.

The file goes the way of an uploaded one: a worker checks it and previews the whole, the plan is applied like
any other, a worker keeps it, and a run brings it to Keycloak.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from access.bulk import reader, uploads
from access.bulk.columns import guessed
from access.bulk.forms import MappingForm
from access.bulk.reader import Table
from console.api.rest import bodies, shapes
from console.api.rest.auth import actor_in, require
from console.api.rest.changing import once, told
from console.api.rest.documented import made, read
from console.api.rest.errors import Wrong
from console.api.rest.said import words_in
from console.api.rest.views import View, asked, formed, tenant_in
from console.bulk import jobs, orders
from console.bulk.models import BulkJob, BulkRow
from console.bulk.standing import Result, result_of, rows_of, standing_of, waiting_parts
from console.permissions.vocabulary import Permission as P
from console.sync.models import Plan
from tenants.models import Tenant

Values = dict[str, Any]


class Bulks(View):
    @read(shapes.Bulk, pages=True, summary="The imports and other changes of many rows.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.BULK_VIEW)
        return self.listed(
            request, jobs.of_tenant(owner.slug), shapes.Bulk, read=lambda page: list(map(_job, page))
        )

    @made(
        bodies.BulkIn,
        shapes.BulkDetail,
        status=202,
        summary="Let a worker check the rows of a CSV file and preview them. Nothing is changed.",
    )
    def post(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.BULK_CREATE)
        require(request, P.PLAN_CREATE, owner.slug)
        values = asked(request, bodies.BulkIn)
        table = _table(values)

        def keep() -> Response:
            job = _kept(request, owner, values, table)
            return Response(_detail(jobs.one_of(owner.slug, job.pk)), status=202)

        return once(request, keep)


def _table(values: Values) -> Table:
    """Return the file, read through. Raises Wrong."""
    try:
        return reader.table_of(values["csv"], delimiter=values["delimiter"])
    except reader.Unreadable as error:
        raise Wrong("Some fields are wrong.", status=422, fields={"csv": [str(error)]}) from error


@transaction.atomic
def _kept(request: Request, owner: Tenant, values: Values, table: Table) -> BulkJob:
    """Return the new job, its columns named as the form names them. Raises Wrong, and keeps nothing then."""
    actor = actor_in(request)
    kind, name = values["kind"], values["file_name"]
    job = uploads.keep_file(actor=actor, tenant=owner, kind=kind, file_name=name, table=table)
    fields = guessed(kind, table.columns, values["columns"])
    _refuse_unused(values["columns"], dict(zip(table.columns, fields, strict=True)))
    chosen = {MappingForm.name_of(place): field for place, field in enumerate(fields)}
    form = MappingForm(values | chosen, tenant=owner, job=job)
    formed(form)
    uploads.name_columns(job, actor=actor, fields=form.chosen, options=form.reading)
    return job


def _refuse_unused(asked_for: Mapping[str, str], used: Mapping[str, str]) -> None:
    wrong = {
        f"columns.{name}": ["There is no such column, or this kind of file has no such field for it."]
        for name, field in asked_for.items()
        if used.get(name) != field
    }
    if wrong:
        raise Wrong("Some columns are wrong.", status=422, fields=wrong)


class BulkOne(View):
    @read(shapes.BulkDetail, summary="How far an import is: its check, its plan, and its way to Keycloak.")
    def get(self, request: Request, tenant: str, pk: UUID) -> Response:
        owner = tenant_in(request, tenant, P.BULK_VIEW)
        return Response(_detail(jobs.one_of(owner.slug, pk)))

    @made(
        None,
        shapes.BulkDetail,
        status=200,
        summary="Give up an import; of an applied one, take back what has not begun.",
    )
    def delete(self, request: Request, tenant: str, pk: UUID) -> Response:
        owner = tenant_in(request, tenant, P.BULK_CREATE)
        job = jobs.one_of(owner.slug, pk)

        def cancel() -> Response:
            if job.state == BulkJob.State.APPLIED:
                uploads.cancel_not_begun(job, actor=actor_in(request))
            else:
                orders.cancel(job)
            return Response(_detail(jobs.one_of(owner.slug, pk)))

        return once(request, cancel)


class BulkRows(View):
    @read(
        shapes.BulkRow,
        *("show", "q"),
        pages=True,
        summary="The rows of an import, each with what would come of it, or came of it.",
    )
    def get(self, request: Request, tenant: str, pk: UUID) -> Response:
        owner = tenant_in(request, tenant, P.BULK_VIEW)
        job = jobs.one_of(owner.slug, pk)
        rows = rows_of(job, show=words_in(request, "show") or "all", text=words_in(request, "q"))
        return self.listed(request, rows, shapes.BulkRow, read=lambda page: _rows(job, page))


def _rows(job: BulkJob, page: Iterable[BulkRow]) -> list[Values]:
    found = list(page)
    is_applied = job.plan is not None and job.plan.state == Plan.State.APPLIED
    waiting = waiting_parts(job, [row.part for row in found]) if is_applied else {}
    return [_row(row, result_of(row, is_applied=is_applied, waiting=waiting)) for row in found]


def _row(row: BulkRow, came: Result) -> Values:
    plain = {name: getattr(row, name) for name in ("line", "part", "cells", "outcome", "errors", "wish")}
    return plain | {"result": came.word, "explanation": came.sentence}


def _job(job: BulkJob) -> Values:
    names = ("id", "kind", "title", "state", "sentence", "stage", "created_at")
    fields = job.options.get("fields", [])
    return {name: getattr(job, name) for name in names} | {
        "created_by": job.actor_name,
        "counts": job.found.get("counts", {}),
        "columns": dict(zip(job.columns, fields, strict=False)),
    }


def _detail(job: BulkJob) -> Values:
    more = {
        "found": job.found,
        "plan": told(job.plan) if job.plan else None,
        "standing": standing_of(job, now=timezone.now()),
    }
    answer: Values = shapes.BulkDetail(_job(job) | more).data
    return answer
