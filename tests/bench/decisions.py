"""Decisions over HTTP, with a token, by four clients that keep their connections: time, rate, memory.

The realm is that of `rights`: 100,000 people (`BENCH_PEOPLE`) in 5 of 2,000 nested groups each, 500 roles,
60 capabilities of 10 services, 5,000 resources, declared and said to be read: no Keycloak is filled for it.
The web server is the one of production. `make bench ARGS="decisions --stay"` fills the database of
DATABASE_URL, or takes what it finds there, and leaves it: to measure again takes a few seconds.
"""

import io
import json
import multiprocessing
import os
import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Person, PersonRole, Role
from access.services import assignments
from console.api.authzen import serving
from console.api.services import tokens
from console.identity.actor import Actor, ActorKind
from console.permissions.policy import ADMIN, SUPERUSER
from console.permissions.vocabulary import Permission
from console.runtime import processes
from console.runtime.steps import Step
from tenants.models import Tenant
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.processor import ticks_of
from tests.bench.rights import GROUPS, PEOPLE, RESOURCES, ROLES
from tests.bench.rights_filled import emptied, filled
from tests.bench.world import Worlds
from tests.operators import sign_in_as

SERVICES, EACH = 10, 6
CLIENTS, REQUESTS, BATCHES, BATCH = 4, 3_000, 100, 100
MS_A_TICK = 1000 / os.sysconf("SC_CLK_TCK")
FIRST = 20  # requests of a client that are not measured
SLUG = "crowd"
MAKER = Actor(
    key="sso:bench-maker",
    name="bench-maker",
    kind=ActorKind.SSO,
    roles=frozenset({ADMIN, SUPERUSER}),
    is_superuser=True,
)


def measure(place: Place, worlds: Worlds) -> None:
    """Print how fast single decisions and batches are, what they cost, and how large a process becomes."""
    figures.head("Decisions over HTTP (AuthZEN), token authentication on, loopback, keep-alive")
    figures.line("size", f"{PEOPLE:,} people, {GROUPS:,} groups, {ROLES} roles, {RESOURCES:,} resources")
    figures.line("machine", figures.machine())
    with figures.stopwatch() as watch:
        tenant = Tenant.objects.filter(slug=SLUG).first() or filled(SLUG)
    figures.line("filling by COPY, or finding it", f"{watch.seconds:.0f} s")
    try:
        _measure(place, tenant, _token())
    finally:
        if not place.stays:
            emptied(SLUG)
    figures.line("machine at the end", figures.machine())


def _measure(place: Place, tenant: Tenant, secret: str) -> None:
    place.application.start(Step("  ", io.StringIO()))
    address = urlsplit(place.values["GATEHOUSE_URL"])
    server = Server(place, address.hostname or "localhost", address.port or 80, secret)
    _print("warming up", server, one_question, 400, per=1, aim="")
    _print("one decision", server, one_question, REQUESTS, per=1, aim="p50 3, p99 10 ms, 600 a second")
    _print(f"a batch of {BATCH}", server, many_questions, BATCHES, per=BATCH, aim="15 ms")
    figures.line("statements for one decision", _statements(secret, one_question, REQUESTS))
    figures.line(f"statements for a batch of {BATCH}", _statements(secret, many_questions, 2))
    _visible(tenant, server)
    figures.line("memory of the web processes", f"{', '.join(_memory(place))}; aim: at most 400 MB")


@dataclass(frozen=True)
class Server:
    """Where the web server is, and what opens it."""

    place: Place
    host: str
    port: int
    secret: str

    def spent(self) -> tuple[int, int]:
        """Return the ticks of the processor so far: of the web processes, and of their database."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            backends = [row[0] for row in cursor.fetchall()]
        return sum(map(ticks_of, _web_processes(self.place))), sum(map(ticks_of, backends))


def _token() -> str:
    sign_in_as(Client(), MAKER.name, roles=(ADMIN, SUPERUSER), is_superuser=True)
    now = timezone.now()
    return tokens.create(
        actor=MAKER,
        name="bench",
        permissions=[Permission.DECISION_VIEW.value],
        tenant=SLUG,
        expires_at=now + timedelta(days=1),
        now=now,
    ).secret.reveal()


# --- asking -------------------------------------------------------------------------------------------


def question(chance: random.Random) -> dict[str, Any]:
    service, capability = chance.randrange(SERVICES), chance.randrange(EACH)
    return {
        "subject": {"type": "user", "id": f"person-{chance.randrange(PEOPLE)}"},
        "action": {"name": f"s{service}:c{capability}"},
        "resource": {"type": "thing", "id": f"thing-{chance.randrange(RESOURCES)}"},
    }


def one_question(chance: random.Random) -> tuple[str, bytes]:
    return "/access/v1/evaluation", json.dumps(question(chance)).encode()


def many_questions(chance: random.Random) -> tuple[str, bytes]:
    body = {"evaluations": [question(chance) for _ in range(BATCH)]}
    return "/access/v1/evaluations", json.dumps(body).encode()


Maker = Callable[[random.Random], tuple[str, bytes]]
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one client saw: seconds of each request, when it began and ended, and how many were a yes."""

    seconds: list[float]
    began: float
    ended: float
    yes: int


