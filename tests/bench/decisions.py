"""Decisions over HTTP, with a token, by four clients that keep their connections: time, rate, memory.

100,000 people in 2,000 nested groups, 500 roles, 60 capabilities of 10 services, 5,000 resources. The people
stand in the console's tables only: no decision asks Keycloak, so no Keycloak is filled for it.
"""

import io
import json
import multiprocessing
import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.utils import timezone

from access.models import (
    Composite,
    EntitlementType,
    Group,
    GroupRole,
    Membership,
    Person,
    PersonRole,
    Resource,
    Role,
)
from access.services import assignments
from console.api.services import tokens
from console.blueprints.loader import load
from console.identity.actor import Actor, ActorKind
from console.permissions.policy import ADMIN, SUPERUSER
from console.permissions.vocabulary import Permission
from console.runtime import processes
from console.runtime.steps import Step
from console.sync.models import KeycloakServer, Scope
from tenants.models import Blueprint, BlueprintUse, Realm, Tenant
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.world import Worlds
from tests.operators import sign_in_as

PEOPLE, GROUPS, ROLES, SERVICES, EACH, RESOURCES = 100_000, 2_000, 500, 10, 6, 5_000
CLIENTS, REQUESTS, BATCHES, BATCH = 4, 1_500, 60, 100
SLUG = "crowd"
BY = {"created_by": "bench"}
MAKER = Actor(
    key="sso:bench-maker",
    name="bench-maker",
    kind=ActorKind.SSO,
    roles=frozenset({ADMIN, SUPERUSER}),
    is_superuser=True,
)


def measure(place: Place, worlds: Worlds) -> None:
    """Print how fast single decisions and batches are, and how large a web process becomes."""
    figures.head("Decisions over HTTP (AuthZEN), token authentication on, loopback, keep-alive")
    with figures.stopwatch() as watch:
        tenant = crowd()
    figures.line("filling", f"{PEOPLE:,} people, {watch.seconds:.0f} s")
    secret = _token()
    place.application.start(Step("  ", io.StringIO()))
    address = urlsplit(place.values["GATEHOUSE_URL"])
    host, port = address.hostname or "localhost", address.port or 80
    _print("one decision", host, port, secret, one_question, REQUESTS, per=1)
    _print(f"a batch of {BATCH}", host, port, secret, many_questions, BATCHES, per=BATCH)
    _visible(tenant, host, port, secret)
    figures.line("memory of the web processes", ", ".join(_memory(place)))
    figures.line("machine at the end", figures.machine())


# --- who is asked about -------------------------------------------------------------------------------


def crowd() -> Tenant:
    """Declare everything without the services: nobody waits for a Keycloak with 100,000 people."""
    chance = random.Random(7)
    server = KeycloakServer.objects.create(
        name="crowd", url="http://127.0.0.1:9", client_id="x", sealed_secret="-"
    )
    scope = Scope.objects.create(server=server, realm=SLUG, generation=1, applied_generation=1)
    realm = Realm.objects.create(scope=scope, **BY)
    tenant = Tenant.objects.create(slug=SLUG, name="Crowd", realm=realm, **BY)
    roles = _saved(Role, (Role(realm=realm, name=f"role-{n}", **BY) for n in range(ROLES)))
    _saved(
        Composite,
        (Composite(realm=realm, parent=roles[n], child=roles[n + 50], **BY) for n in range(0, ROLES - 50, 5)),
    )
    groups = _groups(realm)
    _saved(
        GroupRole,
        (GroupRole(realm=realm, group=one, role=chance.choice(roles), **BY) for one in groups),
    )
    people = _saved(Person, (Person(realm=realm, username=f"person-{n}", **BY) for n in range(PEOPLE)))
    _saved(
        Membership,
        (Membership(realm=realm, person=one, group=chance.choice(groups), **BY) for one in people),
    )
    _saved(
        PersonRole,
        (PersonRole(realm=realm, person=one, role=chance.choice(roles), **BY) for one in people),
    )
    kind = EntitlementType.objects.create(realm=realm, name="thing", levels=["READ", "WRITE"], **BY)
    _saved(Resource, (Resource(realm=realm, type=kind, name=f"thing-{n}", **BY) for n in range(RESOURCES)))
    _use(tenant)
    connection.cursor().execute("ANALYZE")
    return tenant


def _saved(model: Any, rows: Iterator[Any]) -> list[Any]:
    return list(model.objects.bulk_create(rows, batch_size=5_000))


