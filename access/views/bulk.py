"""Files of people and assignments: upload, columns, check, plan, and what came of each row."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.bulk import files, uploads
from access.bulk.forms import MappingForm, UploadForm
from access.bulk.reader import DELIMITERS, ENCODINGS
from console.bulk import flow, jobs, orders
from console.bulk.models import BulkJob
from console.bulk.standing import in_words, result_of, rows_of, standing_of, waiting_parts
from console.permissions.decorators import require
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.web.pages import render_page
from console.web.paging import page_of
from console.web.uploads import was_too_large
from tenants.loaders import tenant_for

FORM = ["GET", "POST"]


@require(Permission.BULK_VIEW)
@require_GET
def bulk_list(request: HttpRequest, tenant: str) -> HttpResponse:
    """The imports and other bulk changes of a tenant."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    page = page_of(request, jobs.of_tenant(owner.slug))
    return render_page(
        request,
        page="access/bulk_list.html",
        fragment="results",
        context={"tenant": owner, "page": page, "is_busy": any(one.is_busy for one in page)},
    )


@require(Permission.BULK_CREATE)
@require_http_methods(FORM)
def bulk_upload(request: HttpRequest, tenant: str) -> HttpResponse:
    """Take a file. It is read through at once, and nothing else is done with it yet."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    first = {"kind": request.GET.get("kind", BulkJob.Kind.PEOPLE)}
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        tenant=owner,
        initial=first,
        is_too_large=was_too_large(request),
    )
    if request.method == "POST" and form.is_valid():
        job = uploads.keep_file(
            actor=request.actor,  # type: ignore[attr-defined]
            tenant=owner,
            kind=form.cleaned_data["kind"],
            file_name=form.cleaned_data["file"].name,
            table=form.table,
        )
        return redirect("access:bulk-mapping", tenant=tenant, pk=job.pk)
    return render_page(
        request,
        page="access/bulk_upload.html",
        context={"form": form, "tenant": owner},
        status=422 if form.is_bound else 200,
    )


@require(Permission.BULK_CREATE)
@require_http_methods(FORM)
def bulk_mapping(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """Say what the columns mean. A worker checks the rows then."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    job = jobs.one_of(owner.slug, pk)
    if not jobs.text_of(job):
        raise Http404("There are no columns to be named.")
    form = MappingForm(request.POST or None, tenant=owner, job=job)
    if request.method == "POST" and form.is_valid():
        try:
            uploads.name_columns(job, actor=request.actor, fields=form.chosen, options=form.reading)  # type: ignore[attr-defined]
        except Refused as error:
            form.add_error(None, str(error))
        else:
            return redirect(job)
    return render_page(
        request,
        page="access/bulk_mapping.html",
        context={"form": form, "tenant": owner, "job": job, **_read_as(job)},
        status=422 if form.is_bound else 200,
    )


def _read_as(job: BulkJob) -> dict[str, str]:
    return {
        "encoding": ENCODINGS.get(job.encoding, job.encoding),
        "delimiter": DELIMITERS.get(job.delimiter, job.delimiter),
    }


