"""Ports that are chosen for services."""

import socket
from contextlib import ExitStack

from console.runtime.ports import free_port, is_free


def by_chance(count: int) -> list[int]:
    """Ports that the system gave to so many sockets at once."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def test_a_chosen_port_is_free_and_nobody_gets_it_by_chance() -> None:
    chosen = [free_port() for _ in range(50)]

    assert all(map(is_free, chosen))
    assert max(chosen) < min(by_chance(200))