def _groups(realm: Realm) -> list[Group]:
    """Return the groups, four deep: 20 at the top, and each the parent of others."""
    found: list[Group] = []
    level: list[Group | None] = [None]
    for count in (20, 80, 400, GROUPS - 500):
        rows = []
        for number in range(count):
            parent = level[number % len(level)]
            path = f"{parent.path}/g{number}" if parent else f"g{number}"
            rows.append(Group(realm=realm, name=f"g{number}", path=path, parent=parent, **BY))
        level = list(_saved(Group, iter(rows)))
        found += [one for one in level if one]
    return found


def _use(tenant: Tenant) -> None:
    text = _blueprint()
    read = load(text)
    row = Blueprint.objects.create(
        key=read.key, version="1", name=read.name, text=text, digest=read.digest, source="uploaded", **BY
    )
    BlueprintUse.objects.create(tenant=tenant, blueprint=row, **BY)


def _blueprint() -> str:
    """Return 10 services with 6 capabilities each, every one given by 20 roles, some only when entitled."""
    services, grants = [], []
    for number in range(SERVICES):
        capabilities = [
            f"      - {{key: c{n}, name: Capability {number}-{n}, short: C{number}-{n}, resource: thing"
            + (", needs: {entitled: thing, level: READ}" if n % 3 == 2 else "")
            + "}"
            for n in range(EACH)
        ]
        services.append(f"  - key: s{number}\n    name: Service {number}\n    short: S{number}")
        services += ["    capabilities:", *capabilities]
        for n in range(EACH):
            names = ", ".join(f"role-{(number * 53 + n * 17 + step * 25) % ROLES}" for step in range(20))
            grants.append(f'  - {{roles: [{names}], gives: ["s{number}:c{n}"]}}')
    roles = [f"  - {{name: role-{n}, title: Role {n}}}" for n in range(ROLES)]
    return "\n".join(
        [
            'blueprint: crowd\nversion: "1"\nname: Crowd\nsummary: Many.\nrealm: {name: crowd}\nroles:',
            *roles,
            "entitlements:\n  enforced: true\n  types: [{name: thing, levels: [READ, WRITE]}]\nservices:",
            *services,
            "grants:",
            *grants,
            "",
        ]
    )


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
    requests = [_raw(host, secret, *maker(chance)) for _ in range(count + 20)]
    with socket.create_connection((host, port)) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for raw in requests[:20]:
            _answered(connected, raw)
        seconds, yes, began = [], 0, time.time()
        for raw in requests[20:]:
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


def _print(label: str, host: str, port: int, secret: str, maker: Maker, count: int, *, per: int) -> None:
    each = count // CLIENTS
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        arguments = [(host, port, secret, maker, each, seed) for seed in range(CLIENTS)]
        found = pool.starmap(ask, arguments)
    seconds = sorted(1000 * one for asked in found for one in asked.seconds)
    cuts = quantiles(seconds, n=100)
    span = max(one.ended for one in found) - min(one.began for one in found)
    rate = len(seconds) * per / span
    yes = 100 * sum(one.yes for one in found) / (len(seconds) * per)
    figures.line(
        f"{label}, {CLIENTS} clients",
        f"p50 {cuts[49]:.2f} ms   p99 {cuts[98]:.2f} ms   {rate:,.0f} decisions/s   {yes:.0f} % yes",
    )


def _visible(tenant: Tenant, host: str, port: int, secret: str) -> None:
    """Print whether a change counts in the next decision of each web process."""
    chance, wrong = random.Random(3), 0
    people = Person.objects.filter(realm=tenant.realm, username__in=[f"person-{n}" for n in range(20)])
    role = Role.objects.get(realm=tenant.realm, name="role-0")
    body = {"action": {"name": "s0:c0"}, "resource": {"type": "thing", "id": "thing-1"}}
    for one in islice(people, 20):
        if PersonRole.objects.filter(person=one, role=role).exists():
            continue
        assignments.give_roles(actor=MAKER, tenant=SLUG, people=[one.pk], roles=[role.pk])
        asked = json.dumps({"subject": {"type": "user", "id": one.username}, **body}).encode()
        raw = _raw(host, secret, "/access/v1/evaluation", asked)
        for _ in range(4):  # a connection each, so that both processes are met
            with socket.create_connection((host, port)) as connected:
                wrong += b'"decision":true' not in _answered(connected, raw)
        chance.random()
    figures.line("a change in the next decision", "always" if not wrong else f"missing in {wrong} answers")


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
