"""How far an applied bulk change is on its way to Keycloak: derived from what waits, never stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from console.bulk.models import BulkJob, BulkRow
from console.sync.models import Plan, Run, Scope, Touched

ENOUGH_TO_SAY = 50
TO_APPLY = (BulkRow.Outcome.CREATE, BulkRow.Outcome.CHANGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """People or groups, not operations: one row of a file may need several writes."""

    done: int
    total: int
    failed: int
    waiting: int
    is_paused: bool
    is_writing: bool
    writes: int
    all_writes: int
    a_second: float
    left: timedelta | None
    sentence: str

    @property
    def left_words(self) -> str:
        """How long it will still take, as people say it; "" where nothing can be said."""
        return in_words(self.left.total_seconds()) if self.left is not None else ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change without someone's doing."""
        return not self.waiting

    @property
    def word(self) -> str:
        if self.waiting:
            return "paused" if self.is_paused else "applying" if self.is_writing else "pending"
        return "failed" if self.failed else "in-sync"


def in_words(seconds: float) -> str:
    """Return `40 s`, `3 min` or `2 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"


def standing_of(job: BulkJob, *, now: datetime) -> Standing | None:
    """Return how far the rows are, or None before they were applied. The number of queries is fixed."""
    plan = job.plan
    if plan is None or plan.state != Plan.State.APPLIED:
        return None
    if not job.has_rows:
        return _standing_of_one(plan, now)
    total = job.rows.filter(outcome__in=TO_APPLY).values("part").distinct().count()
    open_ = Touched.objects.filter(plan=plan).aggregate(
        failed=Count("part", distinct=True, filter=Q(is_set_aside=True) & ~Q(part="")),
        waiting=Count("part", distinct=True, filter=Q(is_set_aside=False) & ~Q(part="")),
        things=Count("pk", filter=Q(part="", is_set_aside=False)),
    )
    scope = Scope.objects.filter(plans=plan).first()
    run = scope.runs.order_by("-started_at").first() if scope else None
    pace, left = _pace(run, now)
    is_writing = run is not None and run.state == Run.State.RUNNING
    # What the run has done of this round waits here until the round is over.
    ahead = run.parts_done if run is not None and is_writing else 0
    stopped = Touched.objects.filter(plan=plan, is_set_aside=True).exclude(sentence="").order_by("pk").first()
    failed, waiting = min(open_["failed"], total), max(open_["waiting"] - ahead, 0)
    return Standing(
        done=max(total - failed - waiting, 0),
        total=total,
        failed=failed,
        waiting=open_["waiting"] + open_["things"],
        is_paused=scope is not None and scope.is_paused,
        is_writing=is_writing,
        writes=run.done if run is not None and is_writing else 0,
        all_writes=run.total if run is not None and is_writing else 0,
        a_second=pace,
        left=left,
        sentence=stopped.sentence if stopped else "",
    )


def _standing_of_one(plan: Plan, now: datetime) -> Standing:
    """Return how far one large change is: things and links, for it has no rows."""
    open_ = Touched.objects.filter(plan=plan).aggregate(
        failed=Count("pk", filter=Q(is_set_aside=True)), waiting=Count("pk", filter=Q(is_set_aside=False))
    )
    scope = Scope.objects.filter(plans=plan).first()
    run = scope.runs.order_by("-started_at").first() if scope else None
    pace, left = _pace(run, now)
    is_writing = run is not None and run.state == Run.State.RUNNING
    stopped = Touched.objects.filter(plan=plan, is_set_aside=True).exclude(sentence="").order_by("pk").first()
    total = max(plan.size + len(plan.unchanged), open_["failed"] + open_["waiting"])
    return Standing(
        done=total - open_["failed"] - open_["waiting"],
        total=total,
        failed=open_["failed"],
        waiting=open_["waiting"],
        is_paused=scope is not None and scope.is_paused,
        is_writing=is_writing,
        writes=run.done if run is not None and is_writing else 0,
        all_writes=run.total if run is not None and is_writing else 0,
        a_second=pace,
        left=left,
        sentence=stopped.sentence if stopped else "",
    )


def _pace(run: Run | None, now: datetime) -> tuple[float, timedelta | None]:
    """Return the writes of the present run each second, and how long it will still take.

    Nothing is said at the beginning: it would be wrong by far.
    """
    if run is None or run.state != Run.State.RUNNING or run.done < ENOUGH_TO_SAY:
        return 0.0, None
    seconds = max((now - run.started_at).total_seconds(), 0.001)
    pace = run.done / seconds
    return pace, timedelta(seconds=round(max(run.total - run.done, 0) / pace))


SHOWN = {
    "all": Q(),
    "error": Q(outcome=BulkRow.Outcome.ERROR),
    "create": Q(outcome=BulkRow.Outcome.CREATE),
    "change": Q(outcome=BulkRow.Outcome.CHANGE),
    "unchanged": Q(outcome=BulkRow.Outcome.UNCHANGED),
    "left-out": Q(outcome=BulkRow.Outcome.LEFT_OUT),
}


def rows_of(job: BulkJob, *, show: str = "all", text: str = "") -> QuerySet[BulkRow]:
    """Return the rows of a job that a filter asks for, by line."""
    rows = job.rows.order_by("line")
    if show in ("failed", "waiting"):
        stopped = Touched.objects.filter(plan=job.plan_id, is_set_aside=show == "failed").exclude(part="")
        rows = rows.filter(outcome__in=TO_APPLY, part__in=stopped.values("part"))
    else:
        rows = rows.filter(SHOWN.get(show, Q()))
    if text:
        rows = rows.filter(Q(part__icontains=text) | Q(errors__icontains=text) | Q(cells__icontains=text))
    return rows


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one row: a word, and a sentence where there is something to say."""

    word: str
    sentence: str = ""


_WORDS = {
    BulkRow.Outcome.CREATE: "new",
    BulkRow.Outcome.CHANGE: "changed",
    BulkRow.Outcome.UNCHANGED: "unchanged",
    BulkRow.Outcome.LEFT_OUT: "left out",
    BulkRow.Outcome.ERROR: "not possible",
}


def waiting_parts(job: BulkJob, parts: Any = None) -> dict[str, tuple[bool, str]]:
    """Return the parts that wait or failed: whether they were set aside, and why."""
    rows = (
        Touched.objects.filter(plan=job.plan_id).exclude(part="") if job.plan_id else Touched.objects.none()
    )
    if parts is not None:
        rows = rows.filter(part__in=parts)
    found: dict[str, tuple[bool, str]] = {}
    for part, is_aside, sentence in rows.values_list("part", "is_set_aside", "sentence").iterator():
        before = found.get(part, (False, ""))
        # The cause stands on one address of a part; the others only wait for it.
        first = sentence if not before[1] or before[1].startswith("Waits") else before[1]
        found[part] = (before[0] or is_aside, first)
    return found


def result_of(row: BulkRow, *, is_applied: bool, waiting: dict[str, tuple[bool, str]]) -> Result:
    """Return what came of a row: before the apply what would, afterwards what did."""
    told = " ".join(
        f"{one['column']}: {one['sentence']}" if one["column"] else one["sentence"] for one in row.errors
    )
    word = _WORDS[BulkRow.Outcome(row.outcome)]
    if not is_applied or row.outcome not in TO_APPLY:
        return Result(word, told)
    if row.part not in waiting:
        return Result("done")
    is_aside, sentence = waiting[row.part]
    return Result("failed", sentence) if is_aside else Result("waiting", sentence)
