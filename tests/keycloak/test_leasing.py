"""Writes that wait at the same moment share a look at the lease; none answers who comes after it began."""

import asyncio
import threading

import pytest

from console.engine.target import LostLease
from console.keycloak.leasing import Lease
from console.transport import Caller


class Looks:
    """Looks at a lease, of which the first takes until it is let go on, and one may find it lost."""

    def __init__(self, *, lost_at: int | None = None) -> None:
        self.count = 0
        self.lost_at = lost_at
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self) -> None:
        self.count += 1
        if self.count == 1:
            self.begun.set()
            assert self.go_on.wait(timeout=30)
        if self.count == self.lost_at:
            raise LostLease("Another run took over this realm.")


def ask(looks: Looks) -> list[object]:
    """Ask twice before the first look, and twice while it is under way; return what each was told."""
    caller = Caller()

    async def all_four() -> list[object]:
        lease = Lease(looks, caller)
        early = [asyncio.ensure_future(lease()) for _ in range(2)]
        await asyncio.get_running_loop().run_in_executor(None, looks.begun.wait, 30)
        late = [asyncio.ensure_future(lease()) for _ in range(2)]
        await asyncio.sleep(0)
        looks.go_on.set()
        return await asyncio.gather(*early, *late, return_exceptions=True)

    return caller.wait(all_four())


def test_one_look_answers_all_who_wait_as_it_begins_and_none_who_comes_later() -> None:
    looks = Looks()

    assert ask(looks) == [None] * 4
    assert looks.count == 2


def test_who_comes_while_a_look_is_under_way_is_told_by_the_next_one() -> None:
    early_and_late = ask(Looks(lost_at=2))

    assert early_and_late[:2] == [None, None]
    assert [type(one) for one in early_and_late[2:]] == [LostLease, LostLease]


@pytest.mark.parametrize("writes", [1, 5])
def test_after_a_refusal_nobody_looks_again(writes: int) -> None:
    looks = Looks(lost_at=1)
    looks.go_on.set()
    caller = Caller()

    async def twice() -> list[object]:
        lease = Lease(looks, caller)
        told: list[object] = []
        for _ in range(2):
            told += await asyncio.gather(*(lease() for _ in range(writes)), return_exceptions=True)
        return told

    assert [type(one) for one in caller.wait(twice())] == [LostLease] * (2 * writes)
    assert looks.count == 1