def ask(host: str, port: int, secret: str, maker: Maker, count: int, seed: int) -> Asked:
    """Send requests one after the other over one connection."""
    chance = random.Random(seed)
    requests = [_raw(host, secret, *maker(chance)) for _ in range(count + FIRST)]
    with socket.create_connection((host, port)) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for raw in requests[:FIRST]:
            _answered(connected, raw)
        seconds, yes, began = [], 0, time.time()
        for raw in requests[FIRST:]:
            start = time.perf_counter()
            answer = _answered(connected, raw)
            seconds.append(time.perf_counter() - start)
            yes += answer.count(b'"decision":true')
    return Asked(seconds=seconds, began=began, ended=time.time(), yes=yes)


def _raw(host: str, secret: str, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answered(connected: socket.socket, raw: bytes) -> bytes:
    connected.sendall(raw)
    read = b""
    while b"\r\n\r\n" not in read:
        read += connected.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    assert head.startswith(b"HTTP/1.1 200"), head + body
    while length and len(body) < int(length.group(1)):
        body += connected.recv(65536)
    return body


def _print(label: str, server: Server, maker: Maker, count: int, *, per: int, aim: str) -> None:
    each = count // CLIENTS
    before = server.spent()
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        arguments = [(server.host, server.port, server.secret, maker, each, seed) for seed in range(CLIENTS)]
        found = pool.starmap(ask, arguments)
    pairs = zip(server.spent(), before, strict=True)
    web, database = (MS_A_TICK * (now - then) / (count + CLIENTS * FIRST) for now, then in pairs)
    cuts = quantiles((1000 * one for asked in found for one in asked.seconds), n=100)
    rate = each * CLIENTS * per / (max(one.ended for one in found) - min(one.began for one in found))
    yes = 100 * sum(one.yes for one in found) / (each * CLIENTS * per)
    figures.line(
        f"{label}, {CLIENTS} clients",
        f"p50 {cuts[49]:.2f} ms   p99 {cuts[98]:.2f} ms   {rate:,.0f} decisions/s" + (aim and f"; aim {aim}"),
    )
    spent = f"{web:.2f} ms web + {database:.2f} ms PostgreSQL a request"
    figures.line("  processor for it", f"{spent}; {yes:.0f} % yes")


def _statements(secret: str, maker: Maker, count: int) -> str:
    """Return how many a request takes in this process, which holds no structure: the last, and the most."""
    chance, found = random.Random(1), []
    for _ in range(count):
        path, body = maker(chance)
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {secret}",
            "wsgi.input": io.BytesIO(body),
        }
        with CaptureQueriesContext(connection) as captured:
            serving.application(environ, lambda *_: None)
        found.append(len(captured))
    return f"{found[-1]}; the first took {found[0]}"


def _visible(tenant: Tenant, server: Server) -> None:
    """Print whether a change counts in the next decision of each web process."""
    role, wrong, changes = Role.objects.get(realm=tenant.realm, name="role-0"), 0, 0
    body = {"action": {"name": "s0:c0"}, "resource": {"type": "thing", "id": "thing-1"}}
    for number in random.sample(range(PEOPLE), 20):
        one = Person.objects.get(realm=tenant.realm, username=f"person-{number}")
        if PersonRole.objects.filter(person=one, role=role).exists():
            continue
        assignments.give_roles(actor=MAKER, tenant=SLUG, people=[one.pk], roles=[role.pk])
        asked = json.dumps({"subject": {"type": "user", "id": one.username}, **body}).encode()
        raw = _raw(server.host, server.secret, "/access/v1/evaluation", asked)
        for _ in range(4):  # a connection each, so that both processes are met
            with socket.create_connection((server.host, server.port)) as connected:
                wrong += b'"decision":true' not in _answered(connected, raw)
        changes += 1
    told = "always" if not wrong else f"missing in {wrong} answers"
    figures.line("a change in the next decision", f"{told}, {changes} changes")


def _memory(place: Place) -> Iterator[str]:
    for pid in _web_processes(place):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            found = re.search(r"VmRSS:\s+(\d+) kB", file.read())
        if found:
            yield f"{int(found.group(1)) / 1024:.0f} MB"


def _web_processes(place: Place) -> Iterator[int]:
    """Yield the processes of the web server: the one that was started, and those that it started."""
    record = processes.running(place.layout, "web")
    if record is None:
        return
    first = record.pid
    yield first
    with open(f"/proc/{first}/task/{first}/children", encoding="ascii") as file:
        yield from map(int, file.read().split())
