"""Work that apps above leave to the workers: it commits with its order, and unknown work does no harm."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from console.sync import queue, tasks, work

DONE: list[str] = []


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr(work, "_WORK", {})
    monkeypatch.setattr(work, "_PURGES", [])
    DONE.clear()
    yield DONE
    DONE.clear()


def note(key: str) -> None:
    DONE.append(key)


def test_a_name_stands_for_one_piece_of_work(noted: list[str]) -> None:
    work.register("x.note", note)
    work.register("x.note", note)

    with pytest.raises(ValueError, match="registered twice"):
        work.register("x.note", print)


def test_a_task_does_what_was_registered_and_leaves_what_it_does_not_know(
    transactional_db: None, noted: list[str]
) -> None:
    work.register("x.note", note)

    tasks.do_work(name="x.note", key="one", sent_by_a_later_version=True)
    tasks.do_work(name="of.a.later.version", key="two")

    assert noted == ["one"]


def test_an_order_commits_with_its_change_or_not_at_all(transactional_db: None) -> None:
    orders = ProcrastinateJob.objects.filter(task_name="sync.work", args__key="of-this-test")
    with transaction.atomic():
        queue.enqueue_work("x.note", "of-this-test", lock="a")
        transaction.set_rollback(True)
    assert not orders.exists()

    queue.enqueue_work("x.note", "of-this-test", lock="a")

    assert list(orders.values_list("queue_name", "lock")) == [("bulk", "work:a")]
    orders.all().delete()


def test_all_purges_are_asked(noted: list[str]) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    work.register_purge(lambda moment: 2 if moment == now else 0)
    work.register_purge(lambda moment: 3)

    assert work.purge(now) == 5