@require(Permission.BULK_VIEW)
@require_GET
def bulk_detail(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """How far it is, and every row with what was found about it or came of it."""
    owner = tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    job = jobs.one_of(owner.slug, pk)
    return render_page(
        request,
        page="access/bulk_detail.html",
        fragment="results",
        context={"tenant": owner, "job": job, **_read_as(job), **_detail(request, job)},
    )


def _detail(request: HttpRequest, job: BulkJob) -> dict[str, Any]:
    show, text = request.GET.get("show", ""), request.GET.get("q", "").strip()
    standing = standing_of(job, now=timezone.now())
    counts = job.found.get("counts", {})
    chosen = show or _first_shown(counts, standing)
    page = page_of(request, rows_of(job, show=chosen, text=text))
    parts = waiting_parts(job, [row.part for row in page]) if standing else {}
    told = [(row, result_of(row, is_applied=standing is not None, waiting=parts)) for row in page]
    return {
        "standing": standing,
        "counts": counts,
        "rows": told,
        "page": page,
        "show": show,
        "text": text,
        "is_live": job.is_busy or (standing is not None and not standing.is_over),
        "elapsed": _elapsed(job),
    }


def _first_shown(counts: dict[str, int], standing: Any) -> str:
    """Return what to look at first: what needs somebody."""
    if standing is not None:
        return "failed" if standing.failed else "all"
    return "error" if counts.get("error") else "all"


def _elapsed(job: BulkJob) -> tuple[float, str] | None:
    """Return the rows each second of the present stage, and how long it will still take."""
    if not job.is_busy or not job.done or job.stage_since is None:
        return None
    pace = job.done / max((timezone.now() - job.stage_since).total_seconds(), 0.001)
    return pace, in_words(max(job.total - job.done, 0) / pace)


@require(Permission.BULK_CREATE)
@require_POST
def bulk_check(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """Check the rows again, perhaps with unknown groups and roles to be created."""
    job = jobs.one_of(tenant_for(request.actor, tenant).slug, pk)  # type: ignore[attr-defined]
    try:
        if request.POST.get("missing") in ("create", "refuse"):
            jobs.keep_options(job, {**job.options, "missing": request.POST["missing"]})
        orders.check(job, actor=request.actor)  # type: ignore[attr-defined]
    except Refused as error:
        messages.error(request, str(error))
    return redirect(job)


@require(Permission.BULK_CREATE)
@require_POST
def bulk_cancel(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """Give up what was not applied; of what was, take back what has not begun."""
    job = jobs.one_of(tenant_for(request.actor, tenant).slug, pk)  # type: ignore[attr-defined]
    try:
        if job.state == BulkJob.State.APPLIED:
            count = uploads.cancel_not_begun(job, actor=request.actor)  # type: ignore[attr-defined]
            messages.info(request, f"{count:,} rows were cancelled before they began.")
        else:
            orders.cancel(job)
            messages.info(request, "Cancelled. Nothing was changed.")
    except (Refused, Forbidden) as error:
        messages.error(request, str(error))
    return redirect(job)


@require(Permission.RUN_RETRY)
@require_POST
def bulk_pause(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """Let no further row begin."""
    return _steer(request, tenant, pk, flow.pause, "Paused. What is being written is finished first.")


@require(Permission.RUN_RETRY)
@require_POST
def bulk_resume(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """Go on after a pause."""
    return _steer(request, tenant, pk, flow.resume, "It goes on.")


@require(Permission.RUN_RETRY)
@require_POST
def bulk_retry(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """Try the failed rows again, and no others."""
    return _steer(request, tenant, pk, flow.retry_failed, "The failed rows are tried again.")


def _steer(request: HttpRequest, tenant: str, pk: UUID, do: Any, words: str) -> HttpResponse:
    job = jobs.one_of(tenant_for(request.actor, tenant).slug, pk)  # type: ignore[attr-defined]
    try:
        do(job)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.info(request, words)
    return redirect(job)


@require(Permission.BULK_VIEW)
@require_GET
def bulk_result(request: HttpRequest, tenant: str, pk: UUID) -> HttpResponse:
    """The rows as a CSV file, each with what came of it; with `only=error`, those to be corrected."""
    job = jobs.one_of(tenant_for(request.actor, tenant).slug, pk)  # type: ignore[attr-defined]
    lines = files.result_file(job, only=request.GET.get("only", ""))
    return _csv(lines, f"result-{job.pk}.csv")


@require(Permission.BULK_VIEW)
@require_GET
def bulk_sample(request: HttpRequest, tenant: str, kind: str) -> HttpResponse:
    """A file to begin with."""
    tenant_for(request.actor, tenant)  # type: ignore[attr-defined]
    if kind not in files.SAMPLES:
        raise Http404("There is no such sample.")
    return _csv(files.sample(kind), f"{kind}.csv")


def _csv(lines: Iterator[str], name: str) -> Any:
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
