"""The transport on a real Keycloak behind a forwarder that spoils replies."""

import copy
import json
import os
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from console.transport import (
    Caller,
    Lost,
    NotSent,
    Patience,
    Refused,
    Reply,
    Secret,
    Transport,
    calls,
    run,
)
from tests.keycloak.forwarder import Fault, Forwarder, forwarding

MASTER = ("realms", "master")


@pytest.fixture
def forwarder(keycloak_connection: Any) -> Iterator[Forwarder]:
    with forwarding(keycloak_connection.url) as running:
        yield running


def ask(forwarder: Forwarder, method: str = "GET", **extra: Any) -> Reply:
    return run(Transport(forwarder.url).request(method, MASTER, **extra))


def test_a_reply_comes_with_status_json_and_headers(forwarder: Forwarder) -> None:
    reply = ask(forwarder)

    assert (reply.status, reply.json["realm"]) == (200, "master")
    assert "json" in reply.headers["content-type"]


def test_the_request_line_is_the_intended_one(forwarder: Forwarder) -> None:
    """Looked at where it arrives, behind every layer that could have changed it."""
    names = ["a b", "?", "#", ";x=1", "%41", "é", "a+b", "~", "*", "a..b", "(x)"]

    for name in names:
        run(Transport(forwarder.url).request("GET", ("admin", "realms", name), query={"q": "ü&=/?#"}))

    quoted = ["a%20b", "%3F", "%23", "%3Bx%3D1", "%2541", "%C3%A9", "a%2Bb", "~", "%2A", "a..b", "%28x%29"]
    assert forwarder.targets == [f"/admin/realms/{one}?q=%C3%BC%26%3D%2F%3F%23" for one in quoted]


def test_what_is_refused_is_not_sent(forwarder: Forwarder) -> None:
    for name in ("..", "a/b", "\x00", "\ud800", "x" * 10_000):
        with pytest.raises(Refused):
            run(Transport(forwarder.url).request("DELETE", ("admin", "realms", name)))

    assert forwarder.seen == []


def test_a_read_is_asked_once_more_after_a_cut_and_not_more_often(forwarder: Forwarder) -> None:
    forwarder.spoil("GET", "/master", Fault(cut_after=0))
    assert ask(forwarder).status == 200
    assert len(forwarder.seen) == 2

    forwarder.spoil("GET", "/master", Fault(cut_after=0), times=9)
    with pytest.raises(Lost):
        ask(forwarder)
    assert len(forwarder.seen) == 4


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("cut_after", [0, 20])
def test_a_write_is_sent_once_even_on_a_connection_that_was_used_before(
    forwarder: Forwarder, method: str, cut_after: int
) -> None:
    """HTTP libraries repeat PUT and DELETE there by themselves."""
    ask(forwarder)
    forwarder.spoil(method, "/master", Fault(forwarded=False, cut_after=cut_after))

    with pytest.raises(Lost):
        ask(forwarder, method, json={})

    assert forwarder.count(method, "/master") == 1


def test_a_late_answer_is_lost_and_not_asked_again(forwarder: Forwarder) -> None:
    forwarder.spoil("GET", "/master", Fault(seconds=2))

    with pytest.raises(Lost, match="in time"):
        ask(forwarder, patience=Patience(read=0.3, total=1))

    assert len(forwarder.seen) == 1


def test_no_connection_means_nothing_was_sent() -> None:
    with pytest.raises(NotSent):
        run(Transport("http://127.0.0.1:9").request("POST", MASTER, json={}))


def test_a_redirect_is_not_followed(forwarder: Forwarder) -> None:
    """The token would go along."""
    elsewhere = (("location", f"{forwarder.url}/elsewhere"),)
    forwarder.spoil("GET", "/master", Fault(status=302, headers=elsewhere))

    reply = ask(forwarder, bearer=Secret("token"))

    assert reply.status == 302
    assert len(forwarder.seen) == 1


def test_a_proxy_of_the_environment_is_not_used(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert ask(forwarder).status == 200


def test_cookies_are_not_kept(forwarder: Forwarder) -> None:
    forwarder.spoil("GET", "/master", Fault(headers=(("set-cookie", "a=b"),), status=200))
    ask(forwarder)
    seen: list[dict[str, str]] = []
    ask_upstream = forwarder._ask
    forwarder._ask = lambda m, t, headers, b: (seen.append(headers), ask_upstream(m, t, headers, b))[1]  # type: ignore[method-assign]

    ask(forwarder)

    assert "cookie" not in seen[0]


def test_an_answer_that_is_too_large_is_not_read(forwarder: Forwarder) -> None:
    forwarder.spoil("GET", "/master", Fault(status=200, body=b"x" * (21 * 2**20)), times=2)

    with pytest.raises(Lost, match="larger than 20 MB"):
        ask(forwarder)


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"a":' + b"1" * 5000 + b"}", b"\xff\xfe", b""])
def test_what_is_no_json_is_none(forwarder: Forwarder, body: bytes) -> None:
    forwarder.spoil("GET", "/master", Fault(status=200, content_type="application/json", body=body))

    reply = ask(forwarder)

    assert (reply.status, reply.json) == (200, None)


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("hunter2")
    reply = Reply(200, None, "hunter2", {"x": "hunter2"})

    for shown in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        "{}".format(secret),  # noqa: UP032
        repr([secret]),
        repr(reply),
    ):
        assert "hunter2" not in shown
    with pytest.raises(TypeError):
        json.dumps({"secret": secret})
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert "hunter2" not in str(vars(secret) if hasattr(secret, "__dict__") else {})
    assert secret.reveal() == copy.deepcopy(secret).reveal() == copy.copy(secret).reveal() == "hunter2"


def test_calls_are_counted_while_the_counter_is_open(forwarder: Forwarder) -> None:
    with calls() as outer:
        ask(forwarder)
        with calls() as inner:
            ask(forwarder)
    ask(forwarder)

    assert (outer.count, inner.count) == (2, 1)
    assert inner.made == ["GET /realms/master"]


def test_many_threads_share_one_loop(forwarder: Forwarder) -> None:
    replies: list[int] = []
    threads = [threading.Thread(target=lambda: replies.append(ask(forwarder).status)) for _ in range(12)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert replies == [200] * 12
    assert [one.name for one in threading.enumerate()].count("transport") == 1


def test_a_forked_child_starts_its_own_loop(forwarder: Forwarder) -> None:
    """As a server that forks its workers after the first call does."""
    ask(forwarder)
    read, write = os.pipe()

    child = os.fork()
    if child == 0:
        try:
            os.write(write, str(ask(forwarder).status).encode())
        finally:
            os._exit(0)
    os.close(write)
    _, status = os.waitpid(child, 0)

    assert os.read(read, 10) == b"200"
    assert status == 0
    assert ask(forwarder).status == 200
    os.close(read)


def test_a_call_from_the_loop_itself_is_refused_instead_of_waiting_for_itself(forwarder: Forwarder) -> None:
    async def inside() -> Reply:
        return ask(forwarder)

    with pytest.raises(RuntimeError, match="wait for itself"):
        run(inside())


def test_a_caller_answers_in_its_own_thread_and_hands_its_errors_over() -> None:
    caller = Caller()
    threads: list[str] = []

    def fails() -> None:
        raise LookupError("from the caller")

    async def work() -> str:
        threads.append(threading.current_thread().name)
        await caller.call(lambda: threads.append(threading.current_thread().name))
        try:
            await caller.call(fails)
        except LookupError as error:
            return str(error)
        return "no error"

    assert caller.wait(work()) == "from the caller"
    assert threads == ["transport", threading.current_thread().name]
