"""The CSV files that the console gives out: samples, and the result of a job row by row."""

from collections.abc import Iterator

from access.bulk import result
from console.bulk.models import BulkJob
from console.bulk.standing import result_of, rows_of, waiting_parts
from console.sync.models import Plan

SAMPLES: dict[str, tuple[tuple[str, ...], ...]] = {
    BulkJob.Kind.PEOPLE: (
        ("User name", "E-mail", "First name", "Last name", "May sign in", "Groups", "Roles", "Until"),
        ("ann.arbor", "ann.arbor@example.org", "Ann", "Arbor", "yes", "data/engineering", "viewer", ""),
        (
            *("bob.byrne", "bob.byrne@example.org", "Bob", "Byrne", "yes"),
            *("data; platform", "viewer; developer", "2099-01-31"),
        ),
        ("cas.cole", "", "Cas", "Cole", "no", "", "", ""),
    ),
    BulkJob.Kind.ASSIGNMENTS: (
        ("Person", "Groups", "Roles", "Entitlements", "Families", "From", "Until", "Give or take"),
        ("ann.arbor", "data/engineering", "", "", "workspace", "", "", "give"),
        ("bob.byrne", "", "developer; viewer", "demo-ro", "", "2099-01-01 09:00", "2099-01-31", "give"),
        ("cas.cole", "platform", "", "", "", "", "", "take"),
    ),
}


def sample(kind: str) -> Iterator[str]:
    """Yield the lines of a file to begin with."""
    return result.lines(SAMPLES[kind])


def result_file(job: BulkJob, *, only: str = "") -> Iterator[str]:
    """Yield the lines of the result: each row as it was given, what came of it, and its line."""
    return result.lines(_result_rows(job, only))


def _result_rows(job: BulkJob, only: str) -> Iterator[list[str]]:
    columns = list(job.columns)
    kept = [place for place, name in enumerate(columns) if name not in result.RESULT_COLUMNS]
    yield [*(columns[place] for place in kept), *result.RESULT_COLUMNS]
    is_applied = job.plan is not None and job.plan.state == Plan.State.APPLIED
    waiting = waiting_parts(job) if is_applied else {}
    for row in rows_of(job, show=only or "all").iterator(chunk_size=2_000):
        told = result_of(row, is_applied=is_applied, waiting=waiting)
        cells = [row.cells[place] if place < len(row.cells) else "" for place in kept]
        yield [*cells, told.word, told.sentence, str(row.line)]
