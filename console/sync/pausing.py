"""Stopping what is written to a realm, and letting it go on. What is being written is finished first."""

from django.db import transaction

from console.sync import queue
from console.sync.models import Scope


def pause(scope: Scope) -> None:
    """Let nothing further begin in this realm."""
    Scope.objects.filter(pk=scope.pk).update(is_paused=True)


def resume(scope: Scope) -> None:
    """Let what waits go on where it stopped."""
    with transaction.atomic():
        Scope.objects.filter(pk=scope.pk).update(is_paused=False, next_attempt_at=None)
        queue.enqueue(scope)
