"""What nobody needs any more is deleted, some at a time. The record of what happened stays for ever.

Each sweep deletes at most `AT_ONCE` times `PORTIONS` rows of a kind; the next one goes on.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from console.identity.models import SignIn
from console.sync import queue, work
from console.sync.models import Plan, Touched

AT_ONCE = 1000
PORTIONS = 20


def register() -> None:
    for one in (plans, jobs, sign_ins, browser_sessions):
        work.register_purge(one)


def delete(rows: QuerySet[Any]) -> int:
    """Delete these rows, each portion in a transaction of its own, and return how many."""
    done = 0
    for _ in range(PORTIONS):
        found = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        rows.filter(pk__in=found).delete()
        done += len(found)
        if len(found) < AT_ONCE:
            break
    return done


def before(now: datetime, what: str) -> datetime:
    """Return the moment from which on something is kept, by the name of its setting."""
    return now - timedelta(days=settings.KEEP_DAYS[what])


def plans(now: datetime) -> int:
    """Delete plans that nobody applied. What was applied is what the record and undoing refer to."""
    rows = Plan.objects.exclude(state=Plan.State.APPLIED).filter(created_at__lt=before(now, "plans"))
    return delete(rows.filter(~Exists(Touched.objects.filter(plan=OuterRef("pk")))))


def jobs(now: datetime) -> int:
    """Delete jobs that ended, well or not."""
    moment, done = before(now, "jobs"), 0
    for _ in range(PORTIONS):
        count = queue.forget_ended(before=moment, most=AT_ONCE)
        done += count
        if count < AT_ONCE:
            break
    return done


def sign_ins(now: datetime) -> int:
    """Delete sign-ins, save the newest of each account: its roles and groups bound its API tokens."""
    newer = SignIn.objects.filter(user=OuterRef("user"), signed_in_at__gt=OuterRef("signed_in_at"))
    return delete(SignIn.objects.filter(Exists(newer), signed_in_at__lt=before(now, "sign_ins")))


def browser_sessions(now: datetime) -> int:
    """Delete what browsers had: their cookie names nothing any more."""
    return delete(Session.objects.filter(expire_date__lt=now))
