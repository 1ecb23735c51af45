"""Mails before something ends, to the people who hold it. Nobody is told twice of the same end."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from access.models import Notice, Person
from access.services import notices
from access.services.periods import words
from access.services.terms import SORTS
from access.timing import CLOCK
from console.sync import work
from console.timed import Term
from tenants.models import Tenant

log = logging.getLogger(__name__)

BEFORE = timedelta(days=3)
EVERY = 60.0  # seconds between two looks
AT_ONCE = 50  # people in one look
PERSONAL = ("membership", "person-role", "entitlement")
_LOCK = 7_316_001  # any number that nobody else takes: one worker sends at a time


def register() -> None:
    work.register_watch("notices by mail", once, every=EVERY)


def once() -> int:
    """Tell people of what ends within three days, and return how many mails were sent.

    A mail that could not be handed in is tried again at the next look. After a crash between sending and
    keeping that it was sent, somebody may be told twice.
    """
    if not settings.MAIL:
        return 0
    now = timezone.now()
    with transaction.atomic():
        if not _is_alone():
            return 0
        return _send(_due(now))


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _due(now: datetime) -> dict[Person, list[tuple[str, Any]]]:
    """Return what ends soon and was not told yet, by person: those who have an e-mail and may sign in."""
    found: dict[Person, list[tuple[str, Any]]] = {}
    for key in PERSONAL:
        sort = SORTS[key]
        told = Notice.objects.filter(sort=key, grant=OuterRef("pk"), ends_at=OuterRef("ends_at"))
        rows = sort.model.every.filter(
            ~Exists(told), state=Term.ACTIVE, ends_at__gt=now, ends_at__lte=now + BEFORE, person__isnull=False
        )
        rows = rows.exclude(person__email="").filter(person__enabled=True).select_related(*sort.ends)
        for row in rows.order_by("ends_at", "pk")[: AT_ONCE * 10]:
            found.setdefault(row.person, []).append((key, row))
    return dict(list(found.items())[:AT_ONCE])


def _send(due: dict[Person, list[tuple[str, Any]]]) -> int:
    if not due:
        return 0
    sent = 0
    names = _tenants({person.realm_id for person in due})
    try:
        with get_connection() as mails:
            for person, grants in due.items():
                mail = message(person, [row for _, row in grants], of=_called(names[person.realm_id]))
                mail.connection = mails
                mail.send()
                notices.keep(actor=CLOCK, person=person, of=names[person.realm_id], grants=grants)
                sent += 1
    except (OSError, SMTPException) as error:
        log.warning("Notices could not be handed in: %s. They are tried again.", error)
    return sent


def message(person: Person, rows: Sequence[Any], *, of: str) -> EmailMessage:
    """Return the mail that tells somebody what ends and when."""
    lines = [f"- {_what(row)}, until {words(row.ends_at)}" for row in rows]
    first = min(row.ends_at for row in rows)
    body = "\n".join(
        [
            f"Hello {person},",
            "",
            f"this access of yours at {of} ends by itself:",
            "",
            *lines,
            "",
            "If you still need it, ask an administrator to renew it before then.",
        ]
    )
    subject = f"Access at {of} ends {words(first)}"
    return EmailMessage(subject=subject, body=body, to=[person.email])


def _what(row: Any) -> str:
    if hasattr(row, "level"):
        return f"{row.level} of {row.resource}"
    return f"the role {row.role}" if hasattr(row, "role") else f"the group {row.group}"


def _tenants(realms: Iterable[int]) -> dict[int, Tenant]:
    """Return the tenant of each realm that speaks to its people: the whole one, or a first of its shares."""
    rows = Tenant.objects.filter(realm__in=realms).select_related("realm__scope")
    rows = rows.order_by("-served_by", "-pk")  # the last one of a realm stands
    return {one.realm_id: one for one in rows}


def _called(tenant: Tenant) -> str:
    return tenant.realm.name if tenant.is_share else tenant.name
