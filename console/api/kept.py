"""Idempotency keys: the first request with a key is carried out, each repeat gets what that one got."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from console.api.models import KeptAnswer
from console.sync import purging

KEPT_FOR = timedelta(days=1)
AT_WORK_FOR = timedelta(minutes=5)


class KeyUsedOtherwise(Exception):
    """The key came with another request before."""


class StillAtWork(Exception):
    """The first request with this key has no answer yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key that is ours to answer, or the answer that was given to it (`row` has a status)."""

    row: KeptAnswer
    is_new: bool


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """Return what makes two requests the same."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def claim(*, token: int, key: str, fingerprint: str, now: datetime) -> Claim:
    """Return the claim of a key. Raises KeyUsedOtherwise, StillAtWork."""
    KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    KeptAnswer.objects.filter(
        token_id=token, key=key, status=None, created_at__lt=now - AT_WORK_FOR
    ).delete()  # whoever was at it is gone: what it did is found by the preview of the repeat
    try:
        with transaction.atomic():
            row = KeptAnswer.objects.create(token_id=token, key=key, fingerprint=fingerprint, created_at=now)
    except IntegrityError:
        return _given(token, key, fingerprint)
    return Claim(row=row, is_new=True)


def purge(now: datetime) -> int:
    """Delete the answers that are older than any repeat, and return how many."""
    return purging.delete(KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR))


def keep(found: Claim, *, status: int, body: Any) -> None:
    """Keep an answer. What failed by our fault is not kept: it may be tried again with the same key."""
    if status >= 500:
        found.row.delete()
        return
    found.row.status, found.row.body = status, body
    found.row.save(update_fields=["status", "body"])


def given(*, token: int, key: str, fingerprint: str) -> KeptAnswer | None:
    """Return what was answered to this very request before, or None."""
    return KeptAnswer.objects.filter(
        token_id=token, key=key, fingerprint=fingerprint, status__isnull=False
    ).first()


def _given(token: int, key: str, fingerprint: str) -> Claim:
    row = KeptAnswer.objects.get(token_id=token, key=key)
    if row.fingerprint != fingerprint:
        raise KeyUsedOtherwise("This Idempotency-Key came with another request before. Use a new one.")
    if row.status is None:
        raise StillAtWork("The first request with this Idempotency-Key is still at work. Ask again soon.")
    return Claim(row=row, is_new=False)
