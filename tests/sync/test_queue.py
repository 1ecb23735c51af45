"""What waits in the queue."""

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from console.sync import queue
from console.sync.models import Scope
from tests.factories import Platform


def test_a_complete_read_that_waits_is_not_asked_for_again(platform: Platform) -> None:
    """Each change of a new tenant asks for one, and further changes would wait behind them all."""
    scope = platform.scope
    queue.enqueue_read(scope)

    with transaction.atomic():
        queue.enqueue_read(scope)
        queue.enqueue(scope)

    assert _waiting("sync.read", scope) == 1
    assert _waiting("sync.scope", scope) >= 1


def _waiting(task: str, scope: Scope) -> int:
    return ProcrastinateJob.objects.filter(task_name=task, status="todo", args__scope_id=scope.pk).count()
